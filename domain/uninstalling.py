"""Slack tells that the app was uninstalled, or its token revoked: the workspaces that the token spoke for stop.

Nothing that they hold is lost: who installs Tandem again finds it, and what still means something goes out then.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.installations import ACCESS_REVOKED, INSTALLATIONS
from storage.database import wake
from storage.locking import locked
from storage.models import Installation, Workspace

log = structlog.get_logger()

UNINSTALLED: Final = "app_uninstalled"
REVOKED: Final = "token_revoked"
NEAR: Final = timedelta(seconds=60)
"""Slack's clock and ours may differ by so much, and Slack tells the time of an event in whole seconds."""


def lose_token(session: Session, workspace_id: int, reason: str, *, happened: datetime | None, at: datetime) -> bool:
    """Stop everything that this workspace's token spoke for, and say whether it was still that token.

    `reason`: UNINSTALLED or REVOKED. `happened` (aware UTC, by Slack's clock; None: not told): Slack may tell it late,
    after the app was installed again, and then it is no news. Where the two are too near to each other to say, the
    workspaces stop and the installation stays: a token that holds makes them go on within a minute.
    """
    workspace = session.get_one(Workspace, workspace_id)
    if workspace.installation_id is None:
        _stop(workspace, reason)
        return True
    row = session.scalars(locked(select(Installation).where(Installation.id == workspace.installation_id))).one()
    return _lose(session, row, reason, happened, at)


def lose_organization(
    session: Session, enterprise_id: str, reason: str, *, happened: datetime | None, at: datetime
) -> bool:
    """`lose_token` of an organization that installed the app as a whole, when Slack names none of its workspaces."""
    row = session.scalars(locked(select(Installation).where(Installation.key == enterprise_id))).one_or_none()
    return row is not None and _lose(session, row, reason, happened, at)


def _lose(session: Session, row: Installation, reason: str, happened: datetime | None, at: datetime) -> bool:
    if happened is not None and happened < row.installed_at - NEAR:
        log.info("news of an earlier installation", installation=row.id, news=reason, happened=happened.isoformat())
        return False
    if reason == UNINSTALLED and (happened is None or happened > row.installed_at + NEAR):
        row.state, row.stopped_reason, row.updated_at = "removed", reason, at
        row.sealed_token, row.sealed_refresh_token, row.token_expires_at = "", None, None
        row.refreshing_by, row.refreshing_until = None, None
    for one in session.scalars(
        locked(select(Workspace).where(Workspace.installation_id == row.id).order_by(Workspace.id))
    ):
        if one.state == "active" or (row.state == "removed" and one.stopped_reason != ACCESS_REVOKED):
            _stop(one, reason)
    wake(session, INSTALLATIONS)
    return True


def _stop(workspace: Workspace, reason: str) -> None:
    """Nothing is sent from here on, until the app is installed again."""
    workspace.state, workspace.stopped_reason = "stopped", reason
    log.error("workspace stopped: install the app again", workspace=workspace.id, error=reason)
