"""A server on this machine that speaks as OpenAI's chat completions do, and answers as a test tells it to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.playground.recorder import serving


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    headers: Mapping[str, str]
    raw: str

    @property
    def body(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.raw)
        return found

    @property
    def instructions(self) -> str:
        return str(self.body["messages"][0]["content"])

    @property
    def data(self) -> dict[str, Any]:
        """The document that the question is about."""
        found: dict[str, Any] = json.loads(self.body["messages"][1]["content"])
        return found

    @property
    def texts(self) -> list[str]:
        return [str(item["text"]) for item in self.data["items"]]


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    after: float = 0.0
    content_type: str = "application/json"


@dataclass
class ModelServer:
    """`answer`: what it says to each question, the newest of `asked`; `wait`: what it waits for before."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    answer: Callable[[Asked], Reply] = field(default=lambda asked: everything_under(asked, "moonshot"))
    wait: Callable[[], Awaitable[object]] | None = None

    async def handle(self, request: Request) -> Response:
        asked = Asked(dict(request.headers), (await request.body()).decode())
        self.asked.append(asked)
        reply = self.answer(asked)
        if self.wait is not None:
            await self.wait()
        await asyncio.sleep(reply.after)
        return Response(reply.body, reply.status, headers=dict(reply.headers), media_type=reply.content_type)


def said(content: str | None, *, tokens: int | None = 900, finish: str = "stop", refusal: str | None = None) -> Reply:
    """A completion with this content."""
    usage = {} if tokens is None else {"usage": {"prompt_tokens": tokens - 100, "completion_tokens": 100}}
    message = {"role": "assistant", "content": content, "refusal": refusal}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    told = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "tiny",
        "choices": [choice],
        **usage,
    }
    return Reply(body=json.dumps(told))


def labels(*entries: Mapping[str, Any], tokens: int | None = 900) -> Reply:
    """A completion with these labels."""
    return said(json.dumps({"labels": [*entries]}), tokens=tokens)


def label(item: int, theme: Any, **more: Any) -> dict[str, Any]:
    """One label, sound but for what a test says otherwise."""
    return {"item": item, "theme": theme, "kind": "objection", "reason": "It is so.", "confidence": 0.9, **more}


def everything_under(asked: Asked, theme: str | None) -> Reply:
    """Every item that is asked about gets this theme."""
    return labels(*(label(item["item"], theme) for item in asked.data["items"]))


def failing(status: int, *, code: str | None = None, **headers: str) -> Reply:
    """An error as OpenAI tells it, which repeats what was asked."""
    told = {"error": {"message": "It says: they find it dear", "type": "some_error", "code": code, "param": None}}
    return Reply(status, json.dumps(told), {name.replace("_", "-"): value for name, value in headers.items()})


@asynccontextmanager
async def model_server() -> AsyncIterator[ModelServer]:
    """The server, on a free port."""
    server = ModelServer()
    async with serving([Route("/v1/chat/completions", server.handle, methods=["POST"])]) as port:
        server.url = f"http://127.0.0.1:{port}/v1"
        yield server
