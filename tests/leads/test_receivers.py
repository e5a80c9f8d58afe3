"""Who is told of an alarm, and when: whoever is there, in their own hours, and said on the card and in the audit."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from domain.calendar import WorkingHours
from domain.leads.availability import go_away
from domain.leads.lifecycle import claim_lead
from domain.leads.receivers import receivers_of
from domain.leads.rungs import apply_due_rungs
from storage.models import AuditEvent, Delivery, Lane, Lead, LeadEvent, Member, Policy, Team
from tests.leads.shown import render, shown
from tests.world import World


def set_team(world: World, *, manager: str = "mia", delegate: str | None = None, **values: Any) -> None:
    ids = {name: world.member(name).id for name in ("mia", "ana", "bo", "max")}
    given = {"manager_id": ids[manager], "delegate_id": ids[delegate] if delegate else None, **values}
    world.run(lambda session: session.execute(update(Team).values(**given)))


def breach(world: World) -> int:
    """Let ana's lead run out."""
    lead = world.lead()
    world.run(claim_lead, lead, by=world.member("ana"), at=world.now)
    world.later(minutes=5)
    world.run(apply_due_rungs, at=world.now)
    return lead


def pinged(world: World) -> list[str]:
    return [place for kind, place in world.queued() if kind == "lead_breach"]


def pinged_at(world: World) -> datetime:
    found: datetime = world.run(
        lambda session: session.scalar(
            select(Delivery.next_at).join(Lane, Lane.id == Delivery.lane_id).where(Delivery.kind == "lead_breach")
        )
    )
    return found


def card(world: World, lead: int, reader: str) -> str:
    alarms = select(LeadEvent.id).where(LeadEvent.lead_id == lead, LeadEvent.kind.in_(("breached", "untouched")))
    event = world.run(lambda session: session.scalar(alarms.order_by(LeadEvent.id.desc()).limit(1)))
    return shown(render(world, "lead_breach", event, world.member(reader).user_id))


def audited(world: World) -> list[dict[str, Any]]:
    events = select(AuditEvent.data).where(AuditEvent.action == "lead.stand_in")
    return list(world.run(lambda session: session.scalars(events).all()))


def test_a_manager_who_is_there_is_told_themselves(world: World) -> None:
    set_team(world, delegate="bo")
    lead = breach(world)
    assert pinged(world) == ["U-MIA"]
    assert "stand in" not in card(world, lead, "mia")
    assert audited(world) == []


def test_a_manager_who_is_away_is_stood_in_for_and_card_and_audit_say_so(world: World) -> None:
    set_team(world, delegate="bo")
    world.run(go_away, "2d", by=world.member("mia"), at=world.now)
    lead = breach(world)
    assert pinged(world) == ["U-BO"]
    assert "You stand in for mia, away until" in card(world, lead, "bo")
    told, instead = world.member("bo").id, world.member("mia").id
    assert audited(world) == [{"told": [told], "instead": instead, "why": "away"}]


def test_the_managers_own_lead_goes_a_rung_further(world: World) -> None:
    set_team(world, manager="ana", delegate="bo")
    lead = breach(world)
    assert pinged(world) == ["U-BO"]
    assert "You stand in for ana, whose own lead it is" in card(world, lead, "bo")
    set_team(world, manager="ana")
    assert world.run(lambda session: receivers_of(session, session.scalars(select(Team)).one(), None, world.now)).told
    nobody = world.run(
        lambda session: receivers_of(
            session, session.scalars(select(Team)).one(), session.get_one(Lead, lead).owner_id, world.now
        )
    )
    assert list(nobody.told) == []


def test_off_hours_the_alarm_waits_for_the_managers_morning(world: World) -> None:
    """The team works in each member's own zone: it is noon in London, and four in the morning for the manager."""
    hours = WorkingHours.from_json(WorkingHours.always("Europe/London").to_json()).to_json()
    office = {**hours, "week": [[["09:00", "18:00"]]] * 5 + [[], []]}
    set_team(world, own_hours=True, hours=office)
    zones = {"mia": "America/Los_Angeles", "ana": "Europe/London", "bo": "Europe/London"}
    for name, zone in zones.items():
        world.run(
            lambda session, name=name, zone=zone: session.execute(
                update(Member).where(Member.name == name).values(tz=zone)
            )
        )
    breach(world)
    assert pinged(world) == ["U-MIA"]
    assert pinged_at(world) == world.now.replace(hour=17, minute=0, second=0)
    set_team(world, delegate="bo", own_hours=True, hours=office)
    found = world.run(lambda session: receivers_of(session, session.scalars(select(Team)).one(), None, world.now))
    assert [one.name for one in found.told] == ["bo"]
    assert (found.at, found.why) == (world.now, "off")


def test_what_falls_due_as_the_team_closes_is_told_then(world: World) -> None:
    office = {**WorkingHours.always().to_json(), "week": [[["09:00", "12:05"]]] * 7}
    set_team(world, hours=office)
    breach(world)
    assert pinged_at(world) == world.now


def test_a_lead_that_nobody_touched_has_an_alarm_of_its_own_once(world: World) -> None:
    terms = {"reassign_after_seconds": None, "untouched_after_seconds": 3600, "bench_after": 0}
    world.run(lambda session: session.execute(update(Policy).values(**terms)))
    lead = world.lead()
    touched = world.lead("Touched")
    world.run(claim_lead, touched, by=world.member("bo"), at=world.now)
    world.later(minutes=5)
    assert [due.rung for due in world.run(apply_due_rungs, at=world.now)] == ["breach", "breach"]
    world.later(hours=1)
    assert [due.rung for due in world.run(apply_due_rungs, at=world.now)] == ["untouched"]
    assert "Nobody has touched" in card(world, lead, "mia")
    world.later(days=3)
    assert world.run(apply_due_rungs, at=world.now) == []
    kinds = world.run(lambda session: session.scalars(select(LeadEvent.kind).order_by(LeadEvent.id)).all())
    assert list(kinds).count("untouched") == 1
