"""Ways to Slack's consent page and back that somebody has begun."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base


class OAuthState(Base):
    """The `state` that Slack carries to its consent page and back: good once, for a while, in the browser that began.

    Only hashes are stored, so whoever reads the table can finish nothing. `browser_hash`: of that browser's cookie.
    """

    __tablename__ = "oauth_states"
    __table_args__ = (Index(None, "expires_at"),)

    state_hash: Mapped[str] = mapped_column(primary_key=True)
    browser_hash: Mapped[str]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
