"""The registry: which workspaces are served, by whose token, and how a process follows what changes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.errors import SlackApiError
from sqlalchemy import select, update

from bot.installations.registry import Installations, Installed
from bot.loops.wakeups import Wakeups
from bot.seal import Sealer
from bot.slack.client import Meaning, make_client, sort_error
from domain.installations import Grant, installed, meet_workspace
from domain.people import ensure_workspace
from domain.wall import WallClock
from storage.database import Database
from storage.models import Installation, Workspace

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)
KEY = "k" * 32
SEALER = Sealer(KEY)


class Slack:
    """Answers every call, and keeps which token and team it named."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        team = str({**request.query, **await request.post()}.get("team_id", ""))
        self.asked.append((request.headers["Authorization"].removeprefix("Bearer "), team))
        return web.json_response({"ok": True})


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    found = Slack()
    app = web.Application()
    app.router.add_route("*", "/api/{method}", found.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
    yield found
    await runner.cleanup()


@asynccontextmanager
async def registry_of(db: Database, slack: Slack, sealer: Sealer = SEALER) -> AsyncIterator[Installations]:
    async with aiohttp.ClientSession() as session:
        yield Installations(db, WallClock(), sealer, api_url=slack.url, session=session)


def grant(team: str | None, token: str, *, org: str | None = None, expires: datetime | None = None) -> Grant:
    return Grant(
        app_id="A1",
        bot_user_id=f"B-{team or org}",
        scopes=frozenset({"commands", "chat:write"}),
        sealed_token=SEALER.seal(token),
        team_id=team,
        team_name=f"Team {team}",
        enterprise_id=org,
        expires_at=expires,
    )


async def test_every_installed_workspace_is_found_by_its_team_and_calls_by_its_own_token(
    db: Database, slack: Slack
) -> None:
    for team in ("T1", "T2"):
        await db.run(installed, grant(team, f"xoxb-{team}"), at=NOON)
    async with registry_of(db, slack) as registry:
        await registry.refresh()
        for team in ("T1", "T2"):
            found = registry.of_team(team)
            assert found is not None
            assert registry.of_workspace(found.workspace_id) is found
            assert found.bot_user_id == f"B-{team}"
            assert found.scopes == {"commands", "chat:write"}
            await found.client.auth_test()
        assert [one.team_id for one in registry.all()] == ["T1", "T2"]
        assert slack.asked == [("xoxb-T1", ""), ("xoxb-T2", "")]
        assert registry.of_team("T3") is None


async def test_installing_again_keeps_the_row_and_whoever_holds_the_client_calls_by_the_new_token(
    db: Database, slack: Slack
) -> None:
    first = await db.run(installed, grant("T1", "xoxb-old"), at=NOON)
    async with registry_of(db, slack) as registry:
        await registry.refresh()
        held = registry.all()[0].client
        assert await db.run(installed, grant("T1", "xoxb-new"), at=NOON) == first
        await registry.refresh()
        await held.auth_test()
    assert slack.asked == [("xoxb-new", "")]


async def test_a_token_that_was_replaced_before_it_was_refused_is_known_as_such(db: Database, slack: Slack) -> None:
    await db.run(installed, grant("T1", "xoxb-old"), at=NOON)
    async with registry_of(db, slack) as registry:
        await registry.refresh()
        one = registry.all()[0]
        await one.client.auth_test()
        assert not await registry.speaks_anew(one.workspace_id)  # what is refused is the token that there is
        await db.run(installed, grant("T1", "xoxb-new"), at=NOON)
        assert await registry.speaks_anew(one.workspace_id)
        await one.client.auth_test()
        assert not await registry.speaks_anew(one.workspace_id)
    assert [token for token, _ in slack.asked] == ["xoxb-old", "xoxb-new"]


async def test_what_another_process_installed_is_known_before_its_news_came(db: Database, slack: Slack) -> None:
    async with registry_of(db, slack) as registry:
        await registry.refresh()
        assert await registry.meet("T1", None) is None
        await db.run(installed, grant("T1", "xoxb-1"), at=NOON)
        assert registry.of_team("T1") is None
        met = await registry.meet("T1", None)
        assert met is not None
        assert met is registry.of_team("T1")


async def test_installing_again_lets_a_stopped_workspace_go_on(db: Database) -> None:
    await db.run(installed, grant("T1", "xoxb-1"), at=NOON)
    await db.run(lambda session: session.execute(update(Workspace).values(state="stopped", stopped_reason="x")))
    await db.run(installed, grant("T1", "xoxb-2"), at=NOON)
    assert await db.run(lambda session: session.scalar(select(Workspace.state))) == "active"


async def test_the_bot_token_of_the_environment_is_an_entry_beside_what_is_installed(
    db: Database, slack: Slack
) -> None:
    workspace_id = await db.run(ensure_workspace, "T0", name="Old", at=NOON)
    await db.run(installed, grant("T1", "xoxb-T1"), at=NOON)
    async with registry_of(db, slack) as registry:
        client = make_client("xoxb-env", slack.url, registry.session)
        registry.fixed = Installed(workspace_id, "T0", None, "B0", "", frozenset(), client)
        await registry.refresh()
        assert [one.team_id for one in registry.all()] == ["T0", "T1"]
        assert registry.client_of(workspace_id) is client


async def test_workspaces_of_an_organization_share_its_token_and_say_which_of_them_they_are(
    db: Database, slack: Slack
) -> None:
    await db.run(installed, grant(None, "xoxb-org", org="E1"), at=NOON)
    async with registry_of(db, slack) as registry:
        await registry.refresh()
        assert registry.all() == ()
        for team in ("T1", "T2"):
            found = await registry.meet(team, "E1")
            assert found is not None
            assert found.enterprise_id == "E1"
            await found.client.users_list()
        assert slack.asked == [("xoxb-org", "T1"), ("xoxb-org", "T2")]
        assert await registry.meet("T3", "E2") is None
        assert await registry.meet("T3", None) is None
        assert [one.team_id for one in registry.all()] == ["T1", "T2"]


async def test_a_workspace_with_a_token_of_its_own_keeps_it_beside_its_organizations(
    db: Database, slack: Slack
) -> None:
    await db.run(installed, grant("T1", "xoxb-own", org="E1"), at=NOON)
    org = await db.run(installed, grant(None, "xoxb-org", org="E1"), at=NOON)
    await db.run(meet_workspace, org, "T1", at=NOON)
    async with registry_of(db, slack) as registry:
        await registry.refresh()
        await registry.all()[0].client.auth_test()
    assert slack.asked == [("xoxb-own", "")]


async def test_what_was_removed_is_served_no_more(db: Database, slack: Slack) -> None:
    await db.run(installed, grant("T1", "xoxb-T1"), at=NOON)
    async with registry_of(db, slack) as registry:
        await registry.refresh()
        held = registry.all()[0]
        gone = update(Installation).values(state="removed", stopped_reason="app_uninstalled")
        await db.run(lambda session: session.execute(gone))
        await registry.refresh()
        assert registry.all() == ()
        assert registry.client_of(held.workspace_id) is None
        with pytest.raises(SlackApiError) as raised:
            await held.client.auth_test()
        assert sort_error(raised.value).meaning is Meaning.TOKEN


async def test_a_token_sealed_with_a_lost_key_is_a_fault_of_that_workspace_alone(db: Database, slack: Slack) -> None:
    await db.run(installed, grant("T1", "xoxb-T1"), at=NOON)
    async with registry_of(db, slack, Sealer("another key " * 4)) as registry:
        await registry.refresh()
        with pytest.raises(SlackApiError) as raised:
            await registry.all()[0].client.auth_test()
        assert sort_error(raised.value).name == "token_unreadable"
        assert sort_error(raised.value).meaning is Meaning.TOKEN
    assert slack.asked == []


async def test_a_token_that_expires_is_renewed_before_it_is_used(db: Database, slack: Slack) -> None:
    await db.run(installed, grant("T1", "xoxe-1", expires=NOON + timedelta(hours=12)), at=NOON)
    async with registry_of(db, slack) as registry:
        await registry.refresh()

        async def renew(_installation_id: int) -> None:
            await db.run(installed, grant("T1", "xoxe-2", expires=NOON + timedelta(hours=24)), at=NOON)
            await registry.refresh()

        registry.renew = renew
        await registry.all()[0].client.auth_test()
    assert slack.asked == [("xoxe-2", "")]


async def test_a_process_follows_what_another_one_installs(db: Database, slack: Slack) -> None:
    async with registry_of(db, slack) as registry:
        changed = asyncio.Event()
        registry.watch(changed.set)
        keeping = [asyncio.create_task(registry.keep())]
        other = db
        if not db.is_sqlite:
            wakeups = Wakeups(db)
            keeping += [asyncio.create_task(wakeups.listen()), asyncio.create_task(wakeups.keep_trying())]
            other = Database(db.url.render_as_string(hide_password=False))
            async with asyncio.timeout(60):
                await wakeups._listening.wait()
        await asyncio.sleep(0)
        await other.run(installed, grant("T1", "xoxb-T1"), at=NOON)
        async with asyncio.timeout(60):
            await changed.wait()
        assert registry.of_team("T1") is not None
        for task in keeping:
            task.cancel()
        await asyncio.gather(*keeping, return_exceptions=True)
        if other is not db:
            other.close()
