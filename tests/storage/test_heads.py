"""What a courier reads to find its next message costs the same however much waits: one step in an index."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import event, insert, text
from sqlalchemy.orm import Session

from storage import lanes, outbox
from storage.models import Delivery
from storage.outbox import Priority
from tests.world import World

MANY = 5_000


def test_the_head_of_a_long_lane_is_one_step_in_an_index(world: World) -> None:
    """And so are the lanes that are due, however many wait for a later turn."""
    world.run(outbox.put_notice, world.workspace_id, "n", 1, "C1", at=world.now, priority=Priority.DIGEST)
    world.run(fill, world)
    asked: dict[str, Any] = {}

    def listen(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if "ORDER BY" in statement:
            asked[statement] = parameters

    event.listen(world.db.engine, "before_cursor_execute", listen)
    (held,) = world.run(lanes.hold_lanes, holder="c", at=world.now, lease=timedelta(seconds=9), limit=8, times=1.0)
    world.run(lanes.record_sent, held, at=world.now, channel="C", ts="1.0", rendering="r", free_at=None)
    world.run(lanes.next_due)
    event.remove(world.db.engine, "before_cursor_execute", listen)
    heads = [statement for statement in asked if "ORDER BY deliveries.priority, deliveries.id" in statement]
    assert len(heads) == 2, "the head when it is taken, and what comes after it"
    assert {statement: plan for statement in asked if (plan := flaws(world, statement, asked[statement]))} == {}


def fill(session: Session, world: World) -> None:
    """A long lane, and many lanes whose turn comes later."""
    row = {
        "workspace_id": world.workspace_id,
        "lane_id": 1,
        "kind": "n",
        "data": {},
        "priority": int(Priority.DIGEST),
        "next_at": world.now,
        "due_at": world.now,
        "created_at": world.now,
    }
    session.execute(insert(Delivery), [row | {"subject_id": n, "token": f"t{n}"} for n in range(MANY)])
    for number in range(500):
        outbox.put_notice(
            session,
            world.workspace_id,
            "n",
            number,
            f"D{number}",
            at=world.now + timedelta(hours=1),
            priority=Priority.DIGEST,
        )
    outbox.settle_outbox(session)
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("ANALYZE"))


def flaws(world: World, statement: str, parameters: Any) -> list[str]:
    """What in the plan grows with what waits: sorting, or reading deliveries or lanes without an index."""
    with world.db.engine.connect() as connection:
        if world.db.is_sqlite:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            return [row.detail for row in rows if "TEMP B-TREE" in row.detail or row.detail.startswith("SCAN d")]
        plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
        nodes = walk((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])
        return [
            f"{node['Node Type']} {node.get('Relation Name', '')}"
            for node in nodes
            if node["Node Type"] == "Sort"
            or (node["Node Type"] == "Seq Scan" and node.get("Relation Name") in ("deliveries", "lanes"))
        ]


def walk(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [node, *(inner for child in node.get("Plans", ()) for inner in walk(child))]
