"""Finds voc items by what they say and by what they belong to: the newest that match, the best of them first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import bindparam, literal_column, select
from sqlalchemy.orm import Session

from domain.near_themes import find_near_themes
from domain.people import Actor
from domain.text import compare_key
from domain.themes import find_themes, top_themes
from domain.voc import words as tokens
from domain.voc.function_words import FUNCTION_WORDS
from domain.voc.query import Part, Query, read_query
from domain.voc.wording import still_waiting
from storage.models import Account, Theme, VocItem
from storage.statements import Statement
from storage.words import LARGEST_ID, Phrase, Wanted, newest_items, terms_begun

PAGE: Final = 5
MOST_FOUND: Final = 200
"""So many of the newest items that match are ranked and shown."""

LOOKS: Final = (MOST_FOUND + 1, 4 * MOST_FOUND, 16 * MOST_FOUND)
"""So many older items are looked at, one look after the other, while those found so far turn out to be of other times
of the day or taken back."""

MOST_ENDINGS: Final = 50
"""So many of the words that begin like the last one are looked for."""

MOST_DAYS: Final = 5 * 366
"""A longer time is no help in finding items: most are of it."""

HALVED_AFTER: Final = timedelta(days=120)
"""An item that is so much older counts half as much."""

NEAR: Final = 5


@dataclass(frozen=True, slots=True)
class Hit:
    """One item that was found. `words`: the customer's own where `quoted`, else what the rep wrote.

    `is_vote`: a rep heard the same as somebody else; then `words` are the rep's note, which may be empty.
    `consent`: how the quote may be used, one of storage.models.CONSENTS. `at`: when it was logged (aware UTC).
    """

    id: int
    kind: str
    words: str
    quoted: bool
    is_vote: bool
    consent: str
    theme: str | None
    account: str | None
    permalink: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Matches:
    """Rows of what matches, the best first: `id`, `kind`, `verbatim`, `quote`, `slug` of the theme and so on.

    `query`: with the parts that were looked for. `more`: still more match, and these are the newest. `left_out`: words
    that no item has.
    """

    query: Query
    rows: list[Any]
    more: bool
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was found. `total`: all that is shown on some page; `more`: still more items match.

    `newest`: the items of all pages have ids below it. `left_out`: words that no item has, so that the others were
    looked for. `waiting`: how many items cannot be found yet. `near`: slugs of themes that may help where nothing was
    found.
    """

    query: Query
    hits: tuple[Hit, ...]
    start: int
    total: int
    more: bool
    newest: int
    left_out: tuple[str, ...]
    waiting: int
    near: tuple[str, ...]


_ROWS: Final = Statement(
    select(
        VocItem.id,
        VocItem.kind,
        VocItem.verbatim,
        VocItem.quote,
        VocItem.consent,
        VocItem.of_item_id,
        Theme.slug,
        Account.name,
        VocItem.permalink,
        VocItem.created_at,
        VocItem.theme_id,
        VocItem.account_id,
        VocItem.member_id,
        VocItem.competitor_key,
    )
    .outerjoin(Theme, Theme.id == VocItem.theme_id)
    .outerjoin(Account, Account.id == VocItem.account_id)
    .where(
        VocItem.id.in_(bindparam("items", expanding=True)),
        # "+ 0": by their ids. SQLite would else read all items of the workspace, by a guess.
        VocItem.workspace_id + literal_column("0") == bindparam("workspace"),
        VocItem.state == "live",
    )
)

_FIRST: Final = Statement(
    select(VocItem.created_at)
    .where(VocItem.workspace_id == bindparam("workspace"), VocItem.state == "live")
    .order_by(VocItem.created_at)
    .limit(1)
)


def search_items(
    session: Session,
    typed: str,
    *,
    quotes: bool = False,
    start: int = 0,
    newest: int = LARGEST_ID,
    by: Actor,
    at: datetime,
) -> Found:
    """Find what was typed after `/voc search`, as find_items does. Raises TextEmpty and TextTooLong."""
    query = read_query(session, typed, by=by, at=at)
    return find_items(session, query, quotes=quotes, start=start, newest=newest, by=by, at=at)


def find_items(
    session: Session,
    query: Query,
    *,
    quotes: bool = False,
    start: int = 0,
    newest: int = LARGEST_ID,
    by: Actor,
    at: datetime,
) -> Found:
    """The page of PAGE items from `start` on. `quotes`: only items with the customer's own words.

    `newest`: as the first page said, so that no item moves to another page meanwhile.
    """
    found = match_items(session, query, quotes=quotes, newest=newest, by=by, at=at)
    rows = found.rows
    return Found(
        query=query,
        hits=tuple(map(hit_of, rows[start : start + PAGE])),
        start=start,
        total=len(rows),
        more=found.more,
        newest=max(row.id for row in rows) + 1 if rows else newest,
        left_out=found.left_out,
        waiting=still_waiting(session, by.workspace_id),
        near=() if rows else _near(session, query, by, at),
    )


def match_items(
    session: Session, query: Query, *, quotes: bool = False, newest: int = LARGEST_ID, by: Actor, at: datetime
) -> Matches:
    """All that is found, ranked. A word that no item has is left out, if the others find something."""
    parts = telling(query)
    found = replace(query, parts=parts)
    rows, more = _look(session, found, by, quotes=quotes, newest=newest, at=at)
    if not rows and len(parts) > 1 and not query.unknown:
        kept = tuple(part for part in parts if _occurs(session, part, by, last=part is parts[-1]))
        if kept and len(kept) < len(parts):
            found = replace(query, parts=kept)
            rows, more = _look(session, found, by, quotes=quotes, newest=newest, at=at)
    # Votes without a note have nothing to read: they are counted, as everywhere, and stand behind all others.
    rows.sort(key=lambda row: (row.verbatim == "", -_worth(row, found.parts, at), -row.id))
    left_out = tuple("-".join(part.words) for part in parts if part not in found.parts) if rows else ()
    return Matches(found, rows, more, left_out)


def further_items(
    session: Session, query: Query, *, quotes: bool, before: int, limit: int, by: Actor, at: datetime
) -> tuple[list[int], int | None]:
    """The ids of matching items below `before`, the newest first, and where to go on; None at the end.

    `query`: as Matches has it.
    """
    wanted = _wanted(session, query, by, quotes=quotes, at=at)
    items = newest_items(session, wanted, before=before, limit=limit)
    read = _ROWS.all(session, {"items": items, "workspace": by.workspace_id}) if items else []
    fitting = sorted((row.id for row in read if _fits(row, query, quotes=quotes)), reverse=True)
    return fitting, items[-1] if len(items) == limit else None


def telling(query: Query, *, nothing: frozenset[str] = FUNCTION_WORDS) -> tuple[Part, ...]:
    """The parts without words such as `what` and `the`, as long as anything else is left: `what about #pricing?`.

    `nothing`: the words that tell nothing.
    """
    told = tuple(part for part in query.parts if part.exact or not set(part.words) <= nothing)
    return told if told or query.belongs else query.parts


def _look(
    session: Session, query: Query, by: Actor, *, quotes: bool, newest: int, at: datetime
) -> tuple[list[Any], bool]:
    """The newest rows that match, and whether there are more."""
    if query.unknown:
        return [], False
    wanted = _wanted(session, query, by, quotes=quotes, at=at)
    rows: list[Any] = []
    before = newest
    for size in LOOKS:
        items = newest_items(session, wanted, before=before, limit=size)
        read = _ROWS.all(session, {"items": items, "workspace": by.workspace_id}) if items else []
        rows += [row for row in read if _fits(row, query, quotes=quotes)]
        if len(items) < size or len(rows) > MOST_FOUND:
            break
        before = items[-1]
    rows.sort(key=lambda row: -row.id)
    return rows[:MOST_FOUND], len(rows) > MOST_FOUND


def _fits(row: Any, query: Query, *, quotes: bool) -> bool:
    """Whether the item belongs where the query says as of now: its words may be kept anew only in a moment."""
    return (
        (row.quote is not None or not quotes)
        and (not query.themes or row.theme_id in {one.id for one in query.themes})
        and (not query.accounts or row.account_id in {one.id for one in query.accounts})
        and (not query.members or row.member_id in {one.id for one in query.members})
        and (not query.competitors or row.competitor_key in set(map(compare_key, query.competitors)))
        and (not query.kinds or row.kind in query.kinds)
        and (query.since is None or row.created_at >= query.since)
        and (query.until is None or row.created_at < query.until)
    )


def _wanted(session: Session, query: Query, by: Actor, *, quotes: bool, at: datetime) -> Wanted:
    marks = [
        [tokens.mark_of_workspace(by.workspace_id)],
        [tokens.mark_of_theme(one.id) for one in query.themes],
        [tokens.mark_of_account(one.id) for one in query.accounts],
        [tokens.mark_of_member(one.id) for one in query.members],
        [tokens.mark_of_competitor(compare_key(name)) for name in query.competitors],
        [tokens.mark_of_kind(kind) for kind in query.kinds],
        list(_times(_begin(session, query, by.workspace_id), query.until, at)),
        [tokens.QUOTED] if quotes else [],
    ]
    wanted: list[tuple[Phrase, ...]] = [tuple((mark,) for mark in each) for each in marks if each]
    wanted += [_phrases(session, part, by, last=part is query.parts[-1]) for part in query.parts]
    return Wanted(tuple(wanted))


def _phrases(session: Session, part: Part, by: Actor, *, last: bool) -> tuple[Phrase, ...]:
    """What is looked for of a part: its words as they are, their stems, and what begins like the last word."""
    *first, word = part.words
    if part.exact:
        return (part.words,)
    phrases: list[Phrase] = [part.words]
    if not first:
        phrases += [(stem,) for stem in sorted(tokens.stems_of(word))]
    if last or (tokens.is_unspaced(word) and len(word) == 1):
        begun = terms_begun(session, by.workspace_id, word, limit=MOST_ENDINGS)
        phrases += [(*first, term) for term in begun]
    return tuple(dict.fromkeys(phrases))


def _begin(session: Session, query: Query, workspace_id: int) -> datetime | None:
    """From when on items are looked for. An end alone asks for all since the first item."""
    if query.since is not None or query.until is None:
        return query.since
    return cast("datetime | None", _FIRST.scalar(session, {"workspace": workspace_id}))


def _times(since: datetime | None, until: datetime | None, at: datetime) -> Iterator[str]:
    """The marks of the months that the time covers, and of the days before and behind them.

    None without a beginning, or for a very long time. Without an end, another process's clock may be ahead of `at`.
    """
    if since is None:
        return
    day = since.date()
    last = ((at + timedelta(days=1)) if until is None else until - timedelta(microseconds=1)).date()
    if not 0 <= (last - day).days <= MOST_DAYS:
        return
    while day <= last:
        next_month = (day.replace(day=1) + timedelta(days=31)).replace(day=1)
        if day.day == 1 and next_month <= last:
            yield tokens.mark_of_month(day)
            day = next_month
        else:
            yield tokens.mark_of_day(day)
            day += timedelta(days=1)


def _occurs(session: Session, part: Part, by: Actor, *, last: bool) -> bool:
    """Whether any item of the workspace has the part."""
    here = ((tokens.mark_of_workspace(by.workspace_id),),)
    wanted = Wanted((here, _phrases(session, part, by, last=last)))
    return bool(newest_items(session, wanted, before=LARGEST_ID, limit=1))


def _worth(row: Any, parts: Sequence[Part], at: datetime) -> float:
    """How well an item answers: words as they were typed before stems, what was said before names; what is old less."""
    said = tokens.words_of(f"{row.verbatim}\n{row.quote or ''}")
    stems = {stem for word in said for stem in tokens.stems_of(word)}
    worth = 1.2 if row.quote else 1.0
    for part in parts:
        if part.words[0] in said if len(part.words) == 1 else _holds(said, part.words):
            worth += 2.0
        elif len(part.words) == 1 and not stems.isdisjoint(tokens.stems_of(part.words[0])):
            worth += 1.5
        else:
            worth += 1.0
    age: float = max(timedelta(0), at - row.created_at) / HALVED_AFTER
    return float(worth * 0.5**age)


def _holds(said: Sequence[str], phrase: Sequence[str]) -> bool:
    size = len(phrase)
    return any(tuple(said[place : place + size]) == tuple(phrase) for place in range(len(said) - size + 1))


def hits_by_id(session: Session, workspace_id: int, items: Sequence[int]) -> list[Hit]:
    """Those of these items that are live and of the workspace, in no order."""
    rows = _ROWS.all(session, {"items": list(items), "workspace": workspace_id}) if items else []
    return list(map(hit_of, rows))


def hit_of(row: Any) -> Hit:
    """A row of Matches as it is shown."""
    return Hit(
        id=row.id,
        kind=row.kind,
        words=row.quote or row.verbatim,
        quoted=row.quote is not None,
        is_vote=row.of_item_id is not None,
        consent=row.consent or "internal",
        theme=row.slug,
        account=row.name,
        permalink=row.permalink,
        at=row.created_at,
    )


def _near(session: Session, query: Query, by: Actor, at: datetime) -> tuple[str, ...]:
    """Themes to look at instead: spelled like what was typed, else those that came up most lately."""
    typed = [one.name for one in query.unknown if one.what == "theme"]
    typed += ["-".join(part.words) for part in query.parts if len("".join(part.words)) > 2]
    near: dict[str, None] = {}
    for word in typed[:3]:
        near |= dict.fromkeys(theme.slug for theme in find_themes(session, by.workspace_id, word, at=at, limit=NEAR))
        near |= dict.fromkeys(theme.slug for theme in find_near_themes(session, by.workspace_id, word, at=at))
    if not near:
        near = dict.fromkeys(theme.slug for theme in top_themes(session, by.workspace_id, at=at, limit=NEAR))
    return tuple(near)[:NEAR]
