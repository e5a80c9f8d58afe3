"""Refused deliveries are counted by source and reason, shown, and told to an admin once."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from domain.config.overview import load_overview
from domain.refusals import QUIET, Refused, forget_before, load_refusals, note_refusals
from domain.sources import new_secret, pause_source
from handlers.intake import refusals as counting
from handlers.messages import Subject
from handlers.setup.checks import check_stored
from handlers.setup.lists import source_form, sources_list
from handlers.setup.refusals import messages
from storage.models import Delivery, Lane, Refusal
from tests.intake.door import HEADER_SECRET, LEE, SEALER, Door
from tests.leads.shown import fits_modal
from tests.world import World


async def noted(door: Door) -> dict[tuple[str, str], int]:
    """What is written by now, by source and reason."""
    await door.refusals.flush()
    return {(one.source, one.reason): one.count for one in door.world.run(load_refusals, door.world.workspace_id)}


def told(world: World) -> list[str]:
    """Who is told of refusals."""
    return world.run(
        lambda session: list(
            session.scalars(
                select(Lane.place).join(Delivery, Delivery.lane_id == Lane.id).where(Delivery.kind == "intake_refused")
            )
        )
    )


async def test_each_refusal_is_counted_by_source_and_reason(door: Door) -> None:
    right, wrong = {"x-tandem-secret": HEADER_SECRET}, {"x-tandem-secret": "wrong"}
    await door.post(LEE, headers={})
    await door.post(LEE, secret=new_secret())
    await door.post(LEE, age=3_600)
    await door.post(b"x" * 1_100_000)
    await door.post(LEE, source="webiste")
    await door.post(LEE, source="crm", headers=wrong)
    await door.post(LEE, source="crm", headers={})
    await door.post(b"{", source="crm", headers=right)
    await door.post({"score": 1}, source="crm", headers=right)
    door.world.run(pause_source, door.world.workspace_id, "crm", paused=True, at=door.world.now)
    await door.post(LEE, source="crm", headers=right)
    expected = {
        ("website", "no_proof"),
        ("website", "wrong_proof"),
        ("website", "stale"),
        ("website", "too_large"),
        ("", "unknown_source"),
        ("crm", "wrong_proof"),
        ("crm", "no_proof"),
        ("crm", "unreadable"),
        ("crm", "nobody"),
        ("crm", "paused"),
    }
    assert await noted(door) == dict.fromkeys(expected, 1)
    assert set(door.heard) == {(source or "unknown", reason) for source, reason in expected}


async def test_a_flood_is_one_write_and_one_row(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    writes = 0

    def write(*args: Any) -> None:
        nonlocal writes
        writes += 1
        note_refusals(*args)

    monkeypatch.setattr(counting, "note_refusals", write)
    await asyncio.gather(*(door.post(LEE, source=f"guess-{number}") for number in range(60)))
    assert writes == 0
    assert await noted(door) == {("", "unknown_source"): 60}
    assert writes == 1
    assert len(door.heard) == 60
    assert {source for source, _ in door.heard} == {"unknown"}, "a stranger's names are no labels"


async def test_an_admin_hears_once(door: Door) -> None:
    for _ in range(25):
        await door.post(LEE, secret=new_secret())
        await door.refusals.flush()
    assert told(door.world) == ["U-MIA"]
    [row] = door.world.run(load_refusals, door.world.workspace_id)
    assert (row.reason, row.count) == ("wrong_proof", 25)


async def test_two_strangers_are_no_news_but_a_lead_that_is_lost_is(door: Door) -> None:
    for _ in range(2):
        await door.post(LEE, secret=new_secret())
    await door.refusals.flush()
    assert told(door.world) == []
    await door.post(b'{"name": "Lee", "score":,}')
    await door.refusals.flush()
    assert told(door.world) == ["U-MIA"]


def test_it_is_told_again_after_a_quiet_day_and_only_then(world: World) -> None:
    def refuse(hours: float) -> None:
        at = world.later(hours=hours)
        world.run(note_refusals, world.workspace_id, [Refused("website", "stale", 3, at, at)])

    for hours in (0, 1, 12, 23):
        refuse(hours)
    assert told(world) == ["U-MIA"]
    refuse(QUIET / timedelta(hours=1))
    assert told(world) == ["U-MIA"] * 2


def test_three_within_an_hour_are_told_and_three_in_three_days_are_not(world: World) -> None:
    def refuse(minutes: float) -> None:
        at = world.later(minutes=minutes)
        world.run(note_refusals, world.workspace_id, [Refused("website", "wrong_proof", 1, at, at)])

    for minutes in (0, 1_300, 1_300):
        refuse(minutes)
    assert told(world) == []
    for minutes in (10, 10):
        refuse(minutes)
    assert told(world) == ["U-MIA"]


async def test_the_screen_the_doctor_and_the_message_say_what_and_why(door: Door) -> None:
    for _ in range(3):
        await door.post(LEE, secret=new_secret())
        await door.post(LEE, source="web<!channel>iste")
    await door.post({"score": 1})
    await door.refusals.flush()
    world = door.world
    overview = world.run(load_overview, world.workspace_id)
    screen, own = sources_list(overview, {}), source_form(overview.source("website"), overview, {}, None)
    assert fits_modal(screen)
    assert fits_modal(own)
    assert "Refused once, last" in str(screen)
    assert "3 times to a source that does not exist" in str(screen)
    assert "nothing says who it is" in str(own)
    assert "Refused 3 times, last" in str(own)
    assert "a wrong signature or secret" in str(own)
    at = world.run(load_refusals, world.workspace_id)[0].last_at
    stored = world.run(check_stored, world.workspace_id, at=at, unseal=SEALER.unseal, prefix="", kinds={}, renderers={})
    [finding] = [one for one in stored.findings if one.what == "leads refused in 24 h"]
    assert not finding.well
    assert "website: 3 times, a wrong signature or secret" in finding.found
    assert "new secret" in finding.remedy
    ids = world.run(lambda session: list(session.scalars(select(Refusal.id).order_by(Refusal.id))))
    subjects = [Subject(one, world.workspace_id, "U-MIA", {}, at) for one in ids]
    said = [world.run(messages.renderers["intake_refused"], subject) for subject in subjects]
    assert all(one is not None and one.text for one in said)
    assert "<!channel>" not in str([one.content() for one in said if one])
    assert HEADER_SECRET not in str([one.content() for one in said if one])


async def test_a_well_day_is_said_to_be_one(door: Door) -> None:
    await door.post(LEE)
    stored = door.world.run(
        check_stored,
        door.world.workspace_id,
        at=door.world.now,
        unseal=SEALER.unseal,
        prefix="",
        kinds={},
        renderers={},
    )
    [finding] = [one for one in stored.findings if one.what == "leads refused in 24 h"]
    assert (finding.well, finding.found) == (True, "none")


async def test_what_could_not_be_written_is_written_later(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any) -> None:
        raise OperationalError("insert", {}, Exception("away"))

    await door.post(LEE, secret=new_secret())
    with monkeypatch.context() as away:
        away.setattr(counting, "note_refusals", fail)
        await door.refusals.flush()
    await door.post(LEE, secret=new_secret())
    assert await noted(door) == {("website", "wrong_proof"): 2}


def test_what_is_long_over_is_forgotten(world: World) -> None:
    world.run(note_refusals, world.workspace_id, [Refused("website", "stale", 3, world.now, world.now)])
    world.run(forget_before, world.later(days=31) - timedelta(days=30))
    assert world.run(lambda session: session.scalar(select(func.count()).select_from(Refusal))) == 0
