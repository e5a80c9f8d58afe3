"""A lead from arrival to contact, and who wins when two people click."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.errors import LeadAlreadyClaimed, LeadSettled
from domain.leads.declining import decline_lead
from domain.leads.lifecycle import claim_lead, contact_lead, extend_lead, reassign_lead, snooze_lead, take_lead
from domain.leads.rungs import apply_due_rungs
from storage import lanes
from storage.models import Card, Clock, Lead, LeadEvent, Member
from tests.world import World


def state(world: World, lead_id: int) -> Lead:
    found: Lead = world.run(lambda session: session.get_one(Lead, lead_id))
    return found


def clock(world: World, lead_id: int) -> Clock:
    latest = select(Clock).where(Clock.lead_id == lead_id).order_by(Clock.id.desc())
    found: Clock = world.run(lambda session: session.scalars(latest).first())
    return found


def owner(world: World, lead_id: int) -> str:
    name: str = world.run(lambda session: session.get_one(Member, session.get_one(Lead, lead_id).owner_id).name)
    return name


def tick(world: World) -> list[str]:
    return [due.rung for due in world.run(apply_due_rungs, at=world.now)]


def test_leads_go_round_robin(world: World) -> None:
    owners = [owner(world, world.lead(f"Lead {n}")) for n in range(4) if world.later(seconds=1)]
    assert owners == ["ana", "bo", "ana", "bo"]


def test_arrival_queues_the_channel_card_and_the_rep_dm(world: World) -> None:
    world.lead()
    assert sorted(world.queued()) == [("lead_card", "C-SALES"), ("lead_dm", "U-ANA")]


def test_second_claim_loses_and_names_the_first(world: World) -> None:
    lead = world.lead()
    world.run(claim_lead, lead, by=world.member("bo"), at=world.now)
    with pytest.raises(LeadAlreadyClaimed) as lost:
        world.run(claim_lead, lead, by=world.member("ana"), at=world.later(seconds=4))
    assert lost.value.by == "bo"
    assert lost.value.now - lost.value.at == timedelta(seconds=4)


def test_claiming_does_not_stop_the_clock_but_contact_does(world: World) -> None:
    lead = world.lead()
    world.run(claim_lead, lead, by=world.member("ana"), at=world.now)
    assert clock(world, lead).state == "running"
    world.run(contact_lead, lead, by=world.member("ana"), at=world.later(minutes=1))
    assert clock(world, lead).state == "stopped"
    assert state(world, lead).contacted_at == world.now


def test_rungs_follow_each_other_and_reach_the_manager(world: World) -> None:
    lead = world.lead()
    world.later(seconds=150)
    assert tick(world) == ["half"]
    world.later(seconds=90)
    assert tick(world) == ["remind"]
    assert ("lead_reminder", "U-ANA") in world.queued()
    world.later(seconds=60)
    assert tick(world) == ["breach"]
    assert ("lead_breach", "U-MIA") in world.queued()
    assert state(world, lead).breached_at == world.now
    world.later(minutes=10)
    assert tick(world) == ["reassign"]
    assert owner(world, lead) == "bo"
    assert clock(world, lead).due_at == world.now + timedelta(minutes=5)


def test_after_a_standstill_only_the_latest_rung_counts(world: World) -> None:
    lead = world.lead()
    world.later(hours=2)
    assert tick(world) == ["breach"]
    assert ("lead_reminder", "U-ANA") not in world.queued()
    assert clock(world, lead).next_at == world.now + timedelta(minutes=10), "the manager gets time to act first"


def test_a_settled_lead_sets_nothing_off(world: World) -> None:
    lead = world.lead()
    world.run(decline_lead, lead, reason="not_a_fit", note="", by=world.member("ana"), at=world.now)
    world.later(hours=1)
    assert tick(world) == []
    with pytest.raises(LeadSettled) as settled:
        world.run(claim_lead, lead, by=world.member("bo"), at=world.now)
    assert settled.value.state == "declined"
    assert settled.value.by == "ana"


def test_reassigning_starts_a_fresh_clock(world: World) -> None:
    lead = world.lead()
    world.later(minutes=6)
    tick(world)
    world.run(reassign_lead, lead, to_user_id="U-BO", by=world.member("mia"), at=world.now)
    assert owner(world, lead) == "bo"
    assert clock(world, lead).due_at == world.now + timedelta(minutes=5)
    assert ("lead_handoff", "C-SALES") in world.queued()


def test_an_extension_moves_the_deadline_and_the_rungs_count_again(world: World) -> None:
    lead = world.lead()
    world.later(minutes=6)
    tick(world)
    until = world.run(extend_lead, lead, minutes=15, by=world.member("mia"), at=world.now)
    assert until == world.now + timedelta(minutes=15)
    assert clock(world, lead).state == "running"
    world.later(minutes=15)
    assert tick(world) == ["breach"]


def test_taking_a_lead_claims_it_for_the_manager(world: World) -> None:
    lead = world.lead()
    world.run(take_lead, lead, by=world.member("mia"), at=world.now)
    assert state(world, lead).state == "claimed"
    assert owner(world, lead) == "mia"


def test_snoozing_spares_the_reminder_but_not_the_breach(world: World) -> None:
    lead = world.lead()
    world.run(snooze_lead, lead, until=world.now + timedelta(minutes=30), by=world.member("ana"), at=world.now)
    world.later(seconds=290)
    assert tick(world) == ["half"], "the card turns all the same"
    world.later(seconds=10)
    assert tick(world) == ["breach"]


def test_an_unknown_team_and_tier_are_noted_and_fall_back(world: World) -> None:
    lead = state(world, world.lead(team="Mars", tier="lukewarm"))
    assert lead.tier == "warm"
    assert len(lead.notes) == 2


def test_without_an_available_rep_the_manager_is_told_at_once(world: World) -> None:
    def leave(session: object) -> None:
        for member in session.scalars(select(Member).where(Member.role == "rep")):  # type: ignore[attr-defined]
            member.away_until = world.now + timedelta(days=1)

    world.run(leave)
    world.lead()
    assert ("lead_breach", "U-MIA") in world.queued()


def test_a_lead_that_comes_back_to_a_rep_is_a_new_message(world: World) -> None:
    lead = world.lead()
    for name in ("U-BO", "U-ANA"):
        for held in world.run(lanes.hold_lanes, holder="c", at=world.now, lease=timedelta(seconds=9), limit=9):
            world.run(lanes.record_sent, held, at=world.now, channel="D", ts="1", rendering="x", free_at=None)
        world.run(reassign_lead, lead, to_user_id=name, by=world.member("mia"), at=world.later(minutes=1))
    ts = world.run(
        lambda session: session.scalars(select(Card.ts).where(Card.kind == "lead_dm").order_by(Card.id)).all()
    )
    assert ts == [None, "1"], "ana's card is to be posted anew; bo's stands and will say that it was handed on"


def test_a_click_that_waited_while_a_deadline_passed_gives_the_new_rep_the_whole_time(world: World) -> None:
    """Otherwise the new clock would begin at the click, and the timeline's times would run backwards."""
    lead = world.lead()
    due = world.run(lambda session: session.scalars(select(Clock.due_at)).one())
    breached = due + timedelta(seconds=1)
    world.run(apply_due_rungs, at=breached)
    click = due - timedelta(seconds=8)
    world.run(reassign_lead, lead, to_user_id="U-BO", by=world.member("mia"), at=click)

    began = world.run(lambda session: session.scalars(select(Clock.started_at).order_by(Clock.id)).all())[-1]
    times = world.run(lambda session: session.scalars(select(LeadEvent.at).order_by(LeadEvent.id)).all())
    assert began == breached
    assert times == sorted(times)
