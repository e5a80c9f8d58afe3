"""A system that webhooks are sent to: a real HTTP server, which checks signatures by itself."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Answer = web.Response | int


@dataclass(frozen=True)
class Got:
    """A request as it came."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> dict[str, Any]:
        event: dict[str, Any] = json.loads(self.body)
        return event

    @property
    def type(self) -> str:
        return str(self.event["type"])

    @property
    def lead(self) -> str:
        return str(self.event["data"]["lead"]["name"])

    def signed_with(self, secret: str) -> bool:
        """As the specification of Standard Webhooks says, in no words of Tandem's."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        content = b".".join([self.id.encode(), self.headers["webhook-timestamp"].encode(), self.body])
        wanted = "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
        return any(hmac.compare_digest(one, wanted) for one in self.headers["webhook-signature"].split(" "))


@dataclass
class Receiver:
    """`answer`: what each request is answered with, a status or a whole response. `hold`: requests wait for it."""

    url: str = ""
    got: list[Got] = field(default_factory=list)
    answer: Callable[[Got], Answer] = lambda _got: 204
    hold: asyncio.Event | None = None

    async def serve(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        got = Got(headers, await request.read())
        self.got.append(got)
        if self.hold is not None:
            await self.hold.wait()
        answer = self.answer(got)
        return web.Response(status=answer) if isinstance(answer, int) else answer

    @property
    def types(self) -> list[str]:
        return [one.type for one in self.got]

    def told(self) -> list[tuple[str, str]]:
        """Types and leads, in the order in which they came."""
        return [(one.type, one.lead) for one in self.got]


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver on a free port of this machine."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hooks", receiver.serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    receiver.url = f"http://{host}:{port}/hooks"
    try:
        yield receiver
    finally:
        if receiver.hold is not None:
            receiver.hold.set()
        await runner.cleanup()
