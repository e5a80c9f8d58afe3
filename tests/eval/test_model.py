"""The labelled set by a language model: a server on this machine says what a test wants to hear."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.llm import OpenAIModel
from bot.metrics import Metrics
from domain.insight.assign import Band
from domain.llm.budget import LlmSet
from domain.wall import WallClock
from tests.eval.figures import Assigned
from tests.eval.model import NoAnswer, ask_all
from tests.llm.server import Asked, ModelServer, Reply, failing, label, labels, model_server, said


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with model_server() as server:
        yield server


def model_of(server: ModelServer) -> OpenAIModel:
    return OpenAIModel("key", LlmSet("tiny", "127.0.0.1", 1), Metrics(), WallClock(), address=server.url, seconds=10)


def line(text: str, theme: str | None, band: Band) -> Assigned:
    return Assigned(text, "security", (), theme, band)


LINES = [
    line("the price is too high", "pricing", Band.SURE),
    line("call me at ada@globex.example about it", "support", Band.MAYBE),
    line("where does it all live?", None, Band.UNSURE),
    line("hm", "stall", Band.MAYBE),
]


async def test_only_what_the_words_are_not_sure_of_is_asked_about_and_nothing_private_leaves(
    server: ModelServer,
) -> None:
    def answer(asked: Asked) -> Reply:
        return labels(label(1, "security", confidence=0.4), label(2, "security"), label(9, "pricing"))

    server.answer = answer
    found = await ask_all(LINES, model_of(server))
    assert [(one.theme, one.band) for one in found] == [
        ("pricing", Band.SURE),
        (None, Band.UNSURE),
        ("security", Band.MAYBE),
        (None, Band.UNSURE),
    ]
    assert len(server.asked) == 1
    assert "ada@globex.example" not in server.asked[0].raw
    assert "too high" not in server.asked[0].raw


async def test_an_answer_that_cannot_be_read_is_no_theme(server: ModelServer) -> None:
    server.answer = lambda asked: said("certainly!")
    found = await ask_all(LINES, model_of(server))
    assert [one.theme for one in found] == ["pricing", None, None, None]


async def test_a_key_that_is_refused_is_told(server: ModelServer) -> None:
    server.answer = lambda asked: failing(401)
    with pytest.raises(NoAnswer, match="key_refused"):
        await ask_all(LINES, model_of(server))
