"""Tokens that expire: renewed ahead of time, once, and kept before they are used."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select, update

from bot.installations.app import OAuthApp
from bot.installations.registry import Installations
from bot.installations.renewal import Renewal
from bot.seal import Sealer
from domain.installations import Grant, installed
from domain.people import ensure_member
from domain.renewing import AHEAD, LEASE, give_up_renewing, hold_renewal
from domain.sealed import find_sealed, reseal
from domain.wall import WallClock
from storage.database import Database
from storage.models import Delivery, Installation, Member, Workspace
from tests.installations.slack import Slack, slack_server

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)
SEALER = Sealer("k" * 32)
HALF_DAY = timedelta(hours=12)
RENEWED: dict[str, Any] = {
    "ok": True,
    "access_token": "xoxe.xoxb-second",
    "refresh_token": "xoxe-1-second",
    "expires_in": 43200,
    "token_type": "bot",
}


@dataclass
class Process:
    registry: Installations
    renewal: Renewal


@dataclass
class World:
    """A workspace whose token ends at midnight, and processes that serve it."""

    db: Database
    slack: Slack
    clock: WallClock
    stack: AsyncExitStack
    processes: list[Process] = field(default_factory=list)

    async def process(self) -> Process:
        http = await self.stack.enter_async_context(aiohttp.ClientSession())
        registry = Installations(self.db, self.clock, SEALER, api_url=self.slack.api_url, session=http)
        renewal = Renewal(OAuthApp("1.2", "s", "https://tandem.example.com", self.slack.api_url), registry)
        await registry.refresh()
        return Process(registry, renewal)

    async def call(self, process: Process) -> str:
        """One call to Slack in the workspace's name; the token that it was made with."""
        await process.registry.all()[0].client.api_call("api.test")
        await process.renewal.stop()
        return next(token for name, token, _ in reversed(self.slack.asked) if name == "api.test").removeprefix(
            "Bearer "
        )

    async def row(self) -> Installation:
        return await self.db.read(lambda session: session.scalars(select(Installation)).one())


@pytest.fixture
async def world(db: Database) -> AsyncIterator[World]:
    clock = WallClock(NOON)
    async with slack_server() as slack, AsyncExitStack() as stack:
        slack.answers["oauth.v2.access"] = RENEWED
        await db.run(installed, grant(), at=NOON)
        yield World(db, slack, clock, stack)


def grant(token: str = "xoxe.xoxb-first", refresh: str = "xoxe-1-first") -> Grant:
    return Grant(
        app_id="A1",
        bot_user_id="U0BOT",
        scopes=frozenset({"chat:write"}),
        sealed_token=SEALER.seal(token),
        team_id="T1",
        sealed_refresh_token=SEALER.seal(refresh),
        expires_at=NOON + HALF_DAY,
        installed_by="U1",
    )


async def test_a_token_that_holds_for_long_is_used_as_it_is(world: World) -> None:
    process = await world.process()
    world.clock.advance(HALF_DAY - AHEAD - timedelta(minutes=1))
    assert await world.call(process) == "xoxe.xoxb-first"
    assert world.slack.calls("oauth.v2.access") == []


async def test_a_token_is_renewed_ahead_of_its_end_while_it_goes_on_being_used(world: World) -> None:
    process = await world.process()
    world.clock.advance(HALF_DAY - AHEAD + timedelta(minutes=1))
    assert await world.call(process) == "xoxe.xoxb-first"
    asked = world.slack.calls("oauth.v2.access")
    assert [(one["grant_type"], one["refresh_token"]) for one in asked] == [("refresh_token", "xoxe-1-first")]
    assert await world.call(process) == "xoxe.xoxb-second"
    row = await world.row()
    assert SEALER.unseal(row.sealed_token) == "xoxe.xoxb-second"
    assert SEALER.unseal(row.sealed_refresh_token or "") == "xoxe-1-second"
    assert row.token_expires_at is not None
    assert row.token_expires_at > NOON + HALF_DAY + timedelta(hours=9)
    assert row.refreshing_by is None


async def test_nobody_calls_with_a_token_that_has_ended(world: World) -> None:
    process = await world.process()
    world.clock.advance(HALF_DAY + timedelta(hours=1))
    assert await world.call(process) == "xoxe.xoxb-second"


async def test_of_many_callers_in_two_processes_one_renews(world: World) -> None:
    one, two = await world.process(), await world.process()
    world.clock.advance(HALF_DAY)
    clients = [process.registry.all()[0].client for process in (one, two)]
    await asyncio.gather(*(client.api_call("api.test") for client in clients * 10))
    tokens = {token for name, token, _ in world.slack.asked if name == "api.test"}
    assert tokens == {"Bearer xoxe.xoxb-second"}
    assert len(world.slack.calls("oauth.v2.access")) == 1


async def test_whoever_dies_before_the_new_pair_is_kept_is_followed_when_the_lease_has_run_out(world: World) -> None:
    world.clock.advance(HALF_DAY - timedelta(hours=1))
    assert await world.db.run(hold_renewal, 1, "the one that died", at=world.clock.now()) is not None
    process = await world.process()
    await world.call(process)
    assert world.slack.calls("oauth.v2.access") == []
    world.clock.advance(LEASE)
    await world.call(process)
    assert await world.call(process) == "xoxe.xoxb-second"


async def test_a_renewal_that_failed_is_tried_again(world: World) -> None:
    world.slack.answers["oauth.v2.access"] = [503, RENEWED]
    process = await world.process()
    world.clock.advance(HALF_DAY - timedelta(hours=1))
    await world.call(process)
    await world.call(process)
    assert len(world.slack.calls("oauth.v2.access")) == 1
    world.clock.advance(LEASE)
    await world.call(process)
    assert await world.call(process) == "xoxe.xoxb-second"


@pytest.mark.parametrize("odd", [None, "soon", -1, 1e300, []])
async def test_a_new_pair_is_kept_though_slack_does_not_say_how_long_it_holds(world: World, odd: object) -> None:
    world.slack.answers["oauth.v2.access"] = {**RENEWED, "expires_in": odd}
    process = await world.process()
    world.clock.advance(HALF_DAY - timedelta(hours=1))
    for _ in range(3):
        await world.call(process)
    row = await world.row()
    assert SEALER.unseal(row.sealed_token) == "xoxe.xoxb-second"
    assert SEALER.unseal(row.sealed_refresh_token or "") == "xoxe-1-second"
    assert len(world.slack.calls("oauth.v2.access")) == 1  # not again before every call


async def test_a_pair_that_comes_after_the_app_was_installed_again_is_dropped(world: World) -> None:
    world.clock.advance(HALF_DAY - timedelta(hours=1))
    process = await world.process()
    held = await world.db.run(hold_renewal, 1, "slow", at=world.clock.now())
    assert held is not None
    await world.db.run(installed, grant("xoxe.xoxb-again", "xoxe-1-again"), at=world.clock.now())
    await process.renewal._exchange(held)
    assert SEALER.unseal((await world.row()).sealed_token) == "xoxe.xoxb-again"


async def test_a_pair_that_comes_while_the_old_one_is_sealed_anew_is_kept(world: World) -> None:
    world.clock.advance(HALF_DAY - timedelta(hours=1))
    process = await world.process()
    held = await world.db.run(hold_renewal, 1, "slow", at=world.clock.now())
    assert held is not None
    await world.db.run(lambda session: reseal(session, find_sealed(session), SEALER.reseal))
    await process.renewal._exchange(held)
    row = await world.row()
    assert (SEALER.unseal(row.sealed_token), row.refreshing_by) == ("xoxe.xoxb-second", None)


@pytest.mark.parametrize("second", ["holds it", "was refused"])
async def test_a_process_that_slept_over_its_lease_keeps_the_pair_that_nobody_else_can_get(
    world: World, second: str
) -> None:
    world.clock.advance(HALF_DAY - timedelta(hours=1))
    process = await world.process()
    slept = await world.db.run(hold_renewal, 1, "slept", at=world.clock.now())
    world.clock.advance(LEASE)
    other = await world.db.run(hold_renewal, 1, "other", at=world.clock.now())
    assert slept is not None
    assert other is not None
    if second == "was refused":
        await world.db.run(give_up_renewing, other, "invalid_refresh_token", link="", at=world.clock.now())
    await process.renewal._exchange(slept)
    assert not await world.db.run(give_up_renewing, other, "invalid_refresh_token", link="", at=world.clock.now())
    row = await world.row()
    assert (SEALER.unseal(row.sealed_token), row.state, row.stopped_reason) == ("xoxe.xoxb-second", "active", None)


async def test_of_two_pairs_the_one_of_whoever_holds_the_row_is_kept(world: World) -> None:
    world.clock.advance(HALF_DAY - timedelta(hours=1))
    process = await world.process()
    slept = await world.db.run(hold_renewal, 1, "slept", at=world.clock.now())
    world.clock.advance(LEASE)
    other = await world.db.run(hold_renewal, 1, "other", at=world.clock.now())
    assert slept is not None
    assert other is not None
    world.slack.answers["oauth.v2.access"] = [RENEWED, {**RENEWED, "access_token": "xoxe.xoxb-third"}]
    await process.renewal._exchange(slept)
    await process.renewal._exchange(other)
    world.slack.answers["oauth.v2.access"] = RENEWED
    await process.renewal._exchange(slept)
    row = await world.row()
    assert (SEALER.unseal(row.sealed_token), row.refreshing_by) == ("xoxe.xoxb-third", None)


async def test_admins_are_told_by_the_token_that_still_holds_when_slack_renews_it_no_more(world: World) -> None:
    def admin(session: Any) -> None:
        workspace = session.scalars(select(Workspace)).one()
        member_id = ensure_member(session, workspace.id, "U1", name="Ana", at=NOON).id
        session.execute(update(Member).where(Member.id == member_id).values(role="admin", role_origin="config"))

    await world.db.run(admin)
    world.slack.answers["oauth.v2.access"] = {"ok": False, "error": "invalid_refresh_token"}
    process = await world.process()
    world.clock.advance(HALF_DAY - timedelta(hours=1))
    await world.call(process)
    row = await world.row()
    assert (row.state, row.stopped_reason) == ("stopped", "invalid_refresh_token")
    told = await world.db.read(lambda session: session.scalars(select(Delivery)).all())
    assert [(one.kind, one.data["link"]) for one in told] == [
        ("cannot_renew", "https://tandem.example.com/slack/install")
    ]
    world.clock.advance(LEASE)
    assert await world.call(process) == "xoxe.xoxb-first"
    assert len(world.slack.calls("oauth.v2.access")) == 1
    workspace = await world.db.read(lambda session: session.scalars(select(Workspace)).one())
    assert workspace.state == "active"
