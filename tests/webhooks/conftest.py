"""A company whose changes are sent to receivers on this machine, and the worker that sends them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select

from bot.loops.schedule import Schedule
from bot.metrics import Metrics
from bot.seal import Sealer
from domain.wall import WallClock
from domain.webhooks.addresses import read_networks
from domain.webhooks.endpoints import Endpoint, add_endpoint, load_endpoint
from domain.webhooks.rounds import Round, endpoints_due
from handlers.arrival import Tandem
from handlers.setup.webhook_jobs import kinds
from storage import jobs
from storage.models import Job, WebhookMessage
from tests.progress import until
from tests.running import KEY
from tests.webhooks.receiver import Receiver, receiving
from tests.workers import Workers
from tests.world import World

HERE = read_networks("127.0.0.1")


class HandClock(WallClock):
    """Stands still until the test moves it."""

    def __init__(self, at: datetime) -> None:
        super().__init__(at)
        self._at = at

    def now(self) -> datetime:
        return self._at

    def advance(self, by: timedelta) -> None:
        self._at += by


@dataclass
class Office(Workers):
    """`receiver` is the endpoint `endpoint_id`, which gets all events; `secret` is how they are signed."""

    world: World
    tandem: Tandem
    clock: WallClock
    http: aiohttp.ClientSession
    receiver: Receiver
    endpoint_id: int = 0
    secret: str = ""
    metrics: Metrics = field(default_factory=Metrics)
    kinds = kinds

    def add(self, receiver: Receiver, events: Sequence[str] = ("lead", "voc")) -> tuple[int, str]:
        """Another endpoint: its id and its secret."""
        seal = Sealer(KEY).seal
        one, secret = self.world.run(
            add_endpoint, self.world.workspace_id, receiver.url, events, seal=seal, networks=HERE, at=self.world.now
        )
        return one.id, secret

    def endpoint(self, endpoint_id: int | None = None) -> Endpoint:
        wanted = endpoint_id or self.endpoint_id
        return self.world.run(load_endpoint, self.world.workspace_id, wanted, at=self.clock.now())

    def lead(self, name: str = "Lee Wong") -> int:
        return self.world.lead(name)

    async def call(self) -> None:
        """The look of a moment, which finds what is due."""
        await Schedule(self.tandem, self.metrics, _nothing).call_webhooks()

    async def settle(self) -> None:
        """Wait until nothing is due, and no round is under way."""

        async def settled() -> bool:
            await self.call()
            at = self.clock.now()
            if await self.world.db.read(endpoints_due, at):
                return False
            under_way = select(Job.id).where(Job.kind == Round.kind, Job.due_at.is_not(None))
            return await self.world.db.read(lambda session: session.scalar(under_way.limit(1))) is None

        await until(settled, lambda: len(self.receiver.got), what="all is sent that is due", pause=0.01)

    async def deliver(self) -> None:
        """Everything that is due is sent by a worker that is there for just that."""
        async with self.working():
            await self.settle()

    async def later(self, **duration: float) -> None:
        """Time passes, and what is due then is sent."""
        self.clock.advance(timedelta(**duration))
        self.world.db.rouse(jobs.TOPIC)
        await self.deliver()

    def messages(self, *columns: Any) -> list[Any]:
        """What is kept of the messages, in their order."""
        wanted = columns or (WebhookMessage.type, WebhookMessage.state)
        return self.world.run(
            lambda session: [tuple(row) for row in session.execute(select(*wanted).order_by(WebhookMessage.id))]
        )


async def _nothing() -> None:
    pass


@pytest.fixture
async def office(world: World) -> AsyncIterator[Office]:
    clock, sealer = HandClock(world.now), Sealer(KEY)
    async with receiving() as receiver, aiohttp.ClientSession() as http:
        tandem = Tandem(world.db, clock, seal=sealer.seal, unseal=sealer.unseal, webhook_networks=HERE)
        office = Office(world, tandem, clock, http, receiver)
        office.endpoint_id, office.secret = office.add(receiver)
        yield office
