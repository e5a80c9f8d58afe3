"""The outbox: what is to be said in Slack, queued in the transaction that gave cause to say it.

A row names a kind and a subject; the words are made when it is sent. Cards are edited in place, one per
subject and place; notices are posted once. Order holds within a place (its lane) and priority.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

from sqlalchemy import bindparam, case, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from storage.models import Card, Delivery, Lane


class Priority(IntEnum):
    """What goes first; a smaller number overtakes a larger one, in a lane and between lanes."""

    ALARM = 0
    LEAD = 1
    REMINDER = 2
    CARD = 3
    HOME = 4
    DIGEST = 6


# Made once: building a statement costs more than running it, and these run for every message.
_CARD = select(Card.id).where(
    Card.workspace_id == bindparam("workspace"),
    Card.kind == bindparam("of_kind"),
    Card.subject_id == bindparam("subject"),
    Card.place == bindparam("at_place"),
)
_LANE = select(Lane.id).where(Lane.workspace_id == bindparam("workspace"), Lane.place == bindparam("at_place"))
_INSERT = insert(Delivery)
_HURRY = (
    update(Delivery)
    .where(Delivery.card_id == bindparam("card"), Delivery.state == "pending", Delivery.attempts == 0)
    .values(priority=case((Delivery.priority < bindparam("urgency"), Delivery.priority), else_=bindparam("urgency")))
)
_due = bindparam("at", type_=Lane.due_at.type)
_free = case((Lane.free_at > _due, Lane.free_at), else_=_due)
_MAKE_DUE = (
    update(Lane)
    .where(Lane.id == bindparam("lane"), Lane.holder.is_(None))
    .values(
        due_at=case((Lane.due_at < _free, Lane.due_at), else_=_free),
        priority=case(
            (Lane.due_at.is_(None), bindparam("urgency")),
            (Lane.priority < bindparam("urgency"), Lane.priority),
            else_=bindparam("urgency"),
        ),
    )
)


@dataclass(frozen=True, slots=True)
class CardRef:
    id: int
    place: str


def put_card(
    session: Session,
    workspace_id: int,
    kind: str,
    subject_id: int,
    place: str,
    *,
    at: datetime,
    priority: Priority = Priority.CARD,
    data: dict[str, Any] | None = None,
    anew: bool = False,
) -> CardRef:
    """Show the card of a subject at a place, or bring the one that stands there up to date.

    Changes that follow each other before it is sent become one message. `anew`: what stands there is left
    behind as it is, and a new message is posted, so that it is noticed.
    """
    card_id = _upsert_card(session, workspace_id, kind, subject_id, place, at, anew=anew)
    lane_id = _lane_id(session, workspace_id, place)
    _enqueue_card(session, workspace_id, kind, subject_id, card_id, lane_id, at, priority, data)
    return CardRef(card_id, place)


def refresh_cards(
    session: Session,
    workspace_id: int,
    kinds: tuple[str, ...],
    subject_id: int,
    *,
    at: datetime,
    priority: Priority = Priority.CARD,
) -> None:
    """Bring every card of these kinds that shows the subject up to date, wherever it stands."""
    rows = session.execute(
        select(Card.id, Card.kind, Card.place).where(
            Card.workspace_id == workspace_id,
            Card.kind.in_(kinds),
            Card.subject_id == subject_id,
        )
    )
    for card_id, kind, place in rows.all():
        lane_id = _lane_id(session, workspace_id, place)
        _enqueue_card(session, workspace_id, kind, subject_id, card_id, lane_id, at, priority, None)


def put_notice(
    session: Session,
    workspace_id: int,
    kind: str,
    subject_id: int,
    place: str,
    *,
    at: datetime,
    priority: Priority,
    once: str | None = None,
    thread_of: CardRef | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """Post one message at a place, or in the thread of a card there. Equal `once`: queued a single time."""
    if once is not None and session.scalar(
        select(Delivery.id).where(Delivery.workspace_id == workspace_id, Delivery.once == once)
    ):
        return
    lane_id = _lane_id(session, workspace_id, place)
    thread_card_id = thread_of.id if thread_of else None
    _insert(
        session,
        workspace_id,
        lane_id,
        kind,
        subject_id,
        at,
        priority,
        data,
        thread_card_id=thread_card_id,
        once=once,
    )
    _touch(session, lane_id, priority, at)


def find_card(session: Session, workspace_id: int, kind: str, subject_id: int, place: str) -> CardRef | None:
    """The card of a subject at a place, if one was ever put there."""
    card_id = (
        session.connection()
        .execute(_CARD, {"workspace": workspace_id, "of_kind": kind, "subject": subject_id, "at_place": place})
        .scalar()
    )
    return CardRef(card_id, place) if card_id is not None else None


def settle_lanes(session: Session) -> None:
    """Make the lanes in which this transaction queued something due; the unit of work calls it at the end.

    It runs last and in the order of ids, so that two transactions that touch the same lanes cannot deadlock.
    """
    touched: dict[int, tuple[int, datetime]] = session.info.pop("lanes", {})
    for lane_id in sorted(touched):
        priority, at = touched[lane_id]
        session.connection().execute(_MAKE_DUE, {"lane": lane_id, "urgency": priority, "at": at})
    if touched:
        session.info.setdefault("wake", set()).add("courier")


def _upsert_card(
    session: Session, workspace_id: int, kind: str, subject_id: int, place: str, at: datetime, *, anew: bool
) -> int:
    found = find_card(session, workspace_id, kind, subject_id, place)
    if found is not None:
        if anew:
            session.execute(update(Card).where(Card.id == found.id).values(state="planned", ts=None, rendering=None))
        return found.id
    return int(
        session.execute(
            insert(Card)
            .values(workspace_id=workspace_id, kind=kind, subject_id=subject_id, place=place, created_at=at)
            .returning(Card.id)
        ).scalar_one()
    )


def _enqueue_card(
    session: Session,
    workspace_id: int,
    kind: str,
    subject_id: int,
    card_id: int,
    lane_id: int,
    at: datetime,
    priority: Priority,
    data: dict[str, Any] | None,
) -> None:
    """Queue a sending of the card unless one already waits; the one that waits takes the higher priority."""
    connection = session.connection()
    fresh = connection.execute(_HURRY, {"card": card_id, "urgency": priority})
    if fresh.rowcount == 0:
        _insert(session, workspace_id, lane_id, kind, subject_id, at, priority, data, card_id=card_id)
    _touch(session, lane_id, priority, at)


def _insert(
    session: Session,
    workspace_id: int,
    lane_id: int,
    kind: str,
    subject_id: int,
    at: datetime,
    priority: Priority,
    data: dict[str, Any] | None,
    *,
    card_id: int | None = None,
    thread_card_id: int | None = None,
    once: str | None = None,
) -> None:
    session.connection().execute(
        _INSERT,
        {
            "workspace_id": workspace_id,
            "lane_id": lane_id,
            "kind": kind,
            "subject_id": subject_id,
            "data": data or {},
            "card_id": card_id,
            "thread_card_id": thread_card_id,
            "priority": priority,
            "token": secrets.token_urlsafe(12),
            "once": once,
            "next_at": at,
            "due_at": at,
            "created_at": at,
        },
    )


def _lane_id(session: Session, workspace_id: int, place: str) -> int:
    lane = {"workspace": workspace_id, "at_place": place}
    found = session.connection().execute(_LANE, lane).scalar()
    if found is not None:
        return int(found)
    upsert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(upsert(Lane).values(workspace_id=workspace_id, place=place).on_conflict_do_nothing())
    return int(session.connection().execute(_LANE, lane).scalar_one())


def _touch(session: Session, lane_id: int, priority: int, at: datetime) -> None:
    touched: dict[int, tuple[int, datetime]] = session.info.setdefault("lanes", {})
    if lane_id in touched:
        known_priority, known_at = touched[lane_id]
        priority, at = min(priority, known_priority), min(at, known_at)
    touched[lane_id] = (priority, at)


def waiting(session: Session) -> int:
    """How many deliveries have not left yet."""
    return session.scalar(select(func.count()).where(Delivery.state.in_(("pending", "sending")))) or 0
