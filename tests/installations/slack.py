"""The part of Slack that an installation asks, as a server whose answers a test chooses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

GRANTED: dict[str, Any] = {
    "ok": True,
    "app_id": "A1",
    "access_token": "xoxb-first",
    "token_type": "bot",
    "scope": "chat:write,commands,im:write,channels:read,groups:read,users:read",
    "bot_user_id": "U0BOT",
    "team": {"id": "T1", "name": "Northwind"},
    "enterprise": None,
    "is_enterprise_install": False,
    "authed_user": {"id": "U1"},
}
"""What oauth.v2.access says, as https://docs.slack.dev/reference/methods/oauth.v2.access shows it."""


class Slack:
    """`answers`: what each method says. `asked`: the methods called, each with its token and its arguments."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {"oauth.v2.access": GRANTED, "auth.test": {"ok": True, "bot_id": "B1"}}
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.api_url = ""

    def calls(self, method: str) -> list[dict[str, str]]:
        return [arguments for name, _, arguments in self.asked if name == method]

    async def answer(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        arguments = {name: str(value) for name, value in {**request.query, **await request.post()}.items()}
        self.asked.append((method, request.headers.get("Authorization", ""), arguments))
        answer = self.answers.get(method, {"ok": True})
        if isinstance(answer, list):
            answer = answer.pop(0)
        if isinstance(answer, int):
            return web.Response(status=answer)
        return web.json_response(answer)


@asynccontextmanager
async def slack_server() -> AsyncIterator[Slack]:
    """Slack on a port of its own."""
    slack = Slack()
    app = web.Application()
    app.router.add_route("*", "/api/{method}", slack.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.api_url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
    yield slack
    await runner.cleanup()
