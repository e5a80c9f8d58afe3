"""What runs for every message, lead and click finds its rows by an index: no table is read from end to end."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from digests.editions import publish_due_editions
from domain.dead_jobs import bury_job, replay_dead
from domain.folding import fold
from domain.home import load_home, open_home
from domain.lateness import record_incidents
from domain.leads import clocks
from domain.leads.availability import go_away
from domain.leads.lifecycle import claim_lead, contact_lead
from domain.leads.listing import list_open_leads
from domain.leads.rungs import apply_due_rungs
from domain.leads.waiting import count_waiting, give_waiting_leads
from domain.proposals.asked import load_batch
from domain.proposals.asking import ask_marketing, find_maybes, workspaces_to_ask
from domain.pulse import UNTAGGED
from domain.voc.board import load_board
from domain.voc.items import log_line
from domain.voc.promise import begin_promises, tell_late, workspaces_with_late
from domain.voc.reading import read_all
from domain.voc.rising import tell_rising, workspaces_to_compare
from domain.voc.scope import Scope
from handlers.setup.doctor import Examination
from storage import jobs, lanes, outbox
from storage.queue import read_queue
from tests.world import World

GROWING = (
    "deliveries",
    "leads",
    "lead_events",
    "clocks",
    "cards",
    "lanes",
    "inbox_keys",
    "jobs",
    "voc_items",
    "theme_rises",
    "voc_proposals",
    "asked_proposals",
    "theme_batches",
)


@pytest.fixture
def engine_name() -> str:
    """SQLite tells its plans without statistics, and uses a partial index only if the words prove it."""
    return "sqlite"


def test_nothing_hot_reads_a_whole_table(world: World) -> None:
    asked: dict[str, Any] = {}

    def listen(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if re.match(r"SELECT|UPDATE|DELETE", statement):
            asked[statement] = parameters[0] if many else parameters

    ana, mia = world.member("ana"), world.member("mia")
    event.listen(world.db.engine, "before_cursor_execute", listen)
    world.run(open_home, by=ana, at=world.now)
    lead_id = world.lead(company=None)
    for held in world.run(lanes.hold_lanes, holder="c", at=world.now, lease=timedelta(seconds=9), limit=9):
        world.run(lanes.record_sent, held, at=world.now, channel="C", ts="1.0", rendering="r", free_at=None)
    world.run(lanes.next_due)
    world.run(outbox.waiting)
    world.run(read_queue, world.workspace_id, world.now)
    world.run(record_incidents, world.workspace_id, None, at=world.now)
    world.run(apply_due_rungs, at=world.later(minutes=3))
    world.run(clocks.next_due)
    world.run(jobs.enqueue, world.workspace_id, Examination("U1"), at=world.now, once="x")
    world.run(jobs.open_queues, ["examination"])
    taken = world.run(jobs.hold_job, "examination", world.workspace_id, holder="p", at=world.now, lease=timedelta(1))
    assert taken is not None
    world.run(jobs.renew_leases, "p", [taken.id], at=world.now, lease=timedelta(1))
    world.run(jobs.read_jobs, world.workspace_id, world.now)
    world.run(jobs.open_jobs)
    world.run(bury_job, taken, "x", what="x", remedy="x", at=world.now)
    world.run(replay_dead, "examination", by=mia, at=world.now)
    world.run(jobs.forget_jobs_before, world.now, world.now, limit=9)
    world.run(give_waiting_leads, at=world.now, limit=9)
    world.run(count_waiting, world.workspace_id)
    world.run(claim_lead, lead_id, by=ana, at=world.now)
    world.run(list_open_leads, by=mia, at=world.now)
    world.run(load_home, ana.id, ana.workspace_id, world.now)
    world.run(load_home, mia.id, mia.workspace_id, world.now)
    world.run(go_away, "", by=ana, at=world.now)
    world.run(contact_lead, lead_id, by=ana, at=world.now)
    world.run(publish_due_editions, at=world.now)
    world.run(log_line, "far too dear #pricing @Globex $40k", by=ana, at=world.now)
    for scope in (Scope(), Scope(days=90, kind="objection", competitor="Rivalsoft")):
        world.run(load_board, scope, by=ana, at=world.now)
        world.run(read_all, 1, scope, by=ana, at=world.now)
        world.run(read_all, UNTAGGED, scope, by=ana, at=world.now)
    world.run(read_all, 1, Scope(days=None), by=ana, at=world.now)
    world.run(begin_promises, world.workspace_id, at=world.now)
    world.run(workspaces_with_late, world.now)
    world.run(tell_late, world.workspace_id, at=world.now)
    world.run(fold, world.workspace_id, at=world.now, limit=9)
    world.run(workspaces_to_compare, world.now)
    world.run(tell_rising, world.workspace_id, at=world.now)
    world.run(log_line, "the fees came up", by=ana, at=world.now)
    world.run(workspaces_to_ask, world.later(hours=2))
    found = world.run(find_maybes, world.workspace_id, at=world.now)
    assert found
    world.run(ask_marketing, world.workspace_id, found, at=world.now)
    world.run(load_batch, 1, world.workspace_id)
    event.remove(world.db.engine, "before_cursor_execute", listen)
    assert _read_to_the_end(world, asked) == []


def _read_to_the_end(world: World, asked: dict[str, Any]) -> list[str]:
    """The statements whose plan scans a growing table without an index."""
    found = []
    with world.db.engine.connect() as connection:
        for statement, parameters in asked.items():
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            scans = [row.detail for row in plan if row.detail.startswith("SCAN") and "INDEX" not in row.detail]
            found += [f"{scan}: {statement}" for scan in scans if scan.split()[1] in GROWING]
    return found
