"""Failures that no retry mends: the delivery ends, and an admin is told what to do about it, once a day a place."""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from bot.slack.client import TEAM_TAKEN, Outcome
from domain.access import stop_taken
from domain.people import admins_of
from storage import lanes, outbox
from storage.held import Held
from storage.models import Workspace
from storage.outbox import Priority

log = structlog.get_logger()

FAILURE_NOTICE = "delivery_failed"


def record_failure(session: Session, held: Held, error: str, at: datetime) -> bool:
    """End the delivery as failed, and tell the admins what happened and how to mend it.

    False when the lane was lost meanwhile: then its new holder goes on.
    """
    if not lanes.record_end(session, held, "failed", at=at, error=error):
        return False
    tell_admins(session, held, error, at)
    return True


def tell_admins(session: Session, held: Held, error: str, at: datetime) -> None:
    """A DM on what was not delivered, and the remedy: once a day for each place and error, to three at most."""
    if held.kind == FAILURE_NOTICE:
        return
    for admin in admins_of(session, held.workspace_id)[:3]:
        if admin.slack_user_id == held.place:
            continue
        outbox.put_notice(
            session,
            held.workspace_id,
            FAILURE_NOTICE,
            held.id,
            admin.slack_user_id,
            at=at,
            priority=Priority.REMINDER,
            once=f"{FAILURE_NOTICE}:{admin.id}:{held.place}:{error}:{at:%Y-%m-%d}",
            data={"place": held.place, "error": error, "kind": held.kind},
        )


def stop_workspace(session: Session, workspace_id: int, outcome: Outcome, at: datetime) -> None:
    """Its token no longer works, or lacks a scope: nothing is sent until the app is installed again."""
    workspace = session.get_one(Workspace, workspace_id)
    if outcome.name == TEAM_TAKEN and workspace.installation_id is not None:
        stop_taken(session, workspace, at)
        return
    needed = f" (scope {outcome.needed})" if outcome.needed else ""
    workspace.state, workspace.stopped_reason = "stopped", f"{outcome.name}{needed}"
    log.error(
        "workspace stopped: install the app again from its manifest",
        workspace=workspace_id,
        error=outcome.name,
        needed=outcome.needed,
        at=at.isoformat(),
    )
