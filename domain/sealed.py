"""What is stored sealed, all of it: for a change of the key that seals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from domain.installations import INSTALLATIONS
from storage.database import wake
from storage.models import Installation, Job, Source, WebhookEndpoint

SEALED: Final[tuple[InstrumentedAttribute[Any], ...]] = (
    Installation.sealed_token,
    Installation.sealed_refresh_token,
    Source.sealed_secret,
    Source.sealed_key,
    Source.sealed_old_secret,
    Job.secret,
    WebhookEndpoint.sealed_secret,
    WebhookEndpoint.sealed_old_secret,
)
"""Every column that holds what is sealed."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed text, and where it stands: the number of its column in SEALED, and the row's id."""

    column: int
    row_id: int
    text: str


def find_sealed(session: Session) -> list[Sealed]:
    """Everything that is sealed. Tokens of removed installations are empty texts, which nobody sealed."""
    found: list[Sealed] = []
    for number, column in enumerate(SEALED):
        rows = session.execute(select(column.class_.id, column).where(column.is_not(None), column != ""))
        found += [Sealed(number, row_id, text) for row_id, text in rows]
    return found


def reseal(session: Session, these: Sequence[Sealed], anew: Callable[[str], str]) -> int:
    """Seal these texts anew, and say how many. What was changed since it was read is left as it is: it is newer."""
    count = 0
    for one in these:
        column = SEALED[one.column]
        done = session.execute(
            update(column.class_)
            .where(column.class_.id == one.row_id, column == one.text)
            .values({column: anew(one.text)})
            .returning(column.class_.id)
        )
        count += len(done.all())
    wake(session, INSTALLATIONS)
    return count
