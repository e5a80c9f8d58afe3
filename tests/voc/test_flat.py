"""What a person waits for reads as much beside many items and leads as beside few: counted in rows, not in seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select, text, update
from sqlalchemy.orm import Session

from bench.grown import Grown, grow, later
from domain.folding import AT_ONCE, fold, workspaces_to_fold
from domain.home import load_home
from domain.leads.listing import list_open_leads
from domain.leads.urgency import count_open, most_urgent
from domain.people import Actor, actor
from domain.pulse import count_pulses, recount, take_pulse
from domain.themes import find_answerable
from domain.voc.facts import list_own_items
from domain.voc.items import log_line
from domain.voc.known import show_theme
from domain.voc.scope import Scope, items_in
from domain.voc.suggestions import suggest_accounts, suggest_competitors, suggest_themes
from storage.beginnings import begins_with
from storage.database import Database
from storage.models import Account, Lead, Member, Team, Theme, VocItem
from tests.world import World

Work = Callable[[Session, Actor], Any]
FEW, MANY = 4_000, 16_000


def _log_answered(session: Session, by: Actor) -> None:
    """A line whose theme has an answer: the receipt tells what worked, too."""
    theme = (Theme.workspace_id == by.workspace_id, Theme.slug == "theme-1")
    session.execute(update(Theme).where(*theme).values(answer="Say: value.", answered_at=later(9)))
    log_line(session, 'dear #theme-1 @"Account 1" $9k', by=by, at=later(9))


def _count_untagged(session: Session, by: Actor) -> None:
    """As the board does."""
    untagged = (*items_in(Scope(), by.workspace_id, later(9)), VocItem.theme_id.is_(None))
    assert count_pulses(session, *untagged) == {}


LOOKS: dict[str, tuple[str, Work]] = {
    "items without a theme, of which there are none": ("marketer", _count_untagged),
    "a line": ("rep", lambda session, by: log_line(session, 'dear #theme-0 @"Account 1" $9k', by=by, at=later(9))),
    "a line under an answered theme": ("rep", _log_answered),
    "a line under a new theme": ("marketer", lambda session, by: log_line(session, "so #new", by=by, at=later(9))),
    "a line about a competitor": ("rep", lambda session, by: log_line(session, "Acme is cheap", by=by, at=later(9))),
    "a line of plain words": ("rep", lambda session, by: log_line(session, "it is slow", by=by, at=later(9))),
    "theme menu": ("rep", lambda session, by: suggest_themes(session, "", by=by, at=later(9))),
    "theme menu, typed": ("rep", lambda session, by: suggest_themes(session, "eme-1", by=by, at=later(9))),
    "account menu": ("rep", lambda session, by: suggest_accounts(session, "", by=by, at=later(9))),
    "account menu, typed": ("rep", lambda session, by: suggest_accounts(session, "account 7", by=by, at=later(9))),
    "competitor menu": ("rep", lambda session, by: suggest_competitors(session, "", by=by, at=later(9))),
    "answer": ("marketer", lambda session, by: find_answerable(session, "theme-0", by=by, at=later(9))),
    "a theme": ("marketer", lambda session, by: show_theme(session, "theme-0", by=by, at=later(9))),
    "no theme": ("marketer", lambda session, by: show_theme(session, "themes-9", by=by, at=later(9))),
    "own items": ("rep", lambda session, by: list_own_items(session, by=by, at=later(9))),
    "Home of a marketer": ("marketer", lambda session, by: load_home(session, by.id, by.workspace_id, later(9))),
}


Sizes = dict[int, tuple[Database, Grown]]


@pytest.fixture(scope="module")
def grown(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sizes]:
    """A database with few and one with many items and open leads, on SQLite: its steps can be counted."""
    made = {}
    for items in (FEW, MANY):
        path = tmp_path_factory.mktemp("grown") / "tandem.db"
        path.write_bytes(sqlite_template.read_bytes())
        db = Database(f"sqlite:///{path}")
        made[items] = db, grow(db, "T9", items=items, themes=2, leads=items)
    yield made
    for db, _ in made.values():
        db.close()


@pytest.mark.parametrize("look", LOOKS)
def test_what_a_look_reads_does_not_grow_with_the_items(look: str, grown: Sizes) -> None:
    role, work = LOOKS[look]
    few, many = (_steps(*grown[items], role, work) for items in (FEW, MANY))
    assert many < few * 1.5


def test_the_most_urgent_leads_are_found_without_reading_the_others(grown: Sizes) -> None:
    def look(session: Session, by: Actor) -> list[int]:
        team_id = session.scalars(select(Team.id).where(Team.workspace_id == by.workspace_id)).one()
        return list(most_urgent(session, by.workspace_id, Lead.team_id == team_id, count=FEW, limit=6))

    few, many = (_steps(*grown[items], "manager", look) for items in (FEW, MANY))
    assert many < few * 1.5


def test_all_open_leads_are_counted_from_an_index_alone(grown: Sizes) -> None:
    """Not their rows: a manager's list costs a few steps for each lead, and no more."""
    few, many = (
        _steps(*grown[items], "manager", lambda session, by: list_open_leads(session, by=by, at=later(9)))
        for items in (FEW, MANY)
    )
    assert (many - few) / (MANY - FEW) < 10


def test_both_ways_agree_about_the_urgent_ones(grown: Sizes) -> None:
    db, one = grown[MANY]

    def both(session: Session) -> tuple[Any, Any]:
        which = Lead.owner_id.is_not(None) & (Lead.team_id > 0)
        assert count_open(session, which) == MANY
        ways = [most_urgent(session, one.workspace_id, which, count=count, limit=9) for count in (1, MANY)]
        return ways[0], ways[1]

    slow, fast = db.run_sync(both)
    assert list(slow) == list(fast)


def _steps(db: Database, one: Grown, role: str, work: Work) -> int:
    """How many steps SQLite takes for it; nothing of it stays."""
    counted = [0]

    def step() -> int:
        counted[0] += 1
        return 0

    def run(session: Session) -> None:
        by = actor(session.get_one(Member, getattr(one, role)))
        raw: Any = session.connection().connection.dbapi_connection
        raw.set_progress_handler(step, 10)
        work(session, by)
        session.flush()
        raw.set_progress_handler(None, 0)
        raise _Undone

    with pytest.raises(_Undone):
        db.run_sync(run)
    return counted[0]


class _Undone(Exception):
    """Nothing of what was measured stays."""


def test_items_that_wait_to_be_counted_stay_few_without_a_worker(world: World) -> None:
    for number in range(3 * AT_ONCE):
        world.run(log_line, f"dear {number} #pricing", by=world.member("ana"), at=world.now)
        assert world.run(_waiting) <= AT_ONCE
    world.run(log_line, "one more", by=world.member("ana"), at=world.now)
    assert world.run(workspaces_to_fold, world.now) == [world.workspace_id]
    while world.run(fold, world.workspace_id, at=world.now, limit=7):
        pass
    assert (world.run(_waiting), world.run(workspaces_to_fold, world.now)) == (0, [])


def test_many_items_that_wait_are_counted_one_by_one(world: World) -> None:
    """As after an upgrade, until the worker has counted what was there."""
    world.run(log_line, "dear #pricing @Globex $10k", by=world.member("ana"), at=world.now)
    columns = [one.name for one in VocItem.__table__.columns if one.name != "id"]
    copied = ", ".join(columns)
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400) SELECT i FROM n"
    many = f"INSERT INTO voc_items ({copied}) SELECT {copied} FROM voc_items, ({numbers}) AS n"
    world.run(lambda session: session.execute(text(many)))
    pulse = world.run(take_pulse, world.workspace_id, world.now, "theme", 1)
    assert (pulse.count, pulse.reps, pulse.accounts) == (401, 1, 1)
    while world.run(fold, world.workspace_id, at=world.now, limit=64):
        pass
    assert world.run(take_pulse, world.workspace_id, world.now, "theme", 1) == pulse


def test_what_a_clock_that_was_ahead_took_off_counts_again(world: World) -> None:
    for number in range(5):
        world.run(log_line, f"dear {number} #pricing @Globex ${number}k", by=world.member("ana"), at=world.now)
    counted = world.run(take_pulse, world.workspace_id, world.now, "theme", 1)
    _count_all(world, world.now)
    _count_all(world, world.now + timedelta(days=40))
    assert world.run(take_pulse, world.workspace_id, world.now, "theme", 1) != counted
    assert world.run(workspaces_to_fold, world.now) == [world.workspace_id]
    _count_all(world, world.now)
    assert world.run(take_pulse, world.workspace_id, world.now, "theme", 1) == counted
    assert world.run(workspaces_to_fold, world.now) == []


def _count_all(world: World, at: datetime) -> None:
    while world.run(fold, world.workspace_id, at=at, limit=2):
        pass


def test_a_count_holds_while_another_process_counts_items(world: World, migrated_url: str, engine_name: str) -> None:
    if engine_name == "sqlite":
        return  # a transaction sees one state
    for number in range(9):
        world.run(log_line, f"dear {number} #pricing @Globex ${number}k", by=world.member("ana"), at=world.now)
    other = Database(migrated_url)
    left = [3]

    def meanwhile(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if left[0] and "tally_parts" not in statement and "voc_items" in statement:
            left[0] -= 1
            other.run_sync(fold, world.workspace_id, at=world.now, limit=2)

    def look(session: Session) -> Any:
        theme = session.scalars(select(VocItem.theme_id).distinct()).one()
        assert theme is not None
        asked: Any = (session, world.workspace_id, world.now, "theme", theme)
        event.listen(world.db.engine, "before_cursor_execute", meanwhile)
        seen = take_pulse(*asked)
        event.remove(world.db.engine, "before_cursor_execute", meanwhile)
        return seen, recount(*asked)

    seen, wanted = world.db.read_sync(look)
    assert seen == wanted
    assert left == [0]
    other.close()


def test_a_line_is_few_statements(world: World, engine_name: str) -> None:
    """Each of them waits for the database: what is known of the line's names is not asked for twice."""
    known = Account(workspace_id=world.workspace_id, name="Globex", slug="globex", known=True, created_at=world.now)
    world.run(lambda session: session.add(known))
    ana = world.member("ana")
    for number in range(4):
        world.run(log_line, f"dear {number} #pricing @Globex $9k", by=ana, at=world.now)
    _count_all(world, world.now)
    asked: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(" ".join(statement.split())[:60])

    event.listen(world.db.engine, "before_cursor_execute", listen)
    world.run(log_line, "dear #pricing @Globex $9k", by=ana, at=world.later(minutes=1))
    event.remove(world.db.engine, "before_cursor_execute", listen)
    assert len(asked) == (10 if engine_name == "postgresql" else 9), "\n".join(asked)


def test_a_beginning_is_a_beginning_on_both_databases(world: World) -> None:
    names = ("a-b", "a-c", "ab", "a", "A-d", "éa-b")
    rows = [Account(workspace_id=world.workspace_id, name=n, slug=n, keyed=True, created_at=world.now) for n in names]
    world.run(lambda session: session.add_all(rows))

    def find(session: Session, typed: str) -> set[str]:
        return set(session.scalars(select(Account.slug).where(begins_with(session, Account.slug, typed))))

    assert world.run(partial(find, typed="a-")) == {"a-b", "a-c"}
    assert world.run(partial(find, typed="é")) == {"éa-b"}


def _waiting(session: Session) -> int:
    waiting = select(func.count()).where(VocItem.tallied_version != VocItem.version)
    return session.scalar(waiting) or 0


def test_postgresql_reads_no_table_of_items_to_find_those_that_wait(world: World, engine_name: str) -> None:
    """It takes most items to wait, so only the order of an index keeps it from reading all of them."""
    if engine_name == "sqlite":
        return
    world.run(log_line, "dear #pricing @Globex $10k", by=world.member("ana"), at=world.now)
    assert world.run(fold, world.workspace_id, at=world.now, limit=9) == 1
    copied = ", ".join(one.name for one in VocItem.__table__.columns if one.name != "id")
    many = f"INSERT INTO voc_items ({copied}) SELECT {copied} FROM voc_items, generate_series(1, 20000)"
    world.run(lambda session: session.execute(text(many)))
    world.run(lambda session: session.execute(text("ANALYZE")))
    asked: dict[str, Any] = {}

    def listen(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if statement.startswith("SELECT") and "voc_items" in statement:
            asked[statement] = parameters

    event.listen(world.db.engine, "before_cursor_execute", listen)
    world.run(log_line, "dear #pricing @Globex $10k", by=world.member("ana"), at=world.now)
    world.run(workspaces_to_fold, world.now)
    world.run(fold, world.workspace_id, at=world.now, limit=9)
    event.remove(world.db.engine, "before_cursor_execute", listen)
    assert len(asked) > 3
    with world.db.engine.connect() as connection:
        for generic in ("auto", "force_generic_plan"):
            connection.execute(text(f"SET plan_cache_mode = {generic}"))
            for statement, parameters in asked.items():
                plan = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars().all()
                assert not any("Seq Scan on voc_items" in step for step in plan), (statement, plan)
