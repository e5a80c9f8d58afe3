"""Reads a table that people export as CSV: whatever its encoding, its delimiter, and the language of its header.

What each column means, and what a cell may say, is for others (domain/content_csv.py, domain/voc/voc_csv.py).
"""

from __future__ import annotations

import codecs
import csv
import io
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from domain.errors import TandemError
from domain.text import shorten

LARGEST_FILE: Final = 5 * 1024 * 1024
"""The largest file, in bytes."""

MOST_ROWS: Final = 50_000
"""The most rows below the header."""

WHOLE_FILE: Final = 0
"""The line of a problem that concerns the file as a whole."""

_LINE_END = re.compile(rb"\r\n|\r|\n")
_BROKEN_LOOKED_AT: Final = 100
_DELIMITERS: Final = (",", ";", "\t")


@dataclass(unsafe_hash=True)
class TableWrong(TandemError):
    """A row, or the whole file, cannot be taken. `given`: limits, lines and columns, in the order of the sentence.

    `known`: the columns that there are, where the file lacks one.
    """

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
        "same_row",
        "column_twice",
        "lacks_columns",
        "no_header",
    ]
    given: tuple[str, ...] = ()
    known: tuple[str, ...] = ()


@dataclass(frozen=True)
class RowProblem:
    """Why the row that begins at `line` (from 1; WHOLE_FILE: the file) cannot be taken.

    `column` is the field's name (`views`), None when what is `wrong` is not one cell.
    """

    line: int
    column: str | None
    wrong: TandemError


@dataclass(frozen=True)
class FileNote:
    """What is worth knowing about how the file was read. `given`: columns, lines or words in it."""

    what: Literal[
        "windows", "mixed", "total", "footer", "unknown_column", "spare_column", "no_figures", "several_themes"
    ]
    given: tuple[str, ...] = ()


Record = list[str] | TableWrong
"""The cells of a row, or why there are none."""


class TableRefused(Exception):
    """The file as a whole cannot be read."""

    def __init__(self, wrong: TableWrong, line: int = WHOLE_FILE) -> None:
        super().__init__(str(wrong))
        self.problem = RowProblem(line, None, wrong)


@dataclass(frozen=True)
class Header:
    """Which field each name of a column means. `own`: the fields' own names, which go before others."""

    field_of: Mapping[str, str]
    own: frozenset[str]

    @staticmethod
    def of(aliases: Mapping[str, tuple[str, ...]]) -> Header:
        """`aliases`: for each field its other names, in small letters, words divided by spaces."""
        own = {name.replace("_", " "): name for name in aliases}
        others = {alias: name for name, known in aliases.items() for alias in known}
        return Header({**others, **own}, frozenset(own))

    def names_a_field(self, name: str) -> bool:
        return plain_name(name) in self.field_of


@dataclass(frozen=True)
class Table:
    """A file's header with the line on which it stands, and its rows with theirs."""

    line: int
    header: list[str]
    rows: list[tuple[int, Record]]


def read_table(data: bytes, header: Header, notes: list[FileNote]) -> Table:
    """The table in the bytes of a file: UTF-8 (with or without a byte order mark), UTF-16 with one, else Windows-1252;
    commas, semicolons or tabs. What is worth knowing goes to `notes`. Raises TableRefused.
    """
    text, delimiter, skipped = _sniffed(_decoded(data, notes), header.names_a_field)
    records = _records(text, delimiter, skipped)
    line, first = next(records, (WHOLE_FILE, TableWrong("empty")))
    if isinstance(first, TableWrong):
        raise TableRefused(first, line)
    return Table(line, first, list(records))


def find_columns(
    table: Table, header: Header, needed: tuple[str, ...], known: tuple[str, ...], notes: list[FileNote]
) -> dict[int, str]:
    """The field at each position that has one. Raises TableRefused where one that is `needed` is missing."""
    titles = table.header
    columns: dict[int, str] = {}
    # A column under the field's own name goes before one under another name for it.
    for position in sorted(range(len(titles)), key=lambda each: plain_name(titles[each]) not in header.own):
        name = header.field_of.get(plain_name(titles[position]))
        shown = shorten(" ".join(titles[position].split()), 60)
        if name is None:
            if shown:
                notes.append(FileNote("unknown_column", (shown,)))
        elif name not in columns.values():
            columns[position] = name
        elif plain_name(titles[position]) in header.own:
            raise TableRefused(TableWrong("column_twice", (shown,)), table.line)
        else:
            notes.append(FileNote("spare_column", (shown, name)))
    missing = tuple(name for name in needed if name not in columns.values())
    if missing:
        raise TableRefused(TableWrong("lacks_columns", missing, known), table.line)
    return columns


def plain_name(name: str) -> str:
    """The name of a column as it is looked up."""
    return " ".join(re.sub(r"[\s_-]+", " ", name.casefold()).split()).strip("\ufeff\u200b #:")


def _decoded(data: bytes, notes: list[FileNote]) -> str:
    if len(data) > LARGEST_FILE:
        size, most = math.ceil(len(data) / 1024 / 1024 * 10) / 10, LARGEST_FILE // 1024 // 1024
        raise TableRefused(TableWrong("too_large", (str(size), str(most))))
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise TableRefused(TableWrong("excel"))
    utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = data.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        if utf16:
            raise TableRefused(TableWrong("damaged")) from error
        text = _mended(data, notes)
    if "\0" in text:
        raise TableRefused(TableWrong("no_text"))
    if not text.strip():
        raise TableRefused(TableWrong("empty"))
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


def _sniffed(text: str, names_a_field: Callable[[str], bool]) -> tuple[str, str, int]:
    """Return the text after Excel's `sep=` line, the delimiter of the header, and how many lines were left out."""
    if found := re.match(r"sep=([,;\t])(?:\r\n|\r|\n)", text, re.IGNORECASE):
        return text[found.end() :], found[1], 1

    def sense(delimiter: str) -> tuple[int, int]:
        _, header = next(_records(text, delimiter, 0), (0, TableWrong("empty")))
        return (0, 0) if isinstance(header, TableWrong) else (sum(map(names_a_field, header)), len(header))

    return text, max(_DELIMITERS, key=sense), 0


def _records(text: str, delimiter: str, skipped: int) -> Iterator[tuple[int, Record]]:
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
                yield line, TableWrong("quotes_open")
                return
            yield line, TableWrong("quotes_unmatched")
            continue
        if any(cell.strip() for cell in record):
            yield line, record
