"""A member as messages about leads name them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Person:
    """A member as a card names them: Slack user id, name, IANA zone; away until then (None: never said)."""

    user_id: str
    name: str
    tz: str
    away_until: datetime | None = None
