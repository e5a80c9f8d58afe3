"""Reads the file of content figures that a marketer exports: what each piece of content did in a week.

It tells every bad row by line and reason, and decides nothing: whether to import the good rows is for others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from domain.content_cells import (
    CellError,
    find_decimal_mark,
    plain_cell,
    read_address,
    read_count,
    read_text,
    read_theme,
    read_week,
)
from domain.csv_tables import (
    MOST_ROWS,
    WHOLE_FILE,
    FileNote,
    Header,
    Record,
    RowProblem,
    TableRefused,
    TableWrong,
    find_columns,
    plain_name,
    read_table,
)

TITLE_LIMIT: Final = 300
URL_LIMIT: Final = 2_000
NAME_LIMIT: Final = 100


@dataclass(frozen=True)
class ContentRow:
    """One piece of content in the week that begins on Monday `week`; `line` is where its row begins, from 1.

    A figure is None where the file does not report it, which is not 0. `theme` is a slug.
    """

    line: int
    title: str
    week: date
    url: str | None = None
    kind: str | None = None
    views: int | None = None
    leads: int | None = None
    influenced_wins: int | None = None
    persona: str | None = None
    theme: str | None = None


@dataclass(frozen=True)
class ContentFile:
    """The good rows and every problem, each in the order of the file; `notes` need no action."""

    rows: tuple[ContentRow, ...] = ()
    problems: tuple[RowProblem, ...] = ()
    notes: tuple[FileNote, ...] = ()


_Value = str | int | date | None

_READERS: Final[dict[str, Callable[[str], _Value]]] = {
    "title": lambda cell: read_text(cell, TITLE_LIMIT),
    "url": lambda cell: read_address(cell, URL_LIMIT),
    "kind": lambda cell: read_text(cell, NAME_LIMIT),
    "week": read_week,
    "views": read_count,
    "leads": read_count,
    "influenced_wins": read_count,
    "persona": lambda cell: read_text(cell, NAME_LIMIT),
    "theme": read_theme,
}
COLUMNS: Final = tuple(_READERS)
"""What a column can tell."""

_ALIASES: Final = {
    "title": ("name", "content", "asset", "content title", "asset title", "asset name", "page title", "headline"),
    "url": ("link", "address", "page url", "landing page", "content url"),
    "kind": ("type", "format", "content type", "asset type"),
    "week": ("date", "week of", "week start", "week starting", "week beginning"),
    "views": ("page views", "pageviews", "view count"),
    "leads": ("leads generated", "new leads", "lead count"),
    "influenced_wins": ("wins", "wins influenced", "influenced deals", "won deals", "influenced won"),
    "persona": ("buyer persona", "personas"),
    "theme": ("topic", "themes", "tag"),
}
_FIGURES: Final = ("views", "leads", "influenced_wins")
_TOTALS: Final = frozenset(
    {"total", "totals", "grand total", "sum", "overall", "summe", "gesamt", "gesamtsumme", "gesamtergebnis", "totaal",
     "total general", "totale", "totale complessivo", "suma", "razem", "итого", "всего", "合計", "总计"}
)  # fmt: skip
_HEADER: Final = Header.of(_ALIASES)


def parse_content_csv(data: bytes, *, default_week: date | None = None) -> ContentFile:
    """Read a CSV file of content figures. Never raises; what is wrong with the file stands in `problems`.

    The file: UTF-8 (with or without a byte order mark), UTF-16 with one, else Windows-1252 (a note says so);
    commas, semicolons or tabs; the first row names the columns, in any case and order. `title` and `week` are
    required, `week` not where `default_week` (any day of it) is given. At most LARGEST_FILE and MOST_ROWS.
    Two rows about the same content (its url, else its title) in the same week: the later is a problem.
    """
    notes: list[FileNote] = []
    try:
        table = read_table(data, _HEADER, notes)
        needed = ("title", "week") if default_week is None else ("title",)
        columns = find_columns(table, _HEADER, needed, COLUMNS, notes)
        if not set(_FIGURES) & set(columns.values()):
            notes.append(FileNote("no_figures"))
        rows = table.rows
        reading = _Reading(columns, len(table.header), default_week, _decimal_mark(columns, rows))
        for line, record in _without_total(columns, rows, notes):
            reading.read(line, record)
        if not reading.count:
            raise TableRefused(TableWrong("no_rows"))
    except TableRefused as refused:
        return ContentFile(problems=(refused.problem,), notes=tuple(notes))
    return ContentFile(tuple(reading.rows), tuple(reading.problems), tuple(notes))


class _Reading:
    """The rows read so far, and what was seen in which week."""

    def __init__(
        self, columns: dict[int, str], width: int, default_week: date | None, decimal_mark: str | None
    ) -> None:
        self.decimal_mark = decimal_mark
        self.columns = columns
        self.width = width
        self.default_week = read_week(default_week.isoformat()) if default_week else None
        self.count = 0
        self.rows: list[ContentRow] = []
        self.problems: list[RowProblem] = []
        self._urls: dict[tuple[str, date], int] = {}
        self._titles: dict[tuple[str, date], tuple[int, bool]] = {}

    def read(self, line: int, record: Record) -> None:
        self.count += 1
        if self.count > MOST_ROWS:
            raise TableRefused(TableWrong("too_many_rows", (f"{MOST_ROWS:,}",)))
        if isinstance(record, TableWrong):
            self.problems.append(RowProblem(line, None, record))
            return
        found: dict[str, _Value] = {"week": None}
        problems: list[RowProblem] = []
        for position, name in self.columns.items():
            try:
                found[name] = self._value(name, record[position]) if position < len(record) else None
            except CellError as error:
                problems.append(RowProblem(line, name, error))
        wrong = {problem.column for problem in problems}
        found["week"] = found["week"] or self.default_week
        problems += [
            RowProblem(line, name, CellError("empty"))
            for name in ("title", "week")
            if found.get(name) is None and name not in wrong
        ]
        if any(cell.strip() for cell in record[self.width :]):
            problems.append(RowProblem(line, None, TableWrong("too_wide", (str(len(record)), str(self.width)))))
        if problems:
            self.problems += problems
            return
        row = ContentRow(line=line, **found)  # type: ignore[arg-type]  # each reader gives its field's type
        if first := self._seen(row):
            self.problems.append(RowProblem(line, None, TableWrong("told_before", (str(first),))))
        else:
            self.rows.append(row)

    def _value(self, name: str, cell: str) -> _Value:
        if name in _FIGURES:
            return read_count(cell, self.decimal_mark)
        return _READERS[name](plain_cell(cell))

    def _seen(self, row: ContentRow) -> int | None:
        """Return the line that told of the same content before, else remember this one."""
        title = (row.title.casefold(), row.week)
        earlier = self._titles.get(title)
        if row.url and (first := self._urls.get((row.url, row.week))):
            return first
        # Equal titles at two addresses are two pieces of content; without an address the title alone tells.
        if earlier and not (row.url and earlier[1]):
            return earlier[0]
        if row.url:
            self._urls[row.url, row.week] = row.line
        self._titles.setdefault(title, (row.line, row.url is not None))
        return None


def _decimal_mark(columns: dict[int, str], rows: Iterable[tuple[int, Record]]) -> str | None:
    """The decimal mark of the file's figures, where they show one."""
    figures = [position for position, name in columns.items() if name in _FIGURES]
    cells = (
        record[position]
        for _, record in rows
        if not isinstance(record, TableWrong)
        for position in figures
        if position < len(record)
    )
    return find_decimal_mark(cells)


def _without_total(
    columns: dict[int, str], rows: list[tuple[int, Record]], notes: list[FileNote]
) -> list[tuple[int, Record]]:
    """The rows without the last one where that is the sum of the others, as reports have it."""
    line, record = rows[-1] if rows else (WHOLE_FILE, TableWrong("no_rows"))
    if isinstance(record, TableWrong):
        return rows
    cells = {name: record[position].strip() for position, name in columns.items() if position < len(record)}
    named = plain_name(cells.get("title", "")) in _TOTALS or plain_name(record[0]) in _TOTALS
    if not named or cells.get("url") or cells.get("week"):
        return rows
    notes.append(FileNote("total", (str(line),)))
    return rows[:-1]
