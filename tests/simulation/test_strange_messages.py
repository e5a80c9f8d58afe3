"""A message that Slack answers strangely: no edit of it is stored for a while, though all others can be edited."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.slack.client import Meaning, sort_error
from tests.simulation.faults import STRANGE_ERROR
from tests.simulation.slack import MemorySlack
from tests.simulation.test_slack import company, post, run, texts


async def edit(slack: MemorySlack, posted: Any, text: str) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]
    client = slack.client(slack.playground.bot_token)
    await client.chat_update(channel=posted["channel"], ts=posted["ts"], text=text, blocks=blocks)


async def refused(slack: MemorySlack, posted: Any, text: str) -> None:
    with pytest.raises(SlackApiError) as caught:
        await edit(slack, posted, text)
    outcome = sort_error(caught.value)
    assert (outcome.meaning, outcome.name) == (Meaning.STRANGE, STRANGE_ERROR)


def test_a_strange_message_keeps_the_words_at_which_it_became_strange_until_it_is_none_any_more() -> None:
    async def history() -> None:
        slack = company()
        strange, other = await post(slack, "a"), await post(slack, "b")
        slack.faults.strange.come()
        await edit(slack, strange, "claimed")
        await refused(slack, strange, "*Contacted* by Ana")
        await refused(slack, strange, "claimed")
        await edit(slack, other, "*Contacted* by Bo")
        assert texts(slack) == ["*Contacted* by Ana", "*Contacted* by Bo"]
        slack.faults.calm = True
        await refused(slack, strange, "claimed")
        await asyncio.sleep(1200)
        await edit(slack, strange, "as any other")
        assert texts(slack) == ["as any other", "*Contacted* by Bo"]

    run(history())
