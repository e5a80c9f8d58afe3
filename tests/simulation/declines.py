"""What is to become of a lead that was given back: each step once, told once, and what follows from it.

Told by the events of leads and by what stands in Slack; what the program reckons is not asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from domain.errors import NotOurs
from handlers.declines.views import ACCEPT, DISPUTE, RULE
from handlers.dispatch import DATABASE_AWAY
from handlers.words import sentence
from storage.models import Decline, Delivery, LeadEvent, Nurture
from tests.chaos.happened import SETTLING, owner_at
from tests.chaos.ledger import Ledger, Said
from tests.chaos.records import Records, Violation
from tests.simulation.told import Decision, Told

STEP: Final = {ACCEPT: "decline_accepted", DISPUTE: "disputed", RULE: "ruled"}
STEPS: Final = tuple(STEP.values())
NOT_SERVED: Final = sentence(NotOurs())
ANSWERED_WITHIN: Final = 15.0
LATE: Final = 20.0
"""Seconds in which a process that is at work gives a lead back whose day has come: it looks every five."""

Posts = Callable[[str, int, str], tuple[Sequence[Said], Sequence[Delivery]]]


def look_at_declines(
    records: Records,
    ledger: Ledger,
    told: Told,
    posts_of: Posts,
    *,
    at_work: Callable[[float, float], float],
    happened: Mapping[int, float],
) -> Iterator[Violation]:
    """Everything that is wrong with declines. `happened`: when each event was committed, where that is known."""
    by_decline: dict[int, list[LeadEvent]] = defaultdict(list)
    for events in records.events.values():
        for event in events:
            if "decline" in event.data:
                by_decline[event.data["decline"]].append(event)
    nurtures: dict[int | None, list[Nurture]] = defaultdict(list)
    for nurture in records.nurtures:
        nurtures[nurture.decline_id].append(nurture)
    for decline in records.declines:
        steps = by_decline[decline.id]
        yield from _steps(records, decline, steps)
        yield from _cards(records, told, decline, steps, posts_of)
        yield from _parties(records, decline, steps, posts_of)
        yield from _returns(records, told, decline, steps, nurtures[decline.id], at_work)
    for decision in told.decisions:
        yield from _decided(records, ledger, decision, by_decline[decision.decline])
    for lead, user, at in told.taken_back:
        yield from _handed_back(records, lead, user, at, happened)


def _steps(records: Records, decline: Decline, steps: Sequence[LeadEvent]) -> Iterator[Violation]:
    """Marketing answers once, a manager rules once and only on a dispute; who gave it back may undo that before."""
    told = [one.kind for one in steps if one.kind in STEPS]
    what = f"decline {decline.id} of lead {decline.lead_id}"
    undone = _undone(records, decline)
    if told not in ([], ["decline_accepted"], ["disputed"], ["disputed", "ruled"]):
        yield Violation("doubled", f"{what} was answered by {told}")
    elif undone is not None and told not in ([], ["decline_accepted"]):
        yield Violation("stray", f"{what} was taken back by event {undone.id}, though there was {told}")
    usual = "open" if decline.consequence == "marketing" else "settled"
    known = {"decline_accepted": "accepted", "disputed": "disputed", "ruled": "ruled"}
    state = "undone" if undone is not None else known[told[-1]] if told else usual
    if decline.state != state:
        yield Violation("wrong card", f"{what} is {decline.state}, and should be {state}")
    if told and decline.consequence != "marketing":
        yield Violation("stray", f"{what} was not for marketing to answer: {told}")


def _cards(
    records: Records, told: Told, decline: Decline, steps: Sequence[LeadEvent], posts_of: Posts
) -> Iterator[Violation]:
    """Marketing has its card, and below it the words of a dispute; neither where marketing is not asked."""
    asked = decline.consequence == "marketing"
    undone = _undone(records, decline) is not None
    disputed = any(one.kind == "disputed" for one in steps)
    users = {one.slack_user_id for one in records.members.values()}
    for place in sorted({*told.marketing, *users}):
        wanted = int(asked and place in told.marketing)
        posts, rows = posts_of("decline_card", decline.id, place)
        yield from _so_often(posts, rows, wanted, f"the card of decline {decline.id} at {place}", excused=undone)
        below, rows = posts_of("dispute_opened", decline.id, place)
        wanted = int(disputed and place in told.marketing)
        yield from _so_often(below, rows, wanted, f"the words of the dispute of {decline.id} at {place}")
        if below and posts and below[0].thread_ts != posts[0].ts:
            yield Violation("wrong card", f"the words of the dispute of {decline.id} are not below its card")


def _parties(records: Records, decline: Decline, steps: Sequence[LeadEvent], posts_of: Posts) -> Iterator[Violation]:
    """Who is to rule is asked once; both sides hear once how it was ruled, but for those who know it."""
    disputed = next((one for one in steps if one.kind == "disputed"), None)
    ruled = next((one for one in steps if one.kind == "ruled"), None)
    back = next((one for one in steps if one.kind == "given" and one.data.get("back") == "ruling"), None)
    manager = records.teams[decline.team_id].manager_id
    sides = {decline.by_id, disputed.by_id if disputed is not None else None} - {None}
    knows = {ruled.by_id if ruled is not None else None, back.data["to"] if back is not None else None}
    for member in records.members.values():
        posts, rows = posts_of("ruling_wanted", decline.id, member.slack_user_id)
        what = f"whether {member.name} is asked to rule on decline {decline.id}"
        if disputed is None:
            yield from _so_often(posts, rows, 0, what)
        elif member.id == manager and manager not in sides:
            yield from _so_often(posts, rows, 1, what, excused=ruled is not None)
        elif len(posts) > 1 or (posts and manager not in sides):
            yield Violation("stray", f"{what}: {len(posts)} times", tuple(row.token for row in rows))
        posts, rows = posts_of("decline_ruled", decline.id, member.slack_user_id)
        wanted = int(ruled is not None and member.id in sides - knows)
        yield from _so_often(posts, rows, wanted, f"how decline {decline.id} was ruled, told to {member.name}")


def _returns(
    records: Records,
    told: Told,
    decline: Decline,
    steps: Sequence[LeadEvent],
    nurtures: Sequence[Nurture],
    at_work: Callable[[float, float], float],
) -> Iterator[Violation]:
    """A lead comes back once: by the ruling at once, from nurture when its day has come; to the rep who had it."""
    what = f"lead {decline.lead_id}, by decline {decline.id},"
    ruled = next((one for one in steps if one.kind == "ruled"), None)
    verdict = ruled.data["verdict"] if ruled is not None else ""
    rests = decline.consequence == "nurture" or verdict == "nurture"
    if len(nurtures) != int(rests):
        yield Violation("doubled" if nurtures else "lost", f"{what} rests {len(nurtures)} times, not {int(rests)}")
    backs = [one for one in steps if one.kind == "given"]
    wanted = {"ruling": int(verdict == "sales"), "nurture": sum(one.state == "returned" for one in nurtures)}
    for why, count in wanted.items():
        here = [one for one in backs if one.data["back"] == why]
        if len(here) != count:
            yield Violation("doubled" if len(here) > count else "lost", f"{what} came back {len(here)} times by {why}")
    for back in backs:
        had = owner_at(records.events[decline.lead_id], back)
        if back.data["to"] != had and had in records.reps[records.leads[decline.lead_id].team_id]:
            yield Violation("stray", f"{what} came back to {back.data['to']}, and {had} had it")
    for one in nurtures:
        over = told.returns.get(one.id)
        if one.state == "waiting" and over is not None:
            yield Violation("rung missed", f"{what} rests still, though its time was over at {over}")
        elif one.state == "returned" and one.ended_at is not None:
            if over is None or one.ended_at < over:
                yield Violation("stray", f"{what} came back at {one.ended_at}, before its time, which was {over}")
            elif at_work(over.timestamp(), one.ended_at.timestamp()) > LATE:
                yield Violation("rung missed", f"{what} came back at {one.ended_at}, and its time was over at {over}")
        elif one.state == "waiting" and records.leads[one.lead_id].state != "nurture":
            yield Violation("wrong card", f"{what} rests, and is {records.leads[one.lead_id].state}")


def _decided(records: Records, ledger: Ledger, decision: Decision, steps: Sequence[LeadEvent]) -> Iterator[Violation]:
    """What somebody decided is so; an Accept that came too late finds what another decided, or that it was undone."""
    kind, me = STEP[decision.what], decision.by
    told = f"{decision.what} on decline {decision.decline} by {me} was acknowledged"
    mine = [one for one in steps if one.kind == kind and records.members[one.by_id or 0].slack_user_id == me]
    if mine:
        if decision.verdict and mine[0].data["verdict"] != decision.verdict:
            yield Violation("wrong card", f"{told} as {decision.verdict}; it counts as {mine[0].data['verdict']}")
        return
    before = decision.at + ANSWERED_WITHIN
    decline = next(one for one in records.declines if one.id == decision.decline)
    undone = _undone(records, decline)
    others = [*(one for one in steps if one.kind in STEPS), *([undone] if undone is not None else [])]
    if decision.what == ACCEPT and any(one.at.timestamp() <= before for one in others):
        return
    read = [text for at, text in ledger.read[me] if decision.at <= at <= before]
    if decision.what != ACCEPT or not any(DATABASE_AWAY in text or text == NOT_SERVED for text in read):
        yield Violation("lost", f"{told}, without effect; they read {read}")


def _handed_back(
    records: Records, lead: int, user: str, at: float, happened: Mapping[int, float]
) -> Iterator[Violation]:
    """A reassignment that was taken back is undone, but for a lead that had moved on before that was heard."""
    me = next(one.id for one in records.members.values() if one.slack_user_id == user)
    events = records.events[lead]
    given = [one for one in events if one.kind == "reassigned" and one.by_id == me and happened.get(one.id, 0.0) <= at]
    if not given:
        return  # the receipt was of an earlier one
    moves = ("claimed", "taken", "reassigned", "given", "handed_back", *SETTLING)
    after = [one for one in events if one.id > given[-1].id and one.kind in moves]
    moved = [one for one in after if happened.get(one.id, 0.0) <= at + ANSWERED_WITHIN]
    if not moved:
        told = f"event {given[-1].id} of lead {lead} was taken back by {user}, and that was acknowledged"
        yield Violation("lost", f"{told}, without effect")
    for back in (one for one in events if one.kind == "handed_back"):
        undone = next(one for one in events if one.id == back.data["undoes"])
        had = undone.data["from"]
        between = [one.id for one in events if undone.id < one.id < back.id and one.kind in moves]
        if between or undone.by_id != back.by_id or back.data["to"] != had:
            yield Violation("stray", f"event {back.id} of lead {lead} takes back event {undone.id}, after {between}")


def _undone(records: Records, decline: Decline) -> LeadEvent | None:
    """The event by which a decline was taken back."""
    for event in records.events[decline.lead_id]:
        if event.id > (decline.event_id or 0) and event.kind in ("reopened", *SETTLING, "given"):
            return event if event.kind == "reopened" else None
    return None


def _so_often(
    posts: Sequence[Said], rows: Sequence[Delivery], wanted: int, what: str, *, excused: bool = False
) -> Iterator[Violation]:
    """`excused`: it may be missing, where it was dropped before it left."""
    if len(posts) == wanted or (excused and not posts and all(row.state == "dropped" for row in rows)):
        return
    wrong = "lost" if len(posts) < wanted else "doubled" if wanted else "stray"
    yield Violation(wrong, f"{what}: {len(posts)} times, not {wanted}", tuple(row.token for row in rows))
