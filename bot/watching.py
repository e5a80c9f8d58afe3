"""The doors of whoever watches over a process: `/healthz` (alive), `/readyz` (at work), `/metrics` (its figures)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Trouble:
    """What keeps a process from its work, and what to do about it."""

    reason: str
    remedy: str


Check = Callable[[], Awaitable[Mapping[str, Trouble]]]
"""What is wrong, by the part it is wrong with; empty when the process does its work."""

Refresh = Callable[[], Awaitable[None]]
"""Brings the figures up to date that only the database knows."""


def watch_routes(ready: Check, metrics: Metrics, refresh: Refresh | None = None) -> list[BaseRoute]:
    """The three doors. They ask nothing of who knocks, so a proxy should keep them from the internet."""

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(_request: Request) -> Response:
        troubles = await ready()
        shown = {part: asdict(trouble) for part, trouble in troubles.items()}
        return JSONResponse({"ready": not shown, "problems": shown}, 503 if shown else 200)

    async def show_metrics(_request: Request) -> Response:
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        if refresh is not None:
            await refresh()
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", show_metrics)]
