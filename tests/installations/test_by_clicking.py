"""Installing by clicking, from end to end: a browser, Slack as the playground is, and the program without any token."""

from __future__ import annotations

import re
import socket
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import select

from bot.installations.app import redirect_uri
from bot.program import Program
from bot.settings import Settings
from domain.wall import WallClock
from handlers.catalog import all_listeners
from handlers.manifest import make_manifest
from handlers.scopes import OPTIONAL_NAMES
from playground import Playground
from playground.client import Slack
from storage.models import Installation, Workspace
from tests.progress import until
from tests.running import KEY, TUESDAY_TEN

SECONDS = 10


@dataclass
class Offer:
    """Tandem offered to several workspaces. `globex`: one of them, with ana its owner; the app is nowhere yet."""

    slack: Playground
    globex: Slack
    program: Program
    clock: WallClock
    browser: httpx.AsyncClient

    async def install(self, place: str, *, without: Collection[str] = ()) -> httpx.Response:
        """Click through: our page, its button, Slack's page, and back."""
        page = await self.browser.get("/slack/install")
        button = re.search(r'class="button" href="([^"]*)"', page.text)
        assert button is not None
        to_slack = await self.browser.get(unescape(button.group(1)))
        back = self.slack.allow(to_slack.headers["location"], place, without=without)
        return await self.browser.get(back)

    async def state(self) -> tuple[str, str]:
        """Of globex: the states of the workspace and of its installation."""
        asked = (
            select(Workspace.state, Installation.state)
            .join(Installation, Installation.id == Workspace.installation_id)
            .where(Workspace.slack_team_id == self.globex.team_id)
        )
        workspace, installation = await self.program.db.read(lambda session: session.execute(asked).one())
        return workspace, installation

    async def becomes(self, *wanted: str) -> None:
        """Wait until the workspace and its installation are in those states."""
        seen: tuple[str, ...] = ()

        async def reached() -> bool:
            nonlocal seen
            seen = await self.state()
            return seen == wanted

        await until(reached, lambda: seen, what=" and ".join(wanted), still=SECONDS, pause=0.05)


@asynccontextmanager
async def offered(database_url: str, *, rotating: bool = False) -> AsyncIterator[Offer]:
    clock = WallClock(TUESDAY_TEN)
    port = free_port()
    public_url = f"http://127.0.0.1:{port}"
    manifest = make_manifest(all_listeners(), public_url=public_url, redirect_url=redirect_uri(public_url))
    manifest["settings"]["token_rotation_enabled"] = rotating
    async with Playground(
        manifest, mode="http", now=lambda: clock.now().timestamp(), team_name="Northwind", installed=False
    ) as slack:
        slack.answer_within, slack.settle, slack.patience = 2.5, 0.8, 15.0
        globex = slack.add_workspace("Globex")
        globex.add_member("ana", real_name="Ana Ruiz", is_admin=True, is_primary_owner=True, tz="Europe/Madrid")
        app = slack.installation.app
        settings = Settings(
            _env_file=None,
            slack_client_id=app.client_id,
            slack_client_secret=SecretStr(app.client_secret),
            slack_signing_secret=SecretStr(slack.signing_secret),
            slack_api_url=slack.api_url,
            database_url=database_url,
            public_url=public_url,
            port=port,
            tandem_secret_key=SecretStr(KEY),
        )
        program = Program(settings, clock=clock, pace=0, host="127.0.0.1")
        await program.start()
        slack.events_url = f"{public_url}/slack/events"
        try:
            async with httpx.AsyncClient(base_url=public_url) as browser:
                yield Offer(slack, globex, program, clock, browser)
        finally:
            await program.stop()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
async def offer(tmp_path: Path) -> AsyncIterator[Offer]:
    async with offered(f"sqlite:///{tmp_path / 'tandem.db'}") as offer:
        yield offer


async def test_a_workspace_is_installed_by_clicking_and_its_commands_are_answered(offer: Offer) -> None:
    page = await offer.install(offer.globex.team_id)
    assert "Tandem is installed in Globex" in page.text
    await offer.globex.dm("ana").message(containing="Tandem is installed")
    offer.globex.add_channel("#sales")
    answer = await offer.globex.channel("#sales").command("/tandem help", by="ana")
    assert "/voc" in answer.text


async def test_whoever_cancels_on_slacks_page_reads_so(offer: Offer) -> None:
    to_slack = await offer.browser.get("/slack/install?start=1")
    state = re.search(r"state=([^&]+)", to_slack.headers["location"])
    assert state is not None
    page = await offer.browser.get(f"/slack/oauth_redirect?error=access_denied&state={state.group(1)}")
    assert "Nothing was changed" in page.text


async def test_without_optional_scopes_a_workspace_works_and_a_later_installation_grants_them(offer: Offer) -> None:
    await offer.install(offer.globex.team_id, without=OPTIONAL_NAMES)
    await offer.globex.dm("ana").message(containing="Tandem is installed")
    assert not OPTIONAL_NAMES & await scopes(offer)
    await offer.program.check_token_now()
    assert await offer.state() == ("active", "active")
    await offer.install(offer.globex.team_id)
    assert await scopes(offer) >= OPTIONAL_NAMES
    assert len([one for one in offer.globex.dm("ana").messages if "Tandem is installed" in one.text]) == 1


@pytest.mark.parametrize("revoked_first", [False, True])
async def test_an_uninstalled_workspace_stops_and_goes_on_when_installed_again(
    offer: Offer, revoked_first: bool
) -> None:
    await offer.install(offer.globex.team_id)
    await offer.globex.dm("ana").message(containing="Tandem is installed")
    offer.clock.advance(timedelta(hours=1))
    offer.slack.grants.revoked_first = revoked_first
    offer.globex.uninstall_app()
    await offer.becomes("stopped", "removed")
    await offer.install(offer.globex.team_id)
    await offer.becomes("active", "active")
    offer.globex.add_channel("#sales")
    answer = await offer.globex.channel("#sales").command("/tandem help", by="ana")
    assert "/voc" in answer.text


async def test_a_token_that_expires_is_renewed_and_the_workspace_never_stops(tmp_path: Path) -> None:
    async with offered(f"sqlite:///{tmp_path / 'tandem.db'}", rotating=True) as offer:
        await offer.install(offer.globex.team_id)
        first = offer.globex.bot_token
        offer.clock.advance(timedelta(hours=10, minutes=30))
        await offer.program.check_token_now()

        async def renewed() -> bool:
            return offer.globex.bot_token != first

        await until(renewed, lambda: offer.globex.bot_token, what="another token", still=SECONDS, pause=0.05)
        offer.clock.advance(timedelta(hours=3))
        await offer.program.check_token_now()
        assert await offer.state() == ("active", "active")


async def test_an_organization_is_installed_and_uninstalled_as_a_whole(offer: Offer) -> None:
    first, second = offer.slack.add_organization("Acme", ["Acme One", "Acme Two"])
    for slack in (first, second):
        slack.add_member("zoe", real_name="Zoe Lang", is_admin=True, is_primary_owner=True)
        slack.add_channel("#sales")
    organization = first.workspace.organization
    assert organization is not None
    page = await offer.install(organization.id)
    assert "Tandem is installed in Acme" in page.text
    for slack in (first, second):
        answer = await slack.channel("#sales").command("/tandem help", by="zoe")
        assert "/voc" in answer.text
    offer.clock.advance(timedelta(hours=1))
    first.uninstall_app()

    async def stopped() -> bool:
        return {"stopped"} == set(await offer.program.db.read(lambda session: session.scalars(select(Workspace.state))))

    await until(stopped, lambda: "", what="both to stop", still=SECONDS, pause=0.05)


async def scopes(offer: Offer) -> set[str]:
    return set(await offer.program.db.read(lambda session: session.scalars(select(Installation.scopes)).one()))
