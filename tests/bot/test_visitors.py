"""People of other companies, in channels that are shared: they are known to Slack, and nobody here."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.loops.members import keep_members, sync_from_slack
from domain.errors import Refused
from domain.people import EVERYONE, Actor, ensure_member
from domain.wall import WallClock
from handlers.arrival import Arrival, Tandem
from storage.database import Database
from storage.models import Member
from tests.bot.conftest import Post
from tests.refused import refused
from tests.world import World

ELSEWHERE = "T0ELSEWHERE"


async def sync(post: Post) -> None:
    await sync_from_slack(post.courier.tandem, post.client, post.workspace_id)


async def member(db: Database, user_id: str) -> Member | None:
    return await db.read(lambda session: session.scalars(select(Member).where(Member.slack_user_id == user_id)).first())


async def test_the_list_of_members_takes_in_no_people_of_other_companies(post: Post) -> None:
    eve = post.slack.add_member("eve", home=ELSEWHERE, is_admin=True)
    await sync(post)
    assert await member(post.db, eve.id) is None


async def test_who_is_on_no_list_is_asked_about_and_put_out(post: Post) -> None:
    await post.db.run(ensure_member, post.workspace_id, "U0NEVERWAS", name="x", at=post.clock.now())
    await sync(post)
    never = await member(post.db, "U0NEVERWAS")
    assert never is not None
    assert (never.kind, never.active) == ("stranger", False)


async def test_who_is_met_for_the_first_time_is_asked_about_at_once(post: Post) -> None:
    read = asyncio.Event()
    keeping = asyncio.create_task(keep_members(post.courier.tandem, post.client, post.workspace_id, read))
    async with asyncio.timeout(60):
        await read.wait()
        await post.db.run(lambda session: session.execute(update(Member).values(synced_at=post.clock.now())))
        eve = post.slack.add_member("eve", home=ELSEWHERE)
        lou = post.slack.add_member("lou", real_name="Lou Reed")
        for user_id in (eve.id, lou.id):
            await post.db.run(ensure_member, post.workspace_id, user_id, name="?", at=post.clock.now())
        found: list[Any] = []
        while [one.kind for one in found if one] != ["stranger", "member"]:
            await asyncio.sleep(0.02)
            found = [await member(post.db, user_id) for user_id in (eve.id, lou.id)]
    assert found[1].name == "Lou Reed"
    keeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await keeping


def arrival(world: World, user_id: str, home: str | None) -> Arrival:
    tandem = Tandem(world.db, WallClock())
    body = {"user": {"id": user_id, "team_id": home}}
    return Arrival(tandem, EVERYONE, "", AsyncWebClient(), body, "T1", user_id, "", "k", world.now)


def who(_session: Session, *, by: Actor, at: Any) -> str:
    return by.name


async def test_a_click_from_another_company_makes_nobody_a_member(world: World) -> None:
    with refused(Refused, "another workspace"):
        await arrival(world, "U-EVE", ELSEWHERE).look(who)
    assert await member(world.db, "U-EVE") is None


async def test_on_enterprise_grid_the_list_says_who_is_a_member_here(world: World) -> None:
    assert await arrival(world, "U-ANA", "T0SISTER").look(who) == "ana"


async def test_who_was_put_out_can_do_nothing(world: World) -> None:
    world.run(lambda session: session.execute(update(Member).where(Member.name == "ana").values(kind="stranger")))
    for home in (None, "T1", ELSEWHERE):
        with refused(Refused, "another workspace"):
            await arrival(world, "U-ANA", home).look(who)
