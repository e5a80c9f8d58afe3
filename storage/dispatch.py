"""The courier's side of the outbox: hold a lane, take its head, record what became of it, let the lane go.

A lane is held by one courier at a time. While it is, `due_at` is when the lease runs out, so a lane whose
holder died comes due by itself; the row it left in `sending` may have reached Slack and is marked unsure.

This is the busiest code of the product, so its statements are made once and run on the connection: the
session's own bookkeeping costs several times what SQLite itself does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session, aliased

from storage.models import IS_WAITING, Card, Delivery, Lane, MethodPause, Workspace

_EMPTY = 9  # the priority of a lane in which nothing waits
_card, _thread = aliased(Card), aliased(Card)

_DUE_LANES = (
    select(Lane.id, Lane.workspace_id, Lane.place, Lane.priority, Lane.fence, Lane.free_at)
    .join(Workspace, Workspace.id == Lane.workspace_id)
    .where(Lane.due_at <= bindparam("at"), Workspace.state == "active")
    .order_by(Lane.priority, Lane.due_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=Lane)
)
# First what may already have been sent (its outcome must be settled), then by priority and age.
_ORDER = (Delivery.state.desc(), Delivery.unsure.desc(), Delivery.priority, Delivery.id)
_HEAD = (
    select(
        Delivery,
        _card.channel.label("card_channel"),
        _card.ts.label("card_ts"),
        _card.rendering.label("card_rendering"),
        _thread.channel.label("thread_channel"),
        _thread.ts.label("thread_ts"),
    )
    .join(_card, _card.id == Delivery.card_id, isouter=True)
    .join(_thread, _thread.id == Delivery.thread_card_id, isouter=True)
    .where(Delivery.lane_id == bindparam("lane"), IS_WAITING)
    .order_by(*_ORDER)
    .limit(1)
)
_NEXT = (
    select(Delivery.next_at, Delivery.priority)
    .where(Delivery.lane_id == bindparam("lane"), IS_WAITING)
    .order_by(*_ORDER)
    .limit(1)
)
_TAKE = (
    update(Delivery)
    .where(Delivery.id == bindparam("delivery"))
    .values(
        state="sending",
        unsure=bindparam("doubt"),
        attempts=bindparam("tries"),
        first_tried_at=bindparam("first"),
    )
)
_HOLD = (
    update(Lane)
    .where(Lane.id == bindparam("lane"))
    .values(holder=bindparam("by"), fence=bindparam("next_fence"), due_at=bindparam("until"))
)
_LET_GO = (
    update(Lane)
    .where(Lane.id == bindparam("lane"))
    .values(holder=None, due_at=bindparam("due"), priority=bindparam("first"), free_at=bindparam("free"))
)
_STILL_HELD = (
    select(Lane.free_at)
    .where(Lane.id == bindparam("lane"), Lane.fence == bindparam("held_fence"), Lane.holder.is_not(None))
    .with_for_update()
)
_FINISH = (
    update(Delivery)
    .where(Delivery.id == bindparam("delivery"))
    .values(state=bindparam("end"), finished_at=bindparam("at"), error=bindparam("reason"))
)
_PUT_BACK = (
    update(Delivery)
    .where(Delivery.id == bindparam("delivery"))
    .values(
        state="pending",
        next_at=bindparam("then"),
        unsure=bindparam("doubt"),
        error=bindparam("reason"),
        attempts=bindparam("tries"),
    )
)
_STAND = (
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


@dataclass(frozen=True, slots=True)
class StandingCard:
    """The card a delivery is about. `channel` and `ts` are None until it stands somewhere."""

    id: int
    channel: str | None
    ts: str | None
    rendering: str | None


@dataclass(frozen=True, slots=True)
class Held:
    """A delivery in the hand of a courier, with the lane and fence that prove it, `until` the lease runs out.

    `error`: why it was not sent the last time.
    """

    id: int
    workspace_id: int
    lane_id: int
    fence: int
    place: str
    kind: str
    subject_id: int
    data: dict[str, Any]
    priority: int
    token: str
    unsure: bool
    attempts: int
    error: str | None
    due_at: datetime
    created_at: datetime
    first_tried_at: datetime
    until: datetime
    card: StandingCard | None
    thread: StandingCard | None
    request_id: str | None = None


def hold_lanes(session: Session, *, holder: str, at: datetime, lease: timedelta, limit: int) -> list[Held]:
    """Take up to `limit` lanes in which something is due, each with its first delivery.

    Only lanes of the most urgent priority are taken, so that an alarm does not wait for the words of a digest.
    """
    connection = session.connection()
    held: list[Held] = []
    due = connection.execute(_DUE_LANES, {"at": at, "most": limit}).all()
    for lane in due:
        if lane.priority != due[0].priority:
            break
        head = connection.execute(_HEAD, {"lane": lane.id}).first()
        if head is None or head.next_at > at:
            _let_go(session, lane.id, lane.free_at)
            continue
        one = Held(
            id=head.id,
            workspace_id=lane.workspace_id,
            lane_id=lane.id,
            fence=lane.fence + 1,
            place=lane.place,
            kind=head.kind,
            subject_id=head.subject_id,
            data=dict(head.data),
            priority=head.priority,
            token=head.token,
            unsure=head.unsure or head.state == "sending",
            attempts=head.attempts + 1,
            error=head.error,
            due_at=head.due_at,
            created_at=head.created_at,
            first_tried_at=head.first_tried_at or at,
            until=at + lease,
            card=_standing(head.card_id, head.card_channel, head.card_ts, head.card_rendering),
            thread=_standing(head.thread_card_id, head.thread_channel, head.thread_ts, None),
            request_id=head.request_id,
        )
        connection.execute(
            _TAKE, {"delivery": one.id, "doubt": one.unsure, "tries": one.attempts, "first": one.first_tried_at}
        )
        connection.execute(_HOLD, {"lane": lane.id, "by": holder, "next_fence": one.fence, "until": one.until})
        held.append(one)
    return held


def expire_leases(session: Session, at: datetime) -> None:
    """No courier is alive (one process, just started): what a dead one held comes due now."""
    session.execute(
        update(Lane).where(Lane.holder.is_not(None)).values(due_at=at).execution_options(synchronize_session=False)
    )


def next_due(session: Session) -> datetime | None:
    """When the earliest lane comes due, leases included; None when all are empty."""
    return session.scalar(
        select(Lane.due_at)
        .join(Workspace, Workspace.id == Lane.workspace_id)
        .where(Lane.due_at.is_not(None), Workspace.state == "active")
        .order_by(Lane.due_at)
        .limit(1)
    )


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
    if held.card is not None:
        session.connection().execute(
            _STAND,
            {
                "card": held.card.id,
                "was": held.card.ts,
                "in_channel": channel,
                "at_ts": ts,
                "as_rendered": rendering,
            },
        )
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
    lane_free_at: datetime | None = None,
) -> bool:
    """Try again at `next_at`. The rest of its lane waits behind it, so that order holds."""
    return _put_back(session, held, next_at, held.unsure or unsure, error, lane_free_at, held.attempts)


def record_untried(session: Session, held: Held, *, next_at: datetime, error: str) -> bool:
    """Slack was not asked, and will not be before `next_at`: this time does not count as an attempt."""
    return _put_back(session, held, next_at, held.unsure, error, None, held.attempts - 1)


def record_unsent(session: Session, held: Held, *, at: datetime) -> bool:
    """No earlier attempt reached Slack: the delivery may be sent again at once. Asking was no attempt."""
    return _put_back(session, held, at, False, None, None, held.attempts - 1)


def forget_card(session: Session, card_id: int) -> None:
    """The card's message is gone from Slack: the next sending posts it anew."""
    session.execute(update(Card).where(Card.id == card_id).values(state="planned", ts=None, rendering=None))


def pause_method(session: Session, workspace_id: int, method: str, until: datetime) -> None:
    """Slack limits this method for the whole workspace until then."""
    pause = session.get(MethodPause, (workspace_id, method))
    if pause is None:
        session.add(MethodPause(workspace_id=workspace_id, method=method, until=until))
    elif pause.until < until:
        pause.until = until


def method_pauses(session: Session, workspace_ids: Sequence[int], at: datetime) -> dict[tuple[int, str], datetime]:
    """Which methods rest, and until when, by workspace and method."""
    rows = session.execute(
        select(MethodPause.workspace_id, MethodPause.method, MethodPause.until).where(
            MethodPause.workspace_id.in_(workspace_ids), MethodPause.until > at
        )
    )
    return {(workspace_id, method): until for workspace_id, method, until in rows}


def _still_held(session: Session, held: Held) -> list[Any]:
    """The lane, locked, if the courier still holds it (another may have taken it over since); else nothing."""
    found = session.connection().execute(_STILL_HELD, {"lane": held.lane_id, "held_fence": held.fence})
    return list(found.all())


def _let_go(session: Session, lane_id: int, free_at: datetime | None) -> None:
    """The lane is due when what is first in it is, and the pace allows; an empty one is never due."""
    connection = session.connection()
    first = connection.execute(_NEXT, {"lane": lane_id}).first()
    if first is None:
        due, priority = None, _EMPTY
    else:
        due, priority = max(first.next_at, free_at) if free_at else first.next_at, first.priority
    connection.execute(_LET_GO, {"lane": lane_id, "due": due, "first": priority, "free": free_at})


def _put_back(
    session: Session,
    held: Held,
    next_at: datetime,
    unsure: bool,
    error: str | None,
    lane_free_at: datetime | None,
    attempts: int,
) -> bool:
    lane = _still_held(session, held)
    if not lane:
        return False
    session.connection().execute(
        _PUT_BACK,
        {
            "delivery": held.id,
            "then": next_at,
            "doubt": unsure,
            "reason": error[:500] if error else None,
            "tries": attempts,
        },
    )
    _let_go(session, held.lane_id, lane_free_at or lane[0].free_at)
    return True


def _finish(session: Session, held: Held, state: str, at: datetime, error: str | None) -> None:
    session.connection().execute(
        _FINISH, {"delivery": held.id, "end": state, "at": at, "reason": error[:500] if error else None}
    )


def _standing(card_id: int | None, channel: str | None, ts: str | None, rendering: str | None) -> StandingCard | None:
    return StandingCard(card_id, channel, ts, rendering) if card_id is not None else None
