"""Killed between Slack's answer and our commit: a workspace is installed once, and keeps its token."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from playground import Playground
from playground.client import Slack
from storage.database import Database
from storage.models import Installation
from tests.offering import free_port, install, offered_manifest
from tests.processes import PATIENCE, running
from tests.running import KEY


@dataclass
class Place:
    """A Tandem that is offered to workspaces, on a SQLite file, and Globex, which installs it."""

    slack: Playground
    globex: Slack
    env: dict[str, str]
    browser: httpx.AsyncClient

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[object]:
        async with running("serve", self.env) as (process, _):
            yield process

    async def dies(self, crash_at: str, *, clicking: bool = False) -> int:
        """Start one that is killed at that point, be it while it starts, or when somebody clicks; its exit code."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            "from bot.cli import main; main()",
            "serve",
            env=self.env | {"TANDEM_CRASH_AT": crash_at},
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(PATIENCE):
                while process.returncode is None:
                    if clicking:
                        with suppress(httpx.TransportError, AssertionError):
                            await self.install()
                    await asyncio.sleep(0.05)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
        return process.returncode

    async def install(self) -> str:
        return (await install(self.browser, self.slack, self.globex.team_id)).text

    def ask(self) -> list[tuple[str, str]]:
        """State and sealed token of each installation."""
        db = Database(self.env["DATABASE_URL"])
        try:
            return db.run_sync(
                lambda session: [(one.state, one.sealed_token) for one in session.scalars(select(Installation))]
            )
        finally:
            db.close()

    def let_expire(self) -> None:
        """The token ends within the hour, so whoever starts renews it; and whoever renewed it last is gone."""
        db = Database(self.env["DATABASE_URL"])

        def write(session: Session) -> None:
            ends = datetime.now(UTC) + timedelta(minutes=59)
            session.execute(
                update(Installation).values(token_expires_at=ends, refreshing_by=None, refreshing_until=None)
            )

        db.run_sync(write)
        db.close()


@asynccontextmanager
async def offering(folder: Path, *, rotating: bool = False) -> AsyncIterator[Place]:
    public_url = f"http://127.0.0.1:{free_port()}"
    manifest = offered_manifest(public_url, rotating=rotating)
    async with (
        Playground(manifest, mode="http", team_name="Northwind", installed=False) as slack,
        httpx.AsyncClient(base_url=public_url, timeout=PATIENCE) as browser,
    ):
        slack.answer_within, slack.patience = 5.0, 20.0
        slack.events_url = f"{public_url}/slack/events"
        globex = slack.add_workspace("Globex")
        globex.add_member("ana", is_admin=True, is_primary_owner=True)
        globex.add_channel("#sales")
        env = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": f"sqlite:///{folder / 'tandem.db'}",
            "TANDEM_SECRET_KEY": KEY,
            "PUBLIC_URL": public_url,
            "PORT": public_url.rpartition(":")[2],
            **{name: value for name, value in slack.environment.items() if name != "SLACK_BOT_TOKEN"},
        }
        yield Place(slack, globex, env, browser)


async def works(place: Place) -> None:
    answer = await place.globex.channel("#sales").command("/tandem help", by="ana")
    assert "/voc" in answer.text


async def test_a_death_after_slack_gave_the_token_leaves_nothing_and_the_next_click_installs_once(
    tmp_path: Path,
) -> None:
    async with offering(tmp_path) as place:
        assert await place.dies("oauth.exchanged", clicking=True) == 137
        assert place.ask() == []
        async with place.serve():
            assert "Tandem is installed in Globex" in await place.install()
            await works(place)
            assert [state for state, _ in place.ask()] == ["active"]
            await place.globex.dm("ana").message(containing="Tandem is installed")


async def test_a_death_after_slack_gave_the_next_token_keeps_the_workspace_while_the_old_pair_serves_on(
    tmp_path: Path,
) -> None:
    """A refresh token that was spent a moment ago is taken once more here; whether Slack does is not documented."""
    async with offering(tmp_path, rotating=True) as place:
        async with place.serve():
            assert "Tandem is installed in Globex" in await place.install()
            await works(place)
        place.globex.installation.app.tokens.grace = 3600.0
        place.let_expire()
        (before,) = place.ask()
        assert await place.dies("oauth.renewed") == 137
        assert place.ask() == [before]
        place.let_expire()
        async with place.serve():
            await works(place)
            (after,) = place.ask()
            assert after[0] == "active"
