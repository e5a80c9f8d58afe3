"""Fair turns: of the workspaces that have something due, each gets its share of a round, whoever has how much waiting.

Ten thousand lanes of one workspace must not stand before the one lane of another. So a round asks first who has
something due at all, going on after the workspace that was served last, and takes a few of each. Asking is a walk from
workspace to workspace by index, and costs the same however much waits in one of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from storage.models import Workspace
from storage.statements import Statement


class DueByWorkspace:
    """Which workspaces have something due in a table, in order of their ids, after one of them.

    `due`: the column that says when a row is due (NULL: never), of the table whose `workspace_id` it is. `alike`: the
    columns that are asked for by name besides (`priority`). There must be an index over them, `workspace_id` and `due`,
    for rows where `due` is not NULL. `while_stopped`: whether anything is due while a workspace is stopped.
    """

    def __init__(self, due: InstrumentedAttribute[datetime | None], *alike: str, while_stopped: bool) -> None:
        table: Any = due.class_
        first, other, one = table, aliased(table), aliased(table)
        walk = (
            select(func.min(first.workspace_id).label("id"))
            .where(due.is_not(None), first.workspace_id > bindparam("after"), *_same(first, alike))
            .cte("walk", recursive=True)
        )
        further = select(func.min(other.workspace_id)).where(
            getattr(other, due.key).is_not(None), other.workspace_id > walk.c.id, *_same(other, alike)
        )
        walk = walk.union_all(select(further.scalar_subquery()).where(walk.c.id.is_not(None)))
        here = exists().where(
            one.workspace_id == walk.c.id,
            getattr(one, due.key) <= bindparam("at"),
            *([] if while_stopped else [Workspace.id == one.workspace_id, Workspace.state == "active"]),
            *_same(one, alike),
        )
        self._after = Statement(select(walk.c.id).where(walk.c.id.is_not(None), here).limit(bindparam("most")))

    def after(self, session: Session, last: int, at: datetime, most: int, alike: Mapping[str, Any]) -> list[int]:
        """The ids of up to `most` workspaces with something due at `at`: those after `last`, then those before it."""
        asked = {"at": at, "most": most, **alike}
        first: list[int] = self._after.scalars(session, {**asked, "after": 0})
        later = [one for one in first if one > last]
        if last and len(first) == most:  # seldom: there may be more of them
            later = self._after.scalars(session, {**asked, "after": last})
        return [*later, *(one for one in first if one <= last)][:most]


class Turns:
    """Who was served last, in one process: it is never stored, since a fair beginning is as good as another."""

    def __init__(self, due: DueByWorkspace) -> None:
        self._due = due
        self._last: dict[tuple[Any, ...], int] = {}

    def shares(self, session: Session, at: datetime, room: int, **alike: Any) -> Iterator[tuple[int, int]]:
        """Each workspace of this round with how many rows it may have of `room`, which are shared out evenly.

        `alike`: what was named as alike. A workspace that is passed over in this round is among the first of the next.
        """
        key = tuple(alike.values())
        found = self._due.after(session, self._last.get(key, 0), at, room, alike)
        for number, workspace_id in enumerate(found):
            self._last[key] = workspace_id
            yield workspace_id, room // len(found) + (number < room % len(found))


def _same(table: Any, names: tuple[str, ...]) -> list[ColumnElement[bool]]:
    return [getattr(table, name) == bindparam(name) for name in names]
