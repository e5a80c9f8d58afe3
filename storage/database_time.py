"""What time PostgreSQL has: with several processes, its clock is the one that decides."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

_NOW: Final = text("SELECT clock_timestamp()")


def database_time(session: Session) -> datetime:
    """The present by PostgreSQL's clock (aware UTC). SQLite has none."""
    said: datetime = session.connection().execute(_NOW).scalar_one()
    return said.astimezone(UTC)
