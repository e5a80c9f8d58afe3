"""Where nobody outside is told, nobody waits for it; where somebody is, a change costs a look and a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, text

from bot.seal import Sealer
from domain.leads.lifecycle import claim_lead
from domain.voc.items import log_line
from domain.webhooks.endpoints import add_endpoint
from domain.webhooks.rounds import endpoints_due
from storage.database import Database
from tests.running import KEY
from tests.world import World


@contextmanager
def statements(db: Database) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(" ".join(statement.split()))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def add(world: World, url: str = "https://example.com/hooks") -> int:
    seal = Sealer(KEY).seal
    one, _ = world.run(add_endpoint, world.workspace_id, url, ["lead", "voc"], seal=seal, at=world.now)
    return one.id


def voc(world: World) -> None:
    world.run(log_line, "too dear #pricing @Globex", by=world.member("ana"), at=world.now)


def lead(world: World) -> None:
    world.lead()


def claim(world: World) -> None:
    world.run(claim_lead, 1, by=world.member("ana"), at=world.now)


@pytest.mark.parametrize("do", [voc, lead], ids=lambda do: str(do.__name__))
def test_where_no_endpoint_is_no_statement_is_about_webhooks(world: World, do: Callable[[World], None]) -> None:
    do(world)  # what is new the first time (a theme, an account) is there
    with statements(world.db) as asked:
        do(world)
    assert asked
    about = [one for one in asked if "webhook" in one]
    # It stands beside what is asked in any case.
    assert [
        one for one in about if not one.startswith(("INSERT INTO lead_events", "INSERT INTO voc_items", "SELECT teams"))
    ] == []
    assert not [one for one in asked if "webhook_messages" in one]


def test_a_change_is_one_look_and_one_row_where_an_endpoint_is(world: World) -> None:
    voc(world)
    with statements(world.db) as before:
        voc(world)
    add(world)
    with statements(world.db) as after:
        voc(world)
    added = [one for one in after if one.startswith("INSERT INTO webhook_messages")]
    assert len(added) == 1
    assert len(after) - len(before) <= 6


def test_a_lead_without_endpoints_asks_as_much_as_it_says(world: World) -> None:
    lead(world)
    with statements(world.db) as asked:
        claim(world)
    assert not [one for one in asked if one.startswith(("SELECT webhook", "INSERT INTO webhook"))]


def test_what_is_due_is_found_by_indexes(world: World) -> None:
    endpoint = add(world)
    for _ in range(3):
        world.lead()
    explain = "EXPLAIN QUERY PLAN " if world.db.is_sqlite else "EXPLAIN "

    def plan(session: Any, query: str) -> str:
        if not world.db.is_sqlite:
            session.execute(text("SET LOCAL enable_seqscan = off"))
        return "\n".join(str(row) for row in session.execute(text(explain + query)))

    mine = f"endpoint_id = {endpoint} AND due_at IS NOT NULL"
    earlier = f"SELECT 1 FROM webhook_messages e WHERE e.{mine} AND e.subject = m.subject AND e.id < m.id"
    heads = (
        f"SELECT id FROM webhook_messages m WHERE {mine} AND due_at <= '2027-01-01' AND NOT EXISTS ({earlier}) "
        "ORDER BY due_at, id LIMIT 4"
    )
    found = world.run(plan, heads)
    assert "ix_webhook_messages_due" in found
    assert "ix_webhook_messages_order" in found
    assert world.run(endpoints_due, world.now) == [endpoint]
