"""Names of rows for what people click: `42-1c9hb0xk7d`, a row's id and the microsecond in which the row was born.

When a backup is put back, ids are given again. A card of before then names a row that is gone, and its id alone would
name another. That other row was born later, so its mark differs: the click is refused, whatever it came from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from domain.errors import BeforeRestore
from storage.models import (
    Account,
    AccountDoubt,
    AgentQuestion,
    Asset,
    Audience,
    Card,
    Decline,
    Definition,
    Doubt,
    Hold,
    Lead,
    LeadEvent,
    LeadImport,
    Persona,
    Regrouping,
    Theme,
    ThemeLetter,
    VocItem,
    VocProposal,
    Workspace,
)

BORN: Final[dict[str, InstrumentedAttribute[datetime]]] = {
    "lead": Lead.arrived_at,
    "decline": Decline.at,
    "hold": Hold.at,
    "doubt": Doubt.at,
    "company": AccountDoubt.at,
    "definition": Definition.at,
    "item": VocItem.created_at,
    "theme": Theme.created_at,
    "letter": ThemeLetter.created_at,
    "account": Account.created_at,
    "asset": Asset.created_at,
    "persona": Persona.created_at,
    "audience": Audience.created_at,
    "proposal": VocProposal.created_at,
    "regrouping": Regrouping.at,
    "question": AgentQuestion.asked_at,
    "import": LeadImport.created_at,
}
"""When a row of each kind was born: what is written once and never changed."""

LARGEST_ID: Final = 2**63 - 1
_MARK: Final = re.compile(r"([0-9]{1,19})(?:-([0-9a-z]{1,12}))?", re.ASCII)
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Mark:
    """A row as a click names it. `born` is "" in what was posted before marks were written."""

    kind: str
    id: int
    born: str


@dataclass(frozen=True, slots=True)
class Clicked:
    """Where a message stands that was clicked, by Slack's ids."""

    channel: str
    ts: str


def mark(row_id: int, born: datetime) -> str:
    """The name of a row for buttons, block ids and forms."""
    return f"{row_id}-{_stamp(born)}"


def read_mark(kind: str, text: str) -> Mark | None:
    """A mark, or the bare id that older messages carry; None when the text is neither."""
    found = _MARK.fullmatch(text)
    if found is None or not 0 < int(found[1]) <= LARGEST_ID:
        return None
    return Mark(kind, int(found[1]), found[2] or "")


def check_marks(session: Session, workspace_id: int, marks: Iterable[Mark], clicked: Clicked | None) -> None:
    """Raise BeforeRestore when a mark names another row than the one that has its id now.

    A bare id is taken for a row of before the workspace's messages got marks: no id of those is given again, as any
    backup that is put back holds them, or is marked anew. It is also taken where the message that was clicked is
    the card that we posted for that lead.
    """
    for one in marks:
        born = BORN[one.kind]
        table: Any = born.class_
        stands = session.scalar(select(born).where(table.id == one.id, table.workspace_id == workspace_id))
        if stands is None:
            if one.born:
                raise BeforeRestore(one.kind)
            continue  # a bare id of nothing: the use case says so
        if one.born == _stamp(stands) if one.born else _is_old(session, workspace_id, one, stands, clicked):
            continue
        raise BeforeRestore(one.kind)


def _is_old(session: Session, workspace_id: int, one: Mark, born: datetime, clicked: Clicked | None) -> bool:
    since = session.scalar(select(Workspace.marked_since).where(Workspace.id == workspace_id))
    if since is not None and born <= since:
        return True
    return clicked is not None and one.kind == "lead" and _is_card_of(session, workspace_id, one.id, clicked)


def _is_card_of(session: Session, workspace_id: int, lead_id: int, clicked: Clicked) -> bool:
    """Whether the message is one that we keep for the lead: its card, or the card of one of its events."""
    events = select(LeadEvent.id).where(LeadEvent.lead_id == lead_id)
    about = or_(
        and_(Card.kind.in_(("lead_card", "lead_dm")), Card.subject_id == lead_id),
        and_(Card.kind.in_(("lead_reminder", "lead_breach")), Card.subject_id.in_(events)),
    )
    found = select(Card.id).where(
        Card.workspace_id == workspace_id, about, Card.channel == clicked.channel, Card.ts == clicked.ts
    )
    return session.scalar(found.limit(1)) is not None


def _stamp(born: datetime) -> str:
    """Microseconds since 1970 in base 36."""
    number = (born - _EPOCH) // timedelta(microseconds=1)
    digits = ""
    while number > 0:
        number, last = divmod(number, 36)
        digits = _DIGITS[last] + digits
    return digits or "0"
