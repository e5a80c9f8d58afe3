"""What is kept of a workspace that left is erased, all of it, and nothing of another one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.loops.erasure import Erasure
from domain.erasing import OF_NO_WORKSPACE, begin_erasing, belongs, owned_tables
from domain.installations import Grant, installed
from domain.people import ensure_member, ensure_workspace
from domain.sources import add_source
from domain.themes import find_or_add_theme
from domain.uninstalling import UNINSTALLED, lose_token
from domain.wall import WallClock
from handlers.arrival import Tandem
from storage.base import Base
from storage.database import Database
from storage.models import Installation, Theme, Workspace

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)
KEPT = timedelta(days=30)


async def workspace_with_people(db: Database, team: str) -> int:
    grant = Grant(app_id="A1", bot_user_id="U0BOT", scopes=frozenset(), sealed_token="sealed", team_id=team)
    await db.run(installed, grant, at=NOON)
    number = await db.run(ensure_workspace, team, name="", domain="", bot_user_id="", at=NOON)
    await db.run(ensure_member, number, "U1", name="Ana", at=NOON)
    await db.run(add_source, number, f"website-{team.lower()}", seal=str.upper, at=NOON)
    return number


async def rows_of(db: Database, workspace_id: int) -> dict[str, int]:
    """How many rows each table has of the workspace, those that have none left out."""

    def count(session: Session) -> dict[str, int]:
        asked = {
            table.name: select(func.count()).select_from(table).where(belongs(table, workspace_id))
            for table in owned_tables()
        }
        counted = {name: session.scalars(one).one() for name, one in asked.items()}
        return {name: number for name, number in counted.items() if number}

    return await db.read(count)


def test_each_table_says_to_which_workspace_its_rows_belong() -> None:
    for table in owned_tables():
        belongs(table, 1)
    assert {table.name for table in Base.metadata.sorted_tables} >= OF_NO_WORKSPACE


async def test_a_workspace_that_left_is_erased_after_its_time_and_another_one_stays(db: Database) -> None:
    gone, stays = await workspace_with_people(db, "T1"), await workspace_with_people(db, "T2")
    before = await rows_of(db, stays)
    assert {"members", "sources", "teams", "policies"} <= set(await rows_of(db, gone))
    await db.run(lose_token, gone, UNINSTALLED, happened=NOON + timedelta(hours=1), at=NOON + timedelta(hours=1))
    clock = WallClock(NOON + KEPT)
    erasure = Erasure(Tandem(db, clock), KEPT)
    await erasure.look()
    assert await rows_of(db, gone)
    clock.advance(timedelta(hours=2))
    await erasure.look()
    assert await rows_of(db, gone) == {}
    assert await rows_of(db, stays) == before
    assert await db.read(lambda session: session.scalars(select(Workspace.slack_team_id)).all()) == ["T2"]
    assert len(await db.read(lambda session: session.scalars(select(Installation)).all())) == 1


async def test_rows_that_refer_to_each_other_are_erased_in_pieces(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = await workspace_with_people(db, "T1")
    await db.run(replace_themes, gone)
    await db.run(lose_token, gone, UNINSTALLED, happened=NOON + timedelta(hours=1), at=NOON + timedelta(hours=1))
    monkeypatch.setattr("domain.erasing.PIECE", 1)
    await Erasure(Tandem(db, WallClock(NOON + 2 * KEPT)), KEPT).look()
    assert await rows_of(db, gone) == {}


def replace_themes(session: Session, workspace_id: int) -> None:
    """Of three themes, the one in the middle took the place of the others."""
    first, middle, last = (
        find_or_add_theme(session, workspace_id, slug, at=NOON).id for slug in ("price", "pricing", "dear")
    )
    for replaced in (first, last):
        session.get_one(Theme, replaced).merged_into_id = middle


async def test_who_installs_while_it_is_being_erased_begins_anew(db: Database) -> None:
    gone = await workspace_with_people(db, "T1")
    await db.run(lose_token, gone, UNINSTALLED, happened=NOON + timedelta(hours=1), at=NOON + timedelta(hours=1))
    assert await db.run(begin_erasing, NOON + KEPT) == 1
    grant = Grant(app_id="A1", bot_user_id="U0BOT", scopes=frozenset(), sealed_token="sealed", team_id="T1")
    await db.run(installed, grant, at=NOON + KEPT)
    again = await db.run(ensure_workspace, "T1", name="", domain="", bot_user_id="", at=NOON + KEPT)
    assert again != gone
    await Erasure(Tandem(db, WallClock(NOON)), KEPT).look()
    assert await rows_of(db, gone) == {}
    assert await rows_of(db, again)


async def test_who_installed_again_in_time_keeps_everything(db: Database) -> None:
    gone = await workspace_with_people(db, "T1")
    await db.run(lose_token, gone, UNINSTALLED, happened=NOON + timedelta(hours=1), at=NOON + timedelta(hours=1))
    grant = Grant(app_id="A1", bot_user_id="U0BOT", scopes=frozenset(), sealed_token="sealed", team_id="T1")
    await db.run(installed, grant, at=NOON + timedelta(days=1))
    before = await rows_of(db, gone)
    await Erasure(Tandem(db, WallClock(NOON + 2 * KEPT)), KEPT).look()
    assert await rows_of(db, gone) == before


@pytest.mark.parametrize("stopped", [False, True])
async def test_a_workspace_that_the_token_of_the_environment_speaks_for_is_not_erased(
    db: Database, stopped: bool
) -> None:
    mine = await workspace_with_people(db, "T1")
    await db.run(lose_token, mine, UNINSTALLED, happened=NOON + timedelta(hours=1), at=NOON + timedelta(hours=1))
    before = await rows_of(db, mine)
    if not stopped:  # the token of the environment holds, so the workspace went on
        await db.run(go_on, mine)
    erasure = Erasure(Tandem(db, WallClock(NOON + 2 * KEPT)), KEPT, lambda: mine if stopped else None)
    await erasure.look()
    assert await rows_of(db, mine) == before
    assert await db.read(lambda session: session.get_one(Workspace, mine).slack_team_id) == "T1"


def go_on(session: Session, workspace_id: int) -> None:
    workspace = session.get_one(Workspace, workspace_id)
    workspace.state, workspace.stopped_reason = "active", None
