"""A company whose leads come from a CRM on this machine, and workers that write back into it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select

from bot.metrics import Metrics
from bot.seal import Sealer
from domain.sources import add_source
from domain.wall import WallClock
from domain.writeback.settings import (
    WriteBackForm,
    WriteBackSet,
    load_write_back,
    save_write_back,
    written_statuses,
)
from domain.writeback.wanting import SETTLES, CrmWrite
from handlers.arrival import Tandem
from handlers.setup import write_back_hubspot
from handlers.setup.write_back_jobs import kinds
from storage import jobs
from storage.models import Delivery, Job, WrittenRecord
from tests.progress import until
from tests.running import KEY
from tests.webhooks.conftest import HERE, HandClock
from tests.workers import Workers
from tests.world import World
from tests.writeback.crm import TOKEN, FakeHubSpot, serving


@dataclass
class Crm(Workers):
    """The company's CRM is the source `source`. `hub`: its server."""

    world: World
    tandem: Tandem
    clock: WallClock
    http: aiohttp.ClientSession
    hub: Any
    source: str = "hub"
    metrics: Metrics = field(default_factory=Metrics)
    kinds = kinds

    def load(self) -> WriteBackSet:
        found: WriteBackSet = self.do(load_write_back, self.source, by="mia")
        return found

    def save(self, **form: Any) -> WriteBackSet:
        """An admin saves the form, with what is given."""
        seen = self.load()
        given = {"on": True, "statuses": "\n".join(written_statuses(seen.statuses)), "key": TOKEN, **form}
        given = {"address": seen.address, "client_id": seen.client_id, **given}
        found: WriteBackSet = self.do(
            save_write_back,
            self.source,
            WriteBackForm(**given),
            seen.version,
            seal=Sealer(KEY).seal,
            networks=self.tandem.webhook_networks,
            by="mia",
        )
        return found

    def lead(self, record: str = "1042", name: str = "Lee Wong", **more: Any) -> int:
        self.world.now = self.clock.now()
        more = {"source": self.source, "external_id": f"record:{record}", "asked": "a demo", **more}
        return self.world.lead(name, **more)

    async def settle(self) -> None:
        """Wait until nothing is due."""

        async def settled() -> bool:
            at = self.clock.now()
            due = select(Job.id).where(Job.due_at.is_not(None), (Job.due_at <= at) | (Job.state == "running"))
            return await self.world.db.read(lambda session: session.scalar(due.limit(1))) is None

        await until(settled, lambda: len(self.hub.asked), what="all is written that is due", pause=0.02)

    async def later(self, **duration: float) -> None:
        """Time passes (as long as a change settles, unless said), and what is due then is done."""
        self.clock.advance(timedelta(**duration) if duration else SETTLES + timedelta(seconds=1))
        self.world.db.rouse(jobs.TOPIC)
        async with self.working():
            await self.settle()

    def jobs(self) -> list[tuple[str, str | None]]:
        """The states and errors of the jobs there ever were."""
        rows = select(Job.state, Job.error).where(Job.kind == CrmWrite.kind).order_by(Job.id)
        return self.world.run(lambda session: [(one.state, one.error) for one in session.execute(rows)])

    def records(self) -> list[Any]:
        return self.world.run(
            lambda session: list(session.scalars(select(WrittenRecord).order_by(WrittenRecord.record)))
        )

    def told(self, kind: str = "write_back_trouble") -> list[str]:
        """Whom something was queued for, by why."""
        rows = select(Delivery.data).where(Delivery.kind == kind).order_by(Delivery.id)
        return self.world.run(
            lambda session: [str((one or {}).get("why") or (one or {}).get("reason")) for one in session.scalars(rows)]
        )


@pytest.fixture
async def crm(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Crm]:
    """Leads come from HubSpot, which is written to."""
    clock, sealer = HandClock(world.now), Sealer(KEY)
    async with serving(FakeHubSpot()) as hub, aiohttp.ClientSession() as http:
        monkeypatch.setattr(write_back_hubspot, "API", hub.url)
        tandem = Tandem(world.db, clock, seal=sealer.seal, unseal=sealer.unseal, webhook_networks=HERE)
        world.run(add_source, world.workspace_id, "hub", auth="hubspot", seal=sealer.seal, at=world.now)
        crm = Crm(world, tandem, clock, http, hub)
        crm.save()
        yield crm
