"""An organization gives workspaces to the app that it installed as a whole, and takes them from it.

Slack tells both in any order, late, or twice. So each workspace knows of when its newest news is; what is older counts
for nothing. A workspace that was taken is stopped as if the app were uninstalled there, and the others go on.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.installations import ACCESS_REVOKED, INSTALLATIONS, meet_workspace
from storage.database import wake
from storage.locking import locked
from storage.models import Installation, Workspace

log = structlog.get_logger()


def grant_access(
    session: Session, enterprise_id: str, team_ids: Collection[str], *, happened: datetime, at: datetime
) -> None:
    """The organization's token reaches these workspaces from then on (`happened`: aware UTC, by Slack's clock)."""
    row = _of_organization(session, enterprise_id)
    if row is None or row.state == "removed":
        return
    for team_id in sorted(team_ids):
        meet_workspace(session, row.id, team_id, at=at, seen=happened)


def revoke_access(
    session: Session, enterprise_id: str, team_ids: Collection[str], *, happened: datetime, at: datetime
) -> None:
    """The organization's token reaches these workspaces no more since then (`happened`: aware UTC, by Slack's clock).

    A workspace that is not known yet becomes known as stopped: the news that it was given may come later. One that
    another token speaks for goes on.
    """
    row = _of_organization(session, enterprise_id)
    if row is None:
        return
    named = sorted(set(team_ids))
    known = session.scalars(select(Workspace.slack_team_id).where(Workspace.slack_team_id.in_(named))).all()
    for team_id in sorted(set(named) - set(known)):
        meet_workspace(session, row.id, team_id, at=at, seen=happened)
    session.flush()
    theirs = select(Workspace).where(Workspace.slack_team_id.in_(named), Workspace.installation_id == row.id)
    for workspace in session.scalars(locked(theirs.order_by(Workspace.id))):
        if workspace.access_told_at is not None and happened < workspace.access_told_at:
            log.info("news of an earlier access", workspace=workspace.id, happened=happened.isoformat())
            continue
        stop_taken(session, workspace, happened)


def stop_taken(session: Session, workspace: Workspace, at: datetime) -> None:
    """Nothing is sent to the workspace from here on, until it is given to the app again."""
    workspace.access_told_at = at
    workspace.state, workspace.stopped_reason = "stopped", ACCESS_REVOKED
    log.error("workspace stopped: its organization took it from the app", workspace=workspace.id)
    wake(session, INSTALLATIONS)


def _of_organization(session: Session, enterprise_id: str) -> Installation | None:
    return session.scalars(locked(select(Installation).where(Installation.key == enterprise_id))).one_or_none()
