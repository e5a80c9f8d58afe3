"""The edge: every request from outside ends here first. Slack's are verified on their raw bytes and parsed once.

Bolt's own HTTP adapter is not used: it takes any form that contains the letters `payload` for an interaction
(so a genuine `/voc our payload is too big` is answered 404), and answers junk with a 500.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import parse_qsl

from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.metrics import Metrics
from bot.process import Check
from bot.web.signature import signature_problem
from bot.web.tracing import TracedArrivals
from bot.web.watching import Refresh, watch_routes
from domain.wall import WallClock
from handlers.bodies import TooLarge, read_body
from handlers.shape import BadShape, check_depth, check_shape, may_be_deep, may_hold_unstorable, storable
from storage.trace import note


class BadBody(Exception):
    """The body is not what its content type says."""


def parse_slack_body(body: bytes, content_type: str) -> dict[str, Any]:
    """Slack's request as one dict: an event, an interaction (`payload` as the form's field), or a command.

    Raises BadBody, and BadShape for JSON that is nested too deep.
    """
    try:
        text = body.decode()
        if "json" in content_type:
            return _object(text)
        form = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=100))
        if "payload" in form and "command" not in form:
            return _object(form["payload"])
        return storable(form) if "%00" in text or "\0" in text else form
    except (ValueError, RecursionError) as error:
        raise BadBody(str(error)) from None


def _object(text: str) -> dict[str, Any]:
    """The JSON object in a text, fit to be read and stored. Raises BadBody, BadShape, ValueError, RecursionError."""
    parsed = json.loads(text)
    if not isinstance(parsed, dict):
        raise BadBody("not an object")
    if may_be_deep(text):
        check_depth(parsed)
    return storable(parsed) if may_hold_unstorable(text) else parsed


class SlackEdge:
    """`POST /slack/events`: everything that Slack sends over HTTP."""

    def __init__(
        self, app: AsyncApp, signing_secret: str | None, metrics: Metrics, clock: WallClock | None = None
    ) -> None:
        self.app = app
        self.secret = signing_secret
        self.metrics = metrics
        self.clock = clock or WallClock()

    async def handle(self, request: Request) -> Response:
        began = time.perf_counter()
        if self.secret is None:
            return self._refuse(
                401, "no_secret", "SLACK_SIGNING_SECRET is not set here, so no HTTP request can be trusted."
            )
        try:
            body = await read_body(request)
        except TooLarge:
            return self._refuse(413, "too_large", "The body is larger than 1 MB.")
        except ClientDisconnect:
            return Response(status_code=400)
        problem = signature_problem(
            self.secret,
            request.headers.get("x-slack-request-timestamp"),
            request.headers.get("x-slack-signature"),
            body,
            self.clock.outside().timestamp(),
        )
        if problem is not None:
            return self._refuse(401, problem, f"The request's signature is {problem}.")
        try:
            parsed = parse_slack_body(body, request.headers.get("content-type", ""))
            if parsed.get("type") == "url_verification":
                return PlainTextResponse(str(parsed.get("challenge", ""))[:255])
            if parsed.get("ssl_check"):
                return Response(status_code=200)
            check_shape(parsed)
        except BadBody:
            return self._refuse(422, "bad_body", "The body is not what its content type says.")
        except BadShape as bad:
            return self._refuse(422, "bad_shape", f"This is not what Slack sends: {bad}.")
        answer = await self.app.async_dispatch(
            AsyncBoltRequest(body=parsed, mode="socket_mode", headers=_retry_headers(request))
        )
        self.metrics.acks.labels(str(parsed.get("type") or "command")).observe(time.perf_counter() - began)
        return as_response(answer)

    def _refuse(self, status: int, reason: str, sentence: str) -> Response:
        self.metrics.refused.labels(reason).inc()
        note(outcome="refused", reason=reason)
        return JSONResponse({"error": reason, "message": sentence}, status)


def as_response(answer: BoltResponse) -> Response:
    """Bolt's answer over HTTP."""
    headers = {name: values[0] for name, values in answer.headers.items() if values and name != "set-cookie"}
    return Response(answer.body or "", status_code=answer.status, headers=headers)


def _retry_headers(request: Request) -> dict[str, str | Sequence[str]]:
    return {name: value for name, value in request.headers.items() if name.startswith("x-slack-retry")}


def make_web(
    slack: SlackEdge,
    ready: Check,
    metrics: Metrics,
    more: Iterable[BaseRoute],
    refresh: Refresh | None = None,
    slow: Check | None = None,
) -> Starlette:
    """The web application: Slack's door, the intake's, and the doors of whoever watches over it."""
    return Starlette(
        routes=[
            Route("/slack/events", slack.handle, methods=["POST"]),
            *watch_routes(ready, metrics, refresh, slow),
            *more,
        ],
        middleware=[Middleware(TracedArrivals)],
    )
