"""The scoreboard: each lead counts once, by the judgement of the cards; a person's figures are not for everybody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain.leads.declining import decline_lead
from domain.leads.lifecycle import claim_lead, contact_lead, reassign_lead
from domain.leads.rungs import apply_due_rungs
from domain.outcomes.telling import OutcomeForm, tell_outcome
from domain.scoreboard import Cohort, Rate, SalesFigures, Scoreboard, Speed, load_scoreboard
from handlers.answers import View
from handlers.scoreboard.views import rate, read_place, scoreboard_view
from playground.blocks import problems_in_view
from storage.models import Lead, Member, Team, Theme, Workspace
from tests.running import running
from tests.world import World


def board(world: World, who: str = "ana", weeks: int = 4, team: str = "") -> Scoreboard:
    return world.run(load_scoreboard, weeks=weeks, team=team, by=world.member(who), at=world.now)


def sales(world: World, who: str = "ana") -> SalesFigures:
    return board(world, who).sales


def test_nothing_is_told_as_nothing(world: World) -> None:
    found = board(world)
    assert found.sales == SalesFigures(0, 0, Rate(0, 0), 0, None)
    assert found.marketing.cohorts == ()
    assert "none yet" in str(scoreboard_view(found))
    assert not problems_in_view(scoreboard_view(found))


def test_each_lead_counts_once_by_the_judgement_of_the_cards(world: World) -> None:
    in_time, late, declined, untouched, waiting = (world.lead(f"Lead {number}") for number in range(5))
    world.run(contact_lead, in_time, by=world.member("ana"), at=world.later(minutes=2))
    world.run(decline_lead, declined, reason="duplicate", note="", by=world.member("bo"), at=world.later(minutes=1))
    world.run(claim_lead, waiting, by=world.member("ana"), at=world.now)
    world.later(minutes=6)
    world.run(apply_due_rungs, at=world.now)
    world.run(contact_lead, late, by=world.member("bo"), at=world.later(minutes=1))
    found = sales(world)
    assert (found.leads, found.open, found.untouched) == (5, 2, 1)
    assert found.in_time == Rate(1, 4)  # the declined one had its time
    assert found.speed == Speed(2, timedelta(minutes=2), timedelta(minutes=10))
    assert untouched


def test_who_was_reached_and_waits_for_a_day_was_not_given_back(world: World) -> None:
    ana = world.member("ana")
    lead = world.lead()
    world.run(contact_lead, lead, by=ana, at=world.later(minutes=1))
    world.run(tell_outcome, lead, OutcomeForm("nurture", until="2026-12-24"), by=ana, at=world.later(minutes=1))
    found = board(world)
    assert (found.marketing.accepted, found.marketing.nurture) == (Rate(1, 1), 1)
    assert (found.sales.in_time, found.marketing.declines.declined) == (Rate(1, 1), 0)


def test_a_missed_deadline_counts_before_the_ticker_looks(world: World) -> None:
    world.lead()
    world.later(minutes=6)
    before = sales(world)
    world.run(apply_due_rungs, at=world.now)
    assert (before.in_time, before.untouched) == (Rate(0, 1), 1) == (sales(world).in_time, sales(world).untouched)


def test_a_week_matures_when_nine_tenths_are_answered(world: World) -> None:
    leads = [world.lead(f"Lead {number}") for number in range(10)]
    for lead in leads[:7]:
        world.run(claim_lead, lead, by=world.member("ana"), at=world.later(seconds=1))
    world.run(decline_lead, leads[7], reason="duplicate", note="", by=world.member("bo"), at=world.later(seconds=1))
    (week,) = board(world).marketing.cohorts
    assert week == Cohort(week.monday, 10, 8, 7)
    assert week.is_maturing
    assert "maturing, 8 of 10 answered" in str(scoreboard_view(board(world)))
    world.run(claim_lead, leads[8], by=world.member("ana"), at=world.later(seconds=1))
    assert not board(world).marketing.cohorts[0].is_maturing
    assert "16 Nov: 8 of 9" in str(scoreboard_view(board(world)))


def test_the_reasons_add_up_to_what_was_given_back(world: World) -> None:
    reasons = ("duplicate", "duplicate", "not_a_fit", "too_small", "bad_data", "already_customer")
    for number, reason in enumerate(reasons):
        lead = world.lead(f"Lead {number}")
        world.run(decline_lead, lead, reason=reason, note="", by=world.member("ana"), at=world.now, then="marketing")
    world.later(seconds=1)
    assert "6 (duplicate 2, existing customer 1, bad data 1 and other reasons 2)" in str(scoreboard_view(board(world)))


def test_leads_of_before_the_weeks_are_not_counted(world: World) -> None:
    world.lead("Old")
    world.later(days=28)
    world.lead("New")
    assert sales(world).leads == 1
    assert board(world, weeks=12).sales.leads == 2
    assert [one.leads for one in board(world, weeks=12).marketing.cohorts] == [1, 1]


def test_weeks_stand_below_each_other_with_a_bar_the_newest_first(world: World) -> None:
    world.run(contact_lead, world.lead("One"), by=world.member("ana"), at=world.later(minutes=1))
    world.later(days=7)
    world.run(contact_lead, world.lead("Two"), by=world.member("ana"), at=world.later(minutes=1))
    world.lead("Three")
    world.later(minutes=6)
    found = board(world)
    assert [one.in_time for one in found.trend] == [Rate(1, 1), Rate(1, 2)]
    assert "■■■■■□□□□□  23 Nov: 1 of 2\n■■■■■■■■■■  16 Nov: 1 of 1" in mrkdwn(scoreboard_view(found))


def mrkdwn(view: View) -> str:
    return "\n".join(block["text"]["text"] for block in view["blocks"] if isinstance(block.get("text"), dict))


def test_figures_of_people_are_for_them_and_their_manager(world: World) -> None:
    world.lead("One")
    world.lead("Two")
    assert [name for name, _ in board(world, "ana").people] == ["ana"]
    assert [name for name, _ in board(world, "mia").people] == ["ana", "bo"]
    assert board(world, "max").people == ()


def test_a_deadline_is_missed_by_who_had_the_lead_then_not_by_who_saved_it(world: World) -> None:
    lead = world.lead("Lee Wong")
    world.later(minutes=6)
    world.run(apply_due_rungs, at=world.now)
    world.run(reassign_lead, lead, to_user_id="U-BO", by=world.member("mia"), at=world.now)
    world.run(contact_lead, lead, by=world.member("bo"), at=world.later(minutes=3))
    people = dict(board(world, "mia").people)
    assert (people["ana"].in_time, people["ana"].leads, people["ana"].speed) == (Rate(0, 1), 1, None)
    assert (people["bo"].in_time, people["bo"].speed) == (
        Rate(1, 1),
        Speed(1, timedelta(minutes=3), timedelta(minutes=3)),
    )
    assert sales(world).in_time == Rate(0, 1), "the team missed it all the same"
    assert [name for name, _ in board(world, "ana").people] == ["ana"]
    assert "(1 lead)" in str(scoreboard_view(board(world)))
    other = world.lead("Kim Park")
    world.run(reassign_lead, other, to_user_id="U-BO", by=world.member("mia"), at=world.later(minutes=6))
    world.later(minutes=6)
    people = dict(board(world, "mia").people)
    assert (people["bo"].in_time, people["ana"].in_time) == (Rate(1, 2), Rate(0, 2)), (
        "both had their time, and missed it"
    )
    assert (people["ana"].untouched, people["bo"].untouched) == (0, 1)


def test_a_manager_of_one_team_sees_nobody_of_another(world: World) -> None:
    def arrange(session: Session) -> None:
        members = {member.name: member for member in session.scalars(select(Member))}
        session.add(
            Team(
                workspace_id=world.workspace_id,
                key="emea",
                name="EMEA",
                hours=session.scalars(select(Team)).one().hours,
                manager_id=members["bo"].id,
                created_at=world.now,
            )
        )

    world.run(arrange)
    world.lead("One")
    world.lead("Two", team="emea")
    found = board(world, "mia")
    assert [(name, figures.leads) for name, figures in found.teams] == [("EMEA", 1), ("Sales", 1)]
    assert board(world, "mia", team="emea").sales.leads == 1
    assert board(world, "mia", team="nonsense").sales.leads == 2
    assert not problems_in_view(scoreboard_view(found))


def test_first_answers_are_counted_with_what_is_late(world: World) -> None:
    def promise(session: Session) -> None:
        for number, answered in enumerate((True, False, False)):
            session.add(
                Theme(
                    workspace_id=world.workspace_id,
                    slug=f"t{number}",
                    key=f"t{number}",
                    title=f"t{number}",
                    created_at=world.now,
                    answer="yes" if answered else None,
                    answered_at=world.now if answered else None,
                    answer_wanted_at=world.now,
                    answer_due_at=world.now + timedelta(days=number),
                )
            )

    world.run(promise)
    world.later(days=1)
    found = board(world).marketing
    assert (found.answers, found.late) == (Rate(1, 3), 1)
    assert "1 of 3, 1 late, 1 not due yet" in str(scoreboard_view(board(world)))


@pytest.mark.parametrize(
    ("told", "words"),
    [(Rate(0, 0), "none yet"), (Rate(7, 12), "7 of 12"), (Rate(19, 19), "19 of 19"), (Rate(15, 20), "75 % (15 of 20)")],
)
def test_of_few_no_percentage_is_told(told: Rate, words: str) -> None:
    assert rate(told) == words


@pytest.mark.parametrize(
    ("value", "place"),
    [("12:emea", (12, "emea")), ("4:", (4, "")), ("9999999:x", (4, "x")), ("", (4, "")), ("a:b", (4, "b"))],
)
def test_a_tampered_place_is_the_first_weeks(value: str, place: tuple[int, str]) -> None:
    assert read_place(value) == place


async def test_a_manager_opens_it_from_the_home(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        await tandem.lead_arrives()
        home = await tandem.slack.home("mia").open()
        shown = await home.button("Scoreboard").click(by="mia")
        assert "Leads" in shown.text
        assert "Scoreboard" not in (await tandem.slack.home("max").open()).buttons
        assert tandem.slack.refusals == []


async def test_it_opens_and_turns_to_twelve_weeks(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        await tandem.lead_arrives()
        card = await tandem.slack.channel("#leads").message(containing="Northwind")
        await card.button("Contacted").click(by="ana")
        shown = await tandem.slack.channel("#general").command("/tandem scoreboard", by="mia")
        assert "1 of 1" in shown.text
        assert "By person" in shown.text
        longer = await shown.select("Weeks", "Last 12 weeks")
        assert "1 of 1" in longer.text
        assert tandem.slack.refusals == []


def set_goal(world: World, month: int, deal: int = 0, won_of_1000: int = 0) -> None:
    values = {"goal_a_month": month, "average_deal": deal, "won_of_1000": won_of_1000}
    world.run(lambda session: session.execute(update(Workspace).values(**values)))


def win(world: World, lead: int, amount: str) -> None:
    ana = world.member("ana")
    world.run(contact_lead, lead, by=ana, at=world.later(seconds=1))
    world.run(tell_outcome, lead, OutcomeForm("won", amount=amount), by=ana, at=world.later(seconds=1))


def test_without_a_goal_none_is_told(world: World) -> None:
    world.lead()
    assert board(world).goal is None


def test_the_goal_takes_so_many_leads_by_the_deal_and_the_share_that_are_set(world: World) -> None:
    for number in range(3):
        world.lead(f"Lead {number}")
    set_goal(world, 200_000, deal=20_000, won_of_1000=80)
    found = board(world).goal
    assert found is not None
    assert (found.wanted_a_month, found.delivered, found.deals, found.is_set) == (125, 3, None, True)
    assert found.wanted == 1  # the company came today
    world.run(lambda session: session.execute(update(Workspace).values(created_at=world.now - timedelta(days=365))))
    found = board(world).goal
    assert found is not None
    passed = (world.now - board(world).since) / timedelta(days=365 / 12)
    assert found.wanted == round(125 * passed) > 80
    told = str(scoreboard_view(board(world)))
    assert "$200,000 a month from leads ÷ $20,000 a deal ÷ 8 % won = 125 leads a month." in told
    assert f"(3 of {found.wanted})" in told


def test_the_deal_and_the_share_are_counted_where_nobody_set_them(world: World) -> None:
    set_goal(world, 60_000)
    leads = [world.lead(f"Lead {number}") for number in range(20)]
    for lead in leads[:4]:
        win(world, lead, "$10k")
    before = board(world).goal
    assert before is not None
    assert before.wanted is None  # four deals say too little
    assert "is told once 5 deals with an amount were won" in str(scoreboard_view(board(world)))
    win(world, leads[4], "$35k")
    found = board(world).goal
    assert found is not None
    assert (str(found.deal), found.deals, found.won, found.leads) == ("$15,000", 5, 5, 20)
    assert found.wanted_a_month == 16
    win(world, leads[5], "€90k")  # another currency is a win, and no part of the average
    found = board(world).goal
    assert found is not None
    assert (str(found.deal), found.won) == ("$15,000", 6)
    told = str(scoreboard_view(board(world)))
    assert "÷ $15,000 a deal (5 were won) ÷ 30 % won (6 of the 20 leads of a year) = 13 leads a month." in told
    long_ago = world.now - timedelta(days=400)
    world.run(lambda session: session.execute(update(Lead).where(Lead.id == leads[0]).values(arrived_at=long_ago)))
    found = board(world).goal
    assert found is not None
    assert (found.won, found.leads, found.deal) == (5, 19, None)  # its win goes with the lead
    assert not problems_in_view(scoreboard_view(board(world)))


def test_of_one_team_no_goal_is_told(world: World) -> None:
    world.lead()
    set_goal(world, 60_000)
    assert board(world, team="sales").goal is None
