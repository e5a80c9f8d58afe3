"""Where Tandem is installed: one row for each workspace, or organization, that gave us a token by OAuth."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, one_of

INSTALLATION_STATES = ("active", "stopped", "removed")


class Installation(Base):
    """One grant of Slack's: of one workspace, or of a whole organization, whose workspaces then share its token.

    `key`: what there can be only one installation of, the team's id, or the organization's (storage.models.key_of).
    `sealed_token` and `sealed_refresh_token` are encrypted (bot/seal.py); a refresh token is there when tokens of the
    app expire, at `token_expires_at`. `refreshing_by` and `refreshing_until`: who renews the token, and how long nobody
    else may. `stopped`: the token does not hold. `removed`: the app was uninstalled. `installed_by`: a Slack user id.
    """

    __tablename__ = "installations"
    __table_args__ = (
        UniqueConstraint("key"),
        one_of("state", INSTALLATION_STATES),
        CheckConstraint("(state = 'active') = (stopped_reason IS NULL)", name="stopped_has_reason"),
        CheckConstraint("is_enterprise_install = (team_id IS NULL)", name="org_has_no_team"),
        CheckConstraint("team_id IS NOT NULL OR enterprise_id IS NOT NULL", name="of_somebody"),
        CheckConstraint("(refreshing_by IS NULL) = (refreshing_until IS NULL)", name="refreshing_has_end"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]
    app_id: Mapped[str]
    enterprise_id: Mapped[str | None]
    team_id: Mapped[str | None]
    is_enterprise_install: Mapped[bool] = mapped_column(default=False)
    bot_user_id: Mapped[str]
    bot_id: Mapped[str] = mapped_column(default="")
    scopes: Mapped[list[Any]] = mapped_column(default=list)
    sealed_token: Mapped[str]
    sealed_refresh_token: Mapped[str | None]
    token_expires_at: Mapped[datetime | None]
    refreshing_by: Mapped[str | None]
    refreshing_until: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(default="active")
    stopped_reason: Mapped[str | None]
    installed_by: Mapped[str] = mapped_column(default="")
    installed_at: Mapped[datetime]
    updated_at: Mapped[datetime]
