"""When the rungs of a clock fall due after somebody snoozed, extended, or took a click back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.leads.arriving import NewLead
from domain.leads.declining import reopen_lead
from domain.leads.lifecycle import contact_lead, extend_lead, reassign_lead, snooze_lead
from domain.leads.receiving import receive_lead
from domain.leads.rungs import apply_due_rungs, put_off_broken_clocks
from storage.models import Clock, Delivery
from storage.outbox import Priority
from tests.world import World


@pytest.fixture
def lead(world: World) -> int:
    """A lead of two hours: half time after one, the reminder after 96 minutes; the manager has an hour then."""
    return world.lead(tier="warm")


def clock(world: World) -> Clock:
    found: Clock = world.run(lambda session: session.scalars(select(Clock).order_by(Clock.id.desc())).first())
    return found


def rungs_until(world: World, end: datetime) -> list[tuple[str, int]]:
    """What is applied when the program looks at every rung's time, with the minutes that had passed by then."""
    applied, began = [], clock(world).started_at
    while (due := clock(world).next_at) is not None and due <= end:
        world.now = max(world.now, due)
        minutes = round((world.now - began) / timedelta(minutes=1))
        applied += [(one.rung, minutes) for one in world.run(apply_due_rungs, at=world.now)]
    return applied


def undo_contact(world: World, lead: int, *, after: timedelta = timedelta(minutes=2)) -> None:
    ana = world.member("ana")
    world.run(contact_lead, lead, by=ana, at=world.now)
    world.run(reopen_lead, lead, by=ana, at=world.later(seconds=after.total_seconds()))


def test_a_short_snooze_reminds_then_and_leaves_the_other_rungs_as_they_were(world: World, lead: int) -> None:
    end = world.now + timedelta(hours=2)
    world.run(snooze_lead, lead, until=world.now + timedelta(minutes=10), by=world.member("ana"), at=world.now)
    assert rungs_until(world, end) == [("remind", 10), ("half", 60), ("remind", 96), ("breach", 120)]


def test_a_long_snooze_spares_the_reminder_and_the_card_still_turns_at_half_time(world: World, lead: int) -> None:
    end = world.now + timedelta(hours=2)
    world.run(snooze_lead, lead, until=world.now + timedelta(minutes=110), by=world.member("ana"), at=world.now)
    assert rungs_until(world, end) == [("half", 60), ("remind", 110), ("breach", 120)]


def test_a_snooze_after_the_reminder_reminds_again(world: World, lead: int) -> None:
    end = world.now + timedelta(hours=2)
    rungs_until(world, world.now + timedelta(minutes=100))
    world.run(snooze_lead, lead, until=world.now + timedelta(minutes=10), by=world.member("ana"), at=world.now)
    assert rungs_until(world, end) == [("remind", 106), ("breach", 120)]


def test_a_contact_taken_back_keeps_an_extension(world: World, lead: int) -> None:
    until = world.run(extend_lead, lead, minutes=240, by=world.member("mia"), at=world.now)
    undo_contact(world, lead)
    assert clock(world).due_at == until


def test_a_contact_taken_back_reminds_nobody_a_second_time(world: World, lead: int) -> None:
    end = world.now + timedelta(hours=2)
    assert rungs_until(world, world.now + timedelta(minutes=100)) == [("half", 60), ("remind", 96)]
    undo_contact(world, lead)
    assert rungs_until(world, end) == [("breach", 120)]


def test_what_fell_due_while_the_clock_stood_by_mistake_is_due_at_once(world: World, lead: int) -> None:
    world.later(minutes=59)
    undo_contact(world, lead)
    assert rungs_until(world, world.now) == [("half", 61)]


def test_a_breach_is_told_once_and_the_lead_still_moves_on_by_itself(world: World, lead: int) -> None:
    assert rungs_until(world, world.now + timedelta(hours=2))[-1] == ("breach", 120)
    undo_contact(world, lead)
    assert rungs_until(world, world.now + timedelta(minutes=58)) == [("reassign", 180)]


def test_the_second_rep_is_held_to_the_deadline_too_after_taking_a_click_back(world: World, lead: int) -> None:
    rungs_until(world, world.now + timedelta(hours=2))
    world.run(reassign_lead, lead, to_user_id="U-BO", by=world.member("mia"), at=world.later(minutes=1))
    world.later(minutes=119)
    bo = world.member("bo")
    world.run(contact_lead, lead, by=bo, at=world.now)
    world.run(reopen_lead, lead, by=bo, at=world.later(minutes=2))
    assert rungs_until(world, world.now) == [("breach", 121)]


def test_a_broken_clock_is_put_off_and_the_others_go_on(world: World, lead: int) -> None:
    good = world.lead("Kim Park", tier="warm")

    def spoil(session: Session) -> None:
        session.scalars(select(Clock).where(Clock.lead_id == lead)).one().policy = {"tier": "of another version"}

    world.run(spoil)
    world.later(hours=2)
    with pytest.raises(ValidationError):
        world.run(apply_due_rungs, at=world.now)
    assert [error for _, error in world.run(put_off_broken_clocks, at=world.now)] == ["ValidationError"]
    assert world.run(put_off_broken_clocks, at=world.now) == []
    assert [(due.lead_id, due.rung) for due in world.run(apply_due_rungs, at=world.now)] == [(good, "breach")]
    assert world.queued().count(("lead_breach", "U-MIA")) == 1


def test_a_broken_clock_takes_nothing_from_what_shares_its_transaction(world: World, lead: int) -> None:
    def spoil(session: Session) -> None:
        session.scalars(select(Clock).where(Clock.lead_id == lead)).one().policy = {"tier": "of another version"}

    world.run(spoil)
    world.later(hours=2)

    def both(session: Session) -> list[tuple[int, str]]:
        receive_lead(session, world.workspace_id, NewLead(name="Kim", source="web"), at=world.now, by=None)
        return put_off_broken_clocks(session, at=world.now)

    before = world.queued().count(("lead_card", "C-SALES"))
    assert len(world.run(both)) == 1
    assert world.queued().count(("lead_card", "C-SALES")) == before + 1


@pytest.mark.parametrize(("fresh", "priority"), [(True, Priority.ALARM), (False, Priority.REMINDER)])
def test_after_an_outage_the_ping_goes_first_if_one_of_its_leads_can_still_be_saved(
    world: World, fresh: bool, priority: Priority
) -> None:
    for number in range(3):
        world.lead(f"Lost {number}")
    world.later(minutes=20)
    if fresh:
        world.lead("Fresh")
    world.later(minutes=5, seconds=1)
    world.run(apply_due_rungs, at=world.now)
    pings = world.run(
        lambda session: session.scalars(select(Delivery.priority).where(Delivery.kind == "lead_breach")).all()
    )
    assert pings == [priority]
