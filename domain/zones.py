"""Time zones by the names that come from outside: Slack's profiles, settings, and what was stored earlier."""

from __future__ import annotations

from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

_RENAMED: Final = {"US/Pacific-New": "America/Los_Angeles", "Canada/East-Saskatchewan": "America/Regina"}
"""Names that the IANA database has dropped (its releases 2020b and 2017c), and what they meant."""

_OTHERWISE_COUNTED: Final = ("right/", "posix/", "posixrules", "localtime", "Factory")
"""What some computers keep beside the zones: seconds counted otherwise, or the computer's own zone."""


@lru_cache(maxsize=1024)
def find_zone(name: str) -> ZoneInfo | None:
    """The IANA zone of that name; None when this computer does not know it."""
    if name.startswith(_OTHERWISE_COUNTED):
        return None
    try:
        return ZoneInfo(_RENAMED.get(name, name))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def stored_zone(name: str) -> ZoneInfo:
    """The zone of a name that was stored; UTC for one that cannot be used, which the doctor tells."""
    return find_zone(name) or ZoneInfo("UTC")
