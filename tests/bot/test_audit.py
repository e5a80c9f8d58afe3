"""The self-audit: what nobody moves on alarms once, in the log and to admins, and is taken back when it is over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from bot.loops.audit import Audit
from bot.metrics import Metrics
from domain.lateness import INCIDENT_CARD, find_overdue, record_incidents
from domain.wall import WallClock
from handlers.arrival import Tandem
from handlers.setup.doctor import Examination
from storage.jobs import enqueue, hold_job
from storage.models import Audience, Clock, Delivery, Incident, Lane, Workspace
from tests.running import running
from tests.world import World


def overdue(world: World) -> dict[str, int]:
    return {one.what: one.count for one in world.run(find_overdue, world.workspace_id, world.now)}


def sent(world: World) -> None:
    """A courier has sent all that waits."""

    def finish(session: Session) -> None:
        session.execute(update(Delivery).values(state="sent", finished_at=world.now))
        session.execute(update(Lane).values(due_at=None))

    world.run(finish)


def told(world: World) -> int:
    """How many messages about incidents were ever queued."""
    rows = select(Delivery.id).where(Delivery.kind == INCIDENT_CARD)
    return len(world.run(lambda session: session.scalars(rows).all()))


def test_a_rung_is_overdue_half_a_minute_after_its_time(world: World) -> None:
    world.lead()
    sent(world)
    world.later(minutes=2, seconds=30)  # half of five minutes
    assert overdue(world) == {}
    world.later(seconds=29)
    assert overdue(world) == {}
    world.later(seconds=2)
    assert overdue(world) == {"rungs": 1}


def test_messages_about_leads_are_overdue_when_nobody_takes_them(world: World) -> None:
    world.lead()
    world.later(seconds=61)
    assert overdue(world) == {"deliveries": 2}


def test_messages_that_were_queued_in_the_future_are_overdue(world: World) -> None:
    world.lead()
    world.now -= timedelta(hours=1)  # the clock is put back
    assert overdue(world) == {"deliveries": 2}


def test_what_slacks_pace_holds_back_is_not_overdue_but_what_keeps_failing_is(world: World) -> None:
    world.lead()
    world.later(seconds=61)
    world.run(lambda session: session.execute(update(Lane).values(due_at=world.now + timedelta(minutes=1))))
    assert overdue(world) == {}
    world.run(lambda session: session.execute(update(Delivery).values(attempts=4, error="ratelimited")))
    assert overdue(world) == {}
    world.run(lambda session: session.execute(update(Delivery).values(attempts=4, error="http_500")))
    assert overdue(world) == {"deliveries": 2}


def test_a_lane_held_past_its_lease_is_overdue(world: World) -> None:
    world.lead()
    held = update(Lane).values(holder="dead", due_at=world.now)
    world.run(lambda session: session.execute(held))
    world.later(seconds=10)
    assert overdue(world) == {}
    world.later(seconds=6)
    assert overdue(world) == {"leases": 2}


def test_a_digest_that_nobody_made_is_overdue(world: World) -> None:
    due = update(Audience).values(next_at=world.now, channel="C-SALES")
    world.run(lambda session: session.execute(due.where(Audience.kind == "sales")))
    world.later(minutes=4)
    assert overdue(world) == {}
    world.later(minutes=2)
    assert overdue(world) == {"editions": 1}


def test_a_job_that_nobody_takes_is_overdue_and_one_that_is_done_for_long_is_not(world: World) -> None:
    lease = timedelta(seconds=45)
    world.run(enqueue, world.workspace_id, Examination("U1"), at=world.now)
    world.later(minutes=10)
    assert overdue(world) == {}
    world.later(seconds=1)
    assert overdue(world) == {"jobs": 1}
    world.run(hold_job, "examination", world.workspace_id, holder="p", at=world.now, lease=lease)
    assert overdue(world) == {}
    world.later(minutes=12)
    assert overdue(world) == {"jobs": 1}


def test_a_stopped_workspace_waits_for_its_admins_and_not_for_us(world: World) -> None:
    world.lead()
    stop = update(Workspace).values(state="stopped", stopped_reason="token_revoked")
    world.run(lambda session: session.execute(stop))
    world.later(seconds=100)
    assert overdue(world) == {}


def test_one_incident_is_told_once_however_often_and_whoever_looks(world: World) -> None:
    world.lead()
    sent(world)
    world.later(minutes=4)
    for _ in range(3):
        world.run(record_incidents, world.workspace_id, None, at=world.now)
        sent(world)
    assert told(world) == 1
    world.run(lambda session: session.execute(update(Clock).values(next_at=None, rung=None)))
    found, ended = world.run(record_incidents, world.workspace_id, None, at=world.later(minutes=1))
    assert (found, ended) == ([], ["rungs"])
    incident = world.run(lambda session: session.scalars(select(Incident)).one())
    assert incident.ended_at == world.now
    assert incident.ended_at - incident.began_at > timedelta(minutes=2)


async def test_the_auditor_alarms_at_its_second_look_in_log_and_figures(world: World) -> None:
    world.lead()
    sent(world)
    tandem, metrics = Tandem(world.db, WallClock(world.later(minutes=4))), Metrics()
    audit = Audit(tandem, metrics)
    with capture_logs() as said:
        await audit.look()
        assert told(world) == 0, "what is gone at the next look was a moment's"
        await audit.look()
        await audit.look()
    assert [line["log_level"] for line in said] == ["warning", "error", "error"]
    assert said[1]["what"] == "rungs"
    assert said[1]["late_s"] >= 90
    assert told(world) == 1
    assert metrics.registry.get_sample_value("tandem_overdue", {"what": "rungs"}) == 1


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_an_admin_reads_what_is_late_and_then_that_it_is_over(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        await tandem.program.ticker.stop()
        await tandem.lead_arrives()
        await tandem.idle()
        tandem.clock.advance(timedelta(minutes=10))
        for _ in range(2):
            await tandem.program.audit.look()
        message = await tandem.slack.dm("mia").message(containing="Reminders and breach pings are late")
        assert "1 step of a lead’s clock is overdue" in message.text
        assert "What to do" in message.text
        assert "/tandem doctor" in message.text
        nothing_left = update(Clock).values(next_at=None, rung=None, state="spent")
        await tandem.program.db.run(lambda session: session.execute(nothing_left))
        await tandem.program.audit.look()
        await message.changed(containing="on time again")
        assert "Nothing is lost" in message.text
        assert tandem.slack.dm("ana").messages != []
        assert not [one for one in tandem.slack.dm("ana").messages if "late" in one.text]
