"""Sends requests to the running program, signed as Slack or a sender signs them, and keeps what came back."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
from standardwebhooks import Webhook

from playground import Playground
from playground.signed_http import signature
from tests.hostile.asked import TRIGGER, UNIQUE, URL, Asked
from tests.hostile.company import Company

_DEEP = re.compile(r'\\?"\{\{deep:(\d+)\}\}\\?"')  # also within JSON within JSON
PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Came:
    """What came back. `status` 0: nothing within PATIENCE; `seconds`: how long it took."""

    status: int
    body: str
    seconds: float


class Door:
    """The way to the program at this port of this machine."""

    def __init__(self, slack: Playground, company: Company, port: int) -> None:
        self.slack = slack
        self.company = company
        self.base = f"http://127.0.0.1:{port}"
        self.secrets = {one.name: one for one in company.senders}
        self.channel = slack.channel("#leads").id
        self._numbers = count(1)
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=64), timeout=aiohttp.ClientTimeout(total=PATIENCE)
        )

    async def close(self) -> None:
        await self._http.close()

    async def send(self, asked: Asked) -> Came:
        """One request, its placeholders filled anew."""
        body, content_type = self.encode(asked)
        if asked.sender:
            path, headers = f"/intake/{quote(asked.sender, safe='%')}", self._proof(asked.sender, body)
        else:
            stamp = str(int(time.time()))
            path = "/slack/events"
            headers = {
                "X-Slack-Request-Timestamp": stamp,
                "X-Slack-Signature": signature(self.slack.signing_secret, stamp, body),
            }
        return await self.post(path, body, {**headers, "Content-Type": asked.content_type or content_type})

    async def post(self, path: str, body: bytes, headers: dict[str, str]) -> Came:
        """Any request at all."""
        began = time.perf_counter()
        try:
            async with self._http.post(f"{self.base}{path}", data=body, headers=headers) as answer:
                text = await answer.text(errors="replace")
                return Came(answer.status, text, time.perf_counter() - began)
        except TimeoutError:
            return Came(0, "no answer", time.perf_counter() - began)
        except aiohttp.ClientError as error:
            # A body beyond the limit may be refused before it was sent.
            gone = len(body) > 1_000_000
            return Came(413 if gone else 0, f"connection: {type(error).__name__}", time.perf_counter() - began)

    async def get(self, path: str) -> Came:
        """What anybody may look at."""
        began = time.perf_counter()
        async with self._http.get(f"{self.base}{path}") as answer:
            return Came(answer.status, await answer.text(), time.perf_counter() - began)

    def encode(self, asked: Asked) -> tuple[bytes, str]:
        """The bytes and their content type."""
        form = "application/x-www-form-urlencoded"
        if asked.form == "raw":
            return bytes(asked.body), form
        fill = {
            TRIGGER: self.slack.installation.triggers.issue(self.company.users[asked.by]),
            URL: self.slack.installation.response_urls.issue(
                self.slack.workspace.channels[self.channel], self.slack.workspace.member(asked.by)
            ),
            UNIQUE: str(next(self._numbers)),
            "{{channel}}": self.channel,
        }
        if asked.form == "command":
            fields = [
                (_filled(str(name), fill), _filled(value if isinstance(value, str) else json.dumps(value), fill))
                for name, value in asked.body.items()
            ]
            if asked.doubled:
                fields += fields
            return urlencode(fields, errors="surrogatepass").encode(), form
        text = _filled(json.dumps(asked.body), fill)
        text = _DEEP.sub(lambda found: "[" * int(found[1]) + "]" * int(found[1]), text)
        if asked.doubled and text.endswith("}"):
            text = f'{text[:-1]},"user":{{"id":"U0DOUBLED"}},"actions":{{}},"view":[],"name":["x"]}}'
        if asked.form == "payload":
            return urlencode({"payload": text}).encode(), form
        return text.encode(), "application/json"

    def _proof(self, name: str, body: bytes) -> dict[str, str]:
        sender = self.secrets.get(name, self.company.senders[0])
        if sender.auth == "header":
            return {"X-Tandem-Secret": sender.secret}
        number, now = f"msg_{next(self._numbers)}", datetime.now(UTC)
        try:
            proof = Webhook(sender.secret).sign(number, now, body.decode())
        except UnicodeDecodeError:
            proof = "v1,none"
        return {
            "webhook-id": number,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": proof,
        }


def _filled(text: str, fill: dict[str, str]) -> str:
    for placeholder, value in fill.items():
        if placeholder in text:
            text = text.replace(placeholder, value)
    return text


def parsed(came: Came) -> Any:
    """The answer's JSON, None when it is none."""
    try:
        return json.loads(came.body)
    except ValueError:
        return None
