"""Requests to the app as Slack sends them: signed, form-encoded for commands and interactions, JSON for events.

Source: https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import hmac
import json
from collections.abc import Awaitable, Callable
from hashlib import sha256
from time import time
from urllib.parse import urlencode

import aiohttp

from playground.ack import FAILED, TIMED_OUT, Ack
from playground.records import Json

Post = Callable[[str, bytes, dict[str, str], float], Awaitable[Ack]]
"""Posts a body with these headers to an address; answers within so many seconds, or that there was no answer."""

_FORM = "application/x-www-form-urlencoded"


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The value of `X-Slack-Signature` (v0: HMAC-SHA256 of `v0:timestamp:body`)."""
    return "v0=" + hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, sha256).hexdigest()


class SignedHttp:
    """A client for the app's one request URL. `url` None: the app has none. `clock` stamps the requests (real time).

    `post`: what takes them there, when it is not this computer's network.
    """

    def __init__(
        self,
        secret: Callable[[], str],
        *,
        url: str | None = None,
        clock: Callable[[], float] = time,
        post: Post | None = None,
    ) -> None:
        self._secret = secret
        self._clock = clock
        self._post = post or self._over_network
        self.url = url
        self._session: aiohttp.ClientSession | None = None

    async def stop(self) -> None:
        """Close the connections kept to the app."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def send_form(self, fields: Json, within: float, *, url: str | None = None) -> Ack:
        """A slash command."""
        return await self._send(urlencode(fields).encode(), _FORM, within, url=url)

    async def send_interaction(self, payload: Json, within: float) -> Ack:
        """A click, submission, shortcut or options query: JSON in the form field `payload`."""
        return await self._send(urlencode({"payload": json.dumps(payload, ensure_ascii=False)}).encode(), _FORM, within)

    async def send_event(self, payload: Json, within: float, *, attempt: int = 0, reason: str = "") -> Ack:
        """An event; repeats carry `X-Slack-Retry-Num` and `X-Slack-Retry-Reason`."""
        extra = {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason} if attempt else {}
        return await self._send(json.dumps(payload, ensure_ascii=False).encode(), "application/json", within, extra)

    async def _send(
        self, body: bytes, content_type: str, within: float, extra: dict[str, str] | None = None, url: str | None = None
    ) -> Ack:
        target = self.url or url
        if target is None:
            return FAILED
        timestamp = str(int(self._clock()))
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self._secret(), timestamp, body),
            **(extra or {}),
        }
        return await self._post(target, body, headers, within)

    async def _over_network(self, target: str, body: bytes, headers: dict[str, str], within: float) -> Ack:
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=200), trust_env=False)
        limit = aiohttp.ClientTimeout(total=within)
        try:
            async with self._session.post(
                target, data=body, headers=headers, timeout=limit, allow_redirects=False
            ) as answer:
                content = await answer.read()
                no_retry = answer.headers.get("X-Slack-No-Retry") == "1"
                return answered(answer.status, content, answer.content_type, no_retry=no_retry)
        except TimeoutError:
            return TIMED_OUT
        except aiohttp.ClientError:
            return FAILED


def answered(status: int, content: bytes, content_type: str, *, no_retry: bool = False) -> Ack:
    """What the app's answer means to Slack."""
    if status != 200:
        return Ack("failed", no_retry=no_retry)
    return Ack("ok", _body(content, content_type), no_retry)


def _body(content: bytes, content_type: str) -> Json | None:
    """The answer's body: JSON as it is, plain text as `{"text": …}`."""
    if not content.strip():
        return None
    try:
        parsed = json.loads(content)
    except ValueError:
        parsed = None
    if isinstance(parsed, dict):
        return parsed or None
    if content_type.startswith("application/json") and parsed is not None:
        return None
    return {"text": content.decode("utf-8", "replace")}
