"""The language model behind OPENAI_API_KEY: OpenAI's, or any server that speaks as OpenAI's chat completions do.

The SDK is imported with the first question, in a thread: a process that asks nothing pays nothing for it. It tries
nothing again by itself; jobs do (bot/loops/jobs.py), so that there is never a storm of tries.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import structlog
from pydantic import BaseModel, ValidationError

from bot.metrics import Metrics
from bot.settings import Settings
from domain.llm.budget import LlmSet
from domain.wall import WallClock, local_time
from handlers.llm import LlmTrouble, Question, Said

if TYPE_CHECKING:
    from openai import APIStatusError, AsyncOpenAI

log = structlog.get_logger()

OPENAI: Final = "https://api.openai.com/v1"
SILENCE_SECONDS: Final = 60.0
LONGEST_WISH: Final = 3_600.0
"""Seconds: a server that asks for more is asked again after these."""
LIBRARIES: Final = ("openai", "httpx2", "httpcore2", "httpx", "httpcore")

_QUOTA: Final = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
_REFUSALS: Final = {401: "key_refused", 403: "key_refused", 404: "model_unknown"}


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Reply(BaseModel):
    """What we read of a chat completion; servers differ in the rest."""

    choices: list[_Choice]
    usage: _Usage | None = None


class OpenAIModel:
    """One model of one server. `seconds`: how long an answer may take.

    When it asks for patience, no workspace asks it anything for so long.
    """

    def __init__(
        self, key: str, chosen: LlmSet, metrics: Metrics, clock: WallClock, *, address: str, seconds: float
    ) -> None:
        self._key = key
        self._chosen = chosen
        self._metrics = metrics
        self._clock = clock
        self._rests_until: datetime | None = None
        self._address = address
        self._seconds = seconds
        self._making: asyncio.Task[AsyncOpenAI] | None = None

    @property
    def settings(self) -> LlmSet:
        """Which model it is, and what a workspace may use of it."""
        return self._chosen

    def count(self, end: str) -> None:
        """Count how a question ended."""
        self._metrics.llm_questions.labels(end).inc()

    async def say(self, question: Question[Any]) -> Said:
        """Ask once. Raises LlmTrouble."""
        if self._rests_until is not None and (left := self._rests_until - self._clock.now()) > timedelta():
            raise LlmTrouble("busy", passing=True, after=left)
        client = await self._client()
        from openai import omit  # when it is loaded, which takes a while

        try:
            async with asyncio.timeout(self._seconds):
                raw = await client.chat.completions.with_raw_response.create(
                    model=self._chosen.model,
                    messages=[
                        {"role": "system", "content": question.instructions},
                        {"role": "user", "content": question.data},
                    ],
                    response_format={
                        "type": "json_schema",
                        "json_schema": {
                            "name": question.name,
                            "schema": question.answer.model_json_schema(),
                            "strict": True,
                        },
                    },
                    max_completion_tokens=question.longest_answer,
                    store=False if self._address == OPENAI else omit,  # others may refuse what they do not know
                )
        except Exception as error:
            trouble = _trouble(error)
            if trouble.after is not None:
                self._rests_until = self._clock.now() + trouble.after
            # The words of an error may repeat what was asked.
            log.warning("a language model did not answer", why=trouble.why, error=type(error).__name__)
            raise trouble from None
        return self._read(raw.content)

    async def close(self) -> None:
        """Give up the connections."""
        making = self._making
        if making is not None and making.done() and not making.cancelled() and making.exception() is None:
            await making.result().close()

    def _read(self, body: bytes) -> Said:
        try:
            reply = _Reply.model_validate_json(body)
        except ValidationError:
            return Said("", None)
        tokens = None
        if reply.usage is not None:
            tokens = max(0, reply.usage.prompt_tokens) + max(0, reply.usage.completion_tokens)
            self._metrics.llm_tokens.inc(tokens)
        if not reply.choices:
            return Said("", tokens)
        first = reply.choices[0]
        refused = bool(first.message.refusal) or first.finish_reason == "content_filter"
        return Said(first.message.content or "", tokens, refused=refused, whole=first.finish_reason != "length")

    async def _client(self) -> AsyncOpenAI:
        if self._making is None:
            self._making = asyncio.create_task(asyncio.to_thread(self._make))
        return await asyncio.shield(self._making)

    def _make(self) -> AsyncOpenAI:
        from openai import AsyncOpenAI

        for name in LIBRARIES:
            logging.getLogger(name).setLevel(logging.WARNING)  # less would tell addresses and texts
        client = AsyncOpenAI(
            api_key=self._key, base_url=self._address, max_retries=0, timeout=min(self._seconds, SILENCE_SECONDS)
        )
        _ = client.chat.completions.with_raw_response.create  # what that imports is imported here, in the thread
        return client


def make_llm(settings: Settings, metrics: Metrics, clock: WallClock) -> OpenAIModel | None:
    """The model that the settings name; None without a key, or with a budget of nothing."""
    chosen, key = chosen_llm(settings), settings.openai_api_key
    if chosen is None or key is None:
        return None
    return OpenAIModel(
        key.get_secret_value(),
        chosen,
        metrics,
        clock,
        address=settings.openai_base_url or OPENAI,
        seconds=settings.tandem_llm_seconds,
    )


def chosen_llm(settings: Settings) -> LlmSet | None:
    """What of the settings everybody may know; None: there is no model."""
    if settings.openai_api_key is None or not settings.tandem_llm_tokens_per_month:
        return None
    host = urlsplit(settings.openai_base_url or OPENAI).hostname or ""
    return LlmSet(settings.openai_model, host, settings.tandem_llm_tokens_per_month)


def _trouble(error: Exception) -> LlmTrouble:
    """What an error of the SDK means for whoever asked."""
    import openai

    match error:
        case TimeoutError() | openai.APITimeoutError():
            return LlmTrouble("timeout", passing=True, may_cost=True)
        case openai.APIConnectionError():
            return LlmTrouble("not_reached", passing=True, may_cost=True)
        case openai.RateLimitError() if error.code in _QUOTA or error.type in _QUOTA:
            return LlmTrouble("quota")
        case openai.RateLimitError():
            return LlmTrouble("busy", passing=True, after=_retry_after(error))
        case openai.APIStatusError() if error.status_code >= 500 or error.status_code in (408, 409):
            return LlmTrouble("server_error", passing=True, after=_retry_after(error), may_cost=True)
        case openai.APIStatusError():
            return LlmTrouble(_REFUSALS.get(error.status_code, "request_refused"))
    return LlmTrouble("malformed", may_cost=True)


def _retry_after(error: APIStatusError) -> timedelta | None:
    """How long the server asks us to wait, in seconds or until a date; None when it does not say."""
    headers: Mapping[str, str] = error.response.headers
    wished = headers.get("retry-after")
    if not wished:
        return None
    try:
        return timedelta(seconds=min(max(float(wished), 0.0), LONGEST_WISH))
    except (ValueError, OverflowError):
        pass
    try:
        until = parsedate_to_datetime(wished) - local_time()
        return min(max(until, timedelta()), timedelta(seconds=LONGEST_WISH))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
