"""Writes voc items out, as CSV for spreadsheets or as JSON Lines for programs, a piece at a time.

Cells of a CSV that a spreadsheet could take for a formula get an apostrophe in front, as OWASP advises:
https://owasp.org/www-community/attacks/CSV_Injection. JSON Lines hold every text as it is.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from sqlalchemy import and_, literal_column, or_, select
from sqlalchemy.orm import Session

from storage.models import Account, Member, Theme, VocItem

PIECE: Final = 500
"""Items that are read at once; so many are in memory, however many there are."""

FORMULA_SIGNS: Final = frozenset("=+-@\t\r\n＝＋－＠")
"""What a formula begins with in some spreadsheet, or what a cell may begin with to hide it."""

BYTE_ORDER_MARK: Final = "\ufeff"
"""In front of a CSV, so that Excel takes it for UTF-8."""


class Form(StrEnum):
    """How items are written."""

    CSV = "csv"
    JSONL = "jsonl"


@dataclass(frozen=True, slots=True)
class Exported:
    """One live item. The order of the fields is that of the columns. `logged_at`: ISO 8601 in UTC.

    `text`: what the rep wrote; `quote`: the customer's own words, with `consent` (internal, anonymous, named) for them.
    `deal`: in whole units of `currency`, with a point before hundredths. `vote_for`: the id of the item that this one
    only agrees with, then without words, or with a note.
    """

    id: int
    logged_at: str
    kind: str
    text: str
    quote: str | None
    consent: str | None
    theme: str | None
    account: str | None
    competitor: str | None
    deal: str | None
    currency: str | None
    logged_by: str
    origin: str
    permalink: str | None
    vote_for: int | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where the next piece begins: behind this item."""

    at: datetime
    item_id: int


COLUMNS: Final = tuple(one.name for one in fields(Exported))
BEGINNING: Final = Place(datetime(1970, 1, 1, tzinfo=UTC), 0)


_ITEMS: Final = (
    select(VocItem, Theme.slug, Account.name, Member.name)
    .join(Member, Member.id == VocItem.member_id)
    .outerjoin(Theme, Theme.id == VocItem.theme_id)
    .outerjoin(Account, Account.id == VocItem.account_id)
)


def read_piece(
    session: Session, workspace_id: int, behind: Place, *, theme_id: int | None = None, limit: int = PIECE
) -> tuple[list[Exported], Place]:
    """The next live items in the order in which they were logged, of one theme or of all; and where to go on."""
    which = [VocItem.theme_id == theme_id] if theme_id is not None else []
    later = and_(VocItem.created_at >= behind.at, or_(VocItem.created_at > behind.at, VocItem.id > behind.item_id))
    rows = session.execute(
        _ITEMS.where(VocItem.workspace_id == workspace_id, VocItem.state == "live", *which, later)
        .order_by(VocItem.created_at, VocItem.id)
        .limit(limit)
    ).all()
    if not rows:
        return [], behind
    last = rows[-1][0]
    return [_exported(*row) for row in rows], Place(last.created_at, last.id)


def read_items(session: Session, workspace_id: int, items: Sequence[int]) -> list[Exported]:
    """These items, as far as they are live, in their order."""
    rows = session.execute(
        # "+ 0": by their ids. SQLite would else read all items of the workspace, by a guess.
        _ITEMS.where(
            VocItem.id.in_(items),
            VocItem.workspace_id + literal_column("0") == workspace_id,
            VocItem.state == "live",
        )
    ).all()
    by_id = {row[0].id: _exported(*row) for row in rows}
    return [by_id[item] for item in items if item in by_id]


def written(items: Iterable[Exported], form: Form, *, first: bool, mark: bool = False) -> Iterator[str]:
    """The lines of some items, each with its end. `first`: with the heading of a CSV, and `mark` before it."""
    if form is Form.JSONL:
        for item in items:
            yield json.dumps(asdict(item), ensure_ascii=False) + "\n"
        return
    if first:
        yield (BYTE_ORDER_MARK if mark else "") + csv_line(COLUMNS)
    for item in items:
        yield csv_line("" if value is None else str(value) for value in asdict(item).values())


def harmless(cell: str) -> str:
    """The cell with an apostrophe in front where it begins like a formula: then spreadsheets show it as text."""
    return f"'{cell}" if cell[:1] in FORMULA_SIGNS else cell


def csv_line(cells: Iterable[str]) -> str:
    """Every cell harmless and in quotes, so that no separator or line break in it begins another cell."""
    line = io.StringIO()
    csv.writer(line, quoting=csv.QUOTE_ALL).writerow([harmless(cell) for cell in cells])
    return line.getvalue()


def _exported(item: VocItem, theme: str | None, account: str | None, author: str) -> Exported:
    return Exported(
        id=item.id,
        logged_at=item.created_at.isoformat(),
        kind=item.kind,
        text=item.verbatim,
        quote=item.quote,
        consent=(item.consent or "internal") if item.quote else None,
        theme=theme,
        account=account,
        competitor=item.competitor,
        deal=f"{Decimal(item.deal_minor) / 100:.2f}" if item.deal_minor is not None else None,
        currency=item.deal_currency,
        logged_by=author,
        origin=item.origin,
        permalink=item.permalink,
        vote_for=item.of_item_id,
    )
