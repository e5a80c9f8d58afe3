"""Installing, reinstalling, rotating and removing the app, as Slack does it."""

import copy
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from playground import Playground
from playground.client import Slack
from playground.oauth import read_address
from tests.playground.conftest import people_and_places
from tests.playground.manifest import MANIFEST
from tests.playground.recorder import recording_app
from tests.playground.test_web_api import AsyncWebClientOf, refused

BACK = "http://bot.example/back"


def manifest(**settings: Any) -> dict[str, Any]:
    """The tiny app's manifest, with `channels:join` optional."""
    made = copy.deepcopy(MANIFEST)
    scopes = made["oauth_config"]["scopes"]
    scopes["bot"].remove("channels:join")
    scopes["bot_optional"] = ["channels:join"]
    made["settings"] |= settings
    made["settings"]["event_subscriptions"]["bot_events"].append("tokens_revoked")
    return made


class Clock:
    """The workspace's time."""

    at = 1_795_000_000.0


class Desk:
    """A playground with a second workspace, and what an app does to be installed there."""

    def __init__(self, slack: Playground) -> None:
        self.slack = slack
        self.globex: Slack = slack.add_workspace("Globex")
        people_and_places(self.globex)
        app = slack.installation.app
        self.client_pair: dict[str, Any] = {"client_id": app.client_id, "client_secret": app.client_secret}

    def link(self, *, scopes: str | None = None, **more: str) -> str:
        asked = scopes or ",".join(self.slack.installation.app.asked)
        query = {"client_id": self.client_pair["client_id"], "scope": asked, "state": "s1", "redirect_uri": BACK}
        return f"{self.slack.page_url}oauth/v2/authorize?{urlencode(query | more)}"

    def code(self, **more: Any) -> str:
        return read_address(self.slack.allow(self.link(), self.globex.team_id, **more))["code"]

    async def call(self, method: str, **args: Any) -> dict[str, Any]:
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.slack.api_url}{method}", data=args) as answer,
        ):
            found: dict[str, Any] = await answer.json()
            return found

    async def access(self, **args: Any) -> dict[str, Any]:
        return await self.call("oauth.v2.access", **(self.client_pair | args))

    async def installed(self, **more: Any) -> dict[str, Any]:
        return await self.access(code=self.code(**more), redirect_uri=BACK)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def desk(clock: Clock) -> Any:
    async with Playground(manifest(), now=lambda: clock.at) as slack:
        yield Desk(slack)


@pytest.fixture
async def rotating(clock: Clock) -> Any:
    async with Playground(manifest(token_rotation_enabled=True), now=lambda: clock.at) as slack:
        yield Desk(slack)


async def test_a_code_is_exchanged_for_the_workspaces_token(desk: Desk) -> None:
    granted = await desk.installed()
    assert granted["team"] == {"id": desk.globex.team_id, "name": "Globex"}
    assert (granted["enterprise"], granted["is_enterprise_install"], granted["token_type"]) == (None, False, "bot")
    assert granted["bot_user_id"] == desk.globex.workspace.bot.id
    assert granted["authed_user"] == {"id": desk.globex.member("ana").id}
    assert "refresh_token" not in granted
    async with AsyncWebClientOf(desk.slack, granted["access_token"]) as client:
        who = await client.auth_test()
    assert who["team_id"] == desk.globex.team_id
    assert who.headers["x-oauth-scopes"] == granted["scope"]


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated")
async def test_the_client_may_name_itself_by_basic_authentication(desk: Desk) -> None:
    async with AsyncWebClientOf(desk.slack, None) as client:
        granted = await client.oauth_v2_access(**desk.client_pair, code=desk.code(), redirect_uri=BACK)
    assert granted["access_token"] == desk.globex.bot_token


async def test_a_code_serves_once(desk: Desk) -> None:
    code = desk.code()
    assert (await desk.access(code=code, redirect_uri=BACK))["ok"]
    assert (await desk.access(code=code, redirect_uri=BACK))["error"] == "code_already_used"


@pytest.mark.parametrize(
    ("args", "error"),
    [
        ({"code": "made-up"}, "invalid_code"),
        ({"redirect_uri": "http://evil.example/"}, "bad_redirect_uri"),
        ({"client_id": "1.2"}, "invalid_client_id"),
        ({"client_secret": "guess"}, "bad_client_secret"),
        ({"grant_type": "password"}, "invalid_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "xoxe-1-no"}, "invalid_refresh_token"),
    ],
)
async def test_a_wrong_exchange_is_refused_by_name(desk: Desk, args: dict[str, str], error: str) -> None:
    assert (await desk.access(**({"code": desk.code(), "redirect_uri": BACK} | args)))["error"] == error


async def test_a_code_is_too_old_after_ten_minutes(desk: Desk, clock: Clock) -> None:
    code = desk.code()
    clock.at += 601
    assert (await desk.access(code=code, redirect_uri=BACK))["error"] == "invalid_code"


async def test_who_cancels_is_sent_back_without_a_code(desk: Desk) -> None:
    assert read_address(desk.slack.cancel(desk.link())) == {"error": "access_denied", "state": "s1"}


async def test_an_optional_scope_may_be_refused(desk: Desk) -> None:
    granted = await desk.installed(without=("channels:join", "chat:write"))
    scopes = granted["scope"].split(",")
    assert "channels:join" not in scopes
    assert "chat:write" in scopes
    async with AsyncWebClientOf(desk.slack, granted["access_token"]) as client:
        answer = await refused(client, "conversations.join", channel=desk.globex.channel("#leads").id)
    assert (answer["error"], answer["needed"], answer["provided"]) == (
        "missing_scope",
        "channels:join",
        granted["scope"],
    )


async def test_installing_again_adds_scopes_to_the_same_token(desk: Desk) -> None:
    first = await desk.installed(without=("channels:join",))
    again = await desk.installed()
    assert again["access_token"] == first["access_token"]
    assert set(again["scope"].split(",")) - set(first["scope"].split(",")) == {"channels:join"}


async def test_after_an_uninstall_there_is_a_new_token_for_the_same_bot(desk: Desk) -> None:
    first = await desk.installed()
    desk.globex.uninstall_app()
    again = await desk.installed()
    assert again["access_token"] != first["access_token"]
    assert again["bot_user_id"] == first["bot_user_id"]
    async with AsyncWebClientOf(desk.slack, first["access_token"]) as client:
        assert (await refused(client, "auth.test"))["error"] == "account_inactive"


@pytest.mark.parametrize("revoked_first", [False, True])
async def test_an_uninstall_is_told_twice_in_either_order(desk: Desk, revoked_first: bool) -> None:
    granted = await desk.installed()
    desk.slack.grants.revoked_first = revoked_first
    async with recording_app() as app:
        desk.slack.delivery.mode, desk.slack.events_url = "http", app.url
        answer = await desk.call("apps.uninstall", token=granted["access_token"], **desk.client_pair)
        assert answer["ok"]
        assert await desk.slack.delivery.settled()
    events = [one.json() for one in app.requests]
    kinds = ["app_uninstalled", "tokens_revoked"]
    assert [one["event"]["type"] for one in events] == (kinds[::-1] if revoked_first else kinds)
    assert {one["team_id"] for one in events} == {desk.globex.team_id}
    assert next(one["event"]["tokens"] for one in events if "tokens" in one["event"]) == {
        "oauth": [],
        "bot": [granted["bot_user_id"]],
    }


async def test_a_token_that_rotates_lives_twelve_hours(rotating: Desk, clock: Clock) -> None:
    granted = await rotating.installed()
    assert granted["expires_in"] == 43_200
    assert granted["access_token"].startswith("xoxe.xoxb-")
    async with AsyncWebClientOf(rotating.slack, granted["access_token"]) as client:
        clock.at += 43_199
        assert (await client.auth_test())["ok"]
        clock.at += 1
        assert (await refused(client, "auth.test"))["error"] == "token_expired"


async def test_a_refresh_token_serves_once_and_the_old_token_lives_on(rotating: Desk) -> None:
    first = await rotating.installed()
    args = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = await rotating.access(**args)
    assert second["refresh_token"] != first["refresh_token"]
    assert second["bot_user_id"] == first["bot_user_id"]
    for token in (first["access_token"], second["access_token"]):
        async with AsyncWebClientOf(rotating.slack, token) as client:
            assert (await client.auth_test())["ok"]
    assert (await rotating.access(**args))["error"] == "invalid_refresh_token"


async def test_a_third_token_kills_the_oldest(rotating: Desk) -> None:
    first = await rotating.installed()
    second = await rotating.access(grant_type="refresh_token", refresh_token=first["refresh_token"])
    await rotating.access(grant_type="refresh_token", refresh_token=second["refresh_token"])
    async with AsyncWebClientOf(rotating.slack, first["access_token"]) as client:
        assert (await refused(client, "auth.test"))["error"] == "token_revoked"


async def test_within_the_grace_a_lost_reply_can_be_asked_for_again(rotating: Desk, clock: Clock) -> None:
    first = await rotating.installed()
    rotating.globex.installation.app.tokens.grace = 60
    args = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = await rotating.access(**args)
    assert (await rotating.access(**args))["access_token"] == second["access_token"]
    clock.at += 60
    assert (await rotating.access(**args))["error"] == "invalid_refresh_token"


async def test_the_log_of_calls_keeps_no_secret(desk: Desk) -> None:
    code = desk.code()
    await desk.access(code=code, redirect_uri=BACK)
    assert code not in str([one.args for one in desk.slack.calls])
    assert desk.client_pair["client_secret"] not in str([one.args for one in desk.slack.calls])


@pytest.mark.parametrize("more", [{"client_id": "9.9"}, {"scope": ""}])
async def test_a_broken_install_link_says_so(desk: Desk, more: dict[str, str]) -> None:
    async with aiohttp.ClientSession() as browser, browser.get(desk.link(**more)) as answer:
        assert answer.status == 400
        assert "Not installed" in await answer.text()
