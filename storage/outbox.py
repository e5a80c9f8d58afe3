"""The outbox: what is to be said in Slack, queued in the transaction that gave cause to say it.

A row names a kind and a subject; the words are made when it is sent. Cards are edited in place, one per
subject and place; notices are posted once. Order holds within a place (its lane) and priority.

`put_…` and `refresh_…` only note what is wanted; `settle_outbox` writes it at the end of the transaction, with
the lanes locked in the order of their ids. So locks are short and no two transactions wait in a circle.
"""

from __future__ import annotations

import secrets
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum
from functools import partial
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session

from storage.due_lanes import Place, due_then, lock_lanes, make_due
from storage.gathering import GatheringCard, IsOpen, cards_of, gather
from storage.models import IS_WAITING, Card, Delivery
from storage.statements import Statement
from storage.trace import current_request_id

_Shown = tuple[int, str, int]  # workspace, kind and subject of a card


class Priority(IntEnum):
    """What goes first; a smaller number overtakes a larger one, in a lane and between lanes."""

    ALARM = 0
    LEAD = 1
    REMINDER = 2
    CARD = 3
    HOME = 4
    DIGEST = 6


# Made once: building a statement costs more than running it, and these run for every message.
_CARD = Statement(
    select(Card.id).where(
        Card.workspace_id == bindparam("workspace"),
        Card.kind == bindparam("of_kind"),
        Card.subject_id == bindparam("subject"),
        Card.place == bindparam("at_place"),
    )
)
_SHOWING = Statement(
    select(Card.id, Card.kind, Card.place).where(
        Card.workspace_id == bindparam("workspace"),
        Card.kind.in_(bindparam("kinds", expanding=True)),
        Card.subject_id == bindparam("subject"),
    )
)
_SHOWING_ANY = Statement(
    select(Card.workspace_id, Card.kind, Card.subject_id, Card.id, Card.place).where(
        Card.workspace_id.in_(bindparam("workspaces", expanding=True)),
        Card.kind.in_(bindparam("kinds", expanding=True)),
        Card.subject_id.in_(bindparam("subjects", expanding=True)),
    )
)
_MAKE_CARD = Statement(insert(Card))
_WAITING = Statement(
    select(Delivery.id, Delivery.card_id, Delivery.priority, Delivery.state, Delivery.attempts, Delivery.next_at).where(
        Delivery.card_id.in_(bindparam("cards", expanding=True)), IS_WAITING
    )
)
_HURRY = Statement(
    update(Delivery)
    .where(Delivery.id == bindparam("delivery"))
    .values(priority=bindparam("urgency"), next_at=bindparam("then"))
)
_TOLD = Statement(
    select(Delivery.workspace_id, Delivery.once).where(Delivery.once.in_(bindparam("told", expanding=True)))
)
_INSERT = Statement(insert(Delivery))


@dataclass(frozen=True, slots=True)
class CardRef:
    id: int
    place: str


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Something to be said, noted until the transaction ends. `card_id` None: a notice, or a `new` card.

    `is_open`: it is gathered on a card with others, which is found at the end.
    """

    workspace_id: int
    place: str
    kind: str
    subject_id: int
    at: datetime
    priority: int
    data: dict[str, Any]
    card_id: int | None = None
    new: bool = False
    anew: bool = False
    thread_card_id: int | None = None
    once: str | None = None
    is_open: IsOpen | None = None
    request_id: str | None = field(default_factory=current_request_id)


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
    thread_of: CardRef | None = None,
) -> None:
    """Show the card of a subject at a place, or bring the one that stands there up to date.

    Changes that follow each other before it is sent become one message. `anew`: what stands there is left
    behind as it is, and a new message is posted, so that it is noticed. `thread_of`: it stands in that card's thread.
    """
    card = find_card(session, workspace_id, kind, subject_id, place)
    if card is None:
        made = _card(workspace_id, kind, subject_id, place, at)
        card = CardRef(_MAKE_CARD.insert(session, made), place)
    thread = thread_of.id if thread_of else None
    wanted = _Wanted(
        workspace_id, place, kind, subject_id, at, priority, data or {}, card.id, anew=anew, thread_card_id=thread
    )
    _want(session, wanted)


def put_first_card(
    session: Session, workspace_id: int, kind: str, subject_id: int, place: str, *, at: datetime, priority: Priority
) -> None:
    """`put_card` for a subject that is new, so that no card of it stands anywhere. It is asked for once a place."""
    first: list[_Wanted] = session.info.setdefault("first_cards", [])
    first.append(_Wanted(workspace_id, place, kind, subject_id, at, priority, {}, new=True))


def put_gathered(
    session: Session,
    workspace_id: int,
    kind: str,
    subject_id: int,
    place: str,
    *,
    at: datetime,
    priority: Priority,
    is_open: IsOpen,
) -> None:
    """Show a subject that is new, on one card with others that came shortly before (storage/gathering.py).

    A place gathers subjects of one kind. `is_open`: whether anything is left to do about what stands on the card.
    """
    wanted = _Wanted(workspace_id, place, kind, subject_id, at, priority, {}, is_open=is_open)
    _want(session, wanted)


def refresh_gathered(session: Session, workspace_id: int, kind: str, subject_id: int, *, at: datetime) -> None:
    """Like `refresh_cards`, for the cards on which the subject is gathered."""
    for card in cards_of(session, workspace_id, kind, subject_id):
        _want(session, _Wanted(workspace_id, card.place, kind, card.subject_id, at, Priority.CARD, {}, card.id))


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
    _make_first_cards(session)
    shown = {"workspace": workspace_id, "kinds": kinds, "subject": subject_id}
    for card_id, kind, place in _SHOWING.all(session, shown):
        _want(session, _Wanted(workspace_id, place, kind, subject_id, at, priority, {}, card_id))


def refresh_in_the_end(
    session: Session, workspace_id: int, kind: str, subject_id: int, *, at: datetime, priority: Priority
) -> None:
    """Like `refresh_cards`, for what changes with nearly every use case: the cards are looked up when all are done.

    One statement finds them for all use cases that share the transaction.
    """
    due: dict[_Shown, _Wanted] = session.info.setdefault("refreshes", {})
    key, one = (workspace_id, kind, subject_id), _Wanted(workspace_id, "", kind, subject_id, at, priority, {})
    due[key] = min(due.get(key, one), one, key=lambda each: each.at)


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
    thread = thread_of.id if thread_of else None
    notice = _Wanted(workspace_id, place, kind, subject_id, at, priority, data or {}, thread_card_id=thread, once=once)
    _want(session, notice)


def was_told(session: Session, workspace_id: int, once: str) -> bool:
    """Whether a notice with this `once` was ever queued, in an earlier transaction, and is kept still."""
    return any(row.workspace_id == workspace_id for row in _TOLD.all(session, {"told": [once]}))


def find_card(session: Session, workspace_id: int, kind: str, subject_id: int, place: str) -> CardRef | None:
    """The card of a subject at a place, if one was ever put there."""
    _make_first_cards(session)
    asked = {"workspace": workspace_id, "of_kind": kind, "subject": subject_id, "at_place": place}
    card_id = _CARD.scalar(session, asked)
    return CardRef(card_id, place) if card_id is not None else None


def settle_outbox(session: Session) -> None:
    """Write what this transaction wants said, and make its lanes due; the unit of work calls it at the end.

    A lane that a courier holds is locked all the same: the courier then lets it go after our commit, and sees
    what we queued.
    """
    _make_first_cards(session)
    wanted: list[_Wanted] = [*session.info.pop("outbox", []), *_refreshed(session)]
    if not wanted:
        return
    urgency = _urgency(wanted)
    lanes = lock_lanes(session, set(urgency))
    wanted = _gathered(session, wanted, lanes)
    left_behind = [one.card_id for one in wanted if one.anew]
    if left_behind:
        session.execute(update(Card).where(Card.id.in_(left_behind)).values(state="planned", ts=None, rendering=None))
    rows, sooner = _without_waiting(session, _merged(wanted))
    if rows:
        _INSERT.run_many(session, [_row(one, lanes[one.workspace_id, one.place].id) for one in rows])
    due = [one for place, lane in lanes.items() if (one := due_then(lane, *urgency[place], sooner=place in sooner))]
    if due:
        make_due(session, due)
    if rows or due:
        session.info.setdefault("wake", set()).add("courier")


def waiting(session: Session) -> int:
    """How many deliveries have not left yet."""
    return session.scalar(select(func.count()).where(IS_WAITING)) or 0


def forget_before(session: Session, at: datetime, *, limit: int) -> int:
    """Delete up to `limit` deliveries that ended before `at`, however they did. Returns how many."""
    old = select(Delivery.id).where(Delivery.finished_at < at).limit(limit)
    statement = delete(Delivery).where(Delivery.id.in_(old))
    return session.execute(statement).rowcount  # type: ignore[attr-defined,no-any-return]  # CursorResult


def _want(session: Session, wanted: _Wanted) -> None:
    session.info.setdefault("outbox", []).append(wanted)


def _refreshed(session: Session) -> list[_Wanted]:
    """What `refresh_in_the_end` asked for, for each card that there is."""
    due: dict[_Shown, _Wanted] = session.info.pop("refreshes", {})
    if not due:
        return []
    workspaces, kinds, subjects = (sorted(set(column)) for column in zip(*due, strict=True))
    shown = {"workspaces": workspaces, "kinds": kinds, "subjects": subjects}
    found: list[_Wanted] = []
    for workspace_id, kind, subject_id, card_id, place in _SHOWING_ANY.all(session, shown):
        one = due.get((workspace_id, kind, subject_id))
        if one is not None:
            found.append(replace(one, place=place, card_id=card_id))
    return found


def _gathered(session: Session, wanted: Iterable[_Wanted], lanes: dict[Place, Any]) -> list[_Wanted]:
    """The same, with a card for each that is gathered: of that one it is an edit, whose words are those of all."""
    begun: dict[int, GatheringCard] = {}
    found: list[_Wanted] = []
    for one in wanted:
        if one.is_open is None:
            found.append(one)
            continue
        made = _card(one.workspace_id, one.kind, one.subject_id, one.place, one.at)
        card, new = gather(
            session,
            lanes[one.workspace_id, one.place],
            begun,
            workspace_id=one.workspace_id,
            subject_id=one.subject_id,
            at=one.at,
            is_open=one.is_open,
            make=partial(_MAKE_CARD.insert, session, made),
        )
        found.append(replace(one, subject_id=card.subject_id, card_id=card.id, new=new))
    return found


def _make_first_cards(session: Session) -> None:
    """Make the cards that `put_first_card` noted, in one statement; from here on they are like any others."""
    first: list[_Wanted] = session.info.pop("first_cards", [])
    if not first:
        return
    rows = [_card(one.workspace_id, one.kind, one.subject_id, one.place, one.at) for one in first]
    for one, card_id in zip(first, _MAKE_CARD.insert_many(session, rows), strict=True):
        _want(session, replace(one, card_id=card_id))


def _card(workspace_id: int, kind: str, subject_id: int, place: str, at: datetime) -> dict[str, Any]:
    return {"workspace_id": workspace_id, "kind": kind, "subject_id": subject_id, "place": place, "created_at": at}


def _urgency(wanted: Iterable[_Wanted]) -> dict[Place, tuple[int, datetime]]:
    """The highest priority and the earliest time of what is wanted in each lane."""
    found: dict[Place, tuple[int, datetime]] = {}
    for one in wanted:
        priority, at = found.get((one.workspace_id, one.place), (one.priority, one.at))
        found[one.workspace_id, one.place] = min(priority, one.priority), min(at, one.at)
    return found


def _merged(wanted: Iterable[_Wanted]) -> list[_Wanted]:
    """One of each card and each `once`, in the order in which they were first wanted."""
    merged: dict[Hashable, _Wanted] = {}
    for number, one in enumerate(wanted):
        key = one.card_id or (one.workspace_id, one.once or number)
        first = merged.setdefault(key, one)
        merged[key] = replace(first, priority=min(first.priority, one.priority), at=min(first.at, one.at))
    return list(merged.values())


def _without_waiting(session: Session, wanted: Sequence[_Wanted]) -> tuple[list[_Wanted], set[Place]]:
    """What does not wait already, or was told before; and where something that waits is wanted sooner now.

    A card that waits takes the higher priority of the two, and, untried, the earlier time. So does what was tried for a
    card before: were it passed by something newer, the card might be posted twice.
    """
    cards = {one.card_id: one for one in wanted if one.card_id is not None and not one.new}
    sooner: set[Place] = set()
    told = {one.once for one in wanted if one.once is not None}
    waiting_cards = _WAITING.all(session, {"cards": list(cards)}) if cards else []
    for row in waiting_cards:
        one = cards[row.card_id]
        then = row.next_at if row.attempts else min(row.next_at, one.at)
        if one.priority < row.priority or then < row.next_at:
            urgency = min(one.priority, row.priority)
            _HURRY.run(session, {"delivery": row.id, "urgency": urgency, "then": then})
            sooner.add((one.workspace_id, one.place))
    queued = {row.card_id for row in waiting_cards if row.state == "pending" and row.attempts == 0}
    known = {tuple(row) for row in _TOLD.all(session, {"told": list(told)})} if told else set()
    new = [one for one in wanted if one.card_id not in queued and (one.workspace_id, one.once) not in known]
    return new, sooner


def _row(one: _Wanted, lane_id: int) -> dict[str, Any]:
    return {
        "workspace_id": one.workspace_id,
        "lane_id": lane_id,
        "kind": one.kind,
        "subject_id": one.subject_id,
        "data": one.data,
        "card_id": one.card_id,
        "thread_card_id": one.thread_card_id,
        "priority": one.priority,
        "token": secrets.token_urlsafe(12),
        "once": one.once,
        "request_id": one.request_id,
        "next_at": one.at,
        "due_at": one.at,
        "created_at": one.at,
    }
