"""How long the facts of a digest take to gather, as the history behind them grows to a million voc items."""

import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from bench import Chart, Line, Row, bench, sized
from bench.stage import ENGINE_NAMES, ENGINES, Engine, database
from digests.kinds import KINDS
from digests.periods import Period, week_until
from digests.sections import Asked
from storage.database import Database
from storage.models import Account, Asset, Member, Persona, PersonaVersion, Team, Theme, Workspace

NOW = datetime(2026, 11, 16, 12, tzinfo=UTC)
WEEKLY = 2_000
"""Voc items a week: what a sales team of 200 logs at ten a week each."""
REPS, ACCOUNTS, THEMES, ASSETS, PERSONAS = 200, 500, 60, 200, 8
TIMES = 15
LIMIT_MS = 100.0
FLAT = 1.5


class Size(NamedTuple):
    """`items` in all, of which `weekly` were logged in each week; and the workspace that has them."""

    items: int
    weekly: int
    workspace_id: int


@bench("gathering")
def gathering() -> list[Row | Chart]:
    """The facts of a marketing and of a sales digest, gathered anew each time: the median of 15, and the longest.

    Every week has 2,000 voc items (about 200 reps, 500 accounts, 60 themes; 55 % objections, most with a deal), 1,000
    leads and the figures of 200 assets; what grows is how many such weeks there were: 5, 50 and 500. The workspace
    beside it logged a million items in one year, so that its week is ten times as long. The items of the last two weeks
    were written after the last VACUUM and ANALYZE, as they are in use.
    """
    rows: list[Row | Chart] = []
    lines = []
    for engine in ENGINES:
        with tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder, database(engine, Path(folder)) as url:
            db = Database(url)
            try:
                taken = {size: _take(db, size) for size in _grown(db, engine)}
            finally:
                db.close()
        few, *_, many, busy = taken
        name = ENGINE_NAMES[engine]
        for size in taken:
            about = f"{size.items:,} items, {size.weekly:,} a week"
            for kind, times in taken[size].items():
                rows.append(_row(f"gather a {kind} digest, {name}, {size.items:,}", times, about, busy=size is busy))
        growth = sum(taken[many]["marketing"]) / sum(taken[few]["marketing"])
        rows.append(
            Row.at_most(
                f"gather a marketing digest, {name}: growth",
                growth,
                "×",
                FLAT,
                f"the history is {many.items // few.items} times as long",
                against=f"{few.items:,} items",
                size=f"{many.items:,} items",
            )
        )
        points = tuple((size.items, statistics.median(taken[size]["marketing"])) for size in taken if size is not busy)
        lines.append(Line(name, points))
    rows.append(
        Chart("Gathering a marketing digest", "voc items in all", "ms", tuple(lines), log_x=True, limit=LIMIT_MS)
    )
    return rows


def _row(name: str, times: list[float], about: str, *, busy: bool) -> Row:
    longest = f"longest {max(times):.0f} ms"
    if busy:
        return Row(name + " in a year", statistics.median(times), "ms", size=about, absolute=longest)
    return Row.at_most(name, statistics.median(times), "ms", LIMIT_MS, size=about, absolute=longest)


def _take(db: Database, size: Size) -> dict[str, list[float]]:
    """Milliseconds of each gathering, by the kind of digest."""
    period = week_until(NOW, "UTC")
    taken: dict[str, list[float]] = {"marketing": [], "sales": []}
    for _ in range(TIMES):
        for kind in taken:
            taken[kind].append(_clocked(db, kind, size.workspace_id, period))
    return taken


def _clocked(db: Database, kind: str, workspace_id: int, period: Period) -> float:
    def timed(session: Session) -> float:
        began = time.perf_counter()
        facts = KINDS[kind].gather(Asked(session, workspace_id, period, period.end))
        assert not facts.is_empty
        return (time.perf_counter() - began) * 1000

    return db.run_sync(timed)


# The data, made in the database itself: a million rows by way of the program would take an hour.


def _grown(db: Database, engine: Engine) -> Iterator[Size]:
    """The sizes one after the other, each a longer history of the same workspace; at last the busy one."""
    sizes = [sized(full, quick=full / 20) for full in (10_000, 100_000, 1_000_000)]
    weekly = sized(WEEKLY, quick=WEEKLY / 20)
    workspace_id = db.run_sync(_settle, "T1")
    done = 2 * weekly
    for items in sizes:
        _log(db, engine, workspace_id, done, items, weekly)
        _log_leads(db, engine, workspace_id, done // 2, items // 2, weekly // 2)
        _vacuum(db)
        _anew(db, engine, workspace_id, weekly)
        done = items
        yield Size(items, weekly, workspace_id)
    busy = db.run_sync(_settle, "T2")
    weekly = sizes[-1] // 52
    _log(db, engine, busy, 2 * weekly, sizes[-1], weekly)
    _vacuum(db)
    _anew(db, engine, busy, weekly)
    yield Size(sizes[-1], weekly, busy)


def _settle(session: Session, slack_team_id: str) -> int:
    """A workspace with people, accounts, themes, content with figures, and personas that have changed."""
    workspace = Workspace(slack_team_id=slack_team_id, name=slack_team_id, created_at=NOW)
    session.add(workspace)
    session.flush()
    here = {"workspace_id": workspace.id, "created_at": NOW}
    people = [{**here, "slack_user_id": f"U{n}", "name": f"Rep {n}"} for n in range(REPS)]
    session.execute(insert(Member), people)
    accounts = [{**here, "name": f"Account {n}", "slug": f"account-{n}", "known": True} for n in range(ACCOUNTS)]
    session.execute(insert(Account), accounts)
    member_id = session.scalar(text("SELECT min(id) FROM members WHERE workspace_id = :here"), {"here": workspace.id})
    themes = [
        {
            **here,
            "slug": f"theme-{n}",
            "title": f"Theme {n}",
            **(
                {"answer": "Say this.", "answered_by_id": member_id, "answered_at": NOW - timedelta(days=n)}
                if n % 3 == 0
                else {"answer": None, "answered_by_id": None, "answered_at": None}
            ),
        }
        for n in range(THEMES)
    ]
    session.execute(insert(Theme), themes)
    session.execute(insert(Asset), [{**here, "slug": f"asset-{n}", "title": f"Asset {n}"} for n in range(ASSETS)])
    session.add(Team(**here, key="sales", name="Sales", hours={}, is_default=True))
    for number in range(PERSONAS):
        persona = Persona(**here, key=f"p{number}", name=f"Persona {number}", version=3, updated_at=NOW)
        session.add(persona)
        session.flush()
        for version in (1, 2, 3):
            session.add(
                PersonaVersion(
                    workspace_id=workspace.id,
                    persona_id=persona.id,
                    version=version,
                    name=persona.name,
                    fields={"role": f"Role {version}", "goals": "Ship on time. " * 20},
                    by_id=member_id,
                    at=NOW - timedelta(days=9 - 3 * version + 1),
                )
            )
    session.execute(
        text(
            "INSERT INTO asset_figures (asset_id, week, workspace_id, views, leads, influenced_wins, updated_at)"
            f" SELECT id, {{week}}, workspace_id, id % 997, id % 31, id % 5, created_at FROM assets, ({_NUMBERS}) AS n"
            " WHERE workspace_id = :here".format(
                week="date('2026-11-09', (-7 * i) || ' days')"
                if session.get_bind().dialect.name == "sqlite"
                else "date '2026-11-09' - 7 * CAST(i AS int)"
            )
        ),
        {"here": workspace.id, "first": 0, "until": 52},
    )
    return workspace.id


_NUMBERS = (
    "WITH RECURSIVE numbers(i) AS (SELECT CAST(:first AS bigint) UNION ALL"
    " SELECT i + 1 FROM numbers WHERE i + 1 < :until) SELECT i FROM numbers"
)


def _ago(engine: Engine) -> str:
    """The moment of item i, counted back from NOW: `weekly` of them in each week."""
    if engine == "sqlite":
        ago = "(-604800.0 * (i + 1) / :weekly) || ' seconds'"
        return f"strftime('%Y-%m-%d %H:%M:%f000', '{NOW:%Y-%m-%d %H:%M:%S}', {ago})"
    return f"timestamptz '{NOW.isoformat()}' - interval '604800 seconds' * (i + 1) / :weekly"


def _log(db: Database, engine: Engine, workspace_id: int, first: int, until: int, weekly: int) -> None:
    """Voc items number `first` to `until`, counted back from now."""
    _fill(
        db,
        f"""
        INSERT INTO voc_items (workspace_id, member_id, kind, line, verbatim, quote, theme_id, account_id,
                               deal_minor, deal_currency, origin, state, version, created_at, updated_at)
        SELECT :here,
               (SELECT min(id) FROM members WHERE workspace_id = :here) + i * 7919 % {REPS},
               CASE WHEN i * 31 % 20 < 11 THEN 'objection' WHEN i % 3 = 0 THEN 'praise' WHEN i % 3 = 1 THEN 'question'
                    ELSE 'pain_point' END,
               'the rollout takes too long for us number ' || i || ' #theme @Account $20k',
               'the rollout takes too long for us number ' || i,
               CASE WHEN i % 4 = 0 THEN 'We cannot wait until spring, said their head of operations.' END,
               CASE WHEN i % 7 > 0
                    THEN (SELECT min(id) FROM themes WHERE workspace_id = :here) + (i * 104729 % {THEMES}) * (i % 5) / 4
                    END,
               CASE WHEN i % 10 > 0
                    THEN (SELECT min(id) FROM accounts WHERE workspace_id = :here) + i * 15485863 % {ACCOUNTS} END,
               CASE WHEN i % 10 < 6 THEN 100000 + i * 32452843 % 9900000 END,
               CASE WHEN i % 10 < 6 THEN CASE WHEN i % 10 = 1 THEN 'EUR' ELSE 'USD' END END,
               'command', CASE WHEN i % 50 = 0 THEN 'withdrawn' ELSE 'live' END, 1, {_ago(engine)}, {_ago(engine)}
        FROM ({_NUMBERS}) AS n""",
        here=workspace_id,
        first=first,
        until=until,
        weekly=weekly,
    )


def _log_leads(db: Database, engine: Engine, workspace_id: int, first: int, until: int, weekly: int) -> None:
    """Leads number `first` to `until`, counted back from now."""
    state = "CASE WHEN i % 10 < 7 THEN 'contacted' WHEN i % 10 < 9 THEN 'declined' ELSE 'new' END"
    _fill(
        db,
        f"""
        INSERT INTO leads (workspace_id, team_id, owner_id, state, name, email, company, asked, source, external_id,
                           score, tier, touches, notes, arrived_at, contacted_at, breached_at, decline_reason,
                           reassigns, updated_at)
        SELECT :here, (SELECT min(id) FROM teams WHERE workspace_id = :here),
               (SELECT min(id) FROM members WHERE workspace_id = :here) + i * 7919 % {REPS}, {state},
               'Lead ' || i, 'lead' || i || '@example.com', 'Company ' || i % 900, 'Demo request', 'website',
               'crm-' || i, i % 100, 'hot', '[]', '[]', {_ago(engine)}, CASE WHEN i % 10 < 7 THEN {_ago(engine)} END,
               CASE WHEN i % 13 = 0 THEN {_ago(engine)} END,
               CASE WHEN i % 10 IN (7, 8) THEN CASE WHEN i % 20 = 7 THEN 'not_a_fit' ELSE 'duplicate' END END,
               0, {_ago(engine)}
        FROM ({_NUMBERS}) AS n""",
        here=workspace_id,
        first=first,
        until=until,
        weekly=weekly,
    )


def _anew(db: Database, engine: Engine, workspace_id: int, weekly: int) -> None:
    """The last two weeks, written after everything else."""
    since = NOW - timedelta(days=14, seconds=1)
    with db.engine.begin() as connection:
        for table, column in (("voc_items", "created_at"), ("leads", "arrived_at")):
            connection.execute(
                text(f"DELETE FROM {table} WHERE workspace_id = :here AND {column} > :since"),
                {"here": workspace_id, "since": since.replace(tzinfo=None) if engine == "sqlite" else since},
            )
    _log(db, engine, workspace_id, 0, 2 * weekly, weekly)
    _log_leads(db, engine, workspace_id, 0, weekly, weekly // 2)


def _fill(db: Database, statement: str, **values: int) -> None:
    """One INSERT … SELECT; on PostgreSQL without looking up each foreign key, which takes longest."""
    if values["first"] >= values["until"]:
        return
    with db.engine.begin() as connection:
        if not db.is_sqlite:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(statement), values)


def _vacuum(db: Database) -> None:
    """What autovacuum does on PostgreSQL sooner or later; SQLite is left without statistics, as in use."""
    if not db.is_sqlite:
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
