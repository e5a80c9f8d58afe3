"""What is first in a lane: a step in an index, however much waits.

That is what is most urgent in it, and of that the oldest. What met an error that nobody foresaw waits alone: the
others of its place go past, but not those of the same card, whose order must hold. It is tried again when nothing
else of the lane is due.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, exists, func, literal_column, not_, or_, select, union_all, update
from sqlalchemy.orm import Session, aliased

from storage.models import IS_WAITING, Card, Delivery
from storage.statements import Statement

ALONE: Final = 8
"""The priority of a lane in which there is only what waits alone: whatever comes new is due before it."""

_card, _thread, _before = aliased(Card), aliased(Card), aliased(Delivery)

_HEADS = (
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
    .limit(1)
)
_TOGETHER = Delivery.alone_since.is_(None)
_ALONE = Delivery.alone_since.is_not(None)
# A card and what stands in its thread keep their order: they wait behind the one of theirs that waits alone.
_BEHIND_ITS_OWN = exists().where(
    _before.lane_id == Delivery.lane_id,
    _before.state.in_([literal_column("'pending'"), literal_column("'sending'")]),
    _before.alone_since.is_not(None),
    _before.id < Delivery.id,
    or_(
        _before.card_id == Delivery.card_id,
        _before.card_id == Delivery.thread_card_id,
        _before.thread_card_id == Delivery.thread_card_id,
    ),
)
_IN_ORDER = (Delivery.priority, Delivery.id)
_HEAD = Statement(_HEADS.where(_TOGETHER, not_(_BEHIND_ITS_OWN)).order_by(*_IN_ORDER))
_HEAD_ALONE = Statement(_HEADS.where(_ALONE, Delivery.next_at <= bindparam("at")).order_by(Delivery.next_at))

_NEXTS = select(Delivery.next_at, Delivery.priority).where(Delivery.lane_id == bindparam("lane"), IS_WAITING).limit(1)
_NEXT = Statement(
    union_all(
        select(_NEXTS.where(_TOGETHER, not_(_BEHIND_ITS_OWN)).order_by(*_IN_ORDER).subquery()),
        select(
            _NEXTS.with_only_columns(Delivery.next_at, literal_column(str(ALONE)).label("priority"))
            .where(_ALONE)
            .order_by(Delivery.next_at)
            .subquery()
        ),
    )
)


_SET_ASIDE = Statement(
    update(Delivery)
    .where(Delivery.id == bindparam("delivery"))
    .values(next_at=bindparam("then"), alone_since=func.coalesce(Delivery.alone_since, bindparam("since")))
)


def set_aside(session: Session, delivery_id: int, until: datetime, at: datetime) -> None:
    """Let a delivery wait alone from `at` on, and be tried at `until`; this is no attempt."""
    _SET_ASIDE.run(session, {"delivery": delivery_id, "then": until, "since": at})


def head_of(session: Session, lane_id: int, at: datetime) -> Any | None:
    """The delivery of the lane that is to be sent at `at`, with its card's and thread's message; None: none is."""
    head = _HEAD.first(session, {"lane": lane_id})
    if head is None or head.next_at > at:
        head = _HEAD_ALONE.first(session, {"lane": lane_id, "at": at})
    return head


def next_in(session: Session, lane_id: int) -> tuple[datetime, int] | None:
    """When something of the lane comes due, and the lane's priority; None when nothing waits."""
    found: Sequence[Any] = _NEXT.all(session, {"lane": lane_id})
    if not found:
        return None
    return min(one.next_at for one in found), min(one.priority for one in found)
