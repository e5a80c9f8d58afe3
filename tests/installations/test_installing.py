"""Installing by OAuth: the page, the way to Slack and back, and what is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import aiohttp
import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import func, select
from starlette.applications import Starlette

from bot.installations import routes
from bot.installations.answers import CAUTIOUS
from bot.installations.app import OAuthApp
from bot.installations.registry import Installations
from bot.installations.routes import BEGUN_AT_ONCE, Installing
from bot.seal import Sealer
from bot.settings import Settings, SettingsProblem
from domain.people import sync_members
from domain.wall import WallClock
from handlers.arrival import Tandem
from handlers.catalog import all_listeners
from handlers.scopes import OPTIONAL_NAMES, required_scopes
from handlers.setup.profiles import profile_of
from storage.database import Database
from storage.models import Delivery, Installation, Member, OAuthState, Workspace
from tests.installations.slack import GRANTED, Slack, slack_server

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)
KEY = "k" * 32
PUBLIC = "https://tandem.example.com"


@dataclass
class Door:
    """Tandem's two routes in a browser."""

    browser: httpx.AsyncClient
    slack: Slack
    db: Database
    clock: WallClock

    async def begin(self, path: str = "/slack/install?start=1") -> str:
        """Press the button; the state that Slack is given."""
        answer = await self.browser.get(path)
        assert answer.status_code == 302, answer.text
        return parse_qs(urlsplit(answer.headers["location"]).query)["state"][0]

    async def back(self, **query: str) -> httpx.Response:
        return await self.browser.get("/slack/oauth_redirect", params=query)

    async def install(self) -> httpx.Response:
        return await self.back(code="c1", state=await self.begin())


@asynccontextmanager
async def door_of(db: Database, public_url: str = PUBLIC) -> AsyncIterator[Door]:
    clock = WallClock(NOON)
    async with slack_server() as slack, aiohttp.ClientSession() as http:
        app = OAuthApp("1.2", "client secret", public_url, slack.api_url)
        tandem = Tandem(db, clock, listeners=all_listeners())
        registry = Installations(db, clock, Sealer(KEY), api_url=slack.api_url, session=http)
        web = Starlette(routes=Installing(app, tandem, registry).routes())
        transport = httpx.ASGITransport(web)
        async with httpx.AsyncClient(transport=transport, base_url=public_url) as browser:
            yield Door(browser, slack, db, clock)


@pytest.fixture
async def door(db: Database) -> AsyncIterator[Door]:
    async with door_of(db) as door:
        yield door


async def test_the_page_says_what_tandem_will_do_and_its_button_leads_to_slack(door: Door) -> None:
    page = await door.browser.get("/slack/install")
    assert page.status_code == 200
    assert "somebody has to type /invite" in page.text
    assert page.text.count("<a ") == 1
    assert f'href="{PUBLIC}/slack/install?start=1"' in page.text
    assert await door.db.read(lambda session: session.scalar(select(func.count()).select_from(OAuthState))) == 0


@pytest.mark.parametrize("public", [PUBLIC, "https://example.com/tandem"])
async def test_the_button_leads_to_where_slack_leads_back(db: Database, public: str) -> None:
    async with door_of(db, public) as door:
        page = await door.browser.get("http://10.0.0.5:3000/slack/install", params={"team": "T0NORTH"})
        assert f'href="{public}/slack/install?team=T0NORTH&amp;start=1"' in page.text


async def test_slack_is_asked_for_the_least_scopes_and_the_optional_ones(door: Door) -> None:
    answer = await door.browser.get("/slack/install?start=1&team=T0NORTH")
    to = urlsplit(answer.headers["location"])
    query = {name: values[0] for name, values in parse_qs(to.query).items()}
    assert f"{to.scheme}://{to.netloc}{to.path}" == door.slack.api_url.removesuffix("api/") + "oauth/v2/authorize"
    assert set(query["scope"].split(",")) == required_scopes(all_listeners()) | OPTIONAL_NAMES
    assert query["redirect_uri"] == f"{PUBLIC}/slack/oauth_redirect"
    assert query["team"] == "T0NORTH"
    assert query["client_id"] == "1.2"


@pytest.mark.parametrize(("asked", "optional"), [("", set()), ("channels:join", {"channels:join"})])
async def test_optional_scopes_can_be_left_out_by_the_link(door: Door, asked: str, optional: set[str]) -> None:
    page = await door.browser.get("/slack/install", params={"optional": asked})
    link = page.text.partition('class="button" href="')[2].partition('"')[0].replace("&amp;", "&")
    answer = await door.browser.get(link)
    scope = parse_qs(urlsplit(answer.headers["location"]).query)["scope"][0]
    assert set(scope.split(",")) & OPTIONAL_NAMES == optional


async def test_an_unknown_optional_scope_is_named_and_escaped(door: Door) -> None:
    page = await door.browser.get("/slack/install", params={"optional": "<b>admin</b>"})
    assert page.status_code == 400
    assert "&lt;b&gt;admin" in page.text
    assert "<b>" not in page.text


@pytest.mark.parametrize(
    ("public_url", "name", "secure"),
    [(PUBLIC, "__Host-tandem-install", True), ("http://localhost:3000", "tandem-install", False)],
)
async def test_the_cookie_is_for_this_browser_and_this_host_alone(
    db: Database, public_url: str, name: str, secure: bool
) -> None:
    async with door_of(db, public_url) as door:
        answer = await door.browser.get("/slack/install?start=1")
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith(f"{name}=")
        parts = {one.strip().lower() for one in cookie.split(";")}
        assert {"httponly", "samesite=lax", "path=/", "max-age=600"} <= parts
        assert ("secure" in parts) is secure
        assert not any(one.startswith("domain=") for one in parts)


async def test_pages_run_nothing_and_stand_in_no_frame(door: Door) -> None:
    for path in ("/slack/install", "/slack/oauth_redirect?state=x&code=y"):
        page = await door.browser.get(path)
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["cache-control"] == "no-store"


async def test_an_installation_keeps_a_sealed_token_and_welcomes_the_installer_as_admin(door: Door) -> None:
    page = await door.install()
    assert page.status_code == 200
    assert "Tandem is installed in Northwind" in page.text
    assert "app_redirect?app=A1&amp;team=T1" in page.text
    row = await door.db.read(lambda session: session.scalars(select(Installation)).one())
    assert Sealer(KEY).unseal(row.sealed_token) == "xoxb-first"
    assert (row.team_id, row.bot_user_id, row.bot_id, row.installed_by) == ("T1", "U0BOT", "B1", "U1")
    assert set(row.scopes) == set(GRANTED["scope"].split(","))
    exchanged = door.slack.calls("oauth.v2.access")
    assert [(one["code"], one["redirect_uri"]) for one in exchanged] == [("c1", f"{PUBLIC}/slack/oauth_redirect")]
    member = await door.db.read(lambda session: session.scalars(select(Member)).one())
    assert (member.slack_user_id, member.role) == ("U1", "admin")
    told = await door.db.read(lambda session: session.scalars(select(Delivery)).all())
    assert [(one.kind, one.subject_id) for one in told] == [("welcome", member.id)]


async def test_slacks_list_of_people_leaves_the_installer_an_admin(door: Door) -> None:
    await door.install()
    profile = profile_of({"id": "U1", "team_id": "T1", "name": "ana", "is_admin": False}, "T1")
    workspace = await door.db.read(lambda session: session.scalars(select(Workspace)).one())
    await door.db.run(sync_members, workspace.id, [profile], NOON)
    member = await door.db.read(lambda session: session.scalars(select(Member)).one())
    assert member.role == "admin"


async def test_installing_again_keeps_the_new_token_and_says_nothing_twice(door: Door) -> None:
    await door.install()
    door.slack.answers["oauth.v2.access"] = {
        **GRANTED,
        "access_token": "xoxb-second",
        "scope": f"{GRANTED['scope']},channels:join",
        "authed_user": {"id": "U2"},
    }
    assert (await door.install()).status_code == 200
    row = await door.db.read(lambda session: session.scalars(select(Installation)).one())
    assert Sealer(KEY).unseal(row.sealed_token) == "xoxb-second"
    assert "channels:join" in row.scopes
    assert len(await door.db.read(lambda session: session.scalars(select(Delivery)).all())) == 1
    admins = await door.db.read(lambda session: session.scalars(select(Member.slack_user_id)).all())
    assert admins == ["U1"]


async def test_two_tabs_of_one_browser_both_come_to_an_end(door: Door) -> None:
    first, second = await door.begin(), await door.begin()
    assert (await door.back(code="c1", state=first)).status_code == 200
    assert (await door.back(code="c2", state=second)).status_code == 200


async def test_a_state_serves_once(door: Door) -> None:
    state = await door.begin()
    await door.back(code="c1", state=state)
    again = await door.back(code="c1", state=state)
    assert again.status_code == 400
    assert "used already" in again.text
    assert f'href="{PUBLIC}/slack/install"' in again.text
    assert len(door.slack.calls("oauth.v2.access")) == 1


async def test_a_state_serves_ten_minutes(door: Door) -> None:
    state = await door.begin()
    door.clock.advance(timedelta(minutes=10))
    late = await door.back(code="c1", state=state)
    assert late.status_code == 400
    assert "more than ten minutes" in late.text
    assert door.slack.asked == []


async def test_a_state_serves_no_other_browser_and_is_not_used_up_by_it(door: Door) -> None:
    state = await door.begin()
    mine = dict(door.browser.cookies)
    door.browser.cookies.clear()
    stranger = await door.back(code="evil", state=state)
    assert "not the browser that began" in stranger.text
    assert door.slack.asked == []
    door.browser.cookies.update(mine)
    assert (await door.back(code="c1", state=state)).status_code == 200


@pytest.mark.parametrize(("query", "words"), [({}, "without the mark"), ({"state": "made-up"}, "do not know the mark")])
async def test_a_state_that_we_did_not_give_asks_nothing_of_slack(
    door: Door, query: dict[str, str], words: str
) -> None:
    await door.begin()
    page = await door.back(code="c1", **query)
    assert page.status_code == 400
    assert words in page.text
    assert door.slack.asked == []


async def test_whoever_presses_cancel_reads_that_nothing_changed(door: Door) -> None:
    page = await door.back(error="access_denied", state=await door.begin())
    assert "Tandem was not installed" in page.text
    assert "Nothing was changed" in page.text
    assert 'href="https://tandem.example.com/slack/install"' in page.text


async def test_another_reason_of_slacks_is_shown_escaped(door: Door) -> None:
    page = await door.back(error="<script>x</script>", state=await door.begin())
    assert page.status_code == 400
    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        ({"ok": False, "error": "invalid_code"}, 400, "does not take this code"),
        ({"ok": False, "error": "bad_client_secret"}, 502, "whoever runs Tandem"),
        (503, 503, "Slack does not answer"),
        ({**GRANTED, "access_token": None}, 502, "incomplete"),
        ({**GRANTED, "team": None}, 502, "incomplete"),
        ({**GRANTED, "access_token": "xoxb-\ud800"}, 502, "incomplete"),
        ({**GRANTED, "bot_user_id": None}, 502, "incomplete"),
    ],
)
async def test_what_slack_says_of_a_code_becomes_a_page_and_keeps_nothing(
    door: Door, answer: object, status: int, words: str
) -> None:
    door.slack.answers["oauth.v2.access"] = answer
    page = await door.install()
    assert page.status_code == status
    assert words in page.text
    assert await door.db.read(lambda session: session.scalar(select(func.count()).select_from(Installation))) == 0


async def test_a_name_of_a_workspace_is_never_markup(door: Door) -> None:
    door.slack.answers["oauth.v2.access"] = {**GRANTED, "team": {"id": "T1", "name": "<img src=x>"}}
    page = await door.install()
    assert "<img" not in page.text
    assert "&lt;img" in page.text


@pytest.mark.parametrize("name", ["North\ud83dwind", "North\0wind", "\u202eNorthwind", None, 7])
async def test_an_odd_name_of_a_workspace_costs_no_installation(door: Door, name: object) -> None:
    door.slack.answers["oauth.v2.access"] = {**GRANTED, "team": {"id": "T1", "name": name}}
    page = await door.install()
    assert page.status_code == 200
    kept = await door.db.read(lambda session: session.scalars(select(Workspace.name)).one())
    assert kept in ("Northwind", "")


async def test_an_organization_is_installed_as_a_whole_with_its_workspaces(door: Door) -> None:
    door.slack.answers["oauth.v2.access"] = {
        **GRANTED,
        "team": None,
        "enterprise": {"id": "E1", "name": "Acme"},
        "is_enterprise_install": True,
    }
    door.slack.answers["auth.teams.list"] = [
        {"ok": True, "teams": [{"id": "T1", "name": "One"}], "response_metadata": {"next_cursor": "more"}},
        {"ok": True, "teams": [{"id": "T2", "name": "Two"}], "response_metadata": {"next_cursor": ""}},
    ]
    page = await door.install()
    assert "Tandem is installed in Acme" in page.text
    row = await door.db.read(lambda session: session.scalars(select(Installation)).one())
    assert (row.team_id, row.enterprise_id, row.is_enterprise_install) == (None, "E1", True)
    workspaces = await door.db.read(lambda session: session.scalars(select(Workspace).order_by(Workspace.id)).all())
    assert [(one.slack_team_id, one.name, one.installation_id) for one in workspaces] == [
        ("T1", "One", row.id),
        ("T2", "Two", row.id),
    ]
    assert [one.get("cursor") for one in door.slack.calls("auth.teams.list")] == [None, "more"]


async def test_tokens_that_expire_are_kept_with_what_renews_them(door: Door) -> None:
    door.slack.answers["oauth.v2.access"] = {**GRANTED, "refresh_token": "xoxe-1-first", "expires_in": 43200}
    await door.install()
    row = await door.db.read(lambda session: session.scalars(select(Installation)).one())
    assert row.token_expires_at is not None
    assert timedelta() <= row.token_expires_at - NOON - timedelta(hours=12) < timedelta(minutes=1)
    assert Sealer(KEY).unseal(row.sealed_refresh_token or "") == "xoxe-1-first"


@pytest.mark.parametrize("odd", [None, "soon", -1, 0, 1e300, [], {}, float("nan"), float("inf")])
async def test_a_token_whose_end_slack_does_not_say_is_kept_and_renewed_before_long(door: Door, odd: object) -> None:
    door.slack.answers["oauth.v2.access"] = {**GRANTED, "refresh_token": "xoxe-1-first", "expires_in": odd}
    assert (await door.install()).status_code == 200
    row = await door.db.read(lambda session: session.scalars(select(Installation)).one())
    assert row.token_expires_at is not None
    assert timedelta() <= row.token_expires_at - NOON - CAUTIOUS < timedelta(minutes=1)


async def test_whoever_begins_again_and_again_waits_a_minute(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "BEGUN_PER_MINUTE", 0.01)  # on a slow machine, too, nothing is given anew meanwhile
    async with door_of(db) as door:
        for _ in range(BEGUN_AT_ONCE):
            await door.begin()
        assert (await door.browser.get("/slack/install?start=1")).status_code == 429
        assert (await door.browser.get("/slack/install")).status_code == 200


async def test_states_long_gone_are_forgotten(door: Door) -> None:
    await door.begin()
    door.clock.advance(timedelta(days=2))
    await door.begin()
    assert await door.db.read(lambda session: session.scalar(select(func.count()).select_from(OAuthState))) == 1


def test_a_part_of_the_settings_is_said_with_what_is_missing() -> None:
    settings = Settings(_env_file=None, slack_client_id="1.2", slack_client_secret=SecretStr("s"))
    with pytest.raises(SettingsProblem) as problem:
        OAuthApp.from_settings(settings)
    assert [line.partition(" ")[0] for line in problem.value.lines] == ["PUBLIC_URL", "TANDEM_SECRET_KEY"]


def test_where_a_token_is_set_a_part_of_the_settings_stops_nothing() -> None:
    settings = Settings(_env_file=None, slack_client_id="1.2", slack_bot_token=SecretStr("xoxb-1"))
    assert OAuthApp.from_settings(settings) is None
