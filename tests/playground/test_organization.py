"""An Enterprise organization: one installation, one token and one bot for several workspaces."""

from typing import Any

import pytest

from playground import Playground
from playground.client import Slack
from playground.oauth import read_address
from tests.playground.conftest import people_and_places
from tests.playground.recorder import recording_app
from tests.playground.test_oauth import BACK, Desk, manifest
from tests.playground.test_web_api import AsyncWebClientOf, refused


class Grid(Desk):
    """A playground with an organization of two workspaces, the app installed in all of it."""

    def __init__(self, slack: Playground) -> None:
        super().__init__(slack)
        self.east, self.west = slack.add_organization("Acme Corp", ["Acme East", "Acme West"])
        for place in (self.east, self.west):
            people_and_places(place)
        organization = self.east.workspace.organization
        assert organization is not None
        self.id = organization.id

    async def install(self) -> dict[str, Any]:
        code = read_address(self.slack.allow(self.link(), self.id))["code"]
        return await self.access(code=code, redirect_uri=BACK)


@pytest.fixture
async def grid() -> Any:
    async with Playground(manifest()) as slack:
        yield Grid(slack)


async def test_an_org_wide_installation_has_no_team(grid: Grid) -> None:
    granted = await grid.install()
    assert (granted["team"], granted["is_enterprise_install"]) == (None, True)
    assert granted["enterprise"] == {"id": grid.id, "name": "Acme Corp"}
    bots = {place.workspace.bot.id for place in (grid.east, grid.west)}
    assert bots == {granted["bot_user_id"]}


async def test_its_token_says_that_it_is_the_organizations(grid: Grid) -> None:
    granted = await grid.install()
    async with AsyncWebClientOf(grid.slack, granted["access_token"]) as client:
        who = await client.auth_test()
        teams = await client.auth_teams_list()
    assert (who["enterprise_id"], who["is_enterprise_install"]) == (grid.id, True)
    assert [one["id"] for one in teams["teams"]] == [grid.east.team_id, grid.west.team_id]


async def test_a_list_needs_to_know_of_which_workspace(grid: Grid) -> None:
    granted = await grid.install()
    async with AsyncWebClientOf(grid.slack, granted["access_token"]) as client:
        answer = await refused(client, "conversations.list")
        assert (answer["error"], answer["arg"]) == ("missing_argument", "team_id")
        listed = await client.conversations_list(team_id=grid.west.team_id)
        foreign = await refused(client, "users.list", team_id=grid.globex.team_id)
    assert grid.west.channel("#leads").id in [one["id"] for one in listed["channels"]]
    assert foreign["error"] == "team_access_not_granted"


async def test_a_channel_or_member_says_it_by_itself(grid: Grid) -> None:
    granted = await grid.install()
    grid.west.add_channel("#news", app=True)
    async with AsyncWebClientOf(grid.slack, granted["access_token"]) as client:
        await client.chat_postMessage(channel=grid.west.channel("#news").id, text="in the west")
        await client.chat_postMessage(channel=grid.west.member("ben").id, text="hello")
    assert [one.text for one in grid.west.channel("#news").messages] == ["in the west"]
    assert [one.text for one in grid.west.dm("ben").messages] == ["hello"]


async def test_what_happens_carries_both_ids(grid: Grid) -> None:
    granted = await grid.install()
    grid.west.add_channel("#news", app=True)
    async with recording_app() as app:
        grid.slack.delivery.mode, grid.slack.events_url = "http", app.url
        await grid.west.channel("#news").post("x", by="ana")
        assert await grid.slack.delivery.settled()
        await grid.west.channel("#news").command("/echo x", by="ana", answer_within=0)
    event, command = app.requests[0].json(), app.requests[1].body.decode()
    assert (event["team_id"], event["enterprise_id"]) == (grid.west.team_id, grid.id)
    assert event["authorizations"][0] == {
        "enterprise_id": grid.id,
        "team_id": grid.west.team_id,
        "user_id": granted["bot_user_id"],
        "is_bot": True,
        "is_enterprise_install": True,
    }
    assert f"enterprise_id={grid.id}" in command
    assert "is_enterprise_install=true" in command


async def test_a_workspace_of_an_organization_may_have_the_app_alone(grid: Grid) -> None:
    code = read_address(grid.slack.allow(grid.link(), grid.east.team_id))["code"]
    granted = await grid.access(code=code, redirect_uri=BACK)
    assert (granted["team"]["id"], granted["is_enterprise_install"]) == (grid.east.team_id, False)
    assert granted["enterprise"]["id"] == grid.id
    assert not grid.west.installation.app.installed


async def test_people_of_several_workspaces_have_one_id(grid: Grid) -> None:
    await grid.install()
    zoe = grid.east.add_member("zoe")
    grid.west.admit(zoe)
    assert grid.west.member("zoe").id == zoe.id
    async with AsyncWebClientOf(grid.slack, grid.west.bot_token) as client:
        found = (await client.users_info(user=zoe.id))["user"]["enterprise_user"]
    assert found["id"] == zoe.id
    assert found["enterprise_id"] == grid.id
    assert found["teams"] == [grid.east.team_id, grid.west.team_id]


async def test_removing_it_removes_it_everywhere_and_is_told_once(grid: Grid) -> None:
    granted = await grid.install()
    async with recording_app() as app:
        grid.slack.delivery.mode, grid.slack.events_url = "http", app.url
        grid.west.uninstall_app()
        assert await grid.slack.delivery.settled()
    events = [one.json() for one in app.requests]
    assert [one["event"]["type"] for one in events] == ["app_uninstalled", "tokens_revoked"]
    assert {one["enterprise_id"] for one in events} == {grid.id}
    assert all(one["authorizations"][0]["is_enterprise_install"] for one in events)
    assert not any(place.installation.app.installed for place in (grid.east, grid.west))
    async with AsyncWebClientOf(grid.slack, granted["access_token"]) as client:
        assert (await refused(client, "auth.test"))["error"] == "account_inactive"


async def test_without_an_organization_there_is_no_enterprise(grid: Grid) -> None:
    def places() -> list[Slack]:
        return [grid.slack, grid.globex]

    async with recording_app() as app:
        grid.slack.delivery.mode, grid.slack.events_url = "http", app.url
        grid.slack.add_member("ana")
        grid.slack.add_channel("#news", app=True)
        await grid.slack.channel("#news").post("x", by="ana")
        assert await grid.slack.delivery.settled()
    assert "enterprise_id" not in app.requests[-1].json()
    assert app.requests[-1].json()["authorizations"][0]["enterprise_id"] is None
    assert all(place.workspace.organization is None for place in places())
