"""The lanes of what a transaction wants said: locked at its end, in one order, and due from then on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from storage.models import Lane
from storage.statements import Statement

Place = tuple[int, str]
"""Workspace and place: what a lane is the queue of."""

_LANES = Statement(
    select(
        Lane.id,
        Lane.place,
        Lane.holder,
        Lane.due_at,
        Lane.free_at,
        Lane.priority,
        Lane.gathers_card_id,
        Lane.gathers_since,
    )
    .where(Lane.workspace_id == bindparam("workspace"), Lane.place.in_(bindparam("places", expanding=True)))
    .order_by(Lane.id)
    .with_for_update(key_share=True)
)
_MAKE_DUE = Statement(
    update(Lane).where(Lane.id == bindparam("lane")).values(due_at=bindparam("due"), priority=bindparam("urgency"))
)


def lock_lanes(session: Session, places: set[Place]) -> dict[Place, Any]:
    """The lanes of these places, locked; made where there are none."""
    lanes = _lock_lanes(session, places)
    missing = sorted(places - lanes.keys())
    if missing:
        upsert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        made = [{"workspace_id": workspace_id, "place": place} for workspace_id, place in missing]
        session.execute(upsert(Lane).values(made).on_conflict_do_nothing())
        lanes |= _lock_lanes(session, missing)
    return lanes


def _lock_lanes(session: Session, places: Iterable[Place]) -> dict[Place, Any]:
    """In the order of workspaces, then of ids."""
    by_workspace: dict[int, list[str]] = {}
    for workspace_id, place in sorted(places):
        by_workspace.setdefault(workspace_id, []).append(place)
    found: dict[Place, Any] = {}
    for workspace_id, here in by_workspace.items():
        rows = _LANES.all(session, {"workspace": workspace_id, "places": here})
        found |= {(workspace_id, lane.place): lane for lane in rows}
    return found


def make_due(session: Session, due: Sequence[dict[str, Any]]) -> None:
    """Make lanes due, as `due_then` says."""
    _MAKE_DUE.run_many(session, due)


def due_then(lane: Any, priority: int, at: datetime, *, sooner: bool) -> dict[str, Any] | None:
    """The lane comes due then, but not before Slack's pace allows; one that a courier holds when it would be.

    None, and nothing changes, where something as urgent waits: what is new is not first in it. `sooner`: unless what
    waits is wanted sooner than the lane is due.
    """
    if lane.due_at is not None and lane.priority <= priority:
        if not sooner or lane.holder is not None or lane.due_at <= at:
            return None
        priority = lane.priority
    due = max(at, lane.free_at) if lane.free_at else at
    if lane.holder is not None:
        due = lane.due_at  # the lease's end: if its courier is dead, the lane is then as urgent as what is new
    return {"lane": lane.id, "due": due, "urgency": priority}
