"""Answers a question about what customers said with what there is: counts, their own words, and links."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from domain.people import Actor
from domain.voc.query import Part, Query, read_query
from domain.voc.search import Hit, Matches, hit_of, match_items, telling
from domain.voc.wording import still_waiting

SHOWN: Final = 5
TOP: Final = 3
CUSTOMERS: Final = frozenset(["customer", "customers", "client", "clients", "kunde", "kunden", "cliente", "clientes"])
MOST_LEFT_OUT: Final = 6
"""Of so many words, each is left out in turn where no item has all."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What is known about a question. Counts are of all items that match, of the newest where there are `more`.

    `looked_for`: the words of the question that were looked for; `left_out`: those that no item has beside them.
    `kinds` and `themes` (slugs): how many items of each, the most first. `since`: of the oldest item. `hits`: quotes
    first.
    """

    query: Query
    looked_for: tuple[str, ...]
    left_out: tuple[str, ...]
    items: int
    more: bool
    accounts: int
    reps: int
    kinds: tuple[tuple[str, int], ...]
    themes: tuple[tuple[str, int], ...]
    since: datetime | None
    hits: tuple[Hit, ...]
    waiting: int


def reply_to(session: Session, question: str, *, most: int = SHOWN, by: Actor, at: datetime) -> Reply:
    """Look for what the question names; `most` of the items are told. Raises TextEmpty and TextTooLong."""
    query = read_query(session, question, by=by, at=at)
    asked = _asked(query)
    parts, found = _most_telling(session, replace(query, parts=asked), by, at)
    rows = found.rows
    accounts = {row.account_id for row in rows if row.account_id is not None}
    left_out = [*found.left_out, *(_shown(part) for part in asked if part not in parts)]
    return Reply(
        query=query,
        looked_for=tuple(shown for part in parts if (shown := _shown(part)) not in left_out),
        left_out=tuple(left_out),
        items=len(rows),
        more=found.more,
        accounts=len(accounts),
        reps=len({row.member_id for row in rows}),
        kinds=tuple(Counter(row.kind for row in rows).most_common(TOP)),
        themes=tuple(Counter(row.slug for row in rows if row.slug).most_common(TOP)),
        since=min((row.created_at for row in rows), default=None),
        hits=tuple(map(hit_of, _quotes_first(rows)[:most])),
        waiting=still_waiting(session, by.workspace_id),
    )


def _asked(query: Query) -> tuple[Part, ...]:
    """The parts that tell what is asked about. "Customers" tells nothing: all items are of customers."""
    told = replace(query, parts=telling(query))
    return telling(told, nothing=CUSTOMERS)


def _most_telling(session: Session, query: Query, by: Actor, at: datetime) -> tuple[tuple[Part, ...], Matches]:
    """The items that have all words, or else the most items that have all but one, and so on."""
    found = match_items(session, query, by=by, at=at)
    parts = query.parts
    while not found.rows and 1 < len(parts) <= MOST_LEFT_OUT and not query.unknown:
        fewer = list(_without_one(parts))
        tries = [match_items(session, replace(query, parts=each), by=by, at=at) for each in fewer]
        best = max(range(len(fewer)), key=lambda place: len(tries[place].rows))
        parts, found = fewer[best], tries[best]
    return parts, found


def _without_one(parts: tuple[Part, ...]) -> Iterator[tuple[Part, ...]]:
    for place in range(len(parts)):
        yield parts[:place] + parts[place + 1 :]


def _quotes_first(rows: list[Any]) -> list[Any]:
    return sorted(rows, key=lambda row: row.quote is None)


def _shown(part: Part) -> str:
    return "-".join(part.words)
