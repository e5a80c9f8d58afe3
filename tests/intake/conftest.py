"""The intake's door, on each engine."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from domain.sources import add_source
from domain.wall import WallClock
from handlers.arrival import Tandem
from handlers.intake.heard import HeardSources
from handlers.intake.listeners import routes
from handlers.intake.refusals import Refusals
from tests.intake.door import HEADER_SECRET, SEALER, Door
from tests.world import World


@pytest.fixture
async def door(world: World) -> AsyncIterator[Door]:
    secret = world.run(add_source, world.workspace_id, "website", seal=SEALER.seal, at=world.now)
    world.run(
        add_source,
        world.workspace_id,
        "crm",
        auth="header",
        secret=HEADER_SECRET,
        tier="hot",
        seal=SEALER.seal,
        at=world.now,
    )
    tandem = Tandem(world.db, WallClock())
    heard: list[tuple[str, str]] = []
    refusals = Refusals(
        tandem,
        only_workspace=lambda: world.workspace_id,
        watch=lambda source, reason: heard.append((source, reason)),
        every=3600,
    )
    noted = HeardSources(tandem, every=3600)
    app = Starlette(routes=routes(tandem, SEALER.unseal, refusals=refusals, heard=noted))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://tandem.example") as http:
        yield Door(world, http, secret, refusals, heard, noted)
    await refusals.stop()
    await noted.stop()
