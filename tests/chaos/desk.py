"""The system outside that errands ask: it fails as others do, and knows a repetition by its token."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

from aiohttp import web

CLOSED_RATE = 0.02
"""How often it says that nothing will help: then the job is dead until somebody has it tried again."""
SLOWEST = 1.0


class Desk:
    """`served`: the one answer of each token. `asked`: how often each was asked for."""

    def __init__(self, dice: Random, fault_rate: float) -> None:
        self.dice = dice
        self.fault_rate = fault_rate
        self.served: dict[str, str] = {}
        self.asked: Counter[str] = Counter()
        self.address = ""

    async def answer(self, request: web.Request) -> web.Response:
        """Late, refused, failed, or served; failed after it was served, too."""
        token = request.match_info["token"]
        self.asked[token] += 1
        await asyncio.sleep(self.dice.uniform(0, SLOWEST))
        rolled = self.dice.random()
        if rolled < self.fault_rate:
            return web.Response(status=500)
        if rolled < 2 * self.fault_rate:
            return web.Response(status=429, headers={"Retry-After": "1"})
        if self.fault_rate and rolled < 2 * self.fault_rate + CLOSED_RATE:
            return web.Response(status=410)
        said = self.served.setdefault(token, f"Answer {len(self.served) + 1}")
        if rolled > 1 - self.fault_rate:
            return web.Response(status=500)
        return web.Response(text=said)


@asynccontextmanager
async def open_desk(dice: Random, fault_rate: float) -> AsyncIterator[Desk]:
    """The desk on a port of its own."""
    desk = Desk(dice, fault_rate)
    app = web.Application()
    app.router.add_post("/{token}", desk.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    desk.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield desk
    finally:
        await runner.cleanup()
