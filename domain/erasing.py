"""Everything that is kept of a workspace is erased, some time after the app was uninstalled there.

First the workspace loses its Slack id, so that an installation that comes meanwhile begins a new one. Then its rows go,
a piece in a transaction, those that refer to others first. What arrivals were answered (`inbox_keys`) goes by its age.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Table, delete, select, tuple_, update
from sqlalchemy.orm import Session

from domain.installations import ACCESS_REVOKED
from storage.base import Base
from storage.locking import locked
from storage.models import Installation, Workspace

ERASED: Final = "erased"
PIECE: Final = 500
OF_NO_WORKSPACE: Final = frozenset({"inbox_keys", "installations", "oauth_states", "workspaces"})
"""Tables whose rows belong to no workspace, or that are seen to by themselves."""


def begin_erasing(session: Session, before: datetime, fixed: int | None = None) -> int:
    """Give up every workspace that the app was uninstalled from, or taken from, before then (aware UTC); how many.

    A workspace that is at work nevertheless stays, as does `fixed`, for which SLACK_BOT_TOKEN speaks.
    """
    gone = session.scalars(
        locked(select(Installation).where(Installation.state == "removed", Installation.updated_at < before))
    ).all()
    count = 0
    for installation in gone:
        for workspace in session.scalars(select(Workspace).where(Workspace.installation_id == installation.id)):
            workspace.installation_id = None
            if workspace.state == "active" or workspace.id == fixed:
                continue
            _give_up(workspace)
            count += 1
        session.flush()
        session.delete(installation)
    taken = select(Workspace).where(Workspace.stopped_reason == ACCESS_REVOKED, Workspace.access_told_at < before)
    taken = taken.where(Workspace.id.is_distinct_from(fixed)).order_by(Workspace.id)
    for workspace in session.scalars(locked(taken)):
        workspace.installation_id = None
        _give_up(workspace)
        count += 1
    return count


def _give_up(workspace: Workspace) -> None:
    workspace.slack_team_id, workspace.name, workspace.domain = f"{ERASED}:{workspace.id}", "", ""
    workspace.state, workspace.stopped_reason = "stopped", ERASED


def erase_piece(session: Session) -> bool:
    """Erase up to PIECE rows of a workspace that was given up; False: nothing is left to erase."""
    workspace_id = session.scalar(select(Workspace.id).where(Workspace.stopped_reason == ERASED).limit(1))
    if workspace_id is None:
        return False
    for table in owned_tables():
        keys = list(table.primary_key.columns)
        for column in _own_kind(table):
            # A row may refer to one of its own table that goes in an earlier piece.
            mine = update(table).where(belongs(table, workspace_id), column.is_not(None))
            session.execute(mine.values({column: None}))
        rows = session.execute(select(*keys).where(belongs(table, workspace_id)).limit(PIECE)).all()
        if rows:
            session.execute(delete(table).where(tuple_(*keys).in_([tuple(row) for row in rows])))
            return True
    session.execute(delete(Workspace).where(Workspace.id == workspace_id))
    return True


def _own_kind(table: Table) -> list[Column[Any]]:
    """The columns that refer to rows of the same table."""
    return [key.parent for key in table.foreign_keys if key.column.table is table]


def owned_tables() -> Sequence[Table]:
    """The tables whose rows belong to workspaces, those that refer to others first."""
    return [table for table in reversed(Base.metadata.sorted_tables) if table.name not in OF_NO_WORKSPACE]


def belongs(table: Table, workspace_id: int) -> ColumnElement[bool]:
    """Whether a row belongs to the workspace: it says so itself, or what it refers to does. Raises LookupError."""
    if "workspace_id" in table.columns:
        return table.columns["workspace_id"] == workspace_id
    for key in table.foreign_keys:
        owner = key.column.table
        if owner.name not in OF_NO_WORKSPACE:
            return key.parent.in_(select(key.column).where(belongs(owner, workspace_id)))
    raise LookupError(f"nothing says to which workspace a row of {table.name} belongs")
