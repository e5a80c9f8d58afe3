"""What the database holds of each workspace, by the tables' own declarations: a new table cannot be forgotten."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import func, not_, select
from sqlalchemy.orm import Session

from domain.erasing import OF_NO_WORKSPACE, belongs, owned_tables

Rows = Mapping[str, Sequence[tuple[Any, ...]]]


def rows_of(session: Session, workspace_id: int, only: Collection[str] | None = None) -> Rows:
    """Every row that belongs to a workspace, by table; of some tables, or of all."""
    return {
        table.name: [
            tuple(row)
            for row in session.connection().execute(
                select(table).where(belongs(table, workspace_id)).order_by(*table.primary_key)
            )
        ]
        for table in owned_tables()
        if only is None or table.name in only
    }


def changed(before: Rows, after: Rows) -> list[str]:
    """The tables that differ."""
    return [name for name in after if before[name] != after[name]]


def strays(session: Session, workspace_id: int, only: Collection[str] | None = None) -> Iterator[str]:
    """References from a workspace's rows to rows that are not its own, by column; of some tables, or of all."""
    for table in owned_tables():
        if only is not None and table.name not in only:
            continue
        for key in table.foreign_keys:
            owner = key.column.table
            if owner.name in OF_NO_WORKSPACE:
                continue
            own = select(key.column).where(belongs(owner, workspace_id))
            stray = select(func.count()).select_from(table).where(belongs(table, workspace_id))
            if session.connection().scalar(stray.where(key.parent.is_not(None), not_(key.parent.in_(own)))):
                yield f"{table.name}.{key.parent.name}"
