"""What stands between the product and Slack in memory: an HTTP session without sockets, and requests to the app.

Both ways take time on the event loop's clock only. What was sent is on its way, whatever becomes of its sender.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextvars import Context
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
from aiohttp.client_reqrep import ConnectionKey
from multidict import CIMultiDict, CIMultiDictProxy
from starlette.requests import Request
from starlette.responses import Response
from yarl import URL

from playground.web_api import Broken

NO_ANSWER = 60.0
"""Seconds: longer than the product waits for an answer."""


@dataclass(frozen=True)
class Wire:
    """How a message travels: seconds there, seconds back. Not `connects`: nobody takes it there."""

    there: float
    back: float
    connects: bool = True

    def __str__(self) -> str:
        return f"{self.there:g} s there, {self.back:g} s back" if self.connects else "no connection"


class Answer:
    """As much of aiohttp's ClientResponse as slack_sdk reads."""

    def __init__(self, url: str, response: Response) -> None:
        self.url = url
        self.status = response.status_code
        self.headers = CIMultiDict(response.headers.items())
        self.content_type = self.headers.get("content-type", "application/octet-stream").partition(";")[0]
        self._body = bytes(response.body)

    async def read(self) -> bytes:
        return self._body

    def raise_for_status(self) -> None:
        """Raises ClientResponseError for 4xx and 5xx."""
        if self.status >= 400:
            headers = CIMultiDictProxy(self.headers)
            info = aiohttp.RequestInfo(URL(self.url), "GET", headers, URL(self.url))
            raise aiohttp.ClientResponseError(info, (), status=self.status)

    @property
    def content(self) -> Self:
        """As much of aiohttp's StreamReader as whoever downloads a file uses."""
        return self

    async def iter_chunked(self, _most: int) -> AsyncIterator[bytes]:
        yield self._body

    async def text(self) -> str:
        return self._body.decode()

    async def json(self) -> Any:
        """The body's JSON. Raises ContentTypeError for another content type, JSONDecodeError for half of a JSON."""
        if self.content_type != "application/json":
            headers = CIMultiDictProxy(self.headers)
            info = aiohttp.RequestInfo(URL(self.url), "POST", headers, URL(self.url))
            raise aiohttp.ContentTypeError(info, (), message="Attempt to decode JSON with unexpected mimetype")
        return json.loads(self._body)


Handle = Callable[[Request], Awaitable[Response]]


class MemorySession:
    """As much of aiohttp's ClientSession as slack_sdk uses. `wire` says how a request to this path travels.

    Slack's side of a call runs in `context` as a task of its own: a caller that is cancelled, or dies, takes nothing
    back. After `seconds` without an answer the caller gets TimeoutError, as from the product's own session.
    """

    closed = False

    def __init__(self, handle: Handle, wire: Callable[[str], Wire], context: Context, seconds: float) -> None:
        self._handle = handle
        self._wire = wire
        self._context = context
        self._seconds = seconds
        self._running: dict[asyncio.Task[None], None] = {}

    def request(self, verb: str, url: str, **arguments: Any) -> Exchange:
        """One call, made when the answer is entered (`async with`)."""
        return Exchange(self, verb, url, arguments)

    def get(self, url: str, **arguments: Any) -> Exchange:
        """The download of a file. Who may not have it is sent to the page where people sign in, which answers 200."""
        return Exchange(self, "GET", url, arguments)

    async def close(self) -> None:
        """There is nothing to close: sessions of several processes are this one."""

    async def exchange(self, verb: str, url: str, arguments: Mapping[str, Any]) -> Answer:
        """The answer. Raises what aiohttp raises without one."""
        request = as_request(verb, url, arguments)
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[Answer] = loop.create_future()
        self.spawn(self._travel(url, request, answered))
        async with asyncio.timeout(self._seconds):
            return await answered

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do some of Slack's own work, which is no process's of the product, whoever asked for it."""
        task: asyncio.Task[None] = self._context.copy().run(asyncio.get_running_loop().create_task, work)
        self._running[task] = None
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        report(task)

    async def stop(self) -> None:
        """Forget what is on its way."""
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _travel(self, url: str, request: Request, answered: asyncio.Future[Answer]) -> None:
        wire = self._wire(request.scope["path"])
        await asyncio.sleep(wire.there)
        if not wire.connects:
            nobody = ConnectionKey("slack.example", 443, True, True, None, None, None)
            _fail(answered, aiohttp.ClientConnectorError(nobody, OSError(111, "Connect call failed")))
            return
        response = await self._handle(request)
        if response.status_code == 302:
            response = Response(b"<!DOCTYPE html><title>Sign in</title>", media_type="text/html")
        await asyncio.sleep(wire.back)
        if isinstance(response, Broken):
            _fail(answered, aiohttp.ServerDisconnectedError())
        elif not answered.done():
            answered.set_result(Answer(url, response))


def report(task: asyncio.Task[Any]) -> None:
    """Let the loop hear at once of an error that nobody waits for."""
    if not task.cancelled() and (error := task.exception()):
        asyncio.get_running_loop().call_exception_handler({"message": str(error), "exception": error, "task": task})


def _fail(answered: asyncio.Future[Answer], error: Exception) -> None:
    if not answered.done():
        answered.set_exception(error)


class Exchange:
    """`async with session.request(…) as answer`."""

    def __init__(self, session: MemorySession, verb: str, url: str, arguments: Mapping[str, Any]) -> None:
        self._session = session
        self._asked = verb, url, arguments

    async def __aenter__(self) -> Answer:
        return await self._session.exchange(*self._asked)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


def as_request(verb: str, url: str, arguments: Mapping[str, Any]) -> Request:
    """What aiohttp would send for these arguments, as a server gets it."""
    address = urlsplit(url)
    headers = {name.lower(): str(value) for name, value in (arguments.get("headers") or {}).items()}
    body = b""
    if arguments.get("json") is not None:
        body = json.dumps(arguments["json"]).encode()
        headers["content-type"] = "application/json"
    elif isinstance(data := arguments.get("data"), str | bytes):
        body = data.encode() if isinstance(data, str) else data
    elif data:
        body = urlencode(data).encode()
        headers["content-type"] = "application/x-www-form-urlencoded"
    query = urlencode(arguments.get("params") or {})

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {
        "type": "http",
        "method": verb,
        "path": address.path,
        "query_string": "&".join(one for one in (address.query, query) if one).encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "path_params": {},
    }
    return Request(scope, receive)


@dataclass(frozen=True)
class Envelope:
    """A request of Slack's to the app: signed, and as over HTTP to its last byte."""

    team_id: str
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def of(cls, headers: Mapping[str, str], body: bytes) -> Self:
        """The envelope of a request, which says itself from which workspace it comes."""
        said = _read(headers, body)
        team = said.get("team") or {}
        return cls(str(said.get("team_id") or team.get("id") or ""), headers, body)

    @property
    def content_type(self) -> str:
        return self.headers["Content-Type"]

    @property
    def said(self) -> dict[str, Any]:
        """What it says, read anew: an event's JSON, an interaction's payload, a command's fields."""
        return _read(self.headers, self.body)

    @property
    def said_ts(self) -> str | None:
        """The ts of the message of which it tells, None for everything else."""
        if self.content_type != "application/json":
            return None
        event = self.said.get("event") or {}
        return str(event["ts"]) if event.get("type") == "message" and "ts" in event else None

    def __str__(self) -> str:
        said = self.said
        event = said.get("event") or {}
        actions = said.get("actions") or [{}]
        what = event.get("type") or said.get("command") or actions[0].get("action_id") or said.get("callback_id")
        again = self.headers.get("X-Slack-Retry-Num")
        return f"{said.get('type') or 'command'} {what or ''}{f', sent again ({again})' if again else ''}".strip()


def _read(headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    if headers["Content-Type"] == "application/json":
        said = json.loads(body)
    else:
        fields = {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
        said = json.loads(fields["payload"]) if "payload" in fields and "command" not in fields else fields
    assert isinstance(said, dict)
    return said


@dataclass(frozen=True)
class Reply:
    """What the app answered over HTTP."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    location: str = ""
    cookie: str = ""
