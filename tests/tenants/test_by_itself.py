"""What runs by itself: messages, digests, jobs, looks and erasing, beside a workspace of which there is much more."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.seal import Sealer
from digests.editions import preview_edition
from digests.kinds import KINDS
from domain.config.export import export_config
from domain.erasing import OF_NO_WORKSPACE, belongs, erase_piece, owned_tables
from domain.home import load_home
from domain.lateness import find_overdue
from domain.pulse import take_pulse
from domain.themes import top_themes
from handlers.arrival import Tandem
from handlers.catalog import all_job_kinds, all_listeners, all_renderers
from handlers.jobs import Impossible, RunningJob, Tools
from handlers.messages import Subject
from handlers.setup.checks import check_stored
from storage.base import Base
from storage.database import Database
from storage.models import Audience, Delivery, Lane, Workspace
from storage.queue import read_queue
from tests.running import KEY
from tests.tenants.asking import StillClock, rendered, renderings
from tests.tenants.conftest import AT
from tests.tenants.furniture import Tenant, furnish, people, settle
from tests.tenants.rows import rows_of

SELF_TOLD = frozenset({"doctor_report", "job_dead", "delivery_failed", "cannot_renew"})
"""Their words travel in the delivery itself."""


def read_everything(session: Session, tenant: Tenant) -> dict[str, str]:
    """What a workspace's people and operators are told, without anybody's asking for it."""
    told: dict[str, Any] = {"messages": renderings(session, tenant, AT)}
    for name, member in people(session, tenant).items():
        told[f"home of {name}"] = load_home(session, member.id, tenant.id, AT)
    for audience in session.scalars(select(Audience).where(Audience.workspace_id == tenant.id).order_by(Audience.id)):
        told[f"{audience.kind} digest"] = preview_edition(session, audience, AT)
    told["settings"] = export_config(session, tenant.id)
    told["queue"] = read_queue(session, tenant.id, AT)
    told["late"] = find_overdue(session, tenant.id, AT)
    told["themes"] = top_themes(session, tenant.id, at=AT, limit=50)
    told["competitor"] = take_pulse(session, tenant.id, AT, "competitor", "rivalsoft")
    unseal, kinds, renderers = Sealer(KEY).unseal, all_job_kinds(), all_renderers()
    told["doctor"] = check_stored(session, tenant.id, at=AT, unseal=unseal, prefix="", kinds=kinds, renderers=renderers)
    return {name: repr(one) for name, one in told.items()}


def test_whatever_is_told_is_the_same_beside_a_workspace_with_much_more(db: Database) -> None:
    us = db.run_sync(settle, "T1", "zebra", AT)
    db.run_sync(furnish, us, AT)
    alone = db.read_sync(read_everything, us)
    them = db.run_sync(settle, "T2", "quagga", AT)
    db.run_sync(furnish, them, AT, times=20)
    beside = db.read_sync(read_everything, us)
    assert [name for name in alone if beside[name] != alone[name]] == []
    assert {f"{kind} digest" for kind in KINDS} <= set(alone)
    assert "quagga" not in repr(beside)


def test_no_message_is_made_of_a_subject_of_another_workspace(db: Database, two: tuple[Tenant, Tenant]) -> None:
    us, them = two

    def render(session: Session) -> list[str]:
        asked = session.execute(
            select(Delivery.kind, Delivery.subject_id, Lane.place, Delivery.data)
            .join(Lane, Lane.id == Delivery.lane_id)
            .where(Delivery.workspace_id == them.id)
        ).all()
        subjects = {(kind, number) for kind, number, _, _ in asked}
        subjects |= {(kind, number) for kind in all_renderers() for _, number, _, _ in asked}
        data = {kind: data for kind, _, _, data in asked}
        found = []
        for kind, number in sorted(one for one in subjects if one[0] not in SELF_TOLD):
            said = rendered(session, Subject(number, us.id, us.sales, data.get(kind, {}), AT), kind)
            if them.word in json.dumps(said, default=str).casefold():
                found.append(kind)
        return found

    assert db.read_sync(render) == []


async def test_a_job_with_the_ids_of_another_workspace_finds_nothing_of_it(
    db: Database, two: tuple[Tenant, Tenant]
) -> None:
    us, them = two
    sealer = Sealer(KEY)
    tandem = Tandem(
        db, StillClock(AT), seal=sealer.seal, unseal=sealer.unseal, listeners=all_listeners(), renderers=all_renderers()
    )
    before = await db.read(rows_of, them.id)
    theirs = {"str": them.users["mia"], "int": before["leads"][0][0], "bool": False}
    async with aiohttp.ClientSession() as http:
        client = AsyncWebClient(token="xoxb-none", base_url="http://127.0.0.1:9/api/", session=http)
        for kind in all_job_kinds().values():
            arguments = kind.arguments(**{one.name: theirs.get(str(one.type)) for one in fields(kind.arguments)})
            job = RunningJob(10**6, us.id, arguments, "token", None, AT)
            try:
                result = await kind.step(job, Tools(tandem, client, http, all_job_kinds()))
            except (Impossible, aiohttp.ClientError):
                continue  # nobody of ours has that id, or Slack is asked, which is away here
            assert them.word not in repr(result).casefold()
            await db.run(kind.record, job, result, AT)
    assert await db.read(rows_of, them.id) == before


def test_a_workspace_is_erased_whole_and_the_other_one_stays_as_it_is(db: Database, two: tuple[Tenant, Tenant]) -> None:
    gone, stays = two
    before = db.read_sync(rows_of, stays.id)
    assert all(before.values()), "every table has rows of each workspace"

    def give_up(session: Session) -> None:
        workspace = session.get_one(Workspace, gone.id)
        workspace.state, workspace.stopped_reason = "stopped", "erased"

    db.run_sync(give_up)
    while db.run_sync(erase_piece):
        pass
    assert not any(db.read_sync(rows_of, gone.id).values())
    assert db.read_sync(rows_of, stays.id) == before

    def everything(session: Session) -> list[str]:
        return [repr(tuple(row)) for table in Base.metadata.sorted_tables for row in session.execute(select(table))]

    assert [row for row in db.read_sync(everything) if gone.word in row.casefold()] == []


def test_every_table_says_whose_its_rows_are() -> None:
    """A new table has a way to its workspace, or stands in the list of those that have none."""
    assert {table.name for table in owned_tables()} | OF_NO_WORKSPACE == set(Base.metadata.tables)
    for table in owned_tables():
        belongs(table, 1)
