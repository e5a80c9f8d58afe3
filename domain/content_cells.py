"""What stands in one cell of a content figures file: counts, weeks, addresses and names.

Each reader returns the value, or None for an empty cell, and raises CellError with a reason a marketer
understands.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

from domain.text import TextEmpty, TextTooLong, clean_text, shorten, slugify_theme

LARGEST_COUNT: Final = 10**12

_NOT_REPORTED: Final = frozenset({"-", "–", "—", "n/a", "na"})
_PLAIN_COUNT = re.compile(r"[0-9]+(?:\.0+)?")
_GROUPED_COUNT = re.compile(r"[0-9]{1,3}([,.'’ \u00a0\u2009\u202f])[0-9]{3}(?:\1[0-9]{3})*")
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ][0-9:.,]+(?:Z|[+-][0-9:]+)?)?")
_ISO_WEEK = re.compile(r"([0-9]{4})-?W([0-9]{1,2})(?:-?[1-7])?", re.IGNORECASE)
_YEARS: Final = range(1990, 2101)


class CellError(ValueError):
    """The cell cannot be read; the message is the reason."""


def read_text(cell: str, limit: int) -> str | None:
    """Return the cell's text on one line, cleaned; text that begins like a formula (`=`, `+`, `-`, `@`) is text."""
    try:
        return " ".join(clean_text(cell, limit=limit).split())
    except TextEmpty:
        return None
    except TextTooLong as error:
        raise CellError(f"has {error.length:,} characters; at most {error.limit:,} are allowed") from error


def read_count(cell: str) -> int | None:
    """Return a whole number from 0 to LARGEST_COUNT; `-`, `–` and `n/a` are empty.

    A separator before exactly three digits groups thousands, so `1.234` is one thousand two hundred
    thirty-four.
    """
    text = cell.strip()
    if not text or text.lower() in _NOT_REPORTED:
        return None
    shown = shorten(text, 30)
    if re.match(r"[-−–]\s*[0-9]", text):
        raise CellError(f"“{shown}” is below zero; counts start at 0")
    if _PLAIN_COUNT.fullmatch(text):
        digits = text.partition(".")[0]
    elif _GROUPED_COUNT.fullmatch(text):
        digits = re.sub(r"[^0-9]", "", text)
    elif re.fullmatch(r"[0-9]+[.,][0-9]+", text):
        raise CellError(f"“{shown}” is not a whole number")
    else:
        raise CellError(f"“{shown}” is not a number; write digits, for example 1234 or 1,234")
    if len(digits.lstrip("0")) > 13 or int(digits) > LARGEST_COUNT:
        raise CellError(f"“{shown}” is too large to be right")
    return int(digits)


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
            raise CellError(
                f"“{shown}” is not a week; write a date in it as year-month-day, for example 2026-11-09,"
                " or the week as 2026-W46"
            )
    except CellError:
        raise
    except ValueError as error:
        raise CellError(f"“{shown}” does not exist in the calendar") from error
    if day.year not in _YEARS:
        raise CellError(f"“{shown}” is in the year {day.year}, which cannot be right")
    return day - timedelta(days=day.weekday())


def read_address(cell: str, limit: int) -> str | None:
    """Return a web address that begins with http:// or https://."""
    text = read_text(cell, limit)
    if text is not None and not re.fullmatch(r"https?://[^\s/?#<>\"]+[^\s<>\"]*", text, re.IGNORECASE):
        raise CellError(f"“{shorten(text, 60)}” is not a web address; it must begin with https:// or http://")
    return text


def read_theme(cell: str) -> str | None:
    """Return the slug of the theme the cell names, with or without its `#`."""
    text = read_text(cell, 200)
    if text is None:
        return None
    slug = slugify_theme(text)
    if slug is None:
        raise CellError(f"“{shorten(text, 60)}” is not a theme; a theme has at least one letter")
    return slug
