"""Serves a Bolt app over HTTP through Bolt's own Starlette adapter, on a free port."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.app.async_app import AsyncApp
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.playground.recorder import serving


@asynccontextmanager
async def serve_over_http(app: AsyncApp) -> AsyncIterator[str]:
    """The app's request URL while it is served."""
    handler = AsyncSlackRequestHandler(app)

    async def endpoint(request: Request) -> Response:
        return await handler.handle(request)

    async with serving([Route("/slack/events", endpoint, methods=["POST"])]) as port:
        yield f"http://127.0.0.1:{port}/slack/events"
