"""The tests of this folder see it when a query forgets its workspace: the filter is taken out, table by table."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Column
from sqlalchemy.sql import operators
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BinaryExpression, BindParameter

from handlers.catalog import all_listeners
from storage.database import Database
from storage.statements import Statement, _Compiled
from tests.tenants.asking import Desk
from tests.tenants.conftest import AT
from tests.tenants.furniture import Tenant
from tests.tenants.requests import Requests
from tests.tenants.tour import leaks, look_around


def forget(monkeypatch: pytest.MonkeyPatch, table: str) -> None:
    """From now on `table.workspace_id = …` is true of every row, in whatever statement it stands."""
    compiled: Any = SQLCompiler.visit_binary

    def visit_binary(self: SQLCompiler, binary: BinaryExpression[Any], *args: Any, **kwargs: Any) -> str:
        written: str = compiled(self, binary, *args, **kwargs)
        left = binary.left
        forgotten = (
            isinstance(left, Column)
            and left.name == "workspace_id"
            and getattr(left.table, "name", "") == table
            and binary.operator is operators.eq
            and isinstance(binary.right, BindParameter)
        )
        return f"({written} OR 1 = 1)" if forgotten else written

    made: dict[tuple[Statement, tuple[str, ...]], _Compiled] = {}

    def anew(self: Statement, connection: Any, values: Any) -> _Compiled:
        names = tuple(values) if self.statement.is_insert or self.statement.is_update else ()
        if (self, names) not in made:
            made[self, names] = _Compiled(self.statement, connection.dialect, list(names) or None)
        return made[self, names]

    monkeypatch.setattr(SQLCompiler, "visit_binary", visit_binary)
    monkeypatch.setattr(Statement, "_for", anew)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # what is written wrong is so on both
@pytest.mark.parametrize("table", ["voc_items", "themes", "accounts", "personas", "sources", "assets"])
async def test_a_forgotten_workspace_is_seen(
    db: Database, two: tuple[Tenant, Tenant], table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    us, them = two
    desk = Desk(db, us, (), AT)
    db.engine.update_execution_options(compiled_cache={})  # of its own: nothing forgetful goes on to other tests
    forget(monkeypatch, table)
    async for request, came in look_around(desk, Requests(us, all_listeners())):
        # What was kept, and what refers to what, is found out by queries that forget, too.
        if any(": answered" in one or ": sent" in one for one in leaks(request, came, them.word)):
            return
    pytest.fail("nothing of the other workspace was seen")
