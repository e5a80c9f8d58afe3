"""What a breach costs the processor: the transaction from a deadline that passed to a ping that is ready to be sent."""

from __future__ import annotations

import logging
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, select, update
from sqlalchemy.orm import Session

from bench import Row, bench, sized
from bench.stage import ENGINE_NAMES, ENGINES, Engine, database
from bot.courier.courier import Courier
from bot.loops.ticker import Ticker
from bot.metrics import Metrics
from domain.calendar import WorkingHours
from domain.leads.arriving import NewLead
from domain.leads.receiving import receive_lead
from domain.people import Profile, ensure_workspace, sync_members
from domain.wall import WallClock
from handlers.arrival import Tandem
from handlers.catalog import all_renderers
from storage.database import Database
from storage.models import Card, Clock, Delivery, Lane, Member, RateBucket, Team, TeamMember

TEAMS = 20
ROOM = 8
SHARE = 0.5
BEFORE: dict[Engine, float] = {"sqlite": 11.4}
"""The same at 29ea05b, in the time of ten plain statements: measured on the machine of docs/performance.md."""


@bench("breach_cost")
async def breach_cost(engines: Sequence[Engine] = ENGINES) -> list[Row]:
    """The processor time of the transaction in which a breach is applied, its ping queued, held and put into words.

    Two cards turn red, the manager's DM is made ready, the clock steps on; nothing is sent. The median of breaches one
    after the other, each of another lead of 20 teams. It is told in the time that the same machine takes, in the same
    run, for ten SELECTs of one row by a SQLAlchemy Session in memory: so it can be compared with what an earlier
    release took. PostgreSQL's own processor time is not in it.
    """
    logging.getLogger().setLevel(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    rows = []
    for engine in engines:
        with tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder, database(engine, Path(folder)) as url:
            took, yard = _measure(url, sized(300, quick=20))
        name, cost = f"breach, processor time of its transaction, {ENGINE_NAMES[engine]}", took / yard
        told = f"{took:.2f} ms; ten plain statements take {yard:.2f} ms"
        if before := BEFORE.get(engine):
            rows.append(Row.at_most(name, cost / before, "×", SHARE, against="the same at 29ea05b", absolute=told))
        else:
            rows.append(Row(name, cost, "×", against="ten plain statements", absolute=told))
    return rows


def _measure(url: str, breaches: int) -> tuple[float, float]:
    """Milliseconds of a breach, and of ten plain statements: the medians, taken in turn."""
    db = Database(url)
    try:
        at = datetime.now(UTC)
        workspace = db.run_sync(ensure_workspace, "T0BENCH", name="Bench", at=at)
        leads = db.run_sync(_company, workspace, breaches, at)
        tandem = Tandem(db, WallClock())
        courier = Courier(tandem, lambda _: None, all_renderers(), Metrics())
        ticker = Ticker(tandem, Metrics(), courier)
        took, yards = [], []
        for number, lead_id in enumerate(leads):
            db.run_sync(_fall_due, lead_id, at)
            if number % 10 == 0:
                yards.append(_ten_statements())
            began = time.process_time()
            applied, _, held = db.run_sync(lambda session: ticker._apply(session, datetime.now(UTC), ROOM))
            took.append(1000 * (time.process_time() - began))
            if len(applied) != 1 or [len(one.errands) for one in held] != [1]:
                raise RuntimeError("there was a breach without a ping")
        return statistics.median(took), statistics.median(yards)
    finally:
        db.close()


def _ten_statements() -> float:
    """Milliseconds of processor time."""
    engine, table = create_engine("sqlite://"), Table("one", MetaData(), Column("id", Integer), Column("name", String))
    table.create(engine)
    took = []
    with Session(engine) as session:
        session.execute(table.insert().values(id=1, name="x"))
        for _ in range(100):
            began = time.thread_time()
            for _ in range(10):
                session.execute(select(table.c.name).where(table.c.id == 1)).scalar()
            took.append(1000 * (time.thread_time() - began))
    engine.dispose()
    return statistics.median(took)


def _company(session: Session, workspace_id: int, leads: int, at: datetime) -> list[int]:
    """Teams of a manager and a rep with their channels, and leads whose cards stand; the leads' ids."""
    people = [f"{kind}{number}" for kind in ("UMANAGER", "UREP") for number in range(TEAMS)]
    profiles = [Profile(one, one, None, "UTC", False, False, active=True, is_bot=False) for one in people]
    sync_members(session, workspace_id, profiles, at)
    members = {one.slack_user_id: one for one in session.scalars(select(Member))}
    for member in members.values():
        member.dm_channel = f"D{member.slack_user_id}"
    for number in range(TEAMS):
        team = Team(
            workspace_id=workspace_id,
            key=f"team-{number}",
            name=f"Team {number}",
            channel=f"C{number}",
            manager_id=members[f"UMANAGER{number}"].id,
            hours=WorkingHours.always().to_json(),
            created_at=at,
        )
        session.add(team)
        session.flush()
        session.add(TeamMember(team_id=team.id, member_id=members[f"UREP{number}"].id))
    session.flush()
    given_at = at - timedelta(hours=2)
    arriving = (
        NewLead(name=f"Lead {number}", source="bench", company=f"Company {number}", team=f"team-{number % TEAMS}")
        for number in range(leads)
    )
    found = [receive_lead(session, workspace_id, one, at=given_at, by=None).lead_id for one in arriving]
    session.execute(update(Clock).values(next_at=at + timedelta(days=1), rung="breach"))
    return found


def _fall_due(session: Session, lead_id: int, at: datetime) -> None:
    """All that was queued before has been sent, and this lead's deadline is now."""
    now = datetime.now(UTC) - timedelta(milliseconds=1)
    session.execute(update(Delivery).values(state="sent", finished_at=at))
    session.execute(update(Card).values(state="standing", channel="C1", ts="1.2", rendering="other"))
    session.execute(update(Lane).values(due_at=None, priority=9, holder=None, free_at=None))
    session.execute(update(RateBucket).values(full_at=at))
    times = {"due_at": now, "next_at": now, "started_at": now - timedelta(hours=1)}
    session.execute(update(Clock).where(Clock.lead_id == lead_id).values(**times))
