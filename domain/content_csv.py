"""Reads the file of content figures that a marketer exports: what each piece of content did in a week.

It tells every bad row by line and reason, and decides nothing: whether to import the good rows is for others.
"""

from __future__ import annotations

import codecs
import csv
import io
import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

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
from domain.errors import TandemError
from domain.text import shorten

LARGEST_FILE: Final = 5 * 1024 * 1024
"""The largest file, in bytes."""

MOST_ROWS: Final = 50_000
"""The most rows below the header."""

TITLE_LIMIT: Final = 300
URL_LIMIT: Final = 2_000
NAME_LIMIT: Final = 100

WHOLE_FILE: Final = 0
"""The line of a problem that concerns the file as a whole."""


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


@dataclass(unsafe_hash=True)
class ContentWrong(TandemError):
    """A row, or the whole file, cannot be taken. `given`: limits, lines and columns, in the order of the sentence."""

    why: Literal[
        "no_rows",
        "empty",
        "too_many_rows",
        "too_large",
        "excel",
        "damaged",
        "no_text",
        "quotes_open",
        "quotes_unmatched",
        "too_wide",
        "told_before",
        "column_twice",
        "lacks_columns",
    ]
    given: tuple[str, ...] = ()


@dataclass(frozen=True)
class RowProblem:
    """Why the row that begins at `line` (from 1; WHOLE_FILE: the file) cannot be taken.

    `column` is the field's name (`views`), None when what is `wrong` is not one cell.
    """

    line: int
    column: str | None
    wrong: CellError | ContentWrong


@dataclass(frozen=True)
class FileNote:
    """What is worth knowing about how the file was read. `given`: columns, lines or words in it."""

    what: Literal["windows", "mixed", "total", "unknown_column", "spare_column", "no_figures"]
    given: tuple[str, ...] = ()


@dataclass(frozen=True)
class ContentFile:
    """The good rows and every problem, each in the order of the file; `notes` need no action."""

    rows: tuple[ContentRow, ...] = ()
    problems: tuple[RowProblem, ...] = ()
    notes: tuple[FileNote, ...] = ()


_Record = list[str] | ContentWrong  # the cells, or why there are none
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
_LINE_END = re.compile(rb"\r\n|\r|\n")
_BROKEN_LOOKED_AT: Final = 100
_DELIMITERS: Final = (",", ";", "\t")
_OWN_NAMES: Final = {name.replace("_", " ") for name in _READERS}
_FIELD_OF: Final = {
    **{alias: name for name, aliases in _ALIASES.items() for alias in aliases},
    **{name.replace("_", " "): name for name in _READERS},
}


class _FileRefused(Exception):
    """The file as a whole cannot be read."""

    def __init__(self, wrong: ContentWrong, line: int = WHOLE_FILE) -> None:
        super().__init__(str(wrong))
        self.problem = RowProblem(line, None, wrong)


def parse_content_csv(data: bytes, *, default_week: date | None = None) -> ContentFile:
    """Read a CSV file of content figures. Never raises; what is wrong with the file stands in `problems`.

    The file: UTF-8 (with or without a byte order mark), UTF-16 with one, else Windows-1252 (a note says so);
    commas, semicolons or tabs; the first row names the columns, in any case and order. `title` and `week` are
    required, `week` not where `default_week` (any day of it) is given. At most LARGEST_FILE and MOST_ROWS.
    Two rows about the same content (its url, else its title) in the same week: the later is a problem.
    """
    notes: list[FileNote] = []
    try:
        text, delimiter, skipped = _sniffed(_decoded(data, notes))
        records = _records(text, delimiter, skipped)
        line, header = next(records, (WHOLE_FILE, ContentWrong("empty")))
        if isinstance(header, ContentWrong):
            raise _FileRefused(header, line)
        columns = _columns(line, header, needs_week=default_week is None, notes=notes)
        rows = list(records)
        reading = _Reading(columns, len(header), default_week, _decimal_mark(columns, rows))
        for line, record in _without_total(columns, rows, notes):
            reading.read(line, record)
        if not reading.count:
            raise _FileRefused(ContentWrong("no_rows"))
    except _FileRefused as refused:
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

    def read(self, line: int, record: _Record) -> None:
        self.count += 1
        if self.count > MOST_ROWS:
            raise _FileRefused(ContentWrong("too_many_rows", (f"{MOST_ROWS:,}",)))
        if isinstance(record, ContentWrong):
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
            problems.append(RowProblem(line, None, ContentWrong("too_wide", (str(len(record)), str(self.width)))))
        if problems:
            self.problems += problems
            return
        row = ContentRow(line=line, **found)  # type: ignore[arg-type]  # each reader gives its field's type
        if first := self._seen(row):
            self.problems.append(RowProblem(line, None, ContentWrong("told_before", (str(first),))))
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


def _decoded(data: bytes, notes: list[FileNote]) -> str:
    if len(data) > LARGEST_FILE:
        size, most = math.ceil(len(data) / 1024 / 1024 * 10) / 10, LARGEST_FILE // 1024 // 1024
        raise _FileRefused(ContentWrong("too_large", (str(size), str(most))))
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise _FileRefused(ContentWrong("excel"))
    utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = data.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        if utf16:
            raise _FileRefused(ContentWrong("damaged")) from error
        text = _mended(data, notes)
    if "\0" in text:
        raise _FileRefused(ContentWrong("no_text"))
    if not text.strip():
        raise _FileRefused(ContentWrong("empty"))
    return text


def _mended(data: bytes, notes: list[FileNote]) -> str:
    """Text that is not UTF-8 from end to end. Bytes here and there that are none do not spoil the accents elsewhere."""
    broken: list[tuple[int, int]] = []

    def as_windows(error: UnicodeError) -> tuple[str, int]:
        assert isinstance(error, UnicodeDecodeError)
        # As UTF-8 with a byte order mark is decoded, positions count from behind the mark.
        broken.append((error.start, error.end))
        return error.object[error.start : error.end].decode("cp1252", errors="replace"), error.end

    codecs.register_error("tandem.as_windows", as_windows)
    body = data.removeprefix(codecs.BOM_UTF8)
    text = body.decode("utf-8", errors="tandem.as_windows")
    well = sum(not char.isascii() for char in text) > sum(end - start for start, end in broken)
    if not well:
        notes.append(FileNote("windows"))
        return body.decode("cp1252", errors="replace")
    lines = sorted({len(_LINE_END.findall(body, 0, start)) + 1 for start, _ in broken[:_BROKEN_LOOKED_AT]})
    notes.append(FileNote("mixed", tuple(map(str, lines))))
    return text


def _decimal_mark(columns: dict[int, str], rows: Iterable[tuple[int, _Record]]) -> str | None:
    """The decimal mark of the file's figures, where they show one."""
    figures = [position for position, name in columns.items() if name in _FIGURES]
    cells = (
        record[position]
        for _, record in rows
        if not isinstance(record, ContentWrong)
        for position in figures
        if position < len(record)
    )
    return find_decimal_mark(cells)


def _without_total(
    columns: dict[int, str], rows: list[tuple[int, _Record]], notes: list[FileNote]
) -> list[tuple[int, _Record]]:
    """The rows without the last one where that is the sum of the others, as reports have it."""
    line, record = rows[-1] if rows else (WHOLE_FILE, ContentWrong("no_rows"))
    if isinstance(record, ContentWrong):
        return rows
    cells = {name: record[position].strip() for position, name in columns.items() if position < len(record)}
    named = _normal(cells.get("title", "")) in _TOTALS or _normal(record[0]) in _TOTALS
    if not named or cells.get("url") or cells.get("week"):
        return rows
    notes.append(FileNote("total", (str(line),)))
    return rows[:-1]


def _sniffed(text: str) -> tuple[str, str, int]:
    """Return the text after Excel's `sep=` line, the delimiter of the header, and how many lines were left out."""
    if found := re.match(r"sep=([,;\t])(?:\r\n|\r|\n)", text, re.IGNORECASE):
        return text[found.end() :], found[1], 1

    def sense(delimiter: str) -> tuple[int, int]:
        _, header = next(_records(text, delimiter, 0), (0, ContentWrong("empty")))
        return (0, 0) if isinstance(header, ContentWrong) else (sum(map(_names_a_field, header)), len(header))

    return text, max(_DELIMITERS, key=sense), 0


def _records(text: str, delimiter: str, skipped: int) -> Iterator[tuple[int, _Record]]:
    """Yield each record that is not blank with the line it begins on, or why the record there cannot be read."""
    # newline="" keeps line breaks within cells and lets the reader count every kind of line end.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1 + skipped
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            reason = str(error)
            if "unexpected end" in reason or "field limit" in reason:
                yield line, ContentWrong("quotes_open")
                return
            yield line, ContentWrong("quotes_unmatched")
            continue
        if any(cell.strip() for cell in record):
            yield line, record


def _columns(line: int, header: list[str], *, needs_week: bool, notes: list[FileNote]) -> dict[int, str]:
    """Return the field at each position that has one. Raises _FileRefused where a required one is missing."""
    columns: dict[int, str] = {}
    # A column under the field's own name goes before one under another name for it.
    for position in sorted(range(len(header)), key=lambda each: _normal(header[each]) not in _OWN_NAMES):
        name = _FIELD_OF.get(_normal(header[position]))
        shown = shorten(" ".join(header[position].split()), 60)
        if name is None:
            if shown:
                notes.append(FileNote("unknown_column", (shown,)))
        elif name not in columns.values():
            columns[position] = name
        elif _normal(header[position]) in _OWN_NAMES:
            raise _FileRefused(ContentWrong("column_twice", (shown,)), line)
        else:
            notes.append(FileNote("spare_column", (shown, name)))
    missing = [name for name in ("title", "week") if name not in columns.values() and (name != "week" or needs_week)]
    if missing:
        raise _FileRefused(ContentWrong("lacks_columns", tuple(missing)), line)
    if not set(_FIGURES) & set(columns.values()):
        notes.append(FileNote("no_figures"))
    return columns


def _normal(name: str) -> str:
    return " ".join(re.sub(r"[\s_-]+", " ", name.casefold()).split()).strip("\ufeff\u200b #:")


def _names_a_field(name: str) -> bool:
    return _normal(name) in _FIELD_OF
