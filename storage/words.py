"""The full-text index over voc items: FTS5 on SQLite, tsvector with GIN on PostgreSQL, behind the same functions.

Words come and go as tokens that domain/voc/words.py made (no spaces in them, folded already); no database folds, stems
or splits anything itself. So both find the same. Whatever is asked costs the same beside a million items that hold the
word: items are found from the newest on, and only as many as are wanted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, repeat
from typing import Any, Final

from sqlalchemy import Text, bindparam, cast, column, delete, literal_column, select, table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from storage.models import VocTerm, VocWords, VocWordsDue
from storage.models.words import WORDS_INDEX
from storage.statements import Statement

LARGEST_ID: Final = 2**63 - 1
BLOCK: Final = 14
"""Items are looked through in blocks of 2^14 ids, each a token of its items, since GIN knows no order."""

FIRST_BLOCKS: Final = (1, 1, 4)
"""So many of the newest blocks are looked through first, one look after the other. The newest is hardly begun."""

MORE_BLOCKS: Final = 8
"""And then so many again and again. All rows that match in them are read, so that there may not be too many."""

_LAST: Final = "\U0010ffff"  # sorts behind every character

Phrase = tuple[str, ...]
"""Tokens that follow each other."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an item must have: of each part at least one phrase. Raises ValueError for nothing at all."""

    parts: tuple[tuple[Phrase, ...], ...]

    def __post_init__(self) -> None:
        if not self.parts or not all(self.parts) or not all(all(phrases) for phrases in self.parts):
            raise ValueError("a search wants at least one word")


_DIALECTS: Final[dict[str, Any]] = {"sqlite": sqlite, "postgresql": postgresql}


def _keeping(dialect: str) -> Statement:
    made: Any = _DIALECTS[dialect].insert(VocWords)
    changed = {"words": made.excluded.words, "workspace_id": made.excluded.workspace_id}
    return Statement(made.on_conflict_do_update(index_elements=[VocWords.item_id], set_=changed))


def _adding_terms(dialect: str) -> Statement:
    made: Any = _DIALECTS[dialect].insert(VocTerm)
    return Statement(made.on_conflict_do_nothing())


_KEEP: Final = {dialect: _keeping(dialect) for dialect in _DIALECTS}
_ADD_TERM: Final = {dialect: _adding_terms(dialect) for dialect in _DIALECTS}
_DROP: Final = Statement(delete(VocWords).where(VocWords.item_id == bindparam("item")))
_HERE: Final = VocWordsDue.workspace_id == bindparam("workspace")
_DUE: Final = Statement(
    select(VocWordsDue.item_id)
    .where(_HERE)
    .order_by(VocWordsDue.item_id.desc())
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_DONE: Final = Statement(delete(VocWordsDue).where(_HERE, VocWordsDue.item_id == bindparam("item")))
_WAITING: Final = Statement(select(VocWordsDue.item_id).where(_HERE).limit(bindparam("most")))
_BEGIN: Final = Statement(
    select(VocTerm.term)
    .where(
        VocTerm.workspace_id == bindparam("workspace"),
        VocTerm.term >= bindparam("first"),
        VocTerm.term < bindparam("behind"),
    )
    .order_by(VocTerm.term)
    .limit(bindparam("most"))
)
_FTS5: Final = table(WORDS_INDEX, column("rowid", VocWords.item_id.type))
_MATCH: Final[Any] = literal_column(WORDS_INDEX).op("MATCH", is_comparison=True)
_NEWEST_IN_FTS5: Final = Statement(
    select(_FTS5.c.rowid)
    .where(_MATCH(bindparam("wanted", type_=Text())), _FTS5.c.rowid < bindparam("before"))
    .order_by(_FTS5.c.rowid.desc())
    .limit(bindparam("most"))
)
_HOLD: Final[Any] = VocWords.words.op("@@", is_comparison=True)
# "+ 0": the rows come from the index of words. PostgreSQL would else read all items by their ids, by a guess.
_ITEM_ID: Final[Any] = VocWords.item_id + literal_column("0")


@cache
def _newest_in_gin(parts: int) -> Statement:
    """Each part is a condition of its own: GIN then skips in the list of one to where those of the others go on.

    In a single query with `&` it would look at each item of the rarest part.
    """
    wanted = [_HOLD(cast(bindparam(_named(number), type_=Text()), TSQUERY())) for number in range(parts)]
    return Statement(
        select(VocWords.item_id)
        .where(*wanted, _ITEM_ID.between(bindparam("earliest"), bindparam("latest")))
        .order_by(_ITEM_ID.desc())
        .limit(bindparam("most"))
    )


def _named(number: int) -> str:
    return f"wanted_{number}"


def keep_words(session: Session, workspace_id: int, items: Mapping[int, Sequence[str]]) -> None:
    """Keep each item's tokens, in their order, in place of those that were kept."""
    dialect = session.get_bind().dialect.name
    told = _vector if dialect == "postgresql" else _line
    _KEEP[dialect].run_many(
        session,
        [
            {"item_id": item, "workspace_id": workspace_id, "words": told(item, tokens)}
            for item, tokens in items.items()
        ],
    )


def drop_words(session: Session, items: Iterable[int]) -> None:
    """Forget the tokens of items that are not to be found any more."""
    _DROP.run_many(session, [{"item": item} for item in items])


def keep_terms(session: Session, workspace_id: int, terms: Collection[str]) -> None:
    """Keep words that items have, for `terms_begun`."""
    # In one order for all: two that add the same words wait for each other, and never in a circle.
    _ADD_TERM[session.get_bind().dialect.name].run_many(
        session, [{"workspace_id": workspace_id, "term": term} for term in sorted(terms)]
    )


def terms_begun(session: Session, workspace_id: int, begin: str, *, limit: int) -> list[str]:
    """Words of the workspace that begin so, in the order of their characters."""
    asked = {"workspace": workspace_id, "first": begin, "behind": begin + _LAST, "most": limit}
    return [str(term) for term in _BEGIN.scalars(session, asked)]


def items_due(session: Session, workspace_id: int, *, limit: int) -> list[int]:
    """The newest items whose words wait to be kept, locked; those that somebody changes just now are passed over."""
    return [int(item) for item in _DUE.scalars(session, {"workspace": workspace_id, "most": limit})]


def no_longer_due(session: Session, workspace_id: int, items: Iterable[int]) -> None:
    """Say that their words are kept."""
    _DONE.run_many(session, [{"workspace": workspace_id, "item": item} for item in items])


def count_due(session: Session, workspace_id: int, *, at_most: int) -> int:
    """How many items wait for their words to be kept; no more than so many are counted."""
    return len(_WAITING.all(session, {"workspace": workspace_id, "most": at_most}))


def newest_items(session: Session, wanted: Wanted, *, before: int, limit: int) -> list[int]:
    """The ids of the newest items below the id `before` that have what is wanted, the newest first."""
    if session.get_bind().dialect.name == "sqlite":
        asked = {"wanted": _as_fts5(wanted), "before": before, "most": limit}
        return [int(item) for item in _NEWEST_IN_FTS5.scalars(session, asked)]
    found: list[int] = []
    newest = session.scalar(select(VocWords.item_id).order_by(VocWords.item_id.desc()).limit(1))
    upper = min(before, (newest or 0) + 1)
    for blocks in chain(FIRST_BLOCKS, repeat(MORE_BLOCKS)):
        if upper <= 0 or len(found) == limit:
            break
        highest = (upper - 1) >> BLOCK
        lowest = max(0, highest + 1 - blocks)
        parts = (*wanted.parts, tuple((_block(number),) for number in range(lowest, highest + 1)))
        wants: dict[str, Any] = {_named(number): _as_tsquery(phrases) for number, phrases in enumerate(parts)}
        wants |= {"earliest": lowest << BLOCK, "latest": upper - 1, "most": limit - len(found)}
        found += [int(item) for item in _newest_in_gin(len(parts)).scalars(session, wants)]
        upper = lowest << BLOCK
    return found


def _block(number: int) -> str:
    return f"§b{number}"


def _line(_item_id: int, tokens: Sequence[str]) -> str:
    return " ".join(tokens)


def _vector(item_id: int, tokens: Sequence[str]) -> str:
    """As PostgreSQL reads a tsvector: `'price':2,7 'too':1`; places above 16,383 count as that."""
    places: dict[str, list[int]] = {}
    for place, token in enumerate((*tokens, _block(item_id >> BLOCK)), start=1):
        places.setdefault(token, []).append(place)
    return " ".join(f"{_lexeme(token)}:{','.join(map(str, found))}" for token, found in places.items())


def _as_fts5(wanted: Wanted) -> str:
    """As FTS5 reads a query: `("price" OR "the price") AND ("§w1")`. In quotes, nothing is an operator."""

    def phrase(tokens: Phrase) -> str:
        words = " ".join(tokens).replace('"', '""')
        return f'"{words}"'

    return " AND ".join(f"({' OR '.join(map(phrase, phrases))})" for phrases in wanted.parts)


def _as_tsquery(phrases: tuple[Phrase, ...]) -> str:
    """A part as PostgreSQL reads a tsquery: `'price' | 'the' <-> 'price'`."""
    return " | ".join(" <-> ".join(map(_lexeme, tokens)) for tokens in phrases)


def _lexeme(token: str) -> str:
    escaped = token.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
