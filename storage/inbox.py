"""The inbox: an arrival's key is stored in the transaction of its effects, so a redelivery is a no-op.

`remember_answer` only notes the key; `settle_inbox` stores those of all use cases that share a transaction at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, tuple_
from sqlalchemy.orm import Session

from storage.models import InboxKey
from storage.statements import Statement

_EARLIER = Statement(
    select(InboxKey.answer).where(InboxKey.origin == bindparam("origin"), InboxKey.key == bindparam("arrival"))
)
_EARLIER_ONES = Statement(
    select(InboxKey.origin, InboxKey.key, InboxKey.answer).where(
        InboxKey.origin.in_(bindparam("origins", expanding=True)),
        InboxKey.key.in_(bindparam("arrivals", expanding=True)),
    )
)
_REMEMBER = Statement(insert(InboxKey))


@dataclass(frozen=True, slots=True)
class Earlier:
    """The answer that the first delivery of this arrival got."""

    answer: Any


def earlier_answer(session: Session, origin: str, key: str) -> Earlier | None:
    """What the first delivery was answered, or None when this is the first."""
    for noted in _noted(session):  # in this very transaction
        if noted["key"] == key and noted["origin"] == origin:
            return Earlier(noted["answer"])
    found = _EARLIER.first(session, {"origin": origin, "arrival": key})
    return Earlier(found.answer) if found else None


def earlier_answers(session: Session, named: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Earlier]:
    """`earlier_answer` for several arrivals by origin and key; only those that are not the first."""
    origins, keys = (sorted(set(column)) for column in zip(*named, strict=True))
    rows = _EARLIER_ONES.all(session, {"origins": origins, "arrivals": keys})
    stored = {(row.origin, row.key): Earlier(row.answer) for row in rows}
    noted = {(one["origin"], one["key"]): Earlier(one["answer"]) for one in _noted(session)}
    return stored | noted


def remember_answer(session: Session, origin: str, key: str, answer: Any, at: datetime) -> None:
    """Keep the answer (JSON) under the arrival's key. A racing transaction with that key fails and reruns."""
    _noted(session).append({"origin": origin, "key": key, "answer": answer, "at": at})


def settle_inbox(session: Session) -> None:
    """Store what this transaction is to remember; the unit of work calls it at the end. Raises IntegrityError.

    In the order of the keys, so that no two transactions wait for each other in a circle.
    """
    noted: list[dict[str, Any]] = session.info.pop("inbox", [])
    if noted:
        in_order = sorted(noted, key=lambda one: (one["origin"], one["key"]))
        _REMEMBER.run_many(session, in_order)


def _noted(session: Session) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = session.info.setdefault("inbox", [])
    return found


def forget_before(session: Session, at: datetime, *, limit: int) -> int:
    """Delete up to `limit` keys older than `at`: no sender redelivers after that. Returns how many."""
    old = select(InboxKey.origin, InboxKey.key).where(InboxKey.at < at).limit(limit)
    statement = delete(InboxKey).where(tuple_(InboxKey.origin, InboxKey.key).in_(old))
    return session.execute(statement).rowcount  # type: ignore[attr-defined,no-any-return]  # CursorResult
