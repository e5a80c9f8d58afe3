"""What people and the ticker do with a lead, in any order and at once, and what must hold of it whatever they did.

`make orders` runs thousands of orders; `test_orders.py` runs some of them each time.
"""

from __future__ import annotations

import copy
import random
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.config.apply import apply_config
from domain.config.schema import parse_config
from domain.errors import TandemError
from domain.leads.availability import come_back, go_away
from domain.leads.declining import decline_lead, reopen_lead
from domain.leads.disputes import accept_decline, dispute_decline, rule_decline
from domain.leads.handing_back import hand_back
from domain.leads.joining import join_leads
from domain.leads.lifecycle import claim_lead, contact_lead, extend_lead, reassign_lead, snooze_lead, take_lead
from domain.leads.returning import return_nurtured
from domain.leads.rungs import apply_due_rungs
from domain.leads.taking import InHands, claim_or_ask, contact_or_ask
from domain.leads.triage import drop_lead, fix_lead, pass_lead, take_up_lead
from domain.leads.waiting import give_waiting_leads
from domain.outcomes.telling import OutcomeForm, hear_outcome, tell_outcome, undo_outcome
from storage.locking import locked
from storage.models import OPEN_LEAD_STATES, WITH_MARKETING, Clock, Decline, Hold, Lead, LeadEvent, Nurture, Outcome
from tests.world import World

Step = Callable[[World, int], object]

REPS: Final = ("ana", "bo")
DECLINES: Final = (
    ("not_a_fit", None),
    ("bad_timing", None),
    ("wrong_contact", None),
    ("duplicate", "nurture"),
    ("no_budget", "marketing"),
)
AT_ONCE: Final = 6
"""So many people press something at the same moment, at the most."""


def latest(world: World, lead: int) -> int:
    """The id of the lead's latest decline; 0, which is none's, before there is one."""
    found = select(Decline.id).where(Decline.lead_id == lead).order_by(Decline.id.desc()).limit(1)
    return world.run(lambda session: session.scalar(found)) or 0


def hold_of(world: World, lead: int) -> int:
    """The id of the lead's hold; 0 where it never was held."""
    return world.run(lambda session: session.scalar(select(Hold.id).where(Hold.lead_id == lead))) or 0


def on_hold(use_case: Callable[..., Any], **more: Any) -> Step:
    return lambda world, lead: world.run(use_case, hold_of(world, lead), by=world.member("max"), at=world.now, **more)


def on_lead(use_case: Callable[..., Any], who: str, **more: Any) -> Step:
    return lambda world, lead: world.run(use_case, lead, by=world.member(who), at=world.now, **more)


def on_decline(use_case: Callable[..., Any], who: str, **more: Any) -> Step:
    return lambda world, lead: world.run(use_case, latest(world, lead), by=world.member(who), at=world.now, **more)


def take_over(use_case: Callable[..., InHands | None], who: str) -> Step:
    """Press, read who has the lead, and mean it."""

    def step(world: World, lead: int) -> None:
        held = world.run(use_case, lead, by=world.member(who), at=world.now)
        if held is not None:
            world.run(use_case, lead, by=world.member(who), at=world.now, over=held.event)

    return step


def take_outcome_back(world: World, lead: int) -> None:
    found = select(Outcome.id).where(Outcome.lead_id == lead).order_by(Outcome.id.desc()).limit(1)
    outcome = world.run(lambda session: session.scalar(found)) or 0
    world.run(undo_outcome, lead, outcome_id=outcome, by=world.member("ana"), at=world.now)


def snooze(world: World, lead: int) -> None:
    until = world.now + timedelta(minutes=1)
    world.run(snooze_lead, lead, until=until, by=world.member("ana"), at=world.now)


def tick(world: World, _lead: int) -> None:
    world.run(apply_due_rungs, at=world.now)
    world.run(give_waiting_leads, at=world.now, limit=25)


def breach(world: World, lead: int) -> None:
    """The next rung falls due, whatever it is, while the others do what they do."""

    def due(session: Session) -> Any:
        live = select(Clock.next_at).where(Clock.lead_id == lead, Clock.next_at.is_not(None))
        return session.scalar(live)

    at = max(world.now, world.run(due) or world.now)
    world.run(apply_due_rungs, at=at)


def return_due(world: World, _lead: int) -> None:
    world.run(return_nurtured, at=world.now)


def away(world: World, _lead: int) -> None:
    world.run(go_away, "2d", by=world.member("bo"), at=world.now)


def back(world: World, _lead: int) -> None:
    world.run(come_back, by=world.member("bo"), at=world.now)


def join(world: World, lead: int) -> None:
    """The CRM says that the person has another lead, which nobody has touched."""
    other = world.lead("The same", email=None, company=None)

    def joined(session: Session) -> None:
        both = select(Lead).where(Lead.id.in_((lead, other))).order_by(Lead.id)
        join_leads(session, session.scalars(locked(both)).all(), "hubspot", at=world.now)

    world.run(joined)


def wait(**duration: float) -> Step:
    def later(world: World, _lead: int) -> None:
        world.later(**duration)

    return later


ACTS: Final[dict[str, Step]] = {
    **{f"claim {who}": on_lead(claim_lead, who) for who in REPS},
    **{f"take over {who}": take_over(claim_or_ask, who) for who in REPS},
    **{f"contact {who}": on_lead(contact_lead, who) for who in REPS},
    **{f"contact over {who}": take_over(contact_or_ask, who) for who in REPS},
    **{
        f"decline {who} {reason} {then}": on_lead(decline_lead, who, reason=reason, note="", then=then)
        for who in REPS
        for reason, then in DECLINES
    },
    **{f"undo {who}": on_lead(reopen_lead, who) for who in REPS},
    "reassign": on_lead(reassign_lead, "mia", to_user_id="U-BO"),
    "hand back": on_lead(hand_back, "mia"),
    "extend": on_lead(extend_lead, "mia", minutes=15),
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
    "fix": on_hold(fix_lead, given={"phone": "+49 30 1234567"}),
    "fix in vain": on_hold(fix_lead, given={"phone": " "}),
    "pass anyway": on_hold(pass_lead, reason="Known."),
    "drop": on_hold(drop_lead, reason="A student."),
    "take up": on_hold(take_up_lead),
    **{
        f"{kind} {who}": on_lead(tell_outcome, who, form=OutcomeForm(kind, reason="price", competitor="Rivalsoft"))
        for who in REPS
        for kind in ("qualified", "won", "lost")
    },
    "nurture ana": lambda world, lead: world.run(
        tell_outcome,
        lead,
        form=OutcomeForm("nurture", until=(world.now + timedelta(days=30)).date().isoformat()),
        by=world.member("ana"),
        at=world.now,
    ),
    "not so": take_outcome_back,
    "the crm": lambda world, lead: world.run(
        hear_outcome, world.workspace_id, lead, "won", origin="hubspot", at=world.now
    ),
    "join": join,
    "tick": tick,
    "breach": breach,
    "come back": return_due,
    "bo away": away,
    "bo here": back,
}
TIMES: Final[dict[str, Step]] = {"minutes": wait(minutes=6), "an hour": wait(hours=1), "a year": wait(days=400)}
STEPS: Final = {**ACTS, **TIMES}


def wrong_with(session: Session, lead_id: int) -> list[str]:
    """What cannot be about the lead."""
    lead = session.get_one(Lead, lead_id)
    clocks = session.scalars(select(Clock).where(Clock.lead_id == lead_id).order_by(Clock.id)).all()
    declines = session.scalars(select(Decline).where(Decline.lead_id == lead_id).order_by(Decline.id)).all()
    nurtures = session.scalars(select(Nurture).where(Nurture.lead_id == lead_id).order_by(Nurture.id)).all()
    kinds = session.scalars(select(LeadEvent.kind).where(LeadEvent.lead_id == lead_id)).all()
    live = [one for one in clocks if one.state != "stopped"]
    waiting = [one for one in nurtures if one.state == "waiting"]
    undecided = [one for one in declines if one.state in ("open", "disputed")]
    last = next((one for one in reversed(declines) if one.state != "undone"), None)
    is_open = lead.state in OPEN_LEAD_STATES
    holds = session.scalars(select(Hold).where(Hold.lead_id == lead_id)).all()
    outcomes = session.scalars(select(Outcome).where(Outcome.lead_id == lead_id).order_by(Outcome.id)).all()
    rests = [one for one in waiting if one.decline_id is None]
    hold = holds[0].state if holds else "none"
    marketing = lead.state in WITH_MARKETING
    found = {
        "marketing has it, and its hold says otherwise": marketing != (hold in ("held", "dropped"))
        or (marketing and lead.state != hold),
        "marketing has it, and so has a rep": marketing
        and (lead.owner_id is not None or lead.claimed_by_id is not None),
        "what came of it is not what stands": lead.state in ("qualified", "won", "lost")
        and [one.kind for one in outcomes if one.state == "stands"] != [lead.state],
        "several things came of it": sum(one.state == "stands" for one in outcomes) > 1,
        "it ended without contact": lead.state in ("contacted", "qualified", "won", "lost")
        and lead.contacted_at is None,
        "it was held twice": len(holds) > 1,
        "sales had it before it passed": hold != "none" and kinds.count("passed") == 0 and "given" in kinds,
        "it passed twice": kinds.count("passed") > 1,
        "an open lead has one clock, any other none": len(live) != is_open,
        "it rests without an end, or has an end without resting": len(waiting)
        != (lead.state == "nurture" and nurtures[-1].state != "overtaken"),
        "it is a part of another, and of none": (lead.state == "joined") != ("joined" in kinds),
        "it is undecided though it is not declined": bool(undecided) and lead.state != "declined",
        "it is declined by nothing": lead.state == "declined"
        and (last is None or last.consequence != "marketing" or last.verdict in ("sales", "nurture")),
        "it rests by nothing": lead.state == "nurture"
        and not rests
        and (last is None or not (last.consequence == "nurture" or last.verdict == "nurture")),
        "the reason is not the decline's": lead.state == "declined"
        and last is not None
        and lead.decline_reason != last.reason,
        "a reason is left": lead.state != "declined" and lead.decline_reason is not None,
        "words are left": is_open and lead.decline_note is not None,
        "it is claimed by nobody, or claimed and new": (lead.state == "claimed") != (lead.claimed_by_id is not None)
        and is_open,
        "it is claimed by one and somebody else's": lead.state == "claimed" and lead.claimed_by_id != lead.owner_id,
        "an open lead was contacted": is_open and lead.contacted_at is not None,
        "it was ruled twice, or without a dispute": kinds.count("ruled") > kinds.count("disputed"),
        "a decline is not in the timeline": kinds.count("declined") != len(declines),
        "it came back more often than it rested": sum(one.state == "returned" for one in nurtures)
        > kinds.count("given"),
    }
    return [what for what, is_wrong in found.items() if is_wrong]


def take(world: World, lead: int, step: Step) -> None:
    with suppress(TandemError):  # refused with words: nothing happened
        step(world, lead)


def end(world: World, lead: int) -> None:
    """Nothing of the lead is due any more, and whoever went away is back."""
    for name in ("bo here", "pass anyway", "take", "contact ana"):
        take(world, lead, ACTS[name])


@dataclass(frozen=True, slots=True)
class Order:
    """Rounds of steps by a seed: those of a round are taken at once, each a moment of its own."""

    seed: int

    def rounds(self) -> list[tuple[str, ...]]:
        chosen = random.Random(self.seed)  # no secret
        names = sorted(ACTS)
        found: list[tuple[str, ...]] = []
        for _ in range(chosen.randint(3, 6)):
            found.append(tuple(chosen.choice(names) for _ in range(chosen.randint(2, AT_ONCE))))
            if chosen.random() < 0.5:
                found.append((chosen.choice(sorted(TIMES)),))
        return found


@dataclass(slots=True)
class Tried:
    """What came of orders: how many, `ends` by the state of their leads, and what was wrong, with the order's seed."""

    orders: int = 0
    steps: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def arrive(world: World, seed: int, *, held: bool) -> int:
    """A lead of an order. `held`: it fails the definition, since no number was sent."""
    phone = None if held else "+49 30 1234567"
    return world.lead(f"Lead {seed}", email=f"lee{seed}@northwind.example", phone=phone)


def define(world: World) -> None:
    """The definition asks for a number."""
    config = parse_config('sql_means = "qualified"\ncriteria = "phone is given"\ntriage = "1h"')
    world.run(apply_config, world.workspace_id, config, by=world.member("mia"), at=world.now)


def try_orders(world: World, seeds: Sequence[int], tried: Tried) -> None:
    """Each order with a lead of its own, its rounds by as many people at once."""
    define(world)
    with ThreadPoolExecutor(AT_ONCE) as people:
        for seed in seeds:
            lead = arrive(world, seed, held=seed % 3 == 0)
            done: list[tuple[str, ...]] = []
            for names in Order(seed).rounds():
                done.append(names)
                tried.steps += len(names)
                _at_once(world, lead, names, people)
                found = world.run(wrong_with, lead)
                if found:
                    tried.wrong.append(f"seed {seed}: {'; '.join(found)} after {done}")
                    break
            tried.ends[world.run(lambda session, lead=lead: session.get_one(Lead, lead).state)] += 1
            tried.orders += 1
            end(world, lead)
            world.later(minutes=1)


def _at_once(world: World, lead: int, names: tuple[str, ...], people: ThreadPoolExecutor) -> None:
    if names[0] in TIMES:
        take(world, lead, TIMES[names[0]])
        return
    each = [copy.copy(world) for _ in names]
    for number, theirs in enumerate(each):
        theirs.later(milliseconds=100 * number)
    list(people.map(lambda one, name: take(one, lead, ACTS[name]), each, names))
    world.later(seconds=1)
