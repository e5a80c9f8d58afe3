"""The doors of whoever watches over a process: `/healthz` (alive), `/readyz` (at work), `/metrics` (its figures)."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.metrics import Metrics
from bot.process import Check

Refresh = Callable[[], Awaitable[None]]
"""Brings the figures up to date that only the database knows."""

REMEDIES: Final = {
    "database": "Look at the database and at DATABASE_URL. Tandem goes on by itself once it answers.",
    "file": (
        "Nothing is saved, so that nothing is lost: put the database's file back where DATABASE_URL names it, and "
        "Tandem goes on. If another file is to take its place, restart."
    ),
    "schema": "Run: ./tandem migrate",
    "slack": "Install the app again from `./tandem manifest`: it goes on within a minute. A new token needs a restart.",
    "workspaces": "`./tandem doctor` names them and what to do. The others are served.",
    "socket": "Slack is not reached: look at the network, SLACK_APP_TOKEN, and status.slack.com.",
    "wakeups": (
        "Messages and reminders leave 3 to 6 s late. If DATABASE_URL leads to a pooler (PgBouncer), set "
        "TANDEM_DATABASE_DIRECT_URL to PostgreSQL itself."
    ),
    "clock": "Set this computer’s time (NTP), and look at the database. Tandem tries again by itself.",
    "loops": "Restart this process, and look for the error in its log.",
    "ticker": "This process does not move the clocks of leads on: look for errors in its log, then restart it.",
    "jobs": "This process does no jobs: look for errors in its log, then restart it.",
    "courier": "This process sends nothing: look for errors in its log, then restart it.",
}
STALLED_SECONDS: Final = 30.0
"""The loops look every five seconds, even when nothing is due."""


class Loop(Protocol):
    """A loop that says when it last got through: seconds of `time.monotonic()`."""

    looked_at: float


def stalled(loops: Mapping[str, Loop]) -> dict[str, str]:
    """Which loops have not got through for too long, and for how long."""
    now = time.monotonic()
    return {
        name: f"no progress for {now - loop.looked_at:.0f} s"
        for name, loop in loops.items()
        if now - loop.looked_at > STALLED_SECONDS
    }


def watch_routes(
    ready: Check, metrics: Metrics, refresh: Refresh | None = None, slow: Check | None = None
) -> list[BaseRoute]:
    """The three doors. They ask nothing of who knocks, so a proxy should keep them from the internet.

    `slow`: what is not as it should be, though the process does its work; that is told, and it is ready all the same.
    """

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(_request: Request) -> Response:
        problems, slowness = await ready(), await slow() if slow is not None else {}
        told: dict[str, object] = {"ready": not problems, "problems": _with_remedies(problems)}
        if slowness:
            told["slow"] = _with_remedies(slowness)
        return JSONResponse(told, 503 if problems else 200)

    async def show_metrics(_request: Request) -> Response:
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        if refresh is not None:
            await refresh()
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", show_metrics)]


def _with_remedies(found: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {
        part: {"reason": reason, "remedy": REMEDIES.get(part, "Run `./tandem doctor`.")}
        for part, reason in found.items()
    }
