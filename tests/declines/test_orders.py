"""No order of steps leaves a lead in a state that cannot be: neither one after the other, nor at once."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import TandemError
from domain.leads.declining import decline_lead, reopen_lead
from domain.leads.disputes import accept_decline, dispute_decline, rule_decline
from domain.leads.lifecycle import claim_lead, contact_lead, reassign_lead, snooze_lead, take_lead
from domain.leads.returning import return_nurtured
from domain.leads.rungs import apply_due_rungs
from domain.leads.waiting import give_waiting_leads
from storage.models import OPEN_LEAD_STATES, Clock, Decline, Lead, LeadEvent, Nurture
from tests.world import World

Step = Callable[[World, int], None]

REPS: Final = ("ana", "bo")
DECLINES: Final = (
    ("not_a_fit", None),
    ("bad_timing", None),
    ("wrong_contact", None),
    ("duplicate", "nurture"),
    ("no_budget", "marketing"),
)


def latest(world: World, lead: int) -> int:
    """The id of the lead's latest decline; 0, which is none's, before there is one."""
    found = select(Decline.id).where(Decline.lead_id == lead).order_by(Decline.id.desc()).limit(1)
    return world.run(lambda session: session.scalar(found)) or 0


def on_lead(use_case: Callable[..., Any], who: str, **more: Any) -> Step:
    return lambda world, lead: world.run(use_case, lead, by=world.member(who), at=world.now, **more)


def on_decline(use_case: Callable[..., Any], who: str, **more: Any) -> Step:
    return lambda world, lead: world.run(use_case, latest(world, lead), by=world.member(who), at=world.now, **more)


def snooze(world: World, lead: int) -> None:
    until = world.now + timedelta(minutes=1)
    world.run(snooze_lead, lead, until=until, by=world.member("ana"), at=world.now)


def tick(world: World, _lead: int) -> None:
    world.run(apply_due_rungs, at=world.now)
    world.run(give_waiting_leads, at=world.now, limit=25)


def come_back(world: World, _lead: int) -> None:
    world.run(return_nurtured, at=world.now)


def wait(**duration: float) -> Step:
    def later(world: World, _lead: int) -> None:
        world.later(**duration)

    return later


ACTS: Final[dict[str, Step]] = {
    **{f"claim {who}": on_lead(claim_lead, who) for who in REPS},
    **{f"contact {who}": on_lead(contact_lead, who) for who in REPS},
    **{
        f"decline {who} {reason} {then}": on_lead(decline_lead, who, reason=reason, note="", then=then)
        for who in REPS
        for reason, then in DECLINES
    },
    **{f"undo {who}": on_lead(reopen_lead, who) for who in REPS},
    "reassign": on_lead(reassign_lead, "mia", to_user_id="U-BO"),
    "take": on_lead(take_lead, "mia"),
    "snooze": snooze,
    "accept": on_decline(accept_decline, "max"),
    "dispute": on_decline(dispute_decline, "max", words="They fit."),
    **{
        f"rule {verdict}": on_decline(rule_decline, "mia", verdict=verdict, words="So be it.", until="2030-01-01")
        for verdict in ("sales", "stands")
    },
    "rule nurture": lambda world, lead: world.run(
        rule_decline,
        latest(world, lead),
        verdict="nurture",
        words="Later.",
        until=(world.now + timedelta(days=30)).date().isoformat(),
        by=world.member("mia"),
        at=world.now,
    ),
    "tick": tick,
    "come back": come_back,
}
TIMES: Final[dict[str, Step]] = {"minutes": wait(minutes=6), "an hour": wait(hours=1), "a year": wait(days=400)}


def wrong_with(session: Session, lead_id: int) -> list[str]:
    """What cannot be about the lead."""
    lead = session.get_one(Lead, lead_id)
    clocks = session.scalars(select(Clock).where(Clock.lead_id == lead_id).order_by(Clock.id)).all()
    declines = session.scalars(select(Decline).where(Decline.lead_id == lead_id).order_by(Decline.id)).all()
    nurtures = session.scalars(select(Nurture).where(Nurture.lead_id == lead_id)).all()
    kinds = session.scalars(select(LeadEvent.kind).where(LeadEvent.lead_id == lead_id)).all()
    live = [one for one in clocks if one.state != "stopped"]
    waiting = [one for one in nurtures if one.state == "waiting"]
    undecided = [one for one in declines if one.state in ("open", "disputed")]
    last = next((one for one in reversed(declines) if one.state != "undone"), None)
    is_open = lead.state in OPEN_LEAD_STATES
    found = {
        "an open lead has one clock, any other none": len(live) != is_open,
        "it rests without an end, or has an end without resting": len(waiting) != (lead.state == "nurture"),
        "it is undecided though it is not declined": bool(undecided) and lead.state != "declined",
        "it is declined by nothing": lead.state == "declined"
        and (last is None or last.consequence != "marketing" or last.verdict in ("sales", "nurture")),
        "it rests by nothing": lead.state == "nurture"
        and (last is None or not (last.consequence == "nurture" or last.verdict == "nurture")),
        "the reason is not the decline's": lead.state == "declined"
        and last is not None
        and lead.decline_reason != last.reason,
        "a reason is left": lead.state != "declined" and lead.decline_reason is not None,
        "words are left": is_open and lead.decline_note is not None,
        "it is claimed by nobody, or claimed and new": (lead.state == "claimed") != (lead.claimed_by_id is not None)
        and is_open,
        "it was ruled twice, or without a dispute": kinds.count("ruled") > kinds.count("disputed"),
        "a decline is not in the timeline": kinds.count("declined") != len(declines),
        "it came back more often than it rested": sum(one.state == "returned" for one in nurtures)
        > kinds.count("given"),
    }
    return [what for what, is_wrong in found.items() if is_wrong]


def take(world: World, lead: int, step: Step) -> None:
    with suppress(TandemError):  # refused with words: nothing happened
        step(world, lead)


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(sorted({**ACTS, **TIMES})), min_size=8, max_size=30))
def test_no_order_of_steps_leaves_an_impossible_state(world: World, names: list[str]) -> None:
    lead = world.lead(f"Lead {world.now}", email=f"lee{world.now.timestamp()}@northwind.example")
    steps = {**ACTS, **TIMES}
    for number, name in enumerate(names):
        world.later(seconds=1)
        take(world, lead, steps[name])
        assert world.run(wrong_with, lead) == [], names[: number + 1]
    take(world, lead, ACTS["take"])  # so that nothing of this lead is due in the next example
    take(world, lead, ACTS["contact ana"])


def test_steps_at_once_leave_no_impossible_state(world: World) -> None:
    chosen = random.Random(11)  # no secret
    done: set[str] = set()
    for number in range(16):
        lead = world.lead(f"Lead {number}", email=f"lee{number}@northwind.example")
        take(world, lead, on_lead(decline_lead, "ana", reason="too_small", note=""))
        if number % 2:
            take(world, lead, ACTS["dispute"])
        names = ["accept", "dispute", "undo ana", "rule sales", "rule stands", "rule nurture", "claim bo", "come back"]
        chosen.shuffle(names)
        with ThreadPoolExecutor(len(names)) as people:
            list(people.map(lambda name, lead=lead: take(world, lead, ACTS[name]), names))
        assert world.run(wrong_with, lead) == [], names
        done.add(world.run(lambda session, lead=lead: session.get_one(Decline, latest_in(session, lead)).state))
        world.later(minutes=1)
    assert len(done) > 1, "several orders came about"


def latest_in(session: Session, lead: int) -> int:
    return session.scalars(select(Decline.id).where(Decline.lead_id == lead).order_by(Decline.id.desc())).first() or 0
