"""How the databases go about a search and an export: on an index, and never through a whole table, or in its order."""

from __future__ import annotations

from typing import Any, Final

import pytest
from sqlalchemy import event, text, update
from sqlalchemy.orm import Session

from domain.voc.ask import reply_to
from domain.voc.export import BEGINNING, PIECE, read_items, read_piece
from domain.voc.items import log_line
from domain.voc.search import search_items
from domain.voc.wording import catch_up, word_items
from storage.models import Theme, VocItem
from tests.world import World

MANY: Final = 2_000
READ: Final = ("voc_words", "voc_items", "voc_terms")
TYPED: Final = (
    "dear",
    "dea",
    '"far too dear"',
    "dear zebra",
    "#pricing",
    "@Globex dear",
    "!Rivalsoft",
    "dear by:me",
    "kind:objection last 14 days",
    "kind:praise last 14 days",
)


@pytest.fixture
def grown(world: World) -> World:
    """As many items as make a plan matter, all with their words. SQLite knows nothing of how many there are."""
    first = world.run(log_line, 'far "too dear" #pricing @Globex !Rivalsoft $10k', by=world.member("ana"), at=world.now)
    copied = ", ".join(one.name for one in VocItem.__table__.columns if one.name != "id")
    copy = (
        f"INSERT INTO voc_items ({copied}) "
        f"WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {MANY}) "
        f"SELECT {copied} FROM voc_items, numbers WHERE id = {first.item.id}"
    )
    world.run(lambda session: session.execute(text(copy)))
    while world.run(word_items, world.workspace_id, limit=MANY):
        pass
    if not world.db.is_sqlite:
        world.run(lambda session: session.execute(text("ANALYZE")))
    return world


def test_a_search_reads_indexes_and_sorts_no_table(grown: World, engine_name: str) -> None:
    bo = grown.member("bo")
    for quotes in (False, True):
        for typed in TYPED:
            asked = _asked(grown, search_items, typed, quotes=quotes, by=bo, at=grown.now)
            assert any("voc_words" in statement for statement, _ in asked)
            assert grown.run(_bad_steps, asked, engine_name) == [], typed


def test_a_question_reads_indexes_and_sorts_no_table(grown: World, engine_name: str) -> None:
    asked = _asked(grown, reply_to, "what do CFOs say about dear things?", by=grown.member("bo"), at=grown.now)
    assert grown.run(_bad_steps, asked, engine_name) == []


def test_words_that_wait_are_found_by_an_index(grown: World, engine_name: str) -> None:
    grown.run(lambda session: session.execute(update(VocItem).values(verbatim=VocItem.verbatim)))
    asked = _asked(grown, catch_up, by=grown.member("bo"), at=grown.now)
    assert any("voc_words_due" in statement for statement, _ in asked)
    assert grown.run(_bad_steps, asked, engine_name) == []


def test_a_piece_of_an_export_goes_along_an_index(grown: World, engine_name: str) -> None:
    theme = grown.run(lambda session: session.query(Theme.id).scalar())
    for which in (None, theme):
        asked = _asked(grown, read_piece, grown.workspace_id, BEGINNING, theme_id=which)
        assert grown.run(_bad_steps, asked, engine_name) == []


def test_the_items_of_a_file_are_read_by_their_ids(grown: World, engine_name: str) -> None:
    asked = _asked(grown, read_items, grown.workspace_id, list(range(1, PIECE)))
    assert grown.run(_bad_steps, asked, engine_name) == []


def _asked(world: World, work: Any, *told: Any, **more: Any) -> list[tuple[str, Any]]:
    """The statements that read items and their words, with their parameters."""
    asked: list[tuple[str, Any]] = []

    def listen(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if statement.startswith("SELECT") and any(table in statement for table in READ):
            asked.append((statement, parameters))

    event.listen(world.db.engine, "before_cursor_execute", listen)
    world.run(work, *told, **more)
    event.remove(world.db.engine, "before_cursor_execute", listen)
    assert asked
    return asked


def _bad_steps(session: Session, asked: list[tuple[str, Any]], engine_name: str) -> list[str]:
    """The steps of their plans that read one of the tables from end to end, or sort more than a page's worth."""
    connection = session.connection()
    bad = []
    for statement, parameters in asked:
        if engine_name == "sqlite":
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            bad += [step for step in plan if _is_bad_on_sqlite(step)]
        else:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            plan = [str(row[0]) for row in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)]
            bad += [step for step in plan if "Seq Scan on voc_" in step]
    return bad


def _is_bad_on_sqlite(step: str) -> bool:
    reads_all = step.startswith("SCAN") and any(table in step for table in READ) and "INDEX" not in step
    reads_the_workspace = step.endswith("(workspace_id=? AND state=?)")
    return reads_all or reads_the_workspace or step == "USE TEMP B-TREE FOR ORDER BY"
