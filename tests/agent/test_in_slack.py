"""Questions in Tandem's Messages tab, as people ask them: prompts, one answer below the question, thumbs, refusals."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from playground import Message
from storage.models import AgentQuestion
from tests.running import Running, running
from tests.voc.test_watching import done

QUESTION = "What do customers say about security?"


@pytest.fixture
async def tandem(migrated_url: str) -> AsyncIterator[Running]:
    """Tandem without a language model, and three items about security."""
    async with running(migrated_url) as program:
        for line in ('their CFO said "security comes first" #security @Globex', "audits take weeks #security"):
            await program.slack.channel("#general").command(f"/voc {line}", by="bo")
        await program.slack.channel("#general").command("/voc far too expensive for them #pricing", by="ana")
        yield program
        assert program.slack.pings == []


async def ask(tandem: Running, text: str = QUESTION, by: str = "ana") -> Message:
    return await tandem.slack.dm(by).post(text)


async def questions(tandem: Running) -> list[AgentQuestion]:
    return await tandem.program.db.read(lambda session: list(session.scalars(select(AgentQuestion))))


async def test_a_question_is_answered_once_below_it_with_quotes_and_thumbs(tandem: Running) -> None:
    asked = await ask(tandem)
    answer = await asked.reply(containing="security comes first")
    assert "2 items from 1 account and 1 rep" in answer.text
    assert "audits take weeks" in answer.text
    assert "expensive" not in answer.text
    assert answer.buttons == ["Helped", "Did not help"]
    await done(tandem)
    assert len(asked.replies) == 1
    [status] = tandem.slack.calls_of("assistant.threads.setStatus")
    assert status.args["thread_ts"] == asked.ts
    assert tandem.slack.workspace.statuses == {}
