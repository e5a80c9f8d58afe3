"""What a lead costs from `POST /intake/{source}` to its answer, beside a bare route that stores what was posted.

Ours checks the signature, gives the lead to a rep, starts its clock and queues its cards before it answers.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bench import Chart, Row, bench
from bench.gun import loaded_gun
from bench.stage import ENGINE_NAMES, ENGINES, KEY, Engine, ask, database, playground, served, web_process
from bench.voc_ack import CONNECTIONS, Duel, chart_of, duel
from bot.seal import Sealer
from domain.calendar import WorkingHours
from domain.people import Profile, sync_members
from domain.sources import add_source
from storage.models import Clock, Delivery, Lead, Member, Team, TeamMember, Workspace

SHARE = 0.3
"""Of the bare route's throughput, at one connection: one post, waited for by one sender."""
TEAMS = 20
REPS = 5


@bench("intake")
async def intake(engines: Sequence[Engine] = ENGINES, sizes: Sequence[int] = CONNECTIONS) -> list[Row | Chart]:
    """`POST /intake/{source}`: signed, stored, given to a rep, its clock started, its cards queued, committed.

    Against Starlette with one INSERT of the posted JSON into a table of its own, on the same engine with the same
    settings, each committed for itself before the answer: as one writes it without a unit of work. Ours does some 16
    statements in a transaction, for all leads that wait together. Leads are for 20 teams of five reps. Windows of both
    sides take turns, in one run; afterwards every answer must have its lead, with a clock and two cards queued.
    """
    rows: list[Row | Chart] = []
    for engine in engines:
        duels, missing, acks = await _measure(engine, sizes)
        rows += [_row(ENGINE_NAMES[engine], one) for one in duels]
        name = f"answered leads without a row, clock or card, {ENGINE_NAMES[engine]}"
        rows.append(Row(name, missing, "leads", "none", missing == 0, size=f"{acks:,} answers"))
        rows.append(chart_of(f"Intake on {ENGINE_NAMES[engine]}", duels, "bare Starlette + one INSERT"))
    return rows


def _row(name: str, seen: Duel) -> Row:
    told: dict[str, Any] = {"against": "bare Starlette + one INSERT", "size": seen.size, "absolute": seen.absolute}
    if seen.connections == 1:
        return Row.at_least(f"intake on {name}", seen.share, "×", SHARE, seen.note(), **told)
    return Row(f"intake on {name}", seen.share, "×", note=seen.note(), **told)


async def _measure(engine: Engine, sizes: Sequence[int]) -> tuple[list[Duel], int, int]:
    """The duels, how many answered leads lack something, and how many were answered."""
    with (
        tempfile.TemporaryDirectory(prefix="tandem-bench-") as name,
        database(engine, Path(name)) as url,
        database(engine, Path(name), "bare") as bare_url,
    ):
        async with (
            playground(Path(name)) as env,
            web_process(env, url) as ours,
            served("-m", "bench.bare", "insert", env={"DATABASE_URL": bare_url}) as bare,
            loaded_gun() as gun,
        ):
            what = {"kind": "lead", "secret": ask(url, _company), "right": "accepted", "teams": TEAMS}
            duels = [
                await duel(gun, bare, ours, size, {**what, "path": "/posted"}, {**what, "path": "/intake/bench"})
                for size in sizes
            ]
            acks = sum(one.acks for one in duels)
            return duels, acks - ask(url, _complete), acks


def _company(session: Session) -> str:
    """Teams around the clock with their channels and reps, and a source without a limit; returns its secret."""
    workspace = session.scalars(select(Workspace)).one()
    at = datetime.now(UTC)
    for number in range(TEAMS):
        team = Team(
            workspace_id=workspace.id,
            key=f"team-{number}",
            name=f"Team {number}",
            channel=f"C0BENCH{number:02}",
            hours=WorkingHours.always().to_json(),
            created_at=at,
        )
        session.add(team)
        workspace.configured_at = at
        people = [
            Profile(
                f"U{number:02}REP{rep}", f"Rep {number}.{rep}", None, "UTC", False, False, active=True, is_bot=False
            )
            for rep in range(REPS)
        ]
        sync_members(session, workspace.id, people, at)
        members = session.scalars(select(Member).where(Member.slack_user_id.in_([one.user_id for one in people])))
        session.flush()
        session.add_all(TeamMember(team_id=team.id, member_id=one.id) for one in members)
    return add_source(session, workspace.id, "bench", seal=Sealer(KEY).seal, at=at)


def _complete(session: Session) -> int:
    """How many leads have their clock, and both their cards in the outbox."""
    cards = select(func.count()).where(Delivery.subject_id == Lead.id, Delivery.kind.in_(("lead_card", "lead_dm")))
    clock = select(Clock.id).where(Clock.lead_id == Lead.id).exists()
    return session.scalar(select(func.count()).select_from(Lead).where(clock, cards.scalar_subquery() == 2)) or 0
