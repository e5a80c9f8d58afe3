"""The database before and after: settings put back as they were, and the other company's rows compared."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Table, func, insert, select, update
from sqlalchemy.orm import Session

from storage.base import Base
from storage.models import IS_WAITING, Audience, Delivery, Lane, Member, Policy, Source, Team, Workspace

KEPT = ("id", "next_at", "away_until", "dm_channel", "synced_at")
"""Columns that the program itself moves on."""

RESTORED = (Workspace, Member, Team, Policy, Source, Audience)


def waiting(session: Session, workspace_id: int) -> int:
    """How many deliveries of a workspace have not left yet."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Delivery)
            .join(Lane, Lane.id == Delivery.lane_id)
            .where(Lane.workspace_id == workspace_id, IS_WAITING)
        )
        or 0
    )


def snapshot(session: Session, workspace_id: int) -> dict[str, list[dict[str, Any]]]:
    """The rows of a workspace's settings, by table."""
    saved: dict[str, list[dict[str, Any]]] = {}
    for model in RESTORED:
        table = model.__table__
        whose = table.c.id if model is Workspace else table.c.workspace_id
        rows = session.execute(select(table).where(whose == workspace_id)).mappings()
        saved[model.__tablename__] = [dict(row) for row in rows]
    return saved


def restore(session: Session, saved: dict[str, list[dict[str, Any]]]) -> None:
    """Undo what admins did to the settings: later requests must meet the same roles and secrets."""
    for model in RESTORED:
        table = model.__table__
        assert isinstance(table, Table)
        for row in saved[model.__tablename__]:
            changed = {name: value for name, value in row.items() if name not in KEPT}
            there = session.execute(update(table).where(table.c.id == row["id"]).values(changed).returning(table.c.id))
            if there.first() is None:
                session.execute(insert(table).values(row))


def fingerprint(session: Session, workspace_id: int) -> dict[str, str]:
    """A digest of each table's rows of one workspace."""
    prints: dict[str, str] = {}
    for table in Base.metadata.sorted_tables:
        if "workspace_id" in table.c:
            rows = session.execute(
                select(table).where(table.c.workspace_id == workspace_id).order_by(*table.primary_key)
            )
            kept = [tuple(row) for row in rows]
            prints[table.name] = f"{len(kept)} rows, {hashlib.sha256(repr(kept).encode()).hexdigest()[:8]}"
    return prints


def differences(before: dict[str, str], after: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """The tables that differ, with both fingerprints."""
    yield from ((name, before[name], after[name]) for name in before if before[name] != after[name])
