"""What Slack's events about people and our installation do, however often and in whatever shape they come."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import select

from domain.wall import WallClock
from handlers.arrival import Arrival, Tandem
from handlers.setup.listeners import listeners
from handlers.setup.profiles import profile_of
from storage.models import Member, Workspace
from tests.world import World


def user(user_id: str = "U-NEW", **more: Any) -> dict[str, Any]:
    return {
        "id": user_id,
        "name": "eve",
        "real_name": "Eve Moreau",
        "tz": "Europe/Paris",
        "profile": {"display_name": "eve", "email": "Eve@Example.com"},
        **more,
    }


async def happens(world: World, event: dict[str, Any], key: str = "event:E1", team_id: str = "T1") -> None:
    """The event arrives, as the dispatcher hands it on."""
    listener = next(one for one in listeners.declared if one.name == event["type"])
    await listener.handler(
        Arrival(
            Tandem(world.db, WallClock()),
            listener.roles,
            "",
            AsyncWebClient(),
            {"event": event},
            team_id,
            "",
            "",
            key,
            world.now,
        )
    )


def people(world: World) -> dict[str, Member]:
    return world.run(lambda session: {row.slack_user_id: row for row in session.scalars(select(Member))})


def workspace(world: World) -> Workspace:
    found: Workspace = world.run(lambda session: session.scalars(select(Workspace)).one())
    return found


async def test_somebody_who_joins_is_known_with_their_name_zone_and_address(world: World) -> None:
    await happens(world, {"type": "team_join", "user": user()})
    new = people(world)["U-NEW"]
    assert (new.name, new.tz, new.email, new.role) == ("Eve Moreau", "Europe/Paris", "eve@example.com", "rep")


async def test_a_change_is_taken_over_once_and_nobody_else_appears(world: World) -> None:
    before = set(people(world))
    await happens(world, {"type": "user_change", "user": user("U-ANA", tz="Asia/Tokyo", deleted=True)})
    await happens(world, {"type": "user_change", "user": user("U-ANA", tz="Europe/Rome")})
    ana = people(world)["U-ANA"]
    assert (ana.tz, ana.active) == ("Asia/Tokyo", False)
    assert set(people(world)) == before


async def test_bots_and_malformed_users_are_ignored(world: World) -> None:
    before = set(people(world))
    for number, odd in enumerate((user("U-BOT", is_bot=True), user(""), user("USLACKBOT"), {}, "U-ANA", None)):
        await happens(world, {"type": "team_join", "user": odd}, key=f"event:{number}")
    assert set(people(world)) == before


async def test_an_unknown_workspace_is_ignored(world: World) -> None:
    await happens(world, {"type": "team_join", "user": user()}, team_id="T-OTHER")
    assert workspace(world).slack_team_id == "T1"
    assert "U-NEW" not in people(world)


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({"type": "app_uninstalled"}, "app_uninstalled"),
        ({"type": "tokens_revoked", "tokens": {"bot": ["U-BOT"], "oauth": []}}, "token_revoked"),
    ],
)
async def test_without_a_token_the_workspace_stops_and_says_why(
    world: World, event: dict[str, Any], reason: str
) -> None:
    await happens(world, event)
    assert (workspace(world).state, workspace(world).stopped_reason) == ("stopped", reason)


async def test_a_revoked_token_of_a_person_stops_nothing(world: World) -> None:
    await happens(world, {"type": "tokens_revoked", "tokens": {"oauth": ["U-ANA"]}})
    assert workspace(world).state == "active"


def test_a_profile_s_name_is_cleaned_and_never_empty_when_there_is_one() -> None:
    hostile = user(profile={"display_name": "\u200b\u202e", "email": " A@B.de "}, real_name="Eve\x00\n<!channel>")
    profile = profile_of(hostile, "T1")
    assert (profile.name, profile.email) == ("Eve <!channel>", "a@b.de")
    assert len(profile_of(user(profile={"display_name": "x" * 1000}), "T1").name) <= 80
    assert profile_of({}, "T1").is_bot
