"""The courier's side of the outbox: hold a lane, take its head, record what became of it, let the lane go.

A lane is held by one courier at a time. While it is, `due_at` is when the lease runs out, so a lane whose
holder died comes due by itself; the row it left in `sending` may have reached Slack and is marked unsure.

The head of a lane (storage/heads.py) is what is most urgent in it, and of that the oldest. So order survives
retries, and what is more urgent passes what waits for another try.

This is the busiest code of the product, so its statements are made once and run on the connection: the
session's own bookkeeping costs several times what SQLite itself does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import and_, bindparam, select, update
from sqlalchemy.orm import Session

from storage.heads import ALONE, head_of, next_in
from storage.held import End, Held, StandingCard
from storage.models import Card, Delivery, Lane, Member, Workspace
from storage.outbox import Priority
from storage.pace import Buckets
from storage.standing import LASTING, keep_notice
from storage.statements import Statement
from storage.turns import DueByWorkspace, Turns

COMES_LATE = timedelta(seconds=15)  # so long after we began to post, Slack may still store it though the reply is lost
LOOKED_AT_ONCE = 64  # lanes in one transaction, most of them to be put off

_EMPTY = 9  # the priority of a lane in which nothing waits
_ANY_NUMBER = 1_000_000

_DUE_LANES = Statement(
    select(
        Lane.id, Lane.workspace_id, Lane.place, Lane.fence, Lane.free_at, Member.dm_channel, Workspace.installation_id
    )
    .join(Workspace, Workspace.id == Lane.workspace_id)
    .join(Member, and_(Member.workspace_id == Lane.workspace_id, Member.slack_user_id == Lane.place), isouter=True)
    .where(
        Lane.priority == bindparam("urgency"),
        Lane.workspace_id == bindparam("workspace"),
        Lane.due_at <= bindparam("at"),
        Workspace.state == "active",
    )
    .order_by(Lane.due_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=Lane)
)
_NEXT_DUE = Statement(
    select(Lane.due_at)
    .join(Workspace, Workspace.id == Lane.workspace_id)
    .where(Lane.due_at.is_not(None), Workspace.state == "active")
    .order_by(Lane.due_at)
    .limit(1)
)
_WITH_DUE_LANES = DueByWorkspace(Lane.due_at, "priority", while_stopped=False)
_TAKE = Statement(
    update(Delivery)
    .where(Delivery.id == bindparam("delivery"))
    .values(
        state="sending",
        unsure=bindparam("doubt"),
        attempts=bindparam("tries"),
        first_tried_at=bindparam("first"),
        late_until=bindparam("late"),
    )
)
_HOLD = Statement(
    update(Lane)
    .where(Lane.id == bindparam("lane"))
    .values(holder=bindparam("by"), fence=bindparam("next_fence"), due_at=bindparam("until"))
)
_LET_GO = Statement(
    update(Lane)
    .where(Lane.id == bindparam("lane"))
    .values(holder=None, due_at=bindparam("due"), priority=bindparam("first"), free_at=bindparam("free"))
)
_PUT_OFF = Statement(
    update(Lane)
    .where(Lane.id == bindparam("lane"))
    .values(holder=None, due_at=bindparam("due"), priority=bindparam("urgency"))
)
_STILL_HELD = Statement(
    select(Lane.free_at)
    .where(Lane.id == bindparam("lane"), Lane.fence == bindparam("held_fence"), Lane.holder.is_not(None))
    .with_for_update()
)
_FINISH = Statement(
    update(Delivery)
    .where(Delivery.id == bindparam("delivery"))
    .values(state=bindparam("end"), finished_at=bindparam("at"), error=bindparam("reason"))
)
_PUT_BACK = Statement(
    update(Delivery)
    .where(Delivery.id == bindparam("delivery"))
    .values(
        state="pending",
        next_at=bindparam("then"),
        unsure=bindparam("doubt"),
        error=bindparam("reason"),
        attempts=bindparam("tries"),
        late_until=bindparam("late"),
        alone_since=bindparam("alone"),
    )
)
_STAND = Statement(
    update(Card)
    # Not when the card was forgotten meanwhile, to be posted anew: then this message is left behind as it is.
    .where(Card.id == bindparam("card"), Card.ts.is_not_distinct_from(bindparam("was", type_=Card.ts.type)))
    .values(
        state="standing",
        channel=bindparam("in_channel"),
        ts=bindparam("at_ts"),
        rendering=bindparam("as_rendered"),
    )
)


def lane_turns() -> Turns:
    """Whose lanes a courier has taken last; each courier has its own."""
    return Turns(_WITH_DUE_LANES)


def hold_lanes(
    session: Session,
    *,
    holder: str,
    at: datetime,
    lease: timedelta,
    limit: int,
    times: float = 0.0,
    only: Priority | None = None,
    prepare: Callable[[Held], End | None] = lambda _held: None,
    turns: Turns | None = None,
    may_have: Callable[[int], int] = lambda _workspace_id: _ANY_NUMBER,
) -> list[Held]:
    """Take up to `limit` lanes in which something is due, each with its first delivery.

    Workspaces take `turns`, each with its share and no more than it `may_have`. `prepare` makes the words; what it
    ends takes no token of Slack's limits, `times` which are kept to (0: only to Slack's own pauses). Lanes without a
    token are put off until about their turn. Only lanes of the most urgent priority are taken, so that an alarm does
    not wait for the words of a digest; or of the `only` one asked for.
    """
    if (first := next_due(session)) is None or first > at:
        return []  # by one look in place of one for each priority: most find nothing
    turns = turns or lane_turns()

    def shares(priority: int, room: int) -> Iterable[tuple[int, int]]:
        found = turns.shares(session, at, room, priority=priority)
        has = Counter(each.workspace_id for each in held)
        return [(one, min(share, may_have(one) - has[one])) for one, share in found]

    buckets = Buckets(session, at, times)
    held: list[Held] = []
    prepared = looked = 0
    for priority in (*Priority, ALONE) if only is None else (only,):
        while prepared < limit and looked < LOOKED_AT_ONCE:
            due, exhausted = _due_lanes(session, shares(int(priority), limit - prepared), int(priority), at)
            for lane in due:
                one = _held_head(session, lane, at, lease)
                if one is None:
                    continue
                turn = buckets.turn(one.workspace_id, one.calls, one.priority)
                if turn is not None:
                    _put_off(session, one, turn)
                    continue
                prepared += 1
                if end := prepare(one):
                    if not end.waits:
                        _finish(session, one, end.state, at, end.error)
                    _let_go(session, lane.id, lane.free_at)
                else:
                    _HOLD.run(session, {"lane": lane.id, "by": holder, "next_fence": one.fence, "until": one.until})
                    held.append(one)
            looked += len(due)
            if exhausted:
                break
        if prepared:
            break
    waits = buckets.take([(one.workspace_id, one.calls, one.priority) for one in held])
    for one, turn in zip(held, waits, strict=True):
        if turn is None:
            _take(session, one)
        else:
            _put_off(session, one, turn)
    return [one for one, turn in zip(held, waits, strict=True) if turn is None]


def _due_lanes(
    session: Session, shares: Iterable[tuple[int, int]], priority: int, at: datetime
) -> tuple[list[Any], bool]:
    """The due lanes of one priority, locked, so many of each workspace, and whether none of them has more to give."""
    found: list[Any] = []
    exhausted = True
    for workspace_id, share in shares:
        asked = {"urgency": priority, "workspace": workspace_id, "at": at, "most": share}
        lanes = _DUE_LANES.all(session, asked) if share > 0 else []
        exhausted = exhausted and (share <= 0 or len(lanes) < share)
        found += lanes
    return found, exhausted


def next_due(session: Session) -> datetime | None:
    """When the earliest lane comes due, leases included; None when all are empty."""
    return cast("datetime | None", _NEXT_DUE.scalar(session, {}))


def record_sent(
    session: Session,
    held: Held,
    *,
    at: datetime,
    channel: str | None,
    ts: str | None,
    rendering: str | None,
    free_at: datetime | None,
) -> bool:
    """The message stands. False when the lane was lost meanwhile: then its new holder records it."""
    if not _still_held(session, held):
        return False
    _finish(session, held, "sent", at, None)
    if held.card is None and held.kind in LASTING and ts is not None:
        keep_notice(session, held, channel, ts, rendering, at)
    if held.card is not None:
        stands = {"card": held.card.id, "was": held.card.ts, "in_channel": channel, "at_ts": ts}
        _STAND.run(session, {**stands, "as_rendered": rendering})
    _let_go(session, held.lane_id, free_at)
    return True


def record_end(session: Session, held: Held, state: str, *, at: datetime, error: str | None = None) -> bool:
    """The delivery ends as `dropped` (nothing left to say) or `failed` (with its reason)."""
    lane = _still_held(session, held)
    if not lane:
        return False
    _finish(session, held, state, at, error)
    _let_go(session, held.lane_id, lane[0].free_at)
    return True


def record_retry(
    session: Session,
    held: Held,
    *,
    next_at: datetime,
    unsure: bool,
    error: str,
    cut: bool = False,
    lane_free_at: datetime | None = None,
    alone_since: datetime | None = None,
) -> bool:
    """Try again at `next_at`. What is as urgent or less waits behind it, so that order holds.

    `cut`: there was no answer, so Slack may store it later than we look. `alone_since`: from now on the others of
    the lane go past it, but for those of its card.
    """
    late_until = held.late_until if cut or held.unsure else None
    held = replace(held, alone_since=held.alone_since or alone_since)
    return _put_back(session, held, next_at, held.unsure or unsure, error, late_until, held.attempts, lane_free_at)


def record_doubt(session: Session, held: Held, *, next_at: datetime) -> bool:
    """Slack does not have it, but may yet store it: look again at `next_at`. Asking was no attempt."""
    return _put_back(session, held, next_at, True, held.error, held.late_until, held.attempts - 1)


def record_unsent(session: Session, held: Held, *, at: datetime) -> bool:
    """No earlier attempt reached Slack: the delivery may be sent again at once. Asking was no attempt."""
    return _put_back(session, held, at, False, None, None, held.attempts - 1)


def forget_rendering(session: Session, card_id: int) -> None:
    """Other words may stand than those that were recorded: the next ones are sent even if they equal these."""
    session.execute(update(Card).where(Card.id == card_id).values(rendering=None))


def forget_card(session: Session, card_id: int) -> None:
    """The card's message is gone from Slack: the next sending posts it anew."""
    session.execute(update(Card).where(Card.id == card_id).values(state="planned", ts=None, rendering=None))


def _held_head(session: Session, lane: Any, at: datetime, lease: timedelta) -> Held | None:
    """What is first in a lane; None when it is not due, and the lane is let go until it is."""
    head = head_of(session, lane.id, at)
    if head is None:
        _let_go(session, lane.id, lane.free_at)
        return None
    one = Held(
        id=head.id,
        workspace_id=lane.workspace_id,
        lane_id=lane.id,
        fence=lane.fence + 1,
        place=lane.place,
        channel=lane.dm_channel if lane.place.startswith(("U", "W")) else lane.place,
        kind=head.kind,
        subject_id=head.subject_id,
        data=dict(head.data),
        priority=head.priority,
        token=head.token,
        unsure=head.unsure or head.state == "sending",
        late_until=head.late_until,
        attempts=head.attempts + 1,
        error=head.error,
        request_id=head.request_id,
        due_at=head.due_at,
        created_at=head.created_at,
        first_tried_at=head.first_tried_at or at,
        until=at + lease,
        card=_standing(head.card_id, head.card_channel, head.card_ts, head.card_rendering),
        thread=_standing(head.thread_card_id, head.thread_channel, head.thread_ts, None),
        alone_since=head.alone_since,
        distributed=lane.installation_id is not None,
        standing=(head.stands_in, head.stands_at) if head.stands_in and head.stands_at else None,
    )
    if one.unsure and one.method == "chat.postMessage":
        return one
    # What edits may be repeated: it says the same thing twice.
    return replace(one, unsure=False, late_until=at + COMES_LATE)


def _take(session: Session, one: Held) -> None:
    _TAKE.run(
        session,
        {
            "delivery": one.id,
            "doubt": one.unsure,
            "tries": one.attempts,
            "first": one.first_tried_at,
            "late": one.late_until,
        },
    )


def _put_off(session: Session, one: Held, turn: datetime) -> None:
    """The lane waits for its turn. The delivery stays as it is: this is no attempt, and no backoff for others."""
    urgency = one.priority if one.alone_since is None else ALONE
    _PUT_OFF.run(session, {"lane": one.lane_id, "due": turn, "urgency": urgency})


def _still_held(session: Session, held: Held) -> list[Any]:
    """The lane, locked, if the courier still holds it (another may have taken it over since); else nothing."""
    return _STILL_HELD.all(session, {"lane": held.lane_id, "held_fence": held.fence})


def _let_go(session: Session, lane_id: int, free_at: datetime | None) -> None:
    """The lane is due when what is first in it is, and the pace allows; an empty one is never due."""
    due, priority = next_in(session, lane_id) or (None, _EMPTY)
    if due is not None and free_at is not None:
        due = max(due, free_at)
    _LET_GO.run(session, {"lane": lane_id, "due": due, "first": priority, "free": free_at})


def _put_back(
    session: Session,
    held: Held,
    next_at: datetime,
    unsure: bool,
    error: str | None,
    late_until: datetime | None,
    attempts: int,
    lane_free_at: datetime | None = None,
) -> bool:
    lane = _still_held(session, held)
    if not lane:
        return False
    _PUT_BACK.run(
        session,
        {
            "delivery": held.id,
            "then": next_at,
            "doubt": unsure,
            "reason": error[:500] if error else None,
            "tries": attempts,
            "late": late_until,
            "alone": held.alone_since,
        },
    )
    _let_go(session, held.lane_id, lane_free_at or lane[0].free_at)
    return True


def _finish(session: Session, held: Held, state: str, at: datetime, error: str | None) -> None:
    if state != "sent" and held.card is not None and held.attempts > 1:
        forget_rendering(session, held.card.id)
    _FINISH.run(session, {"delivery": held.id, "end": state, "at": at, "reason": error[:500] if error else None})


def _standing(card_id: int | None, channel: str | None, ts: str | None, rendering: str | None) -> StandingCard | None:
    return StandingCard(card_id, channel, ts, rendering) if card_id is not None else None
