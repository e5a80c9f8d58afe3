"""Installations: where Slack gave us a token, and which workspaces it speaks for.

Whoever carries out an installation by OAuth calls `installed` with what Slack granted, once the tokens are sealed.
Everything else follows by itself: each process reads its registry (bot/installations/registry.py) anew, since
`installed` wakes the topic INSTALLATIONS, and begins to serve the workspace.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain.people import ensure_workspace
from storage.database import wake
from storage.locking import locked
from storage.models import Installation, Workspace

INSTALLATIONS: Final = "installations"
"""The topic of storage.database.wake that is woken when an installation came, changed or went."""


NOT_INSTALLED: Final = "not_installed"
"""Why a workspace is stopped that nobody speaks for."""

ACCESS_REVOKED: Final = "access_revoked"
"""Why a workspace is stopped that its organization took from the app (domain/access.py)."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What Slack granted in an OAuth exchange (oauth.v2.access), its tokens sealed.

    Of one workspace (`team_id`), or of a whole organization: `team_id` None, `enterprise_id` given. `scopes`: those of
    the bot. `expires_at` (aware UTC) and the refresh token are there when the app's tokens are rotated.
    """

    app_id: str
    bot_user_id: str
    scopes: frozenset[str]
    sealed_token: str
    team_id: str | None = None
    team_name: str = ""
    enterprise_id: str | None = None
    bot_id: str = ""
    sealed_refresh_token: str | None = None
    expires_at: datetime | None = None
    installed_by: str = ""

    @property
    def key(self) -> str:
        """Of what there can be only one installation."""
        key = self.team_id or self.enterprise_id
        if not key:
            raise ValueError("an installation is of a workspace or of an organization")
        return key


@dataclass(frozen=True, slots=True)
class Served:
    """A workspace that is served. `installation_id` None: by SLACK_BOT_TOKEN. `active`: nothing stops it now."""

    workspace_id: int
    team_id: str
    enterprise_id: str | None
    bot_user_id: str
    installation_id: int | None
    active: bool


@dataclass(frozen=True, slots=True)
class Granted:
    """An installation as it is stored: whose, as whom, and its sealed token with the time when this expires."""

    id: int
    team_id: str | None
    enterprise_id: str | None
    bot_user_id: str
    bot_id: str
    scopes: frozenset[str]
    sealed_token: str
    expires_at: datetime | None


def installed(session: Session, grant: Grant, *, at: datetime) -> int:
    """Keep an installation, or take over what installing again changed; its id.

    A workspace is met at once and goes on when it had stopped. The workspaces of an organization are met one by one
    (`meet_workspace`), when Slack names them.
    """
    found = session.scalars(locked(select(Installation).where(Installation.key == grant.key))).one_or_none()
    row = found or Installation(key=grant.key, installed_at=at)
    row.app_id, row.enterprise_id, row.team_id = grant.app_id, grant.enterprise_id, grant.team_id
    row.is_enterprise_install = grant.team_id is None
    row.bot_user_id, row.bot_id, row.scopes = grant.bot_user_id, grant.bot_id, sorted(grant.scopes)
    row.sealed_token, row.sealed_refresh_token = grant.sealed_token, grant.sealed_refresh_token
    row.token_expires_at, row.refreshing_by, row.refreshing_until = grant.expires_at, None, None
    row.state, row.stopped_reason = "active", None
    row.installed_by, row.installed_at, row.updated_at = grant.installed_by, at, at
    session.add(row)
    session.flush()
    if grant.team_id is not None:
        meet_workspace(session, row.id, grant.team_id, name=grant.team_name, at=at)
    session.execute(
        update(Workspace)
        .where(Workspace.installation_id == row.id, Workspace.stopped_reason.is_distinct_from(ACCESS_REVOKED))
        .values(state="active", stopped_reason=None)
    )
    for topic in (INSTALLATIONS, "courier", "ticker"):
        wake(session, topic)
    return row.id


def meet_workspace(
    session: Session,
    installation_id: int,
    team_id: str,
    *,
    name: str = "",
    domain: str = "",
    at: datetime,
    seen: datetime | None = None,
) -> int:
    """The workspace that this installation speaks for from now on, made when it is new; its id.

    A workspace with an installation of its own keeps that while the organization's is met, too. `seen` (aware UTC, by
    Slack's clock; None: now): as of when the organization's token reaches the workspace. What was taken from the app
    later than that stays taken.
    """
    row = session.get_one(Installation, installation_id)
    workspace_id = ensure_workspace(session, team_id, name=name, domain=domain, bot_user_id=row.bot_user_id, at=at)
    workspace = session.scalars(locked(select(Workspace).where(Workspace.id == workspace_id))).one()
    if row.team_id is None and _has_its_own(session, workspace):
        return workspace_id
    is_new, told = workspace.installation_id != row.id, workspace.access_told_at
    if not is_new and told is not None and told >= (seen or at):
        return workspace_id
    if is_new or workspace.stopped_reason == ACCESS_REVOKED:
        workspace.installation_id, workspace.bot_user_id = row.id, row.bot_user_id
        if row.state == "active":
            workspace.state, workspace.stopped_reason = "active", None
        elif workspace.stopped_reason == ACCESS_REVOKED:
            workspace.stopped_reason = row.stopped_reason
        for topic in (INSTALLATIONS, "courier", "ticker"):
            wake(session, topic)
    workspace.access_told_at = (seen or at) if row.team_id is None else None
    workspace.enterprise_id = row.enterprise_id or workspace.enterprise_id
    return workspace_id


def _has_its_own(session: Session, workspace: Workspace) -> bool:
    """Whether a token was given for this workspace alone, by OAuth, and was not taken back."""
    mine = session.get(Installation, workspace.installation_id) if workspace.installation_id is not None else None
    return mine is not None and mine.team_id is not None and mine.state != "removed"


def stop_unserved(session: Session, fixed: int | None) -> list[int]:
    """Stop the workspaces that nobody speaks for, so that what waits there waits; their ids.

    `fixed`: the workspace of SLACK_BOT_TOKEN. An earlier one of that token's was never installed by OAuth.
    """
    gone = select(Installation.id).where(Installation.state == "removed")
    unserved = session.scalars(
        locked(
            select(Workspace)
            .where(Workspace.state == "active", Workspace.id.is_distinct_from(fixed))
            .where(Workspace.installation_id.is_(None) | Workspace.installation_id.in_(gone))
            .order_by(Workspace.id)
        )
    ).all()
    for workspace in unserved:
        workspace.state, workspace.stopped_reason = "stopped", NOT_INSTALLED
    return [workspace.id for workspace in unserved]


def find_granted(session: Session) -> Sequence[Granted]:
    """The installations that were not removed."""
    rows = session.scalars(select(Installation).where(Installation.state != "removed").order_by(Installation.id))
    return [
        Granted(
            row.id,
            row.team_id,
            row.enterprise_id,
            row.bot_user_id,
            row.bot_id,
            frozenset(row.scopes),
            row.sealed_token,
            row.token_expires_at,
        )
        for row in rows
    ]


def find_served(session: Session, fixed: int | None = None) -> Sequence[Served]:
    """The workspaces that installations speak for, and the one of SLACK_BOT_TOKEN (`fixed`), in the order met."""
    rows = session.execute(
        select(
            Workspace.id,
            Workspace.slack_team_id,
            Workspace.enterprise_id,
            Workspace.bot_user_id,
            Workspace.installation_id,
            Workspace.state == "active",
        )
        .join(Installation, Installation.id == Workspace.installation_id, isouter=True)
        .where((Installation.state != "removed") | (Workspace.id == fixed))
        .where(Workspace.stopped_reason.is_distinct_from(ACCESS_REVOKED) | (Workspace.id == fixed))
        .order_by(Workspace.id)
    )
    return [Served(*row) for row in rows]
