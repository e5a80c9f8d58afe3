"""What stands in one cell of a content figures file: counts, weeks, addresses and names.

Each reader returns the value, or None for an empty cell, and raises CellError.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal
from urllib.parse import urlsplit

from domain.errors import TandemError
from domain.text import TextEmpty, TextTooLong, clean_text, shorten, slugify_theme

LARGEST_COUNT: Final = 10**12

_NOT_REPORTED: Final = frozenset({"-", "–", "—", "n/a", "na"})
_SPACES = r" \u00a0\u2009\u202f"
_GROUPED = re.compile(
    # 1,234,567, and as India writes it, 12,34,567
    rf"[1-9][0-9]{{0,2}}([,.'’{_SPACES}])(?:[0-9]{{3}}\1)*[0-9]{{3}}|[1-9][0-9]?,(?:[0-9]{{2}},)*[0-9]{{3}}"
)
_ANY_NUMBER = re.compile(rf"[0-9](?:[0-9,.'’{_SPACES}]*[0-9])?")
_EXCEL_TEXT = re.compile(r'="([^"]*)"|\'([0-9].*)')
_BELOW_ZERO = re.compile(r"[-−–]\s*[0-9].*|\([0-9][^()]*\)")
_ARABIC_MARKS = str.maketrans({"٫": ".", "٬": ","})
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ][0-9:.,]+(?:Z|[+-][0-9:]+)?)?")
_ISO_WEEK = re.compile(r"([0-9]{4})-?W([0-9]{1,2})(?:-?[1-7])?", re.IGNORECASE)
_YEARS: Final = range(1990, 2101)


@dataclass(unsafe_hash=True)
class CellError(TandemError):
    """The cell cannot be read. `given`: what stood in it, and what else there is to say."""

    why: Literal[
        "empty",
        "too_long",
        "below_zero",
        "share",
        "rounded",
        "no_number",
        "too_large",
        "no_whole_number",
        "no_week",
        "no_such_day",
        "no_such_year",
        "no_address",
        "no_host",
        "no_theme",
        "no_kind",
        "no_time",
        "ahead",
        "no_email",
        "nobody",
    ]
    given: tuple[str, ...] = ()


def read_text(cell: str, limit: int) -> str | None:
    """Return the cell's text on one line, cleaned; text that begins like a formula (`=`, `+`, `-`, `@`) is text."""
    try:
        return " ".join(clean_text(cell, limit=limit).split())
    except TextEmpty:
        return None
    except TextTooLong as error:
        raise CellError("too_long", (f"{error.length:,}", f"{error.limit:,}")) from error


def plain_cell(cell: str) -> str:
    """The cell without what Excel puts around text that must not become a number: `="0123"`, `'0123`."""
    found = _EXCEL_TEXT.fullmatch(cell.strip())
    return cell if found is None else found[1] or found[2] or ""


def find_decimal_mark(cells: Iterable[str]) -> str | None:
    """`.` or `,` where these figures use one as the decimal mark; None where none of them shows it.

    `1.234` shows nothing: it may be a thousand and more. `12.5`, `12.00`, `0.123` and `1234.000` show that the point
    is the decimal mark, unless others, as `1.234.567` or `1.234,5`, show that it groups thousands.
    """
    shown: set[str] = set()
    groups: set[str] = set()
    for cell in cells:
        text = _western(cell)
        if not _ANY_NUMBER.fullmatch(text):
            continue
        marks = re.findall(r"[,.]", text)
        if not marks:
            continue
        whole, _, rest = text.rpartition(marks[-1])
        if len(set(marks)) == 2:
            groups.add(marks[0])
        elif len(marks) > 1:
            groups.add(marks[0])
            continue
        if len(rest) != 3 or (len(marks) == 1 and (len(whole) > 3 or whole.startswith("0"))):
            shown.add(marks[-1])
    left = shown - groups
    return left.pop() if len(left) == 1 else None


def read_count(cell: str, decimal_mark: str | None = None) -> int | None:
    """Return a whole number from 0 to LARGEST_COUNT; `-`, `–` and `n/a` are empty.

    A separator before exactly three digits groups thousands, since counts are whole: `1.234` is one thousand two
    hundred thirty-four, and `1.000` is a thousand. But not where `decimal_mark` is that separator
    (`find_decimal_mark`): then only zeros may follow it.
    """
    text = _western(cell)
    if not text or text.lower() in _NOT_REPORTED:
        return None
    shown = shorten(text, 30)
    if _BELOW_ZERO.fullmatch(text):
        raise CellError("below_zero", (shown,))
    if re.fullmatch(r"[0-9.,]+\s*%", text):
        raise CellError("share", (shown,))
    if re.fullmatch(r"[0-9.,]+\s*(?:[kmb]|mio|mln|tsd)\.?", text, re.IGNORECASE):
        raise CellError("rounded", (shown,))
    if not _ANY_NUMBER.fullmatch(text):
        raise CellError("no_number", (shown,))
    digits = _whole(text, decimal_mark, shown)
    if len(digits.lstrip("0")) > 13 or int(digits) > LARGEST_COUNT:
        raise CellError("too_large", (shown,))
    return int(digits)


def _western(cell: str) -> str:
    """The cell with digits from 0 to 9, whatever script it is written in, and without Excel's marks."""
    text = plain_cell(cell).strip().translate(_ARABIC_MARKS)
    if not text.isascii():
        text = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)
    return text.removeprefix("+")


def _whole(text: str, decimal_mark: str | None, shown: str) -> str:
    """The digits of a number that is whole. Raises CellError."""
    whole, mark, rest = text, "", ""
    if decimal_mark is not None and text.count(decimal_mark) == 1:
        whole, mark, rest = text.partition(decimal_mark)
    elif not _GROUPED.fullmatch(text) and (last := re.search(r"[,.](?=[0-9]+$)", text)):
        whole, mark, rest = text[: last.start()], last[0], text[last.end() :]
    if not whole.isdigit() and not _GROUPED.fullmatch(whole):
        raise CellError("no_number", (shown,))
    if mark and rest.strip("0"):
        raise CellError("no_whole_number", (shown,))
    return re.sub(r"[^0-9]", "", whole)


def read_week(cell: str) -> date | None:
    """Return the Monday of the week that holds an ISO date (`2026-11-12`) or is an ISO week (`2026-W46`)."""
    text = cell.strip()
    if not text:
        return None
    shown = shorten(text, 30)
    try:
        if found := _DAY.fullmatch(text):
            day = date.fromisoformat(found[1])
        elif found := _ISO_WEEK.fullmatch(text):
            day = date.fromisocalendar(int(found[1]), int(found[2]), 1)
        else:
            raise CellError("no_week", (shown,))
    except CellError:
        raise
    except ValueError as error:
        raise CellError("no_such_day", (shown,)) from error
    if day.year not in _YEARS:
        raise CellError("no_such_year", (shown, str(day.year)))
    return day - timedelta(days=day.weekday())


def read_address(cell: str, limit: int) -> str | None:
    """Return a web address that begins with http:// or https://."""
    text = read_text(cell, limit)
    if text is None:
        return None
    if not re.fullmatch(r"https?://[^\s/?#<>\"]+[^\s<>\"]*", text, re.IGNORECASE):
        raise CellError("no_address", (shorten(text, 60),))
    try:
        urlsplit(text)
    except ValueError as error:  # a bracket that does not close, or characters that no host has
        raise CellError("no_host", (shorten(text, 60),)) from error
    return text


def read_theme(cell: str) -> str | None:
    """Return the slug of the theme the cell names, with or without its `#`."""
    text = read_text(cell, 200)
    if text is None:
        return None
    slug = slugify_theme(text)
    if slug is None:
        raise CellError("no_theme", (shorten(text, 60),))
    return slug
