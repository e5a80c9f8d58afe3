"""The ladder: declared once, shown by every card, and shared by two releases of which one knows more rungs."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.leads.ladder import LADDER, STAGES
from domain.leads.rungs import apply_due_rungs
from handlers.leads.phrases import LOOKS
from storage.models import Clock
from tests.world import World


def test_every_stage_of_the_ladder_has_a_look() -> None:
    assert set(STAGES) == set(LOOKS)


def test_rungs_come_in_the_order_of_the_ladder() -> None:
    assert list(LADDER) == ["claim", "half", "remind", "ask_meeting", "breach", "reassign", "untouched"]


def aim(world: World, lead: int, rung: str, minutes: int) -> None:
    """As a worker of a newer release would: its rung is the next one."""

    def write(session: Session) -> None:
        clock = session.scalars(select(Clock).where(Clock.lead_id == lead)).one()
        clock.rung, clock.next_at = rung, clock.started_at + timedelta(minutes=minutes)

    world.run(write)


def applied(world: World, minutes: float) -> list[str]:
    return [due.rung for due in world.run(apply_due_rungs, at=world.later(minutes=minutes))]


def rung(world: World, lead: int) -> str | None:
    found: str | None = world.run(lambda session: session.scalar(select(Clock.rung).where(Clock.lead_id == lead)))
    return found


def test_a_rung_of_a_newer_release_is_left_to_its_workers(world: World) -> None:
    lead = world.lead(tier="warm")
    aim(world, lead, "whisper", 30)
    assert applied(world, 30.5) == []
    assert rung(world, lead) == "whisper"


def test_a_rung_that_nobody_knows_any_more_is_stepped_past_and_loses_none_behind_it(world: World) -> None:
    lead = world.lead(tier="warm")
    aim(world, lead, "whisper", 30)
    assert applied(world, 31) == ["whisper"]
    assert rung(world, lead) == "half"
    assert applied(world, 29) == ["half"]


def test_a_deadline_is_not_missed_for_a_rung_that_this_release_does_not_know(world: World) -> None:
    lead = world.lead(tier="warm")
    aim(world, lead, "whisper", 119)
    assert applied(world, 119.75) == []
    assert applied(world, 0.25) == ["breach"]


def test_a_late_rung_that_nobody_knows_is_stepped_past(world: World) -> None:
    lead = world.lead(tier="hot")
    assert applied(world, 5) == ["breach"]
    aim(world, lead, "escalate", 7)
    assert applied(world, 4) == ["escalate"]
    assert rung(world, lead) == "reassign"
