"""An organization gives workspaces to the app and takes them from it: told in any order, late, twice, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import select

from bot.courier.remedies import stop_workspace
from bot.slack.client import TEAM_TAKEN, Meaning, Outcome
from domain.access import grant_access, revoke_access
from domain.erasing import begin_erasing
from domain.installations import ACCESS_REVOKED, Grant, find_served, installed, meet_workspace
from domain.people import ensure_workspace
from domain.uninstalling import REVOKED, UNINSTALLED, lose_organization, lose_token
from domain.wall import WallClock
from handlers.arrival import Arrival, Tandem
from handlers.setup.listeners import listeners
from storage.database import Database
from storage.models import Workspace

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)


def hours(number: float) -> datetime:
    return NOON + timedelta(hours=number)


def grant(team: str | None = None, org: str | None = "E1") -> Grant:
    return Grant("A1", "U0BOT", frozenset(), "sealed", team_id=team, enterprise_id=org)


@pytest.fixture
async def organization(db: Database) -> int:
    """E1, which installed the app as a whole; its workspaces are not known yet."""
    return await db.run(installed, grant(), at=NOON)


async def given(db: Database, *teams: str, at: float, org: str = "E1") -> None:
    await db.run(grant_access, org, teams, happened=hours(at), at=hours(10))


async def taken(db: Database, *teams: str, at: float, org: str = "E1") -> None:
    await db.run(revoke_access, org, teams, happened=hours(at), at=hours(10))


async def stops(db: Database) -> dict[str, str | None]:
    """Why each workspace is stopped."""
    rows = await db.read(lambda session: session.execute(select(Workspace.slack_team_id, Workspace.stopped_reason)))
    return {row[0]: row[1] for row in rows}


async def served(db: Database) -> list[str]:
    return [one.team_id for one in await db.read(find_served)]


@pytest.mark.usefixtures("organization")
async def test_a_workspace_that_is_given_is_known_and_served_before_anything_comes_from_it(db: Database) -> None:
    await given(db, "T1", "T2", at=1)
    assert await served(db) == ["T1", "T2"]
    assert await stops(db) == {"T1": None, "T2": None}


@pytest.mark.usefixtures("organization")
async def test_a_workspace_that_is_taken_stops_and_the_organizations_others_go_on(db: Database) -> None:
    await given(db, "T1", "T2", at=1)
    await taken(db, "T1", at=2)
    assert await served(db) == ["T2"]
    assert await stops(db) == {"T1": ACCESS_REVOKED, "T2": None}


@pytest.mark.parametrize("order", [*permutations((1, 2, 3)), (3, 3, 1, 2, 2, 1)])
@pytest.mark.parametrize("ends_given", [True, False])
async def test_the_newest_news_holds_in_whatever_order_and_however_often_it_comes(
    db: Database, organization: int, order: tuple[int, ...], ends_given: bool
) -> None:
    assert organization
    for number in order:
        await (given if (number % 2 == 1) is ends_given else taken)(db, "T1", at=number)
    assert await stops(db) == {"T1": None if ends_given else ACCESS_REVOKED}
    assert await served(db) == (["T1"] if ends_given else [])


@pytest.mark.parametrize("first", [given, taken])
async def test_of_two_news_of_one_moment_the_taking_holds(db: Database, organization: int, first: Any) -> None:
    assert organization
    for tell in (first, taken if first is given else given):
        await tell(db, "T1", at=1)
    assert await stops(db) == {"T1": ACCESS_REVOKED}


async def test_what_comes_late_from_a_workspace_that_was_taken_does_not_bring_it_back(
    db: Database, organization: int
) -> None:
    await given(db, "T1", at=1)
    await taken(db, "T1", at=3)
    await db.run(meet_workspace, organization, "T1", at=hours(4), seen=hours(2))
    assert await served(db) == []
    await db.run(meet_workspace, organization, "T1", at=hours(6), seen=hours(5))
    assert await served(db) == ["T1"]


async def test_a_workspace_with_an_installation_of_its_own_is_neither_given_nor_taken(
    db: Database, organization: int
) -> None:
    assert organization
    await db.run(installed, grant("T1"), at=NOON)
    await taken(db, "T1", at=1)
    await given(db, "T1", at=2)
    await taken(db, "T1", at=3)
    assert await stops(db) == {"T1": None}


@pytest.mark.usefixtures("organization")
async def test_an_organization_takes_nothing_of_another_one_or_of_the_token_in_the_environment(db: Database) -> None:
    await db.run(installed, grant(org="E2"), at=NOON)
    await db.run(ensure_workspace, "T0", name="", at=NOON)
    await given(db, "T1", at=1, org="E2")
    for org in ("E1", "E9"):
        await taken(db, "T0", "T1", at=2, org=org)
    assert await stops(db) == {"T0": None, "T1": None}


@pytest.mark.usefixtures("organization")
async def test_installing_the_organization_again_does_not_bring_back_what_it_took(db: Database) -> None:
    await given(db, "T1", "T2", at=1)
    await taken(db, "T1", at=2)
    await db.run(lose_organization, "E1", UNINSTALLED, happened=hours(3), at=hours(3))
    assert await stops(db) == {"T1": ACCESS_REVOKED, "T2": UNINSTALLED}
    await db.run(installed, grant(), at=hours(4))
    assert await served(db) == ["T2"]
    await given(db, "T1", at=5)
    assert await stops(db) == {"T1": None, "T2": None}


@pytest.mark.usefixtures("organization")
async def test_a_workspace_that_is_given_while_its_token_is_refused_stays_stopped(db: Database) -> None:
    await given(db, "T1", at=1)
    workspace_id = (await db.read(find_served))[0].workspace_id
    await db.run(lose_token, workspace_id, REVOKED, happened=hours(2), at=hours(2))
    await given(db, "T1", at=3)
    assert await stops(db) == {"T1": REVOKED}


@pytest.mark.usefixtures("organization")
async def test_what_was_taken_is_kept_and_erased_after_its_time_without_the_others(db: Database) -> None:
    await given(db, "T1", "T2", at=1)
    await taken(db, "T1", at=2)
    assert await db.run(begin_erasing, hours(2)) == 0
    assert await db.run(begin_erasing, hours(2.1), 1) == 0
    assert await db.run(begin_erasing, hours(2.1)) == 1
    assert set(await stops(db)) == {"erased:1", "T2"}
    assert await served(db) == ["T2"]
    await given(db, "T1", at=3)
    assert await served(db) == ["T2", "T1"]


@pytest.mark.usefixtures("organization")
async def test_a_refused_call_tells_it_too_when_slack_s_news_is_lost(db: Database) -> None:
    await given(db, "T1", "T2", at=1)
    workspace_id = (await db.read(find_served))[0].workspace_id
    await db.run(stop_workspace, workspace_id, Outcome(Meaning.TOKEN, TEAM_TAKEN), hours(2))
    assert await served(db) == ["T2"]
    await given(db, "T1", at=3)
    assert await served(db) == ["T1", "T2"]


@pytest.mark.parametrize(
    "around",
    [
        {"team_id": None, "enterprise_id": "E1"},
        {"team_id": "E1", "authorizations": [{"enterprise_id": "E1", "team_id": None, "is_enterprise_install": True}]},
        {"team_id": "T7", "authorizations": [{"enterprise_id": "E1", "team_id": "T7", "is_enterprise_install": False}]},
    ],
    ids=["the oldest shape", "as other events of organizations come", "as the reference shows it"],
)
async def test_slack_s_events_are_read_in_each_shape_and_odd_ids_are_left_out(
    db: Database, organization: int, around: dict[str, Any]
) -> None:
    assert organization
    for name, second in (("team_access_revoked", 9), ("team_access_granted", 5), ("team_access_revoked", 9)):
        event = {
            "type": name,
            "team_ids": ["T1", "T1", None, "E1", "t!", 7],
            "event_ts": f"{NOON.timestamp() + second}",
        }
        await happens(db, {**around, "event": event})
    assert await stops(db) == {"T1": ACCESS_REVOKED}
    odd: Any
    for odd in (None, "T1", {}):
        await happens(db, {**around, "event": {"type": "team_access_granted", "team_ids": odd}})
    await happens(db, {"event": {"type": "team_access_granted", "team_ids": ["T5"]}})
    assert await stops(db) == {"T1": ACCESS_REVOKED}


async def happens(db: Database, body: dict[str, Any]) -> None:
    listener = next(one for one in listeners.declared if one.name == body["event"]["type"])
    tandem = Tandem(db, WallClock(NOON))
    await listener.handler(Arrival(tandem, listener.roles, "", AsyncWebClient(), body, "", "", "", "event:1", hours(1)))
