"""What Slack refused for a place and still means something there: cards that ask for something, and the latest digest.

A card asks for something while its lead is open, or while marketing has not answered a lead that sales gave back.

It goes out again when the bot is let into the channel, or when an admin asks for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, func, literal_column, select
from sqlalchemy.orm import Session, aliased

from domain.calendar import zone_named
from domain.leads.decline_cards import DECLINE_CARD
from domain.people import Actor
from domain.voc.watching import WATCHED, announce_watch
from storage import outbox
from storage.models import IS_OPEN, Audience, Card, Decline, Delivery, Edition, Lane, Lead
from storage.outbox import Priority

KEPT: Final = timedelta(days=7)
"""What failed earlier is old news: by then the next digest is due."""

LOOKED_AT: Final = 500
LEAD_CARD: Final = "lead_card"
_ASKING: Final[dict[str, tuple[type[Lead | Decline], ColumnElement[bool], Priority]]] = {
    LEAD_CARD: (Lead, IS_OPEN, Priority.LEAD),
    DECLINE_CARD: (Decline, Decline.state == "open", Priority.REMINDER),
}
"""What the subject of each kind of card is, when it still asks for something, and how urgent it is."""
_WAITING: Final[list[Any]] = [literal_column("'pending'"), literal_column("'sending'")]  # as the indexes are written


@dataclass(frozen=True, slots=True)
class Unsent:
    """What waits for a place: so many cards, and digests by the weekday (Monday is 0) on which they were due."""

    leads: int = 0
    digests: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.leads or self.digests)


def find_unsent(session: Session, workspace_id: int, place: str, at: datetime) -> Unsent:
    """What waits for the place at `at` (aware UTC)."""
    digests = _digests(session, workspace_id, place, at)
    return Unsent(len(_cards(session, workspace_id, place, at)), tuple(_weekday(one) for one in digests))


def send_unsent(session: Session, workspace_id: int, place: str, at: datetime) -> Unsent:
    """Queue what waits for the place once more: cards as they look now, digests as they were made."""
    cards, digests = _cards(session, workspace_id, place, at), _digests(session, workspace_id, place, at)
    _send_watched(session, workspace_id, place, at)
    for kind, subject_id in cards:
        outbox.put_card(session, workspace_id, kind, subject_id, place, at=at, priority=_ASKING[kind][2])
    for one in digests:
        _send_digest(session, workspace_id, one, place, at)
    return Unsent(len(cards), tuple(_weekday(one) for one in digests))


def send_unsent_again(session: Session, place: str, *, by: Actor, at: datetime) -> tuple[str, Unsent]:
    """An admin has mended what was in the way of a place: what waits for it goes out. Returns the place, too."""
    return place, send_unsent(session, by.workspace_id, place, at)


def forward_digest(session: Session, audience: Audience, before: str, at: datetime) -> None:
    """The audience has another channel now: its latest digest, if `before` refused it, goes there."""
    if audience.channel is None:
        return
    for one in _digests(session, audience.workspace_id, before, at):
        if one.audience_id == audience.id:
            _send_digest(session, audience.workspace_id, one, audience.channel, at)


def _send_digest(session: Session, workspace_id: int, one: Row[Any], place: str, at: datetime) -> None:
    # Named after the attempt that failed: told twice of an invitation, the digest is still posted once.
    once = f"edition:{one.edition}:{one.failed}"
    outbox.put_notice(session, workspace_id, "edition", one.edition, place, at=at, priority=Priority.DIGEST, once=once)


def _send_watched(session: Session, workspace_id: int, place: str, at: datetime) -> None:
    """That the channel is watched: it is told again before anything is suggested there."""
    last = func.max(Delivery.id).label("failed")
    failed = session.scalar(_failed(workspace_id, place, at, last).where(Delivery.kind == WATCHED))
    if failed is not None:
        announce_watch(session, workspace_id, place, by=None, at=at, once=f"{WATCHED}:{failed}")


def _cards(session: Session, workspace_id: int, place: str, at: datetime) -> list[tuple[str, int]]:
    """What still asks for something and neither stands there nor is on its way: kinds and subjects, oldest first."""
    waits = aliased(Delivery)
    on_its_way = select(waits.id).where(waits.card_id == Card.id, waits.state.in_(_WAITING)).exists()
    found: list[tuple[str, int]] = []
    for kind, (subject, asks, _priority) in _ASKING.items():
        rows = session.scalars(
            _failed(workspace_id, place, at, Delivery.subject_id)
            .join(Card, Card.id == Delivery.card_id)
            .join(subject, subject.id == Delivery.subject_id)
            .where(Delivery.kind == kind, Card.ts.is_(None), asks, ~on_its_way)
            .group_by(Delivery.subject_id)
            .order_by(Delivery.subject_id)
        )
        found += [(kind, subject_id) for subject_id in rows]
    return found


def _digests(session: Session, workspace_id: int, place: str, at: datetime) -> Sequence[Row[Any]]:
    """The editions that failed, each the latest of its audience, and neither stand there nor are on their way."""
    later, other = aliased(Edition), aliased(Delivery)
    newer = select(later.id).where(
        later.audience_id == Edition.audience_id, later.period_end > Edition.period_end, later.state == "frozen"
    )
    same = (other.kind == "edition", other.subject_id == Edition.id)
    waits = select(other.id).where(*same, other.state.in_(_WAITING))
    # A later one only: that keeps the look on an index. It may have gone to another channel.
    went = select(other.id).where(*same, other.state == "sent", other.finished_at >= Delivery.finished_at)
    last = func.max(Delivery.id).label("failed")
    columns = (Edition.id.label("edition"), Edition.audience_id, Edition.period_end, Audience.zone)
    return session.execute(
        _failed(workspace_id, place, at, *columns, last)
        .join(Edition, Edition.id == Delivery.subject_id)
        .join(Audience, Audience.id == Edition.audience_id)
        .where(Delivery.kind == "edition", ~newer.exists(), ~waits.exists(), ~went.exists())
        .group_by(*columns)
        .order_by(Edition.id)
    ).all()


def _failed(workspace_id: int, place: str, at: datetime, *columns: Any) -> Any:
    return (
        select(*columns)
        .select_from(Delivery)
        .join(Lane, Lane.id == Delivery.lane_id)
        .where(
            Delivery.workspace_id == workspace_id,
            Delivery.state == literal_column("'failed'"),  # as the index is written
            Delivery.finished_at > at - KEPT,
            Lane.place == place,
        )
        .limit(LOOKED_AT)
    )


def _weekday(edition: Row[Any]) -> int:
    due: datetime = edition.period_end
    return due.astimezone(zone_named(edition.zone)).weekday()
