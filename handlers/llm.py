"""The way to a language model: one question, within the workspace's budget, with an answer that was checked.

Only jobs ask: nobody waits for a model. What is asked holds no text that was not redacted (domain/llm/redaction.py);
what comes back is checked once more by whoever asked, against the workspace.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final, Generic, Protocol, TypeVar

from jinja2 import Environment, StrictUndefined
from pydantic import BaseModel, ValidationError
from sqlalchemy.orm import Session

from domain.llm.budget import BUDGET, BudgetSpent, LlmSet, reserve_tokens, settle_tokens
from handlers.arrival import Tandem

A = TypeVar("A", bound=BaseModel)

BYTES_A_TOKEN: Final = 2
"""A token is rarely shorter, so what is reserved is rather too much."""
FRAME_TOKENS: Final = 500
"""What the schema and the frame of a request take besides its words."""
LONGEST_READ: Final = 200_000

_PROMPTS: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Question(Generic[A]):
    """One request. `instructions`: our own words, and nobody else's; `data`: a JSON document with what others wrote.

    `name`: of the answer's schema; `longest_answer`: in tokens, those included that a model thinks with.
    """

    name: str
    instructions: str
    data: str
    answer: type[A]
    longest_answer: int

    @property
    def most_tokens(self) -> int:
        """What the call can use at the most."""
        told = len(self.instructions.encode()) + len(self.data.encode())
        return told // BYTES_A_TOKEN + FRAME_TOKENS + self.longest_answer


@dataclass(frozen=True, slots=True)
class Said:
    """What a model answered. `tokens`: of question and answer, None when it does not say. `refused`: it would not.

    `whole`: it was not cut off.
    """

    text: str
    tokens: int | None
    refused: bool = False
    whole: bool = True


class LlmTrouble(Exception):
    """A call came to nothing. `why`: one of domain.llm.budget.TROUBLES.

    `passing`: another try may help, `after` so long where the other side says so. `may_cost`: nobody knows whether the
    call is paid for. Never holds what was asked or answered.
    """

    def __init__(
        self, why: str, *, passing: bool = False, after: timedelta | None = None, may_cost: bool = False
    ) -> None:
        super().__init__(why)
        self.why, self.passing, self.after, self.may_cost = why, passing, after, may_cost


class Llm(Protocol):
    """A language model (bot/llm.py)."""

    @property
    def settings(self) -> LlmSet:
        """Which model it is, and what a workspace may use of it."""

    async def say(self, question: Question[Any]) -> Said:
        """Ask once, and never again by itself. Raises LlmTrouble."""

    def count(self, end: str) -> None:
        """Count how a question ended, for whoever watches: "answered", or one of domain.llm.budget.TROUBLES."""


async def ask(
    tandem: Tandem, llm: Llm, workspace_id: int, question: Question[A], keep: Callable[[Session, A], None]
) -> A:
    """Ask within the workspace's budget; the answer, which `keep` stored in the transaction that counts its tokens.

    So what was paid for is not asked again after a crash. Raises LlmTrouble, and TurnedOff.
    """
    reserved = question.most_tokens
    limit, at = llm.settings.monthly_tokens, tandem.clock.now()
    try:
        month = await tandem.db.run(reserve_tokens, workspace_id, reserved, limit=limit, at=at)
    except BudgetSpent:
        llm.count(BUDGET)
        raise LlmTrouble(BUDGET) from None
    try:
        said = await llm.say(question)
        spent = _tokens(said, question)
    except LlmTrouble as trouble:
        llm.count(trouble.why)
        if not trouble.may_cost:
            await tandem.db.run(settle_tokens, workspace_id, month, reserved=reserved, spent=0)
        raise
    answer = read_answer(said, question)
    llm.count("answered" if isinstance(answer, BaseModel) else answer)

    def settle(session: Session) -> None:
        settle_tokens(session, workspace_id, month, reserved=reserved, spent=spent)
        if not isinstance(answer, str):
            keep(session, answer)

    await tandem.db.run(settle)
    if isinstance(answer, str):
        raise LlmTrouble(answer)
    return answer


def _tokens(said: Said, question: Question[Any]) -> int:
    if said.tokens is not None:
        return max(0, said.tokens)
    told = len(question.instructions.encode()) + len(question.data.encode()) + len(said.text.encode())
    return told // BYTES_A_TOKEN + FRAME_TOKENS


def read_answer(said: Said, question: Question[A]) -> A | str:
    """The answer, or why it cannot be used."""
    if said.refused:
        return "refusal"
    if not said.whole or not said.text.strip() or len(said.text) > LONGEST_READ:
        return "malformed"
    try:
        return question.answer.model_validate_json(said.text)
    except (ValidationError, RecursionError):
        return "malformed"


@dataclass(frozen=True, slots=True)
class Prompt:
    """Our own words to a model. `version` changes with each change of the words."""

    version: str
    words: str

    def render(self, told: Mapping[str, Any]) -> str:
        """The words with what they leave open, which is never what others wrote."""
        return _environment().from_string(self.words).render(told)


@cache
def load_prompt(path: str) -> Prompt:
    """A prompt by its file below this folder, such as `proposals/label.jinja`."""
    words = (_PROMPTS / path).read_text(encoding="utf-8")
    name = Path(path).stem
    return Prompt(f"{name}-{hashlib.sha256(words.encode()).hexdigest()[:8]}", words)


@cache
def _environment() -> Environment:
    # Plain text for a model: nothing is escaped, and nothing of others' stands in it.
    return Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)  # noqa: S701
