"""A source's pace, its silences, and its secret before the last change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from domain.calendar import WorkingHours
from domain.source_health import (
    Heard,
    end_paused,
    find_silent,
    load_health,
    note_heard,
    pace_of,
    tell_silent,
)
from domain.sources import OLD_SECRET_KEPT, end_old_secret, forget_old_secrets, pause_source, rotate_source
from handlers.messages import Subject
from handlers.setup.silences import silent_card
from storage.models import Delivery, Source, SourceHealth, SourceSilence, Team
from tests.intake.door import SEALER, Door
from tests.world import World

MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
NINE_TO_FIVE = WorkingHours.from_json(
    {"zone": "UTC", "week": [[["09:00", "17:00"]]] * 5 + [[], []], "closed": [], "country": None, "subdivision": None}
)


def at_hours(*hours: float) -> list[datetime]:
    return [MONDAY + timedelta(hours=one) for one in hours]


@pytest.mark.parametrize(
    ("moments", "usual", "alarm"),
    [
        (at_hours(0, 2, 4, 6), None, None),  # too few to tell
        (at_hours(0, 2, 4, 6, 8, 26), timedelta(hours=2), timedelta(hours=8)),  # the night is no pause
        (at_hours(*range(0, 24 * 12, 24)), timedelta(hours=8), timedelta(hours=32)),  # once a day, weekends aside
        (at_hours(0, 1, 2, 3, 4, 5, 24 * 4), timedelta(hours=1), timedelta(hours=33.75)),  # once it paused for long
    ],
)
def test_the_pace_is_told_in_working_time(
    moments: list[datetime], usual: timedelta | None, alarm: timedelta | None
) -> None:
    pace = pace_of(moments, NINE_TO_FIVE)
    assert (pace.usual if pace else None, pace.alarm_after if pace else None) == (usual, alarm)


def source_id(world: World) -> int:
    found: int = world.run(lambda session: session.scalars(select(Source.id).where(Source.name == "website")).one())
    return found


def hear(world: World, *moments: datetime) -> None:
    for at in moments:
        world.run(note_heard, [Heard(world.workspace_id, source_id(world), at)])


def told(world: World) -> int:
    return world.run(
        lambda session: (
            session.scalar(select(func.count()).select_from(Delivery).where(Delivery.kind == "source_silent")) or 0
        )
    )


def test_a_source_that_falls_silent_is_told_once_and_that_it_is_heard_again(door: Door) -> None:
    world = door.world
    world.run(lambda session: session.execute(update(Team).values(hours=NINE_TO_FIVE.to_json())))
    hear(world, *at_hours(*range(0, 24 * 4, 2)))
    last = at_hours(24 * 4 - 2)[0]  # Thursday evening
    assert world.run(find_silent, last + timedelta(days=1)) == []
    friday_night, monday_noon = last + timedelta(hours=25), last + timedelta(days=3, hours=14)
    assert world.run(find_silent, friday_night) == []
    assert world.run(find_silent, monday_noon) == [source_id(world)]
    assert world.run(tell_silent, source_id(world), at=monday_noon)
    assert not world.run(tell_silent, source_id(world), at=monday_noon)
    assert world.run(find_silent, monday_noon) == []
    assert told(world) == 1
    assert world.run(load_health, world.workspace_id)[source_id(world)].silent
    hear(world, monday_noon + timedelta(minutes=5))
    silence = world.run(lambda session: session.scalars(select(SourceSilence)).one())
    assert silence.ended_at == monday_noon + timedelta(minutes=5)
    assert not world.run(load_health, world.workspace_id)[source_id(world)].silent
    assert "website is heard again" in card(world, silence.id)


def card(world: World, silence_id: int) -> str:
    """The admin's message, once the silence is over."""
    found = world.run(silent_card, Subject(silence_id, world.workspace_id, "U-MIA", {}, world.now, standing=True))
    assert found is not None
    return found.text


def test_a_paused_source_is_never_silent(door: Door) -> None:
    world = door.world
    hear(world, *at_hours(*range(0, 24 * 4, 2)))
    much_later = MONDAY + timedelta(days=60)
    world.run(tell_silent, source_id(world), at=much_later)
    world.run(pause_source, world.workspace_id, "website", paused=True, at=much_later)
    assert world.run(end_paused, much_later) == 1
    assert "website was paused" in card(
        world, world.run(lambda session: session.scalars(select(SourceSilence.id)).one())
    )
    assert world.run(find_silent, much_later + timedelta(days=30)) == []


def test_a_burst_is_no_pace_and_what_is_kept_has_an_end(door: Door) -> None:
    world = door.world
    hear(world, *(MONDAY + timedelta(minutes=one) for one in range(90)))
    assert world.run(load_health, world.workspace_id)[source_id(world)].pace is None
    hear(world, *(MONDAY + timedelta(days=one) for one in range(1, 90)))
    kept = world.run(lambda session: session.scalars(select(SourceHealth.heard)).one())
    assert len(kept) == 41


async def test_every_proven_delivery_is_heard_and_no_other(door: Door) -> None:
    await door.post({"name": "Lee"}, headers={"X-Tandem-Secret": "wrong"})
    await door.noted.flush()
    assert door.world.run(load_health, door.world.workspace_id) == {}
    await door.post(b"no lead at all")
    await door.noted.flush()
    assert list(door.world.run(load_health, door.world.workspace_id)) == [source_id(door.world)]


async def test_the_old_secret_works_for_a_day_and_no_longer(door: Door) -> None:
    """Both are believed, a third never; the one of before the last change but one has ended."""
    world, old = door.world, door.secret
    now = datetime.now(UTC)  # signatures go by the door's own clock
    new = world.run(rotate_source, world.workspace_id, "website", seal=SEALER.seal, at=now - OLD_SECRET_KEPT / 2)
    assert (await door.post({"email": "a@northwind.com"}, secret=old)).status_code == 202
    assert (await door.post({"email": "b@northwind.com"}, secret=new)).status_code == 202
    assert (await door.post({"email": "c@northwind.com"}, secret=old, age=600)).status_code == 401

    newest = world.run(rotate_source, world.workspace_id, "website", seal=SEALER.seal, at=now - OLD_SECRET_KEPT)
    assert (await door.post({"email": "d@northwind.com"}, secret=old)).status_code == 401
    assert (await door.post({"email": "e@northwind.com"}, secret=new)).status_code == 401
    assert (await door.post({"email": "f@northwind.com"}, secret=newest)).status_code == 202
    world.run(forget_old_secrets, now)
    assert world.run(lambda session: session.scalar(select(Source.sealed_old_secret))) is None


async def test_an_old_secret_that_somebody_knows_is_ended_at_once(door: Door) -> None:
    world = door.world
    world.run(rotate_source, world.workspace_id, "website", seal=SEALER.seal, at=datetime.now(UTC))
    world.run(end_old_secret, world.workspace_id, "website", by=world.member("mia"), at=datetime.now(UTC))
    assert (await door.post({"email": "a@northwind.com"}, secret=door.secret)).status_code == 401
