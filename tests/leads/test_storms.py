"""Several breaches in ten minutes are one message to the manager, with the acts for each; and who is offered there."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from domain.calendar import WorkingHours, parse_week
from domain.leads.declining import reopen_lead
from domain.leads.lifecycle import contact_lead, reassign_lead, take_lead
from domain.leads.reassigning import list_candidates
from domain.leads.rungs import apply_due_rungs
from domain.people import Profile, sync_members
from handlers.leads import phrases
from handlers.leads.alerts import MOST_OFFERED, candidates_named
from handlers.leads.storms import SHOWN, storm_list
from playground.blocks import problems_in_view
from storage.models import Card, Delivery, Gathered, Member, Policy, Team, TeamMember
from tests.leads.shown import HOSTILE, event, labels, render, shown
from tests.running import Running, running
from tests.world import World


def run_out(world: World, *leads: int, **duration: float) -> list[int]:
    """The deadlines of these leads pass; returns the events of their breaches."""
    world.run(apply_due_rungs, at=world.later(**(duration or {"minutes": 5})))
    return [event(world, lead, "breached") for lead in leads]


def cards(world: World) -> list[tuple[int, str]]:
    """The messages about breaches: the event each is named by, and where."""
    return world.run(
        lambda session: [
            tuple(row)
            for row in session.execute(
                select(Card.subject_id, Card.place).where(Card.kind == "lead_breach").order_by(Card.id)
            )
        ]
    )


def stands(world: World) -> None:
    """All messages so far have reached Slack."""

    def sent(session: Any) -> None:
        for card in session.scalars(select(Card)):
            card.state, card.channel, card.ts = "standing", "D1", f"{card.id}.0"
        for row in session.scalars(select(Delivery).where(Delivery.state == "pending")):
            row.state, row.finished_at = "sent", world.now

    world.run(sent)


def test_fifteen_breaches_at_once_are_one_message(world: World) -> None:
    leads = [world.lead(f"Lead {number}") for number in range(15)]
    first, *_ = run_out(world, *leads)
    assert cards(world) == [(first, "U-MIA")]
    assert world.queued().count(("lead_breach", "U-MIA")) == 1
    card = render(world, "lead_breach", first, "U-MIA")
    text = shown(card)
    assert "15 leads had no contact in time." in text
    assert "and 5 more: the others come up here" in text
    assert labels(card) == ["Reassign to…", "Extend…", "I’ll take it"] * SHOWN + ["Show all"]
    assert card is not None
    assert card.colour == phrases.OVERDUE


def test_after_an_outage_what_can_still_be_saved_is_shown(world: World) -> None:
    long_lost = [world.lead(f"Long lost {number}") for number in range(SHOWN + 2)]
    world.later(hours=3)
    fresh = world.lead("Fresh")
    first, *_ = run_out(world, *long_lost, fresh)
    text = shown(render(world, "lead_breach", first, "U-MIA"))
    assert "Fresh" in text
    assert f"Long lost {SHOWN}" not in text
    assert "and 3 more" in text


def test_what_breaches_within_ten_minutes_joins_and_later_begins_anew(world: World) -> None:
    (first,) = run_out(world, world.lead("First"))
    stands(world)
    second = world.lead("Second")
    world.later(minutes=4, seconds=59)
    run_out(world, second, seconds=1)
    assert cards(world) == [(first, "U-MIA")]
    assert world.queued().count(("lead_breach", "U-MIA")) == 1
    stands(world)
    (third,) = run_out(world, world.lead("Third"))
    assert cards(world) == [(first, "U-MIA"), (third, "U-MIA")]
    assert "Second" in shown(render(world, "lead_breach", first, "U-MIA", standing=True))
    assert "No contact in time: Third" in shown(render(world, "lead_breach", third, "U-MIA"))


def test_what_slack_did_not_take_yet_grows_for_as_long_as_that_lasts(world: World) -> None:
    world.run(lambda session: session.execute(update(Policy).values(reassign_after_seconds=None)))
    (first,) = run_out(world, world.lead("First"))
    run_out(world, world.lead("Second"), hours=1)
    assert cards(world) == [(first, "U-MIA")]


def test_a_message_on_which_nothing_is_left_to_do_grows_no_more(world: World) -> None:
    lead = world.lead("First")
    (first,) = run_out(world, lead)
    stands(world)
    world.run(contact_lead, lead, by=world.member("ana"), at=world.now)
    (second,) = run_out(world, world.lead("Second"))
    assert cards(world) == [(first, "U-MIA"), (second, "U-MIA")]


def test_each_act_settles_its_own_line_and_the_next_lead_comes_up(world: World) -> None:
    leads = [world.lead(f"Lead {number}") for number in range(12)]
    first, *_ = run_out(world, *leads)
    world.run(take_lead, leads[0], by=world.member("mia"), at=world.now)
    world.run(reassign_lead, leads[1], to_user_id="U-ANA", by=world.member("mia"), at=world.now)
    world.run(contact_lead, leads[2], by=world.member("ana"), at=world.later(minutes=1))
    card = render(world, "lead_breach", first, "U-MIA", standing=True)
    text = shown(card)
    assert "9 of 12 leads that ran out of time still wait." in text
    assert "Lead 0 · Northwind: You took the lead over" in text
    assert "Lead 1 · Northwind: You handed the lead to ana" in text
    assert "Lead 2 · Northwind: Contacted by ana" in text
    assert labels(card).count("I’ll take it") == 9
    for lead in leads[3:]:
        world.run(take_lead, lead, by=world.member("mia"), at=world.now)
    card = render(world, "lead_breach", first, "U-MIA", standing=True)
    assert "12 leads ran out of time: all are seen to." in shown(card)
    assert labels(card) == []


def test_whatever_changes_a_lead_has_the_message_told_anew(world: World) -> None:
    leads = [world.lead(f"Lead {number}") for number in range(3)]
    run_out(world, *leads)
    stands(world)
    world.run(contact_lead, leads[2], by=world.member("ana"), at=world.now)
    assert ("lead_breach", "U-MIA") in world.queued()
    stands(world)
    world.run(reopen_lead, leads[2], by=world.member("ana"), at=world.later(seconds=9))
    assert ("lead_breach", "U-MIA") in world.queued()


def test_all_settled_before_it_left_is_not_told(world: World) -> None:
    leads = [world.lead(f"Lead {number}") for number in range(3)]
    first, *_ = run_out(world, *leads)
    for lead in leads:
        world.run(contact_lead, lead, by=world.member("ana"), at=world.now)
    assert render(world, "lead_breach", first, "U-MIA") is None


def test_two_managers_each_have_a_message_of_their_own(world: World) -> None:
    def nobody_manages(session: Any) -> None:
        session.scalars(select(Team)).one().manager_id = None
        session.scalars(select(Member).where(Member.name == "mia")).one().role = "manager"
        session.scalars(select(Member).where(Member.name == "max")).one().role = "manager"

    world.run(nobody_manages)
    first, *_ = run_out(world, world.lead("A"), world.lead("B"))
    assert cards(world) == [(first, "U-MIA"), (first, "U-MAX")]
    assert world.run(lambda session: len(session.scalars(select(Gathered)).all())) == 4


@pytest.mark.parametrize("words", HOSTILE)
def test_a_storm_of_long_and_hostile_names_fits(world: World, words: str) -> None:
    leads = [world.lead(name=f"{number} {words}"[:200], company=words[:200]) for number in range(40)]
    for _ in range(2):
        world.run(apply_due_rungs, at=world.later(minutes=5), limit=100)
    first = world.run(lambda session: session.scalar(select(Card.subject_id).where(Card.kind == "lead_breach")))
    card = render(world, "lead_breach", first, "U-MIA")  # it looks at Slack's limits, too
    assert "leads had no contact in time." in shown(card)
    assert len(leads) == 40


def test_the_list_holds_as_many_as_a_modal_can(world: World) -> None:
    from domain.leads.facts import load_alerts

    leads = [world.lead(f"Lead {number}") for number in range(110)]
    for _ in range(3):
        world.run(apply_due_rungs, at=world.later(minutes=5), limit=200)
    found = world.run(load_alerts, [event(world, one, "breached") for one in leads], world.workspace_id, world.now)
    view = storm_list(found, "U-MIA")
    assert problems_in_view(view, kind="modal") == []


# Whom a lead can be given to.


def offered(world: World, lead: int, query: str = "") -> list[str]:
    found = world.run(list_candidates, lead, by=world.member("mia"), at=world.now)
    return [label for label, _ in candidates_named(found, query)]


def test_reps_are_offered_with_their_open_leads_and_nobody_else(world: World) -> None:
    lead = world.lead()  # ana has it
    for number in range(4):
        world.later(seconds=1)  # turns that were taken at one moment are in nobody's order
        world.lead(f"Lead {number}")
    assert offered(world, lead) == ["bo · 2 open · here"]


def test_who_is_away_comes_last_and_a_name_that_is_typed_is_found(world: World) -> None:
    crowd = [Profile(f"U-{n}", f"rep{n}", None, "UTC", False, False, True, False) for n in range(120)]
    world.run(sync_members, world.workspace_id, crowd, world.now)

    def leave(session: Any) -> None:
        session.scalars(select(Member).where(Member.name == "bo")).one().away_until = world.now + timedelta(days=2)

    world.run(leave)
    lead = world.lead()
    found = offered(world, lead)
    assert len(found) == MOST_OFFERED
    assert offered(world, lead, "BO") == ["bo · 0 open · away"]
    assert offered(world, lead, "rep11") == [f"rep{n} · 0 open · here" for n in (11, *range(110, 120))]


def test_who_is_not_at_work_is_said_so_and_long_names_fit(world: World) -> None:
    """A team of one's own that is closed, and a team elsewhere whose members sleep: both are said, and come later."""
    day, night = WorkingHours.always(), WorkingHours("UTC", parse_week("mon 03:00-04:00"))  # it is Monday, noon
    long = "Bartholomew Featherstonehaugh-Cholmondeley of Massachusetts"

    def elsewhere(session: Any) -> None:
        for key, name, hours in (("b-sleeps", "Night", night), ("c-works", "A team whose name is as long", day)):
            team = Team(
                workspace_id=world.workspace_id, key=key, name=name, hours=hours.to_json(), created_at=world.now
            )
            one = session.scalars(select(Member).where(Member.name == key[0])).one()
            session.add(team)
            session.flush()
            session.execute(update(TeamMember).where(TeamMember.member_id == one.id).values(team_id=team.id))
        session.scalars(select(Member).where(Member.name == "c")).one().name = long

    people = [Profile(f"U-{name}", name, None, "UTC", False, False, True, False) for name in ("b", "c")]
    world.run(sync_members, world.workspace_id, people, world.now)
    lead = world.lead()
    world.run(elsewhere)
    shown = offered(world, lead)
    assert [one.partition(" · ")[2] for one in shown] == [
        "0 open · here",
        "0 open · here · A team whose name…",
        "0 open · not at work now · Night",
    ]
    assert max(map(len, shown)) <= 75
    world.run(lambda session: session.execute(update(Team).where(Team.is_default).values(hours=night.to_json())))
    assert offered(world, lead)[0] == "bo · 0 open · not at work now"


# In Slack.


@pytest.fixture
async def tandem(migrated_url: str) -> AsyncIterator[Running]:
    async with running(migrated_url) as program:
        yield program
        assert program.slack.refusals == []


async def test_what_joins_later_is_edited_into_the_same_message(tandem: Running) -> None:
    await tandem.lead_arrives(name="First", company="One")
    await tandem.later(minutes=2)
    await tandem.lead_arrives(name="Second", company="Two")
    await tandem.later(minutes=3)
    message = await tandem.slack.dm("mia").message(containing="No contact in time: First")
    await tandem.later(minutes=2)
    await message.changed(containing="2 leads had no contact in time")
    assert "First" in message.text
    assert "Second" in message.text
    await tandem.idle()
    assert len([one for one in tandem.slack.dm("mia").messages if "Overdue since" in one.text]) == 1


async def test_a_storm_of_fifteen_is_one_dm_that_is_edited(tandem: Running) -> None:
    for number in range(15):
        await tandem.lead_arrives(name=f"Lead {number}", company=f"Company {number}")
    await tandem.idle()
    await tandem.later(minutes=5)
    dm = tandem.slack.dm("mia")
    storm = await dm.message(containing="leads had no contact in time")
    await storm.changed(containing="15 leads") if "15 leads" not in storm.text else None
    await tandem.idle()
    posts = [one for one in dm.messages if "Overdue since" in one.text]
    assert len(posts) == 1
    await storm.button("I’ll take it", near="Lead 0").click(by="mia")
    await storm.changed(containing="14 of 15")
    await storm.select("Reassign to…", "Bo Larsen · 7 open · here", by="mia", near="Lead 2")
    await storm.changed(containing="13 of 15")
    whole = await storm.button("Show all").click(by="mia")
    assert "Lead 14" in whole.text
    await tandem.idle()
    assert len([one for one in dm.messages if "Overdue since" in one.text]) == 1


async def test_what_joins_a_message_that_stands_is_told_there_beside_what_it_told_before(tandem: Running) -> None:
    await tandem.lead_arrives(name="First", company="One")
    await tandem.idle()
    await tandem.later(minutes=2)
    await tandem.lead_arrives(name="Second", company="Two")
    await tandem.idle()
    await tandem.later(minutes=3)
    dm = tandem.slack.dm("mia")
    alarm = await dm.message(containing="No contact in time: First")
    await tandem.later(minutes=2)
    await alarm.changed(containing="2 leads had no contact in time.")
    await tandem.idle()
    assert "First" in alarm.text
    assert "Second" in alarm.text
    assert len([one for one in dm.messages if "Overdue since" in one.text]) == 1
    await alarm.button("I’ll take it", near="First").click(by="mia")
    await alarm.changed(containing="1 of 2 leads that ran out of time still waits.")


async def test_on_a_home_a_reassignment_is_told_with_its_undo(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        await tandem.lead_arrives()
        await tandem.later(minutes=6)
        home = await tandem.slack.home("mia").open()
        await home.changed(containing="Overdue since")
        await home.select("Reassign to…", "Bo Larsen · 0 open · here", by="mia")
        shown = tandem.slack.modal("mia")
        assert shown is not None
        assert "Lee Wong, Northwind is with Bo Larsen now." in shown.text
        await shown.button("Undo").click(by="mia")
        undone = tandem.slack.modal("mia")
        assert undone is not None
        assert "Undone: Ana Ruiz has Lee Wong, Northwind again" in undone.text
