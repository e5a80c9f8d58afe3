"""Who lets leads lapse leaves the rotation until they are back, is told once, and is not flooded on return."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from domain.leads.availability import come_back, go_away
from domain.leads.explaining import explain_lead
from domain.leads.lifecycle import claim_lead
from domain.leads.rungs import apply_due_rungs
from storage.models import AuditEvent, Lead, Member, Policy, TeamMember
from tests.leads.shown import render
from tests.world import World


def set_policy(world: World, **values: Any) -> None:
    world.run(lambda session: session.execute(update(Policy).values(**values)))


def owner(world: World, lead: int) -> str:
    name: str = world.run(lambda session: session.get_one(Member, session.get_one(Lead, lead).owner_id).name)
    return name


def benched_at(world: World, name: str) -> datetime | None:
    found: datetime | None = world.run(
        lambda session: session.scalar(select(Member.benched_at).where(Member.name == name))
    )
    return found


def lapse(world: World, count: int = 1, *, of: str = "ana") -> None:
    """Let leads come in and run out until `count` of that rep's did; the others' are claimed."""
    while count:
        lead = world.lead(f"Lead {world.now}")
        if owner(world, lead) == of:
            world.later(minutes=6)
            count -= 1
        else:
            world.run(claim_lead, lead, by=world.member(owner(world, lead)), at=world.later(seconds=10))
        world.run(apply_due_rungs, at=world.now)


def shown(world: World, name: str) -> str:
    member = world.member(name)
    found = render(world, "rep_benched", member.id, member.user_id, standing=True)
    assert found is not None
    return str([found.text, *found.blocks])


def test_two_leads_that_lapse_in_a_row_end_the_turns_until_the_rep_is_back(world: World) -> None:
    set_policy(world, reassign_after_seconds=None)
    lapse(world)
    assert benched_at(world, "ana") is None
    lapse(world)
    assert benched_at(world, "ana") == world.now
    assert [one for one in world.queued() if one[0] == "rep_benched"] == [("rep_benched", "U-ANA")]
    assert "I’m back" in shown(world, "ana")
    audited = world.run(lambda session: session.scalars(select(AuditEvent.action)).all())
    assert "member.bench" in audited
    given = [world.lead(f"Later {number}") for number in range(5) if world.later(seconds=1)]
    assert {owner(world, lead) for lead in given} == {"bo"}
    told = world.run(explain_lead, str(given[-1]), by=world.member("mia"), at=world.now)
    assert told.moves[-1].why is not None
    assert world.run(come_back, by=world.member("ana"), at=world.later(minutes=1))
    assert "You are back" in shown(world, "ana")
    # Their turn was kept, so they are next, once: nobody makes up for the five that went to the others.
    after = [owner(world, world.lead(f"After {number}")) for number in range(4) if world.later(seconds=1)]
    assert after == ["ana", "bo", "ana", "bo"]


def test_a_rep_who_works_in_between_stays(world: World) -> None:
    set_policy(world, reassign_after_seconds=None)
    lapse(world)
    lead = world.lead("Claimed")
    while owner(world, lead) != "ana":
        lead = world.lead(f"Claimed {world.later(seconds=1)}")
    world.run(claim_lead, lead, by=world.member("ana"), at=world.later(seconds=30))
    lapse(world)
    assert benched_at(world, "ana") is None


def test_a_policy_can_switch_it_off_and_who_is_away_lets_nothing_lapse(world: World) -> None:
    set_policy(world, reassign_after_seconds=None, bench_after=0)
    lapse(world, 3)
    assert benched_at(world, "ana") is None
    set_policy(world, bench_after=1)
    lead = world.lead("Away")
    while owner(world, lead) != "ana":
        lead = world.lead(f"Away {world.later(seconds=1)}")
    world.run(go_away, "2d", by=world.member("ana"), at=world.now)
    world.later(minutes=6)
    world.run(apply_due_rungs, at=world.now)
    assert benched_at(world, "ana") is None


def test_the_last_rep_who_is_here_stays(world: World) -> None:
    set_policy(world, reassign_after_seconds=None, bench_after=1)
    world.run(
        lambda session: session.execute(
            update(Member)
            .where(Member.id.in_(select(TeamMember.member_id)), Member.name != "ana")
            .values(away_until=world.now + timedelta(days=9))
        )
    )
    lapse(world, 3)
    assert benched_at(world, "ana") is None
