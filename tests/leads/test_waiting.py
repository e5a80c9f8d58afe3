"""Leads that nobody could be given: whoever is back first gets them, with a clock that begins then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.loops.ticker import BATCH, Ticker
from bot.metrics import Metrics
from domain.config.apply import apply_config
from domain.config.schema import parse_config
from domain.leads.availability import come_back, go_away
from domain.leads.clocks import live_clock
from domain.leads.explaining import explain_lead
from domain.leads.leaving import HANDED_ON, update_people
from domain.leads.lifecycle import claim_lead
from domain.leads.waiting import count_waiting, give_waiting_leads
from domain.people import Profile, default_team
from domain.wall import WallClock
from handlers.arrival import Tandem
from storage.models import Lead, LeadEvent, Member, Policy, TeamMember
from tests.leads.shown import event, render, shown
from tests.world import World


def everybody_leaves(world: World) -> None:
    for name in ("ana", "bo"):
        world.run(go_away, "2d", by=world.member(name), at=world.now)


def give(world: World, limit: int = 100) -> int:
    return world.run(give_waiting_leads, at=world.now, limit=limit).count


def owner(world: World, lead_id: int) -> str | None:
    def find(session: Session) -> str | None:
        owner_id = session.get_one(Lead, lead_id).owner_id
        return session.get_one(Member, owner_id).name if owner_id else None

    return world.run(find)


def last_event(world: World) -> int:
    events: list[int] = world.run(lambda session: session.scalars(select(LeadEvent.id).order_by(LeadEvent.id)).all())
    return events[-1]


def profile(name: str, **more: Any) -> Profile:
    fields = {"is_admin": name == "mia", "is_owner": False, "active": True, "is_bot": False, **more}
    return Profile(f"U-{name.upper()}", name, f"{name}@example.com", "Europe/Berlin", **fields)


def test_a_lead_of_a_sunday_is_given_when_somebody_is_back_on_monday(world: World) -> None:
    everybody_leaves(world)
    lead = world.lead()
    assert give(world) == 0
    assert owner(world, lead) is None
    world.later(days=3)
    assert give(world) == 1
    assert owner(world, lead) in ("ana", "bo")
    assert give(world) == 0


def test_the_rep_s_clock_begins_when_the_lead_is_given_and_a_turn_is_no_reassignment(world: World) -> None:
    everybody_leaves(world)
    lead = world.lead()
    world.later(days=3)
    give(world)
    clock = world.run(live_clock, lead)
    assert clock is not None
    assert (clock.started_at, clock.due_at) == (world.now, world.now + timedelta(minutes=5))
    assert world.run(lambda session: session.get_one(Lead, lead).reassigns) == 0


def test_rep_channel_and_manager_hear_who_has_it_now(world: World) -> None:
    everybody_leaves(world)
    lead = world.lead()
    event_id = event(world, lead, "breached")
    assert "Whoever is back first gets this lead" in shown(render(world, "lead_breach", event_id, "U-MIA"))
    world.run(come_back, by=world.member("ana"), at=world.later(minutes=1))
    give(world)
    assert ("lead_dm", "U-ANA") in world.queued()
    assert ("lead_handoff", "C-SALES") in world.queued()
    assert "Now with ana" in shown(render(world, "lead_breach", event_id, "U-MIA", standing=True))
    assert "ana" in shown(render(world, "lead_card", lead, standing=True))


def by_coming_back(world: World) -> None:
    world.run(come_back, by=world.member("bo"), at=world.now)


def by_joining_the_team(world: World) -> None:
    config = parse_config('[[teams]]\nkey = "sales"\nmembers = ["U-MAX"]')
    world.run(apply_config, world.workspace_id, config, by=None, at=world.now)


def by_joining_the_workspace(world: World) -> None:
    world.run(update_people, world.workspace_id, [profile("eve")], world.now)


def by_being_activated_again(world: World) -> None:
    world.run(update_people, world.workspace_id, [profile("bo", active=False)], world.now)
    world.run(lambda session: session.execute(update(Member).values(away_until=None).where(Member.name == "bo")))
    assert give(world) == 0
    world.run(update_people, world.workspace_id, [profile("bo")], world.now)


@pytest.mark.parametrize(
    "change", [by_coming_back, by_joining_the_team, by_joining_the_workspace, by_being_activated_again]
)
def test_whatever_brings_somebody_brings_them_the_leads_that_wait(
    world: World, change: Callable[[World], None]
) -> None:
    everybody_leaves(world)
    lead = world.lead()
    change(world)
    give(world)
    assert owner(world, lead) is not None


async def test_the_ticker_gives_what_waits_as_soon_as_somebody_is_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.loops.ticker.COARSE_SECONDS", 600.0)  # it is woken, or nothing happens
    await asyncio.to_thread(everybody_leaves, world)
    leads = [await asyncio.to_thread(world.lead, f"Lead {number}") for number in range(BATCH + 5)]
    ticker = Ticker(Tandem(world.db, WallClock(world.now)), Metrics())
    running = asyncio.create_task(ticker.run())
    await world.db.run(come_back, by=await asyncio.to_thread(world.member, "ana"), at=world.now)
    async with asyncio.timeout(60):
        while await asyncio.to_thread(owner, world, leads[-1]) is None:  # noqa: ASYNC110  # nothing tells
            await asyncio.sleep(0.01)
    await ticker.stop()
    await running
    assert {await asyncio.to_thread(owner, world, lead) for lead in leads} == {"ana"}


def test_leads_that_wait_are_shared_among_those_who_are_back(world: World) -> None:
    everybody_leaves(world)
    leads = [world.lead(f"Lead {number}") for number in range(4)]
    world.later(days=3)
    assert give(world, limit=3) == 3
    world.later(seconds=1)
    assert give(world, limit=3) == 1
    assert sorted(str(owner(world, lead)) for lead in leads) == ["ana", "ana", "bo", "bo"]


def test_one_that_cannot_be_given_holds_up_no_others(world: World) -> None:
    everybody_leaves(world)
    first, second = world.lead("First", tier="hot"), world.lead("Second", tier="warm")

    def spoil(session: Session) -> None:
        session.get_one(Lead, first).tier = "hot"
        for policy in session.scalars(select(Policy).where(Policy.tier == "hot")):
            policy.contact_seconds = 10**13

    world.run(spoil)
    world.later(days=3)
    result = world.run(give_waiting_leads, at=world.now, limit=10)
    assert (result.count, [lead_id for lead_id, _ in result.broken]) == (1, [first])
    assert owner(world, first) is None
    assert owner(world, second) is not None
    assert sum(kind == "lead_handoff" for kind, _ in world.queued()) == 1


def test_leads_that_wait_are_counted_by_team(world: World) -> None:
    everybody_leaves(world)
    world.lead()
    world.lead()
    assert world.run(count_waiting, world.workspace_id) == [("Sales", 2)]


@pytest.mark.parametrize("more", [{"active": False}, {"kind": "guest"}, {"kind": "stranger"}])
def test_who_leaves_hands_on_their_open_leads(world: World, more: dict[str, Any]) -> None:
    lead = world.lead()
    name = owner(world, lead)
    assert name is not None
    world.run(claim_lead, lead, by=world.member(name), at=world.now)
    world.later(minutes=1)
    world.run(update_people, world.workspace_id, [profile(name, **more)], world.now)
    other = owner(world, lead)
    assert {name, other} == {"ana", "bo"}
    row = world.run(lambda session: session.get_one(Lead, lead))
    assert (row.state, row.reassigns) == ("new", 0)
    said = shown(render(world, "lead_handoff", last_event(world)))
    assert f"{name} is not here any more, so {other} has this lead now." in said


def test_where_nobody_is_left_the_lead_waits_and_the_manager_is_told(world: World) -> None:
    lead = world.lead()
    name = str(owner(world, lead))
    everybody_leaves(world)
    world.run(update_people, world.workspace_id, [profile(name, active=False)], world.now)
    assert owner(world, lead) is None
    assert ("lead_breach", "U-MIA") in world.queued()
    world.later(days=3)
    give(world)
    assert owner(world, lead) == ({"ana", "bo"} - {name}).pop()


@pytest.mark.parametrize("role", ["admin", "manager", "marketer"])
def test_whoever_is_listed_in_a_team_takes_turns_whatever_their_role(world: World, role: str) -> None:
    def join(session: Session) -> None:
        mia = session.scalars(select(Member).where(Member.name == "mia")).one()
        mia.role, mia.role_origin = role, "config"
        session.add(TeamMember(team_id=default_team(session, world.workspace_id).id, member_id=mia.id))

    world.run(join)
    assert {owner(world, world.lead(f"Lead {number}")) for number in range(3)} == {"ana", "bo", "mia"}


def test_until_somebody_says_who_takes_leads_admins_are_spared_while_others_are_there(world: World) -> None:
    newcomers = [profile("mia"), profile("adam", is_admin=True), profile("eve")]
    world.run(lambda session: session.execute(update(Member).where(Member.name == "mia").values(synced_at=None)))
    world.run(update_people, world.workspace_id, newcomers, world.now)
    assert {owner(world, world.lead(f"Lead {number}")) for number in range(5)} == {"ana", "bo", "eve"}


def test_an_admin_who_is_alone_gets_the_leads(world: World) -> None:
    world.run(lambda session: session.execute(update(Member).where(Member.name == "mia").values(synced_at=None)))
    world.run(update_people, world.workspace_id, [profile("ana", active=False), profile("bo", active=False)], world.now)
    world.run(update_people, world.workspace_id, [profile("mia")], world.now)
    assert owner(world, world.lead()) == "mia"


def test_who_leaves_with_more_leads_than_are_handed_on_at_once_leaves_none_behind(world: World) -> None:
    world.run(go_away, "2d", by=world.member("bo"), at=world.now)
    leads = [world.lead(f"Lead {number}") for number in range(HANDED_ON + 3)]
    world.run(come_back, by=world.member("bo"), at=world.now)
    world.run(update_people, world.workspace_id, [profile("ana", active=False)], world.now)
    give(world)
    assert {owner(world, lead) for lead in leads} == {"bo"}
    assert "ana is not here any more" in shown(render(world, "lead_handoff", last_event(world)))


def go_and_come(world: World, names: tuple[str, ...], **values: Any) -> None:
    world.run(lambda session: session.execute(update(Member).where(Member.name.in_(names)).values(**values)))


def test_a_lead_that_waited_goes_to_whom_its_rule_names(world: World) -> None:
    config = parse_config(
        '[[teams]]\nkey = "sales"\nmembers = ["U-ANA", "U-BO"]\n'
        '[[routes]]\nname = "Large ones"\nsource = "fair"\nteam = "sales"\nperson = "U-ANA"\n'
    )
    world.run(apply_config, world.workspace_id, config, by=None, at=world.now)
    world.lead()  # ana's, so that it is bo's turn
    go_and_come(world, ("ana", "bo"), away_until=world.now + timedelta(hours=1))
    waits, other = world.lead("Of the fair", source="fair"), world.lead("Another")
    world.later(hours=2)
    assert world.run(give_waiting_leads, at=world.now, limit=10).count == 2
    assert [owner(world, one) for one in (waits, other)] == ["ana", "bo"]
    why = world.run(explain_lead, str(waits), by=world.member("mia"), at=world.now).moves[-1].why
    assert why is not None
    assert (why.how, why.waited) == ("person", True)


def test_a_lead_that_waited_is_not_given_to_an_accounts_owner_who_sleeps(world: World) -> None:
    config = parse_config(
        '[[teams]]\nkey = "sales"\nmembers = ["U-ANA", "U-BO"]\nhours = "mon-fri 09:00-18:00"\nown_hours = true\n'
        '[account_owners]\nNorthwind = "U-BO"\n'
    )
    world.run(apply_config, world.workspace_id, config, by=None, at=world.now)
    go_and_come(world, ("ana", "bo"), away_until=world.now + timedelta(hours=1))
    go_and_come(world, ("bo",), tz="America/Los_Angeles")
    lead = world.lead()
    world.later(hours=2)  # 15:00 in Berlin, 06:00 in Los Angeles
    assert world.run(give_waiting_leads, at=world.now, limit=10).count == 1
    assert owner(world, lead) == "ana"
    why = world.run(explain_lead, str(lead), by=world.member("mia"), at=world.now).moves[-1].why
    assert why is not None
    assert why.owner is not None
    assert (why.owner.name, why.owner.why) == ("bo", "asleep")
