"""How much a source may post: a burst, then so much a minute; others are not touched by it, and refusals say when."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette

from bot.seal import Sealer
from domain.sources import add_source
from domain.wall import WallClock
from handlers.arrival import Tandem
from handlers.intake.allowance import Allowance
from handlers.intake.listeners import routes
from storage.models import Lead
from tests.world import World

SEALER = Sealer("a key for tests, long enough to be taken")
SECRET = "a-shared-secret-for-tests-only"


class Hand:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
async def http(world: World, hand: Hand) -> AsyncIterator[httpx.AsyncClient]:
    for name in ("crm", "forms"):
        world.run(
            add_source,
            world.workspace_id,
            name,
            auth="header",
            secret=SECRET,
            seal=SEALER.seal,
            at=world.now,
        )
    allowance = Allowance(per_minute=30, burst=3, now=hand)
    app = Starlette(routes=routes(Tandem(world.db, WallClock()), SEALER.unseal, allowance))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://tandem.example") as client:
        yield client


async def post(http: httpx.AsyncClient, number: int, *, source: str = "crm", secret: str = SECRET) -> httpx.Response:
    lead = {"name": f"Lead {number}", "id": str(number)}
    return await http.post(f"/intake/{source}", content=json.dumps(lead), headers={"x-tandem-secret": secret})


async def test_beyond_the_burst_a_source_is_told_when_to_come_again(http: httpx.AsyncClient, world: World) -> None:
    answers = [await post(http, number) for number in range(5)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429, 429]
    assert answers[3].headers["Retry-After"] == "2"
    assert "send it again in 2 s" in answers[3].json()["error"]
    assert world.run(lambda session: session.scalar(select(func.count()).select_from(Lead))) == 3


async def test_after_that_time_it_is_taken(http: httpx.AsyncClient, hand: Hand) -> None:
    for number in range(4):
        refused = await post(http, number)
    hand.seconds += float(refused.headers["Retry-After"])
    assert (await post(http, 3)).status_code == 202
    assert (await post(http, 4)).status_code == 429


async def test_other_sources_are_not_touched_by_it(http: httpx.AsyncClient) -> None:
    for number in range(4):
        await post(http, number)
    assert (await post(http, 9, source="forms")).status_code == 202


async def test_a_stranger_uses_up_nothing(http: httpx.AsyncClient) -> None:
    for number in range(20):
        assert (await post(http, number, secret="not the secret at all")).status_code == 401
    assert (await post(http, 1)).status_code == 202


def test_a_long_rest_saves_up_no_more_than_the_burst(hand: Hand) -> None:
    allowance = Allowance(per_minute=60, burst=2, now=hand)
    hand.seconds += 86_400
    assert [allowance.seconds_to_wait(1) for _ in range(3)] == [0.0, 0.0, 1.0]


async def test_hubspots_workflows_are_told_in_thousandths_of_a_second(http: httpx.AsyncClient, world: World) -> None:
    named = {"auth": "hubspot_workflow", "secret": SECRET, "seal": SEALER.seal, "at": world.now}
    world.run(add_source, world.workspace_id, "hubspot", **named)
    answers = [await post(http, number, source="hubspot") for number in range(4)]
    assert answers[3].status_code == 429
    assert answers[3].headers["Retry-After"] == "2000"
