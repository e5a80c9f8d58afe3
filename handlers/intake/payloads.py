"""What vendors' payloads have in common: values of any shape are read as what they mean, or as nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from domain.text import TextEmpty, clean_text, shorten

LONGEST: Final = 500
"""Characters of a title, a name or an address."""


def text_of(value: Any, limit: int = LONGEST) -> str:
    """A text or a number as text on one line; "" for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    try:
        return shorten(" ".join(clean_text(str(value), limit=10**9).split()), limit)
    except TextEmpty:
        return ""


def part_of(value: Any, name: str) -> Mapping[str, Any]:
    """The object under a name; an empty one where there is none."""
    found = value.get(name) if isinstance(value, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def list_of(value: Any, name: str) -> list[Mapping[str, Any]]:
    """The objects of the list under a name."""
    found = value.get(name) if isinstance(value, Mapping) else None
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def is_yes(value: Any) -> bool:
    """Whether it is true, be it as text."""
    return value is True or text_of(value).casefold() == "true"


def count_of(value: Any) -> int:
    """How often something came up; 0 for what is no number of times."""
    if isinstance(value, bool):
        return 0
    if isinstance(value, str):
        value = int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0
    return int(value) if isinstance(value, int | float) and 0 < value < 10**9 else 0


def address_of(value: Any) -> str | None:
    """A web address, None for anything else: it is shown as a link."""
    found = text_of(value, 2_000)
    plain = found.startswith(("https://", "http://")) and not any(char in found for char in " <>|\"'")
    return found if plain else None


def domain_of(email: str) -> str:
    """What stands behind the @."""
    return email.rpartition("@")[2].strip().casefold() if "@" in email else ""
