"""The start of the program: what Slack's hiccups and refusals make of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.program import Program
from bot.settings import SettingsProblem
from handlers.catalog import all_listeners
from handlers.manifest import make_manifest
from playground import Fault, Playground
from tests.running import settings_for


async def test_hiccups_of_slack_do_not_end_the_start(tmp_path: Path) -> None:
    async with Playground(make_manifest(all_listeners()), mode="http") as slack:
        slack.faults.next("auth.test", Fault.server_error(), Fault.lost_reply(), Fault.rate_limited(1))
        program = Program(settings_for(slack, f"sqlite:///{tmp_path / 'tandem.db'}"), web=False)
        await program.start()
        assert program.workspace_id is not None
        await program.stop()


async def test_a_token_that_slack_refuses_is_named(tmp_path: Path) -> None:
    async with Playground(make_manifest(all_listeners()), mode="http") as slack:
        slack.faults.next("auth.test", Fault.refuse("invalid_auth"))
        program = Program(settings_for(slack, f"sqlite:///{tmp_path / 'tandem.db'}"), web=False)
        with pytest.raises(SettingsProblem, match=r"SLACK_BOT_TOKEN \(invalid_auth\)"):
            await program.start()
        await program.abandon()


async def test_hiccups_of_slack_do_not_keep_socket_mode_away(tmp_path: Path) -> None:
    async with Playground(make_manifest(all_listeners())) as slack:
        slack.faults.next("apps.connections.open", Fault.server_error(), Fault.lost_reply())
        program = Program(settings_for(slack, f"sqlite:///{tmp_path / 'tandem.db'}"))
        async with asyncio.timeout(60):
            await program.start()
        await slack.app_connected(1)
        await program.stop()


async def test_an_app_token_that_slack_refuses_is_named(tmp_path: Path) -> None:
    async with Playground(make_manifest(all_listeners())) as slack:
        slack.faults.next("apps.connections.open", Fault.refuse("invalid_auth"))
        program = Program(settings_for(slack, f"sqlite:///{tmp_path / 'tandem.db'}"))
        with pytest.raises(SettingsProblem, match=r"SLACK_APP_TOKEN \(invalid_auth\)"):
            async with asyncio.timeout(60):
                await program.start()
        await program.abandon()


async def test_a_process_stays_ready_when_the_starter_words_are(tmp_path: Path) -> None:
    async with Playground(make_manifest(all_listeners()), mode="http") as slack:
        program = Program(settings_for(slack, f"sqlite:///{tmp_path / 'tandem.db'}"))
        await program.start()
        assert program.warming is not None
        await program.warming
        assert "loops" not in await program.problems()
        await program.stop()
