"""The load generator: signed requests over kept connections, from a process of its own.

It speaks just as much HTTP as it takes: what it needs of the processor the measured program cannot have.
"""

from __future__ import annotations

import asyncio
import base64
import gc
import hmac
import json
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from itertools import count
from typing import Any
from urllib.parse import urlencode

from bench.stage import ROOT

MakeRequest = Callable[[int], bytes]
"""The bytes of the request with that number: no two are alike."""


@dataclass(frozen=True, slots=True)
class Shots:
    """What came of one window. Times in ms. `acks`: answers as they should be; `cpu`: the generator's share of a core.

    `wrong`: answers that were not as they should be; the first of them stands in `example`.
    """

    acks: int
    wrong: int
    seconds: float
    p50: float
    p99: float
    most: float
    cpu: float
    example: str

    @property
    def rate(self) -> float:
        """Acks a second."""
        return self.acks / self.seconds


class Gun:
    """The process, as the measurement holds it: one window at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def fire(self, port: int, connections: int, seconds: float, **what: Any) -> Shots:
        """Each connection sends its next request when the last is answered. `what`: see `requests_for`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {"port": port, "connections": connections, "seconds": seconds, "what": what}
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError("the load generator has ended")
        return Shots(**json.loads(line))


@asynccontextmanager
async def loaded_gun() -> AsyncIterator[Gun]:
    """The generator's process; ended afterwards."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.gun",
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Gun(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


# What is sent.


def requests_for(kind: str, **what: Any) -> tuple[MakeRequest, bytes]:
    """How to make the requests of that kind, and what a right answer holds."""
    if kind == "voc":
        return _voc_lines(**what), str(what["right"]).encode()
    return _webhooks(**what), str(what["right"]).encode()


def _voc_lines(secret: str, team: str, users: list[str], **_more: Any) -> MakeRequest:
    """`/voc` commands as Slack signs them, from one user after the other: what was said, a theme, an account, a sum."""
    stamp = str(int(time.time()))
    fields = {
        "token": "x",
        "team_id": team,
        "team_domain": "bench",
        "channel_id": "C0BENCH",
        "channel_name": "sales",
        "user_id": "USER",
        "user_name": "rep",
        "command": "/voc",
        "text": "TEXT",
        "api_app_id": "A0BENCH",
        "is_enterprise_install": "false",
        "response_url": "http://127.0.0.1:1/response",
        "trigger_id": "TRIGGER",
    }
    before, _, rest = urlencode(fields).encode().partition(b"USER")
    between, _, after = rest.partition(b"TEXT")
    after = after.removesuffix(b"TRIGGER")
    signing = hmac.new(secret.encode(), f"v0:{stamp}:".encode(), "sha256")
    names = [user.encode() for user in users]

    def make(number: int) -> bytes:
        text = b"number+%d+is+too+expensive+%%23theme-%d+%%40Account%d+%%24%dk" % (
            number,
            number % 40,
            number % 200,
            10 + number % 90,
        )
        body = before + names[number % len(names)] + between + text + after + b"%d.%s" % (number, stamp.encode())
        signature = signing.copy()
        signature.update(body)
        return (
            b"POST /slack/events HTTP/1.1\r\nHost: tandem\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            b"X-Slack-Request-Timestamp: %s\r\nX-Slack-Signature: v0=%s\r\nContent-Length: %d\r\n\r\n"
            % (stamp.encode(), signature.hexdigest().encode(), len(body))
        ) + body

    return make


def _webhooks(secret: str, path: str, teams: int, **_more: Any) -> MakeRequest:
    """Leads for one team after the other, signed as Standard Webhooks want it."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    stamp = str(int(time.time())).encode()

    def make(number: int) -> bytes:
        body = (
            b'{"id":"crm-%d","name":"Lead %d","email":"lead%d@example.com","company":"Company %d",'
            b'"asked":"Demo request","tier":"hot","score":%d,"team":"team-%d"}'
            % (number, number, number, number % 200, number % 100, number % teams)
        )
        name = b"msg_%d" % number
        signature = base64.b64encode(hmac.digest(key, name + b"." + stamp + b"." + body, "sha256"))
        return (
            b"POST %s HTTP/1.1\r\nHost: tandem\r\nContent-Type: application/json\r\n"
            b"webhook-id: %s\r\nwebhook-timestamp: %s\r\nwebhook-signature: v1,%s\r\nContent-Length: %d\r\n\r\n"
            % (path.encode(), name, stamp, signature, len(body))
        ) + body

    return make


# The process.


class _Connection(asyncio.Protocol):
    """Sends, waits for the whole answer, sends the next, until the window's end."""

    def __init__(self, window: _Window) -> None:
        self.window = window
        self.done = asyncio.get_running_loop().create_future()
        self._got = b""
        self._wanted = 0
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def send(self) -> None:
        request = self.window.next_request()
        if request is None:
            self.done.set_result(None)
            return
        self._sent_at = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._got += data
        if not self._wanted:
            head = self._got.find(b"\r\n\r\n")
            if head < 0:
                return
            length = self._got.lower().find(b"content-length:", 0, head)
            self._wanted = head + 4 + int(self._got[length + 15 : self._got.find(b"\r\n", length)])
        if len(self._got) < self._wanted:
            return
        answer, self._got, self._wanted = self._got, b"", 0
        self.window.answered(answer, time.perf_counter() - self._sent_at)
        self.send()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.window.answered(f"connection lost: {error}".encode(), 0.0)
            self.done.set_result(None)


class _Window:
    """One window: what is sent, until when, and what came back."""

    def __init__(self, numbers: count[int], make: MakeRequest, right: bytes) -> None:
        self.numbers, self.make, self.right = numbers, make, right
        self.until = 0.0
        self.taken: list[float] = []
        self.wrong = 0
        self.example = b""

    def next_request(self) -> bytes | None:
        return None if time.perf_counter() >= self.until else self.make(next(self.numbers))

    def answered(self, answer: bytes, seconds: float) -> None:
        if answer[9:10] == b"2" and self.right in answer:
            self.taken.append(seconds)
            return
        self.wrong += 1
        self.example = self.example or answer

    async def run(self, port: int, connections: int, seconds: float) -> Shots:
        loop = asyncio.get_running_loop()
        opened = [
            (await loop.create_connection(lambda: _Connection(self), "127.0.0.1", port))[1] for _ in range(connections)
        ]
        began, cpu = time.perf_counter(), time.process_time()
        self.until = began + seconds
        for connection in opened:
            connection.send()
        await asyncio.wait([connection.done for connection in opened])
        taken, cpu = time.perf_counter() - began, time.process_time() - cpu
        for connection in opened:
            connection.transport.close()
        times = [1000 * one for one in self.taken] or [float("inf")]
        return Shots(
            acks=len(self.taken),
            wrong=self.wrong,
            seconds=taken,
            p50=statistics.median(times),
            p99=sorted(times)[int(len(times) * 0.99)],
            most=max(times),
            cpu=cpu / taken,
            example=self.example.decode("utf-8", "replace")[:500],
        )


async def _obey() -> None:
    """Fires as it is told, line by line, until there is no more."""
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    numbers = count(1)
    gc.freeze()
    while line := await lines.readline():
        order: Mapping[str, Any] = json.loads(line)
        make, right = requests_for(**order["what"])
        shots = await _Window(numbers, make, right).run(order["port"], order["connections"], order["seconds"])
        sys.stdout.write(json.dumps(asdict(shots)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_obey())
