"""One request to a CRM: what all of them mean alike by their answers, and what a job is to do about it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import aiohttp

from handlers.setup.webhook_sending import NOT_PUBLIC, read_patience

SECONDS: Final = 20
LARGEST: Final = 200_000
"""Bytes of an answer that are read."""

LONGEST_PATIENCE: Final = timedelta(hours=6)


class NotLetIn(Exception):
    """The CRM lets us in no more, or not that far: nothing can be written until somebody sees to it. `code`: why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Away(Exception):
    """The CRM cannot take it just now. `code`: why; `after`: how long it asked to be left alone."""

    def __init__(self, code: str, after: timedelta | None = None) -> None:
        super().__init__(code)
        self.code, self.after = code, after


class Gone(Exception):
    """The record is not there any more."""


class NotTaken(Exception):
    """The CRM does not take the value; `said`: its own words."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


@dataclass(frozen=True, slots=True)
class Answer:
    """`body`: what its JSON holds, None where it is none."""

    status: int
    body: Any


@dataclass(frozen=True, slots=True)
class Line:
    """The way to a CRM. `now`: the present (aware UTC), which a date in Retry-After is held against."""

    http: aiohttp.ClientSession
    now: Callable[[], datetime]


async def call(
    line: Line,
    method: str,
    url: str,
    *,
    token: str | None = None,
    params: Mapping[str, str] | None = None,
    body: Mapping[str, Any] | None = None,
    form: Mapping[str, str] | None = None,
) -> Answer:
    """The answer, whatever its status, but for the ones that ask for another try. Raises Away, NotLetIn."""
    headers = {"Accept": "application/json", "User-Agent": "Tandem/1"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    try:
        async with line.http.request(
            method,
            url,
            params=params,
            json=body,
            data=form,
            headers=headers,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=SECONDS),
        ) as answer:
            patience = read_patience(answer.headers.get("Retry-After", ""), line.now())
            if answer.status == 429 or answer.status >= 500 or answer.status == 408:
                raise Away(f"http_{answer.status}", min(patience, LONGEST_PATIENCE) if patience else None)
            text = b""
            while len(text) <= LARGEST and (more := await answer.content.read(LARGEST)):
                text += more
            return Answer(answer.status, _json(text))
    except TimeoutError:
        raise Away("timeout") from None
    except aiohttp.ClientConnectorError as error:
        if NOT_PUBLIC in str(error.os_error):
            raise NotLetIn("inside") from None
        raise Away("not_reached") from None
    except (aiohttp.ClientError, OSError) as error:
        raise Away("not_reached") from error


def _json(text: bytes) -> Any:
    try:
        return json.loads(text[:LARGEST])
    except (ValueError, RecursionError):
        return None
