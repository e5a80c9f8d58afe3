"""Calls that Slack never answers: each ends after CALL_SECONDS, wherever it was made; a WebSocket lives on."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from bot.commands.configure import look_up
from bot.commands.doctor import examine
from bot.program import Program
from bot.settings import SettingsProblem
from bot.slack.client import Meaning, make_client, sort_error
from bot.slack.session import make_session
from handlers.catalog import all_listeners
from handlers.manifest import make_manifest
from playground import Fault, Playground
from storage import outbox
from tests.running import running, settings_for

SHORT = 1.0


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.slack.session.CALL_SECONDS", SHORT)


async def test_a_call_without_an_answer_may_have_taken_effect() -> None:
    async with Playground(make_manifest([])) as slack, make_session() as session:
        slack.faults.next("auth.test", Fault.hang())
        began = time.monotonic()
        with pytest.raises(TimeoutError) as raised:
            await make_client(slack.bot_token, slack.api_url, session).auth_test()
        assert time.monotonic() - began < SHORT + 2
        assert sort_error(raised.value).meaning is Meaning.UNSURE
        assert sort_error(raised.value).cut


async def test_the_start_asks_again(tmp_path: Path) -> None:
    async with Playground(make_manifest(all_listeners())) as slack:
        slack.faults.next("auth.test", Fault.hang())
        slack.faults.next("apps.connections.open", Fault.hang())
        program = Program(settings_for(slack, f"sqlite:///{tmp_path / 'tandem.db'}"))
        async with asyncio.timeout(60):
            await program.start()
        await slack.app_connected(1)
        await program.stop()


async def test_a_message_that_slack_keeps_silent_about_is_posted_once(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        tandem.slack.faults.next("chat.postMessage", Fault.slow(600))
        await tandem.lead_arrives()
        async with asyncio.timeout(60):
            while await tandem.program.db.read(outbox.waiting):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        cards = [one for one in tandem.slack.channel("#leads").messages if "Northwind" in one.text]
        assert len(cards) == 1


async def test_a_socket_outlives_what_a_call_may_take(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        opened = _opened(tandem.slack)
        await asyncio.sleep(2.5 * SHORT)
        assert "logged" in (await tandem.slack.channel("#general").command("/voc too dear #pricing", by="ana")).text
        assert _opened(tandem.slack) == opened, "it was not connected anew"
        assert tandem.slack.sockets.count == 1


async def test_the_doctor_does_not_wait_for_ever(migrated_url: str) -> None:
    async with Playground(make_manifest(all_listeners())) as slack:
        slack.faults.rate("*", Fault.hang(), 1.0)
        async with asyncio.timeout(60):
            found = {one.what: one for one in await examine(settings_for(slack, migrated_url))}
        assert "TimeoutError" in found["way in"].found


async def test_names_are_not_waited_for_for_ever(migrated_url: str) -> None:
    async with Playground(make_manifest(all_listeners())) as slack:
        slack.faults.rate("*", Fault.hang(), 1.0)
        async with asyncio.timeout(60), make_session() as session:
            client = make_client(slack.bot_token, slack.api_url, session)
            with pytest.raises(SettingsProblem, match="TimeoutError"):
                await look_up(client, frozenset({"#leads"}))


def _opened(slack: Playground) -> int:
    """How many connections were asked for."""
    return sum(one.method == "apps.connections.open" for one in slack.calls)
