"""The whole way: a rep logs, the program asks a model, a marketer accepts, an admin turns the model off."""

from __future__ import annotations

from collections.abc import AsyncIterator
from unittest.mock import patch

import pytest
from pydantic import SecretStr

from bot.loops.labels import Labels
from bot.settings import Settings
from playground import Playground
from playground.modals import Modal
from storage import jobs
from tests import running as running_program
from tests.llm.office import KEY
from tests.llm.server import ModelServer, failing, model_server
from tests.progress import until
from tests.running import Running, running, settings_for


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with model_server() as found:
        yield found


@pytest.fixture
async def tandem(migrated_url: str, server: ModelServer) -> AsyncIterator[Running]:
    """Tandem on the playground with a model; at the end, Slack refused nothing and nobody was pinged."""

    def settings(slack: Playground, url: str) -> Settings:
        chosen = {"openai_api_key": SecretStr(KEY), "openai_base_url": server.url, "openai_model": "tiny"}
        return settings_for(slack, url).model_copy(update=chosen)

    with patch.object(running_program, "settings_for", settings):
        async with running(migrated_url) as program:
            yield program
            assert program.slack.refusals == []
            assert program.slack.pings == []


async def labelled(tandem: Running) -> None:
    """Let the program do what it does every minute, to the end of the job."""
    await tandem.later(minutes=11)
    await Labels(tandem.program.tandem).look()
    tandem.program.db.rouse(jobs.TOPIC)

    async def ended() -> bool:
        return not await tandem.program.db.read(jobs.open_jobs)

    await until(ended, lambda: 0, what="the labelling", still=30, pause=0.02)


async def test_what_a_rep_logs_without_a_theme_gets_one_by_a_marketer_s_click(
    tandem: Running, server: ModelServer
) -> None:
    general = tandem.slack.channel("#general")
    await general.command("/voc they cannot pay that much #moonshot", by="ana")
    await general.command("/voc they find it far too dear, says Max Keller", by="ana")
    await labelled(tandem)
    (asked,) = server.asked
    assert asked.texts == ["they find it far too dear, says ⟦person 1⟧"]
    modal = await general.command("/voc proposals", by="max")
    assert isinstance(modal, Modal)
    assert "they find it far too dear, says Max Keller" in modal.text
    await modal.button("Accept").click(by="max")
    done = tandem.slack.modal("max")
    assert done is not None
    assert "1 item stands under #moonshot now." in done.text
    known = await general.command("/voc #moonshot", by="ana")
    assert "2 items in 30 days" in known.text


async def test_an_admin_turns_the_model_off_and_on(tandem: Running, server: ModelServer) -> None:
    general = tandem.slack.channel("#general")
    await general.command("/voc they cannot pay that much #moonshot", by="ana")
    hub = await general.command("/tandem setup", by="mia")
    assert isinstance(hub, Modal)
    assert "tiny at 127.0.0.1 proposes themes for items without one and sums up" in hub.text
    await hub.button("Turn off").click(by="mia")
    off = tandem.slack.modal("mia")
    assert off is not None
    assert "Turned off: nothing of this workspace goes to tiny at 127.0.0.1." in off.text
    await general.command("/voc they find it far too dear", by="ana")
    await labelled(tandem)
    assert server.asked == []
    await off.button("Turn on").click(by="mia")
    await labelled(tandem)
    assert len(server.asked) == 1


async def test_a_model_that_fails_is_told_in_the_settings_and_nowhere_else(
    tandem: Running, server: ModelServer
) -> None:
    server.answer = lambda _asked: failing(401)
    general = tandem.slack.channel("#general")
    await general.command("/voc they cannot pay that much #moonshot", by="ana")
    await general.command("/voc they find it far too dear", by="ana")
    await labelled(tandem)
    await tandem.idle()
    assert len(server.asked) == 1
    assert [message.text for name in ("#leads", "#marketing") for message in tandem.slack.channel(name).messages] == []
    hub = await general.command("/tandem setup", by="mia")
    assert "It refuses our key. Set OPENAI_API_KEY to a key that is good, and restart." in hub.text
