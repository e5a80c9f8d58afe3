"""The courier's side of the outbox: hold a lane, take its head, record what became of it, let the lane go.

A lane is held by one courier at a time. While it is, `due_at` is when the lease runs out, so a lane whose
holder died comes due by itself; the row it left in `sending` may have reached Slack and is marked unsure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from storage.models import Card, Delivery, Lane, MethodPause, Workspace


@dataclass(frozen=True, slots=True)
class StandingCard:
    """The card a delivery is about. `channel` and `ts` are None until it stands somewhere."""

    id: int
    channel: str | None
    ts: str | None
    rendering: str | None


@dataclass(frozen=True, slots=True)
class Held:
    """A delivery in the hand of a courier, with the lane and fence that prove it."""

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
    due_at: datetime
    created_at: datetime
    first_tried_at: datetime
    card: StandingCard | None
    thread: StandingCard | None


def hold_lanes(session: Session, *, holder: str, at: datetime, lease: timedelta, limit: int) -> list[Held]:
    """Take up to `limit` lanes in which something is due, most urgent first, each with its first delivery."""
    lanes = session.scalars(
        select(Lane)
        .join(Workspace, Workspace.id == Lane.workspace_id)
        .where(Lane.due_at <= at, Workspace.state == "active")
        .order_by(Lane.priority, Lane.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Lane)
        .execution_options(populate_existing=True)
    ).all()
    held: list[Held] = []
    for lane in lanes:
        head = _head(session, lane.id)
        if head is None or head.next_at > at:
            _let_go(lane, head)
            continue
        crashed = head.state == "sending"
        head.state = "sending"
        head.unsure = head.unsure or crashed
        head.attempts += 1
        head.first_tried_at = head.first_tried_at or at
        lane.holder = holder
        lane.fence += 1
        lane.due_at = at + lease
        held.append(_held(session, lane, head))
    return held


def expire_leases(session: Session, at: datetime) -> None:
    """No courier is alive (one process, just started): what a dead one held comes due now."""
    session.execute(
        update(Lane).where(Lane.holder.is_not(None)).values(due_at=at).execution_options(synchronize_session=False)
    )


def next_due(session: Session) -> datetime | None:
    """When the earliest lane comes due, leases included; None when all are empty."""
    return session.scalar(
        select(func.min(Lane.due_at))
        .join(Workspace, Workspace.id == Lane.workspace_id)
        .where(Lane.due_at.is_not(None), Workspace.state == "active")
    )


def still_held(session: Session, held: Held) -> Lane | None:
    """The lane, locked, if the courier still holds it: another may have taken it over since."""
    return session.scalars(
        select(Lane)
        .where(Lane.id == held.lane_id, Lane.fence == held.fence, Lane.holder.is_not(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


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
    lane = still_held(session, held)
    if lane is None:
        return False
    _finish(session, held, "sent", at, None)
    if held.card is not None:
        session.execute(
            update(Card)
            .where(Card.id == held.card.id)
            .values(state="standing", channel=channel, ts=ts, rendering=rendering)
        )
    lane.free_at = free_at
    _let_go(lane, _head(session, lane.id))
    return True


def record_end(session: Session, held: Held, state: str, *, at: datetime, error: str | None = None) -> bool:
    """The delivery ends as `dropped` (nothing left to say) or `failed` (with its reason)."""
    lane = still_held(session, held)
    if lane is None:
        return False
    _finish(session, held, state, at, error)
    _let_go(lane, _head(session, lane.id))
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
    lane = still_held(session, held)
    if lane is None:
        return False
    session.execute(
        update(Delivery)
        .where(Delivery.id == held.id)
        .values(state="pending", next_at=next_at, unsure=held.unsure or unsure, error=error[:500])
    )
    if lane_free_at is not None:
        lane.free_at = lane_free_at
    _let_go(lane, _head(session, lane.id))
    return True


def record_unsent(session: Session, held: Held, *, at: datetime) -> bool:
    """No earlier attempt reached Slack: the delivery may be sent again at once."""
    lane = still_held(session, held)
    if lane is None:
        return False
    session.execute(update(Delivery).where(Delivery.id == held.id).values(state="pending", unsure=False, next_at=at))
    _let_go(lane, _head(session, lane.id))
    return True


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


def _head(session: Session, lane_id: int) -> Delivery | None:
    """First what may already have been sent (its outcome must be settled), then by priority and age."""
    return session.scalars(
        select(Delivery)
        .where(Delivery.lane_id == lane_id, Delivery.state.in_(("pending", "sending")))
        .order_by(Delivery.state.desc(), Delivery.unsure.desc(), Delivery.priority, Delivery.id)
        .limit(1)
        .execution_options(populate_existing=True)
    ).first()


def _let_go(lane: Lane, head: Delivery | None) -> None:
    lane.holder = None
    if head is None:
        lane.due_at, lane.priority = None, 9
        return
    lane.due_at = max(head.next_at, lane.free_at) if lane.free_at else head.next_at
    lane.priority = head.priority


def _finish(session: Session, held: Held, state: str, at: datetime, error: str | None) -> None:
    session.execute(
        update(Delivery)
        .where(Delivery.id == held.id)
        .values(state=state, finished_at=at, error=error[:500] if error else None)
    )


def _held(session: Session, lane: Lane, head: Delivery) -> Held:
    return Held(
        id=head.id,
        workspace_id=lane.workspace_id,
        lane_id=lane.id,
        fence=lane.fence,
        place=lane.place,
        kind=head.kind,
        subject_id=head.subject_id,
        data=dict(head.data),
        priority=head.priority,
        token=head.token,
        unsure=head.unsure,
        attempts=head.attempts,
        due_at=head.due_at,
        created_at=head.created_at,
        first_tried_at=head.first_tried_at or head.created_at,
        card=_standing(session, head.card_id),
        thread=_standing(session, head.thread_card_id),
    )


def _standing(session: Session, card_id: int | None) -> StandingCard | None:
    if card_id is None:
        return None
    card = session.get(Card, card_id, populate_existing=True)
    return StandingCard(card.id, card.channel, card.ts, card.rendering) if card else None
