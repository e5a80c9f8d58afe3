"""Asking a vendor for a person of whom it told only an id. The job that asks is in handlers/intake/fetching.py."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar, Final

import aiohttp

from handlers.jobs import Impossible, Retry

SECONDS: Final = 20
LARGEST: Final = 2_000_000
"""Bytes of an answer."""
USUAL_WAIT: Final = timedelta(minutes=5)


@dataclass(frozen=True)
class LeadFetch:
    """What the job is told: the vendor's id of the person or the form, and what names the delivery for good.

    `source_id`: of the source that was told, whose access token opens it.
    """

    kind: ClassVar[str] = "lead_fetch"

    source_id: int
    number: str
    key: str


@dataclass(frozen=True, slots=True)
class Told:
    """A vendor's answer: its status, and the object in its body, empty where there is none."""

    status: int
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asking:
    """The way to a vendor's API, with the source's access token. `whose`: what the vendor is called."""

    http: aiohttp.ClientSession
    whose: str
    token: str = field(repr=False)

    async def get(
        self,
        url: str,
        params: Mapping[str, str],
        headers: Mapping[str, str] | None = None,
        refused: Collection[int] = (401, 403),
    ) -> Told:
        """The answer, but for what all vendors say alike; `refused`: how the vendor says that a token will not do.

        Raises Retry, Impossible, OSError.
        """
        sent = {"Authorization": f"Bearer {self.token}", "Accept": "application/json", **(headers or {})}
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        async with self.http.get(url, params=params, headers=sent, timeout=timeout) as answer:
            if answer.status == 429:
                raise Retry(_wait(answer.headers.get("Retry-After", "")), f"{self.whose} was asked too often")
            if answer.status in refused:
                raise Impossible(f"{self.whose} refuses the access token")
            if answer.status >= 500 or answer.status == 408:
                raise ConnectionError(f"{self.whose}: http {answer.status}")  # tried again
            body = b""
            while len(body) <= LARGEST and (more := await answer.content.read(LARGEST)):
                body += more
            return Told(answer.status, _object(body))


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body[: LARGEST + 1])
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _wait(retry_after: str) -> timedelta:
    plain = retry_after.isascii() and retry_after.isdecimal() and len(retry_after) < 6
    return timedelta(seconds=int(retry_after)) if plain else USUAL_WAIT
