"""Peers that keep silent, dawdle, or send too much: they cost nobody else an answer, and the log stays short."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.web import patience
from bot.web.server import listening_socket, make_server
from handlers.bodies import TooLarge, read_body

LARGE = 4_000_000
REQUEST = b"POST /read HTTP/1.1\r\nhost: tandem\r\n"


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """A server with one door that reads what it is sent, and one that refuses without a look."""

    async def read(request: Request) -> Response:
        try:
            return PlainTextResponse(str(len(await read_body(request))))
        except TooLarge:
            return PlainTextResponse("too large", 413)

    async def refuse(_request: Request) -> Response:
        return PlainTextResponse("who are you?", 401)

    async def long(_request: Request) -> Response:
        return PlainTextResponse("x" * 50_000_000)

    listening = listening_socket("127.0.0.1", 0)
    methods = ["GET", "POST"]
    app = Starlette(routes=[Route(f"/{door.__name__}", door, methods=methods) for door in (read, refuse, long)])
    server = make_server(app)
    serving = asyncio.create_task(server.serve([listening]))
    await server.ready.wait()
    yield listening.getsockname()[1]
    server.should_exit = True
    await serving


async def everything(reader: asyncio.StreamReader) -> bytes:
    """What the server says until it closes."""
    async with asyncio.timeout(60):
        return await reader.read()


async def test_who_says_nothing_is_let_go(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    assert await everything(reader) == b""
    writer.close()


async def test_who_sends_headers_byte_by_byte_is_let_go(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.3)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def dawdle() -> None:
        while True:
            writer.write(b"\r\n")
            await asyncio.sleep(0.05)

    dawdling = asyncio.create_task(dawdle())
    assert await everything(reader) == b""
    dawdling.cancel()
    writer.close()


async def test_who_sends_a_body_byte_by_byte_reads_why_it_ended(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "BODY_SECONDS", 0.3)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(REQUEST + b"content-length: 1000\r\n\r\nabc")
    assert (await everything(reader)).startswith(b"HTTP/1.1 408 ")
    writer.close()


async def test_between_two_requests_a_connection_rests_for_a_while(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "IDLE_SECONDS", 0.3)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(2):
        writer.write(REQUEST + b"content-length: 3\r\n\r\nabc")
        assert (await reader.readuntil(b"\r\n\r\n3")).startswith(b"HTTP/1.1 200 ")
    assert await everything(reader) == b""
    writer.close()


async def test_who_takes_no_answer_is_let_go(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "READ_SECONDS", 0.3)
    with socket.create_connection(("127.0.0.1", port)) as peer:
        peer.sendall(b"GET /long HTTP/1.1\r\nhost: tandem\r\n\r\n")
        await asyncio.sleep(1)
        taken = 0
        # Beside the event loop, in which the server runs: on a busy machine it may not have let go yet.
        while some := await asyncio.to_thread(peer.recv, 1_000_000):
            taken += len(some)
        assert taken < 50_000_000


async def test_a_new_connection_takes_the_place_of_the_one_that_was_silent_longest(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "most_connections", lambda: 5)
    with ExitStack() as open_ones:
        silent = [open_ones.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(5)]
        async with httpx.AsyncClient() as http:
            answer = await http.post(f"http://127.0.0.1:{port}/read", content=b"abc")
        assert answer.text == "3"
        silent[0].settimeout(5)
        assert await asyncio.to_thread(silent[0].recv, 1) == b""
        silent[4].settimeout(0.1)
        with pytest.raises(TimeoutError):
            await asyncio.to_thread(silent[4].recv, 1)


@pytest.mark.parametrize(("path", "status"), [("/read", 413), ("/refuse", 401), ("/nowhere", 404)])
async def test_an_answer_that_needs_no_body_waits_for_it_so_that_a_proxy_gets_the_answer(
    port: int, path: str, status: int
) -> None:
    # As a proxy does it: everything is sent before anything is read, on a connection of its own.
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST {path} HTTP/1.1\r\nhost: tandem\r\nconnection: close\r\ncontent-length: {LARGE}\r\n\r\n"
    writer.write(head.encode())
    for _ in range(LARGE // 100_000):
        writer.write(b"x" * 100_000)
        await writer.drain()
        await asyncio.sleep(0.001)  # time for a reset to arrive
    assert (await everything(reader)).startswith(f"HTTP/1.1 {status} ".encode())
    writer.close()


async def test_a_body_without_end_is_refused_before_its_end(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "DRAINED_BYTES", 2_000_000)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(REQUEST + b"transfer-encoding: chunked\r\n\r\n" + b"186a0\r\n" + b"x" * 100_000 + b"\r\n")

    async def pour() -> None:
        while True:
            writer.write(b"186a0\r\n" + b"x" * 100_000 + b"\r\n")
            await writer.drain()

    pouring = asyncio.create_task(pour())
    async with asyncio.timeout(60):
        said = await reader.readline()
    pouring.cancel()
    assert said.startswith(b"HTTP/1.1 413 ")
    writer.close()


async def test_who_asks_before_sending_is_refused_before_sending(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(REQUEST + b"content-length: 4000000\r\nexpect: 100-continue\r\n\r\n")
    async with asyncio.timeout(60):
        assert (await reader.readline()).startswith(b"HTTP/1.1 413 ")
    writer.close()
