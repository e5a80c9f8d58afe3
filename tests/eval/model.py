"""What a language model makes of the labelled set, asked as the product asks it.

The lines that the words are not sure of stay without a theme in the product, and only these are asked about. What a
model says is a proposal: it stands in the maybe band.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from bot.llm import OpenAIModel, make_llm
from bot.metrics import Metrics
from bot.settings import Settings
from domain.insight.assign import Band, starter
from domain.llm.redaction import Names, Redaction
from domain.proposals.labelling import BATCH
from domain.proposals.labels import Labels, check_label
from domain.wall import WallClock
from handlers.llm import LlmTrouble, Question, read_answer
from handlers.proposals.jobs import label_question
from tests.eval.figures import Assigned

TRIES: Final = 4


class NoAnswer(Exception):
    """The model could not be asked. Its words say why."""


def model_of_environment() -> OpenAIModel | None:
    """The model that OPENAI_API_KEY, OPENAI_BASE_URL and OPENAI_MODEL name; None without a key."""
    if not os.environ.get("OPENAI_API_KEY"):
        return None
    return make_llm(Settings(), Metrics(), WallClock())


def with_model(lines: Sequence[Assigned], model: OpenAIModel) -> list[Assigned]:
    """The lines, those that the words were not sure of with what the model says. Raises NoAnswer."""
    return asyncio.run(ask_all(lines, model))


async def ask_all(lines: Sequence[Assigned], model: OpenAIModel) -> list[Assigned]:
    asked = [one for one in lines if one.band is not Band.SURE]
    said: dict[str, str | None] = {}
    try:
        for first in range(0, len(asked), BATCH):
            said |= await _ask(model, [one.text for one in asked[first : first + BATCH]])
    finally:
        await model.close()
    return [_told(one, said) for one in lines]


def _told(line: Assigned, said: Mapping[str, str | None]) -> Assigned:
    if line.text not in said:
        return line
    theme = said[line.text]
    return replace(line, theme=theme, band=Band.MAYBE if theme else Band.UNSURE)


async def _ask(model: OpenAIModel, texts: Sequence[str]) -> dict[str, str | None]:
    """The theme of each text by one question; a text that the answer leaves out has none."""
    slugs = list(starter())
    titles = {slug: slug.replace("-", " ").capitalize() for slug in slugs}
    redaction = Redaction(Names())
    question = label_question(titles, [redaction.hide(text) for text in texts])
    themes: dict[int, str | None] = {}
    answer = await _patiently(model, question)
    if isinstance(answer, Labels):
        offered = {slug: number for number, slug in enumerate(slugs)}
        for label in answer.labels:
            theme = check_label(label, offered, "").theme_id
            themes.setdefault(label.item, None if theme is None else slugs[theme])
    return {text: themes.get(number) for number, text in enumerate(texts, 1)}


async def _patiently(model: OpenAIModel, question: Question[Labels]) -> Labels | str:
    """The answer, or why it cannot be used. Raises NoAnswer when the model cannot be asked."""
    for tried in range(1, TRIES + 1):
        try:
            return read_answer(await model.say(question), question)
        except LlmTrouble as trouble:
            if not trouble.passing or tried == TRIES:
                raise NoAnswer(f"The model could not be asked ({trouble.why}); tries: {tried}.") from None
            await asyncio.sleep(2.0**tried if trouble.after is None else trouble.after.total_seconds())
    raise AssertionError("the last try answers or raises")
