"""A reassignment can be taken back for ten minutes by who made it, and everything is as it was."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from domain.leads.errors import StepRefused
from domain.leads.facts import load_lead
from domain.leads.handing_back import hand_back
from domain.leads.lifecycle import claim_lead, extend_lead, reassign_lead
from domain.leads.rungs import apply_due_rungs
from storage.models import Clock, Lead, LeadEvent, TeamMember
from tests.leads.shown import event, labels, render, shown
from tests.world import World


def reassign(world: World, lead: int, to: str = "U-BO") -> None:
    world.run(reassign_lead, lead, to_user_id=to, by=world.member("mia"), at=world.now)


def undo(world: World, lead: int, by: str = "mia") -> str | None:
    return world.run(hand_back, lead, by=world.member(by), at=world.now)


def standing(world: World, lead: int) -> tuple[Any, ...]:
    """Everything about a lead that a reassignment changes; turns by member."""

    def read(session: Any) -> tuple[Any, ...]:
        one = session.get_one(Lead, lead)
        clock = session.scalars(select(Clock).where(Clock.lead_id == lead, Clock.state != "stopped")).one()
        turns = dict(session.execute(select(TeamMember.member_id, TeamMember.last_given_at)).all())
        of_lead = (one.owner_id, one.state, one.claimed_by_id, one.claimed_at, one.reassigns, one.breached_at)
        of_clock = (clock.started_at, clock.due_at, clock.rung, clock.next_at, clock.state, clock.snoozed_until)
        return (*of_lead, *of_clock, turns)

    return world.run(read)


@pytest.mark.parametrize("claimed", [False, True], ids=["given", "claimed"])
def test_it_is_as_it_was(world: World, claimed: bool) -> None:
    lead = world.lead()
    if claimed:
        world.run(claim_lead, lead, by=world.member("ana"), at=world.later(seconds=20))
    before = standing(world, lead)
    world.later(minutes=1)
    reassign(world, lead)
    assert standing(world, lead) != before
    world.later(seconds=30)
    assert undo(world, lead) == "ana"
    assert standing(world, lead) == before


def test_an_extended_deadline_comes_back(world: World) -> None:
    lead = world.lead()
    world.run(extend_lead, lead, minutes=45, by=world.member("mia"), at=world.now)
    before = standing(world, lead)
    reassign(world, lead)
    undo(world, lead)
    assert standing(world, lead) == before


def test_a_missed_deadline_is_missed_again_and_the_manager_can_act_again(world: World) -> None:
    lead = world.lead()
    world.run(apply_due_rungs, at=world.later(minutes=5))
    breach = event(world, lead, "breached")
    before = standing(world, lead)
    reassign(world, lead)
    assert labels(render(world, "lead_breach", breach, "U-MIA", standing=True)) == []
    world.later(minutes=2)
    undo(world, lead)
    assert standing(world, lead) == before
    facts = world.run(load_lead, lead, world.workspace_id, world.now)
    assert facts is not None
    assert facts.judged.verdict == "overdue"
    assert "I’ll take it" in labels(render(world, "lead_breach", breach, "U-MIA", standing=True))


def test_what_fell_due_meanwhile_is_due_now(world: World) -> None:
    lead = world.lead()
    world.later(minutes=4, seconds=30)
    reassign(world, lead)
    world.later(minutes=2)
    undo(world, lead)
    applied = world.run(apply_due_rungs, at=world.now)
    assert [one.rung for one in applied] == ["breach"]
    assert world.run(lambda session: session.get_one(Lead, lead).breached_at) == world.now - timedelta(seconds=90)


def test_only_who_clicked_can_undo_it_and_only_for_ten_minutes(world: World) -> None:
    lead = world.lead()
    reassign(world, lead)
    with pytest.raises(StepRefused, match="too_late_to_undo"):
        undo(world, lead, by="ana")
    world.later(minutes=10, seconds=1)
    with pytest.raises(StepRefused, match="too_late_to_undo"):
        undo(world, lead)


def test_once_the_rep_claimed_it_or_it_was_undone_there_is_nothing_to_undo(world: World) -> None:
    lead = world.lead()
    reassign(world, lead)
    world.run(claim_lead, lead, by=world.member("bo"), at=world.now)
    with pytest.raises(StepRefused, match="moved_on"):
        undo(world, lead)
    other = world.lead("Kim Oh")
    to = (
        "U-BO"
        if world.run(lambda session: session.get_one(Lead, other).owner_id) == world.member("ana").id
        else "U-ANA"
    )
    reassign(world, other, to)
    undo(world, other)
    with pytest.raises(StepRefused, match="moved_on"):
        undo(world, other)


def test_both_reps_and_the_thread_are_told(world: World) -> None:
    lead = world.lead()
    reassign(world, lead)
    first = event(world, lead, "reassigned")
    undo(world, lead)
    back = event(world, lead, "handed_back")
    assert render(world, "lead_lost", first, "U-ANA") is None
    assert "mia took back that Lee Wong, Northwind was given to you" in shown(render(world, "lead_lost", back, "U-BO"))
    assert "For you" in shown(render(world, "lead_dm", lead, "U-ANA", standing=True))
    notice = shown(render(world, "lead_handoff", back))
    assert notice.startswith("mia took that back: ana has this lead again.")


def test_a_lead_that_nobody_had_waits_again(world: World) -> None:
    lead = world.lead()

    def unown(session: Any) -> None:
        one = session.get_one(Lead, lead)
        one.owner_id = None

    world.run(unown)
    reassign(world, lead)
    assert undo(world, lead) is None
    assert world.run(lambda session: session.get_one(Lead, lead).owner_id) is None
    kinds = world.run(lambda session: session.scalars(select(LeadEvent.kind).order_by(LeadEvent.id)).all())
    assert kinds[-1] == "handed_back"
