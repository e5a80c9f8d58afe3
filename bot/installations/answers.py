"""What Slack's answers about tokens and workspaces hold, read so that nothing odd in them costs a good token."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import structlog

from domain.renewing import AHEAD
from domain.text import TextEmpty, clean_text, shorten

log = structlog.get_logger()

CAUTIOUS: Final = AHEAD + timedelta(hours=1)
"""How long a token is taken to hold when Slack does not say it: so it is renewed in an hour. Slack's hold for 12."""
LONGEST: Final = timedelta(days=365)
LONGEST_NAME: Final = 200
_TOKEN: Final = re.compile(r"[!-~]{1,500}")


def token_in(answer: Mapping[str, Any], name: str) -> str | None:
    """The token of that name, if it is one that can be sent in a header."""
    found = answer.get(name)
    return found if isinstance(found, str) and _TOKEN.fullmatch(found) else None


def lifetime_in(answer: Mapping[str, Any]) -> timedelta:
    """How long the token holds (`expires_in`, seconds; Slack's are 12 hours); CAUTIOUS where that makes no sense."""
    try:
        seconds = float(answer.get("expires_in") or 0)
    except (TypeError, ValueError, OverflowError):
        seconds = math.nan
    if 0 < seconds <= LONGEST.total_seconds():
        return timedelta(seconds=seconds)
    log.warning("Slack did not say how long a token holds", assumed_s=CAUTIOUS.total_seconds())
    return CAUTIOUS


def texts_in(found: Any) -> dict[str, str]:
    """The texts of an object in Slack's answer (null where it does not apply), fit to be stored."""
    if not isinstance(found, Mapping):
        return {}
    return {str(key): name_of(one) for key, one in found.items() if isinstance(one, str)}


def name_of(raw: Any) -> str:
    """A name as it can be stored and shown; empty when it is none."""
    try:
        return clean_text(shorten(str(raw or ""), LONGEST_NAME), limit=LONGEST_NAME)
    except TextEmpty:
        return ""
