"""Several things that must be noticed at one place within a while are one message there: a card that grows.

The first of them makes the card, and names it. What comes within GATHERED_WITHIN joins it, and so does what comes
before the card could be posted, however long that takes. A card on which nothing is left to do grows no more: whoever
looked at it would not look again. All this is decided once the lane of the place is locked, so any number of processes
agree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from storage.models import Card, Gathered, Lane
from storage.statements import Statement

GATHERED_WITHIN: Final = timedelta(minutes=10)

IsOpen = Callable[[Session, Sequence[int]], bool]
"""Whether anything is left to do about one of these subjects."""


class GatheringCard(NamedTuple):
    """A card on which subjects are gathered. `subject_id`: the one that it is named by, whichever joins it."""

    id: int
    subject_id: int


_BEGIN: Final = Statement(
    update(Lane)
    .where(Lane.id == bindparam("lane"))
    .values(gathers_card_id=bindparam("card"), gathers_since=bindparam("since"))
)
_JOIN: Final = Statement(insert(Gathered))
_CARD: Final = Statement(select(Card.state, Card.subject_id).where(Card.id == bindparam("card")))
_ON_CARD: Final = Statement(
    select(Gathered.subject_id).where(Gathered.card_id == bindparam("card")).order_by(Gathered.subject_id)
)
_GATHERED: Final = Statement(
    select(Gathered.subject_id)
    .join(Card, Card.id == Gathered.card_id)
    .where(
        Card.workspace_id == bindparam("workspace"),
        Card.kind == bindparam("of_kind"),
        Card.subject_id == bindparam("subject"),
        Card.place == bindparam("at_place"),
    )
)
_CARDS_OF: Final = Statement(
    select(Card.id, Card.place, Card.subject_id)
    .join(Gathered, Gathered.card_id == Card.id)
    .where(
        Gathered.workspace_id == bindparam("workspace"),
        Gathered.subject_id == bindparam("subject"),
        Card.kind == bindparam("of_kind"),
    )
)


def gather(
    session: Session,
    lane: Any,
    begun: dict[int, GatheringCard],
    *,
    workspace_id: int,
    subject_id: int,
    at: datetime,
    is_open: IsOpen,
    make: Callable[[], int],
) -> tuple[GatheringCard, bool]:
    """The card that tells of the subject from now on, and whether it is new; `make` makes a new one.

    `lane`: the locked lane of the place, with what it gathers on. `begun`: cards of this transaction, by lane.
    """
    card = begun.get(lane.id) or _growing(session, lane, at, is_open)
    new = card is None
    if card is None:
        card = GatheringCard(make(), subject_id)
        _BEGIN.run(session, {"lane": lane.id, "card": card.id, "since": at})
    begun[lane.id] = card
    _JOIN.run(session, {"card_id": card.id, "subject_id": subject_id, "workspace_id": workspace_id})
    return card, new


def gathered_on(session: Session, workspace_id: int, kind: str, subject_id: int, place: str) -> list[int]:
    """The subjects that are gathered on a card, in the order of their ids; its own alone where none are."""
    asked = {"workspace": workspace_id, "of_kind": kind, "subject": subject_id, "at_place": place}
    return sorted({subject_id, *_GATHERED.scalars(session, asked)})


def cards_of(session: Session, workspace_id: int, kind: str, subject_id: int) -> Sequence[Any]:
    """The cards on which the subject is gathered: `id`, `place`, and the `subject_id` that names the card."""
    return _CARDS_OF.all(session, {"workspace": workspace_id, "of_kind": kind, "subject": subject_id})


def _growing(session: Session, lane: Any, at: datetime, is_open: IsOpen) -> GatheringCard | None:
    """The card on which the lane gathers, if it still grows."""
    if lane.gathers_card_id is None:
        return None
    asked = {"card": lane.gathers_card_id}
    card = _CARD.first(session, asked)
    if card is None:
        return None  # it was cleared away: a message begins anew
    if at - lane.gathers_since >= GATHERED_WITHIN and card.state != "planned":
        return None
    grows = is_open(session, _ON_CARD.scalars(session, asked))
    return GatheringCard(lane.gathers_card_id, card.subject_id) if grows else None
