"""What the database holds of each workspace, by the tables' own declarations: a new table cannot be forgotten."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Select, func, not_, select
from sqlalchemy.orm import Session

from domain.erasing import OF_NO_WORKSPACE, belongs, owned_tables

Rows = Mapping[str, Sequence[tuple[Any, ...]]]


def rows_of(session: Session, workspace_id: int, only: Collection[str] | None = None) -> Rows:
    """Every row that belongs to a workspace, by table; of some tables, or of all."""
    return {
        name: [tuple(row) for row in session.connection().execute(rows)]
        for name, rows in _all_rows(workspace_id).items()
        if only is None or name in only
    }


def changed(before: Rows, after: Rows) -> list[str]:
    """The tables that differ."""
    return [name for name in after if before[name] != after[name]]


def strays(session: Session, workspace_id: int, only: Collection[str] | None = None) -> list[str]:
    """References from a workspace's rows to rows that are not its own, by column; of some tables, or of all."""
    return [
        f"{table}.{column}"
        for table, column, stray in _all_strays(workspace_id)
        if (only is None or table in only) and session.connection().scalar(stray)
    ]


# Thousands of requests are looked at in this way: what asks the database is put together once.
@cache
def _all_rows(workspace_id: int) -> dict[str, Select[*tuple[Any, ...]]]:
    return {
        table.name: select(table).where(belongs(table, workspace_id)).order_by(*table.primary_key)
        for table in owned_tables()
    }


@cache
def _all_strays(workspace_id: int) -> list[tuple[str, str, Select[int]]]:
    found: list[tuple[str, str, Select[int]]] = []
    for table in owned_tables():
        for key in table.foreign_keys:
            owner = key.column.table
            if owner.name in OF_NO_WORKSPACE:
                continue
            own = select(key.column).where(belongs(owner, workspace_id))
            stray = select(func.count()).select_from(table).where(belongs(table, workspace_id))
            found.append((table.name, key.parent.name, stray.where(key.parent.is_not(None), not_(key.parent.in_(own)))))
    return found
