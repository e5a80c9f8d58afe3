"""An office with a model server beside it, on each engine in turn."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from domain.wall import WallClock
from handlers.arrival import Tandem
from tests.llm.office import Office
from tests.llm.programs import running_with_model
from tests.llm.server import ModelServer, model_server
from tests.running import Running
from tests.world import World


@pytest.fixture
async def office(world: World) -> AsyncIterator[Office]:
    """It has the themes moonshot and side-quest."""
    clock = WallClock(world.now)
    async with model_server() as server, aiohttp.ClientSession() as http:
        office = Office(world, server, clock, Tandem(world.db, clock), http)
        office.theme("moonshot")
        office.theme("side-quest")
        yield office


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with model_server() as found:
        yield found


@pytest.fixture
async def tandem(migrated_url: str, server: ModelServer) -> AsyncIterator[Running]:
    """Tandem on the playground with a model, and three items about security."""
    async with running_with_model(migrated_url, server) as program:
        yield program
        assert program.slack.refusals == []
        assert program.slack.pings == []
