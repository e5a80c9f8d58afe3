"""A message that was overtaken names the event that overtook it, whatever the times were that each of them read."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select

from bot.courier.courier import Courier
from bot.metrics import Metrics
from domain.leads.lifecycle import claim_lead, contact_lead
from domain.leads.rungs import apply_due_rungs
from domain.wall import WallClock
from handlers.arrival import Tandem
from handlers.catalog import all_renderers
from storage.models import Clock, Delivery, LeadEvent
from tests.chaos.happened import answered, dropped_for
from tests.world import World


@pytest.fixture
def courier(world: World) -> Courier:
    return Courier(Tandem(world.db, WallClock()), lambda _workspace: None, all_renderers(), Metrics(), pace=0)


def reminded(world: World) -> tuple[int, LeadEvent]:
    """A lead whose rep was just reminded, and the reminder's event."""
    lead = world.lead()
    world.run(apply_due_rungs, at=world.later(seconds=150))
    world.run(apply_due_rungs, at=world.later(seconds=90))
    return lead, next(one for one in timeline(world, lead) if one.kind == "reminded")


def timeline(world: World, lead: int) -> list[LeadEvent]:
    wanted = select(LeadEvent).where(LeadEvent.lead_id == lead).order_by(LeadEvent.id)
    return world.run(lambda session: list(session.scalars(wanted)))


def deliveries(world: World, kind: str) -> list[Delivery]:
    wanted = select(Delivery).where(Delivery.kind == kind).order_by(Delivery.id)
    return world.run(lambda session: list(session.scalars(wanted)))


def take_all(world: World, courier: Courier, at: datetime) -> None:
    """Let a courier that read this time take everything that waits."""
    taken = world.run(courier.hold, at, 32)
    while taken.errands or taken.ended:
        taken = world.run(courier.hold, at, 32)


def test_a_reminder_and_a_breach_name_their_clock(world: World) -> None:
    lead, reminder = reminded(world)
    world.run(apply_due_rungs, at=world.later(minutes=2))
    clock_id = world.run(lambda session: session.scalars(select(Clock.id)).one())
    breach = next(one for one in timeline(world, lead) if one.kind == "breached")
    assert (reminder.data["clock"], breach.data["clock"]) == (clock_id, clock_id)


def test_a_claim_that_came_before_the_courier_s_turn_and_after_its_time_drops_the_reminder(
    world: World, courier: Courier
) -> None:
    """A courier reads the time, waits for its turn, and a claim that bears a later time is committed before it."""
    lead, reminder = reminded(world)
    read = world.later(seconds=1)
    world.run(claim_lead, lead, by=world.member("bo"), at=world.later(seconds=5))
    take_all(world, courier, read)
    events, rows = timeline(world, lead), deliveries(world, "lead_reminder")
    (row,) = rows
    claim = dropped_for(row, events)
    assert claim is not None
    assert (claim.kind, row.state) == ("claimed", "dropped")
    assert row.finished_at is not None
    assert row.finished_at < claim.at, "the interleaving that made a loss of it by times"
    assert answered(rows, reminder, events)


def test_the_rep_s_own_claim_leaves_the_reminder_meant(world: World, courier: Courier) -> None:
    lead, _ = reminded(world)
    world.run(claim_lead, lead, by=world.member("ana"), at=world.later(seconds=1))
    take_all(world, courier, world.now)
    assert [row.state for row in deliveries(world, "lead_reminder")] == ["sending"]


def test_a_dm_to_a_rep_whose_lead_was_settled_names_the_contact(world: World, courier: Courier) -> None:
    lead = world.lead()
    world.run(contact_lead, lead, by=world.member("ana"), at=world.later(seconds=1))
    take_all(world, courier, world.now)
    (row,) = deliveries(world, "lead_dm")
    event = dropped_for(row, timeline(world, lead))
    assert event is not None
    assert event.kind == "contacted"
