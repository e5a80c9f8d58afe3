"""Uninstalled, revoked, installed again: what Slack tells in any order, late, or twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from domain.installations import Grant, find_granted, installed, meet_workspace
from domain.people import ensure_workspace
from domain.uninstalling import REVOKED, UNINSTALLED, lose_organization, lose_token
from storage.database import Database
from storage.models import Installation, Workspace

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=3)


def grant(team: str | None = "T1", org: str | None = None) -> Grant:
    return Grant(
        app_id="A1",
        bot_user_id="U0BOT",
        scopes=frozenset({"chat:write"}),
        sealed_token="sealed",
        team_id=team,
        enterprise_id=org,
    )


async def states(db: Database) -> list[tuple[str, str | None]]:
    rows = await db.read(lambda session: session.scalars(select(Workspace).order_by(Workspace.id)).all())
    return [(one.state, one.stopped_reason) for one in rows]


async def the_installation(db: Database) -> Installation:
    return await db.read(lambda session: session.scalars(select(Installation)).one())


async def lose(db: Database, reason: str, happened: datetime | None, at: datetime = LATER) -> bool:
    return await db.run(lose_token, 1, reason, happened=happened, at=at)


@pytest.mark.parametrize("order", [(UNINSTALLED, REVOKED), (REVOKED, UNINSTALLED), (UNINSTALLED, UNINSTALLED)])
async def test_an_uninstallation_ends_the_installation_whatever_order_slack_tells_it_in(
    db: Database, order: tuple[str, str]
) -> None:
    await db.run(installed, grant(), at=NOON)
    for reason in order:
        await lose(db, reason, LATER)
    row = await the_installation(db)
    assert row.state == "removed"
    assert (row.sealed_token, row.sealed_refresh_token) == ("", None)
    assert [state for state, _ in await states(db)] == ["stopped"]
    assert await db.read(find_granted) == []


async def test_a_revoked_token_stops_the_workspace_and_leaves_the_installation(db: Database) -> None:
    await db.run(installed, grant(), at=NOON)
    await lose(db, REVOKED, LATER)
    assert (await the_installation(db)).state == "active"
    assert await states(db) == [("stopped", REVOKED)]


@pytest.mark.parametrize("reason", [UNINSTALLED, REVOKED])
async def test_news_of_an_earlier_installation_stops_nothing(db: Database, reason: str) -> None:
    await db.run(installed, grant(), at=LATER)
    assert not await lose(db, reason, NOON)
    assert (await the_installation(db)).state == "active"
    assert await states(db) == [("active", None)]


async def test_news_too_near_to_the_installation_stops_and_lets_the_token_decide(db: Database) -> None:
    await db.run(installed, grant(), at=LATER)
    await lose(db, UNINSTALLED, LATER - timedelta(seconds=5))
    assert (await the_installation(db)).state == "active"
    assert await states(db) == [("stopped", UNINSTALLED)]


async def test_installing_again_takes_up_where_it_was(db: Database) -> None:
    await db.run(installed, grant(), at=NOON)
    await lose(db, UNINSTALLED, LATER)
    await db.run(installed, grant(), at=LATER + timedelta(hours=1))
    row = await the_installation(db)
    assert (row.state, row.sealed_token) == ("active", "sealed")
    assert await states(db) == [("active", None)]


async def test_an_organizations_uninstallation_stops_each_of_its_workspaces(db: Database) -> None:
    number = await db.run(installed, grant(None, "E1"), at=NOON)
    for team in ("T1", "T2"):
        await db.run(meet_workspace, number, team, at=NOON)
    await lose(db, UNINSTALLED, LATER)
    assert await states(db) == [("stopped", UNINSTALLED)] * 2


async def test_a_workspace_of_the_token_in_the_environment_stops_too(db: Database) -> None:
    await db.run(ensure_workspace, "T1", name="", domain="", bot_user_id="U0BOT", at=NOON)
    assert await lose(db, REVOKED, None)
    assert await states(db) == [("stopped", REVOKED)]


async def test_news_of_an_organization_that_name_no_workspace_stop_all_of_them(db: Database) -> None:
    number = await db.run(installed, grant(None, "E1"), at=NOON)
    await db.run(installed, grant("T9"), at=NOON)
    for team in ("T1", "T2"):
        await db.run(meet_workspace, number, team, at=NOON)
    assert await db.run(lose_organization, "E1", UNINSTALLED, happened=LATER, at=LATER)
    assert not await db.run(lose_organization, "E2", UNINSTALLED, happened=LATER, at=LATER)
    assert [state for state, _ in await states(db)] == ["active", "stopped", "stopped"]
