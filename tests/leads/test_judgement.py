"""One judgement of lateness: whatever happened to a lead, card, Home, digest, alert and list say the same of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from digests.editions import preview_edition
from digests.marketing import MarketingFacts
from digests.rendering import render_edition
from domain.calendar import WorkingHours, parse_week
from domain.errors import TandemError
from domain.home import Board, load_home
from domain.leads.declining import decline_lead, reopen_lead
from domain.leads.facts import load_lead
from domain.leads.lifecycle import claim_lead, contact_lead, extend_lead, reassign_lead, snooze_lead
from domain.leads.listing import list_open_leads
from domain.leads.rungs import apply_due_rungs
from handlers.leads.phrases import clock_line, ending_line
from storage.models import Audience, Card, Clock, Delivery, Gathered, Lead, LeadEvent, Team, Wish
from tests.leads.shown import event, render, shown
from tests.world import MONDAY_NOON, World

Step = Callable[[World, int], None]


def waits(**time: float) -> Step:
    return lambda world, _lead: _ignore(world.later(**time))


def _ignore(_value: object) -> None:
    pass


def ticks(world: World, _lead: int) -> None:
    world.run(apply_due_rungs, at=world.now)


def contacts(world: World, lead: int) -> None:
    world.run(contact_lead, lead, by=world.member("ana"), at=world.now)


def declines(world: World, lead: int) -> None:
    world.run(decline_lead, lead, reason="not_a_fit", note="", by=world.member("ana"), at=world.now)


def extends(world: World, lead: int) -> None:
    world.run(extend_lead, lead, minutes=15, by=world.member("mia"), at=world.now)


def reassigns(world: World, lead: int) -> None:
    owner = world.run(lambda session: session.get_one(Lead, lead).owner_id)
    to = "U-ANA" if owner != world.member("ana").id else "U-BO"
    world.run(reassign_lead, lead, to_user_id=to, by=world.member("mia"), at=world.now)


def claims(world: World, lead: int) -> None:
    world.run(claim_lead, lead, by=world.member("bo"), at=world.now)


def undoes(world: World, lead: int) -> None:
    world.run(reopen_lead, lead, by=world.member("ana"), at=world.now)


def snoozes(world: World, lead: int) -> None:
    world.run(snooze_lead, lead, until=world.now + timedelta(minutes=2), by=world.member("ana"), at=world.now)


HISTORIES: dict[str, tuple[list[Step], str]] = {
    "it has just come in": ([waits(seconds=1)], "has_time"),
    "contacted at once": ([contacts], "in_time"),
    "contacted a second early": ([waits(minutes=4, seconds=59), contacts], "in_time"),
    "contacted at the deadline": ([waits(minutes=5), contacts], "late"),
    "contacted a second late, before the ticker looked": ([waits(minutes=5, seconds=1), contacts], "late"),
    "contacted late, after the ticker looked": ([waits(minutes=6), ticks, contacts], "late"),
    "a second overdue, before the ticker looked": ([waits(minutes=5, seconds=1)], "overdue"),
    "overdue, and the ticker looked": ([waits(minutes=6), ticks], "overdue"),
    "extended before the deadline": ([waits(minutes=4), extends, waits(minutes=2), ticks], "has_time"),
    "extended before, contacted within": ([waits(minutes=4), extends, waits(minutes=9), contacts], "in_time"),
    "extended before, contacted too late": ([waits(minutes=4), extends, waits(minutes=17), contacts], "late"),
    "missed, then extended": ([waits(minutes=6), ticks, extends, waits(minutes=1)], "has_time"),
    "missed unseen, then extended": ([waits(minutes=6), extends, waits(minutes=1)], "has_time"),
    "missed, extended, contacted within": ([waits(minutes=10), ticks, extends, waits(minutes=13), contacts], "late"),
    "missed unseen, extended, contacted within": ([waits(minutes=6), extends, contacts], "late"),
    "missed, extended, missed again": ([waits(minutes=6), ticks, extends, waits(minutes=20)], "overdue"),
    "handed on in time, contacted": ([waits(minutes=4), reassigns, waits(minutes=4), contacts], "in_time"),
    "missed, handed on": ([waits(minutes=6), ticks, reassigns, waits(minutes=1)], "has_time"),
    "missed unseen, handed on, contacted": ([waits(minutes=6), reassigns, waits(minutes=1), contacts], "late"),
    "claimed, overdue": ([claims, waits(minutes=6)], "overdue"),
    "contacted in time, taken back": ([waits(minutes=4), contacts, waits(minutes=4), undoes], "overdue"),
    "contacted late, taken back": ([waits(minutes=6), contacts, undoes], "overdue"),
}


def digest(world: World) -> MarketingFacts:
    def preview(session: Session) -> MarketingFacts:
        audience = session.scalars(select(Audience).where(Audience.kind == "marketing")).one()
        found = preview_edition(session, audience, world.now + timedelta(microseconds=1))
        assert isinstance(found, MarketingFacts)
        return found

    return world.run(preview)


def board(world: World) -> Board:
    home = world.run(load_home, world.member("mia").id, world.workspace_id, world.now)
    assert home is not None
    return home.boards[0]


def verdicts(world: World, lead: int) -> dict[str, str]:
    """What each place says of the only lead."""
    facts = world.run(load_lead, lead, world.workspace_id, world.now)
    assert facts is not None
    leads = digest(world).leads
    assert leads is not None
    told = {"in_time": leads.in_time, "late": leads.late, "overdue": leads.overdue, "has_time": leads.waiting}
    seen = board(world)
    shown_there = {"in_time": seen.in_time, "late": seen.late, "overdue": seen.overdue}
    shown_there["has_time"] = seen.open - seen.overdue
    found = {
        "card": facts.judged.verdict,
        "digest": "".join(name for name, count in told.items() if count),
        "home": "".join(name for name, count in shown_there.items() if count),
        "words": _said(world, lead),
    }
    if facts.is_open:
        assert facts.ticking is not None
        found["colour"] = "overdue" if facts.ticking.stage == "overdue" else "has_time"
        [row] = seen.leads
        found["home's line"] = "overdue" if row.overdue else "has_time"
        found["home's rep"] = "overdue" if sum(rep.overdue for rep in seen.reps) else "has_time"
        listed = world.run(list_open_leads, by=world.member("mia"), at=world.now).team
        found["list"] = listed[0].judged.verdict
    missed = facts.judged.missed_at is not None
    assert seen.in_time + seen.late + seen.overdue <= 1, "no lead is counted twice"
    assert (leads.again == 1) == (facts.judged.verdict == "has_time" and missed)
    return found


def _said(world: World, lead: int) -> str:
    facts = world.run(load_lead, lead, world.workspace_id, world.now)
    assert facts is not None
    words = ending_line(facts) if facts.ending else clock_line(facts)
    return next((name for name, said in SAID.items() if said in words), "has_time" if facts.is_open else words)


SAID = {"overdue": "Overdue since", "late": "· Late", "in_time": "· in time"}


@pytest.mark.parametrize("name", HISTORIES)
def test_every_place_judges_every_history_alike(world: World, name: str) -> None:
    steps, expected = HISTORIES[name]
    lead = world.lead()
    for step in steps:
        step(world, lead)
    found = verdicts(world, lead)
    assert found == dict.fromkeys(found, expected)


def test_a_lead_that_was_declined_late_ran_out_of_time_and_was_not_contacted(world: World) -> None:
    lead = world.lead()
    world.later(minutes=6)
    declines(world, lead)
    seen = board(world)
    assert (seen.in_time, seen.late, seen.overdue) == (0, 1, 0)
    leads = digest(world).leads  # which counts contacts, and tells declines by their reasons
    assert leads is not None
    assert (leads.in_time, leads.late, leads.overdue, leads.waiting) == (0, 0, 0, 0)


def test_the_digest_says_that_a_lead_with_time_missed_a_deadline(world: World) -> None:
    lead = world.lead()
    world.later(minutes=6)
    ticks(world, lead)
    extends(world, lead)
    words = render_edition(digest(world)).blocks[-1]["text"]["text"]
    assert "1 still has time (after a missed deadline)." in words
    assert "an earlier deadline was missed" in shown(render(world, "lead_card", lead))


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([waits(minutes=10), ticks, extends, waits(minutes=13), contacts], "Late: 23 min, 5 allowed"),
        ([waits(minutes=5, seconds=1), contacts], "Late by 1 s, 5 min allowed"),
        ([waits(hours=2), contacts], "Late: 2 h, 5 min allowed"),
        ([waits(minutes=4), extends, waits(minutes=26), contacts], "Late: 30 min, 20 allowed"),
    ],
)
def test_a_late_contact_says_how_long_it_took_and_how_long_was_allowed(
    world: World, steps: list[Step], words: str
) -> None:
    lead = world.lead()
    for step in steps:
        step(world, lead)
    assert shown(render(world, "lead_card", lead)).count(words) == 1


def test_the_managers_ping_says_the_same_of_a_late_contact_as_the_card(world: World) -> None:
    lead = world.lead()
    world.later(minutes=10)
    ticks(world, lead)
    breach = event(world, lead, "breached")
    extends(world, lead)
    world.later(minutes=13)
    contacts(world, lead)
    ping = shown(render(world, "lead_breach", breach, "U-MIA", standing=True))
    assert "Contacted by ana · Late: 23 min, 5 allowed" in ping
    assert "in time" not in ping


def test_a_contact_after_closing_time_is_late_by_the_wall_clock(world: World) -> None:
    def close(session: Session) -> None:
        session.scalars(select(Team)).one().hours = WorkingHours("UTC", parse_week("mon-fri 09:00-12:05")).to_json()

    world.run(close)
    lead = world.lead()
    world.later(hours=1)
    contacts(world, lead)
    assert "Late by 55 min, 5 min allowed" in shown(render(world, "lead_card", lead))


ACTS: dict[str, Step] = {
    "ticks": ticks,
    "contacts": contacts,
    "extends": extends,
    "reassigns": reassigns,
    "claims": claims,
    "undoes": undoes,
    "snoozes": snoozes,
}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    acts=st.lists(
        st.tuples(st.sampled_from(sorted(ACTS)), st.sampled_from([1, 59, 60, 150, 299, 300, 301, 900])), max_size=6
    )
)
def test_whatever_is_done_with_a_lead_the_places_agree(world: World, acts: list[tuple[str, int]]) -> None:
    world.run(_forget)
    world.now = MONDAY_NOON
    lead = world.lead()
    for name, seconds in acts:
        world.later(seconds=seconds)
        try:
            ACTS[name](world, lead)
        except TandemError:
            continue
    found = verdicts(world, lead)
    assert len(set(found.values())) == 1, found


def _forget(session: Session) -> None:
    for table in (Delivery, Gathered, Card, LeadEvent, Wish, Clock, Lead):
        session.execute(delete(table))
