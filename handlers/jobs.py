"""What a kind of job is: its arguments, its one slow step, and the use case that records the result.

Each is declared once, as data, in `handlers/<subject>/jobs.py`. A use case asks for a job by
`storage.jobs.enqueue(session, workspace_id, arguments, at=at)`; `bot/loops/jobs.py` does it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.orm import Session

from handlers.arrival import Tandem
from handlers.llm import Llm
from storage.jobs import Arguments

A = TypeVar("A", bound=Arguments)
R = TypeVar("R")


class Retry(Exception):
    """Raised by a step that was asked to come back: try again `after` so long. It does not count as a failure."""

    def __init__(self, after: timedelta, reason: str) -> None:
        super().__init__(reason)
        self.after = after


class Impossible(Exception):
    """Raised by a step that no other try can help: the job ends dead, with this reason, which admins read."""


@dataclass(frozen=True, slots=True)
class RunningJob(Generic[A]):
    """A job as its step and its record see it.

    `token` is the same for all tries: whoever the step calls can recognize a repetition by it. `secret`: what was
    given to be kept from others, None when it cannot be read any more. `created_at`: when it was asked for (UTC).
    """

    id: int
    workspace_id: int
    arguments: A
    token: str
    secret: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Tools:
    """What a step may use. `client`: of the job's workspace; `http`: for others. `kinds`: all there are.
    `llm`: a language model, None when whoever runs Tandem set none.
    """

    tandem: Tandem
    client: AsyncWebClient
    http: aiohttp.ClientSession
    kinds: Mapping[str, AnyKind]
    llm: Llm | None = None


@dataclass(frozen=True, slots=True)
class JobKind(Generic[A, R]):
    """One kind of job.

    `step` runs outside any transaction, for `patience` at the most, and may be done again after a crash. `record` is
    one use case: its effects count once. A failure is tried again, `tries` times in all. `what` could not be done and
    what its `remedy` is, admins read when the job ends dead: a phrase such as "the look at this workspace", and a
    sentence. `awaited`: somebody waits for it. `without_token`: it is done in a stopped workspace, too.
    """

    arguments: type[A]
    step: Callable[[RunningJob[A], Tools], Awaitable[R]]
    record: Callable[[Session, RunningJob[A], R, datetime], None]
    what: str
    remedy: str
    patience: timedelta = timedelta(seconds=60)
    tries: int = 6
    awaited: bool = False
    without_token: bool = False

    @property
    def name(self) -> str:
        """As rows, metrics and logs call it."""
        return self.arguments.kind


AnyKind = JobKind[Any, Any]


def close_secret(tandem: Tandem, text: str | None) -> str | None:
    """What may be stored of a secret: sealed where there is a key. It is erased when the job ends in any case."""
    if text is None:
        return None
    return f"sealed:{tandem.seal(text)}" if tandem.seal is not None else f"plain:{text}"


def open_secret(tandem: Tandem, stored: str | None) -> str | None:
    """The inverse of `close_secret`; None when the key is another one meanwhile."""
    how, _, text = (stored or "").partition(":")
    if how == "plain":
        return text
    if how != "sealed" or tandem.unseal is None:
        return None
    try:
        return tandem.unseal(text)
    except ValueError:
        return None
