"""Two leads of one person that a CRM merged: they become one, with one clock, and whoever had the other hears of it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from domain.leads.arriving import Touch
from domain.leads.facts import LeadFacts, load_lead
from domain.leads.lifecycle import claim_lead, contact_lead, reassign_lead
from domain.leads.rungs import apply_due_rungs
from domain.leads.tries import log_try
from domain.outcomes.crm import CrmWord, take_words
from domain.persons.gone import PersonGone, take_gone
from handlers.intake.adapter import Delivery, Ignored, Sender
from handlers.intake.sources.hubspot import read_events
from storage.models import Clock, Lead, LeadEvent, Policy, Wish
from tests.leads.shown import labels, render, shown
from tests.world import World


def arrives(world: World, record: str, name: str = "Lee Wong", **more: Any) -> int:
    """A contact of HubSpot's becomes a lead."""
    return world.lead(name, **{"source": "hub", "external_id": f"record:{record}", "said": f"{record} {more}", **more})


def merge(world: World, *records: str, key: str | None = "one") -> dict[str, Any]:
    word = CrmWord("joined", tuple(f"record:{one}" for one in records), key=key)
    return world.run(take_words, world.workspace_id, "intake:hub", "hub", [word], at=world.now)[0]


def give(world: World, lead: int, to: str) -> None:
    owner = facts(world, lead).owner
    if owner is None or owner.name != to:
        world.run(reassign_lead, lead, to_user_id=f"U-{to.upper()}", by=world.member("mia"), at=world.now)


def facts(world: World, lead: int) -> LeadFacts:
    found = world.run(load_lead, lead, world.workspace_id, world.now)
    assert found is not None
    return found


def live(world: World, lead: int) -> Clock | None:
    running = select(Clock).where(Clock.lead_id == lead, Clock.state != "stopped")
    found: Clock | None = world.run(lambda session: session.scalars(running).one_or_none())
    return found


def states(world: World, *leads: int) -> list[str]:
    return [facts(world, one).state for one in leads]


def two(world: World, **second: Any) -> tuple[int, int]:
    """Ana's lead, and ten minutes later bo's, of the same person by another address."""
    first = arrives(world, "1", email="lee@northwind.example", asked="a demo")
    give(world, first, "ana")
    world.later(minutes=10)
    more = {"email": "lee@mail.example", "asked": "a price list", "touches": (Touch("webinar", None),), **second}
    other = arrives(world, "2", "Lee W.", **more)
    give(world, other, "bo")
    world.later(minutes=1)
    return first, other


def test_of_two_that_nobody_touched_the_older_stays_and_its_clock_runs_on(world: World) -> None:
    first, other = two(world)
    before = live(world, first)
    assert before is not None
    assert merge(world, "1", "2") == {"lead_id": first, "status": "accepted"}
    assert states(world, first, other) == ["new", "joined"]
    after = live(world, first)
    assert after is not None
    assert (after.due_at, after.id, live(world, other)) == (before.due_at, before.id, None)
    assert facts(world, first).asked == "a price list"
    assert "asked: a demo" in facts(world, first).touches
    assert "webinar" in facts(world, first).touches
    assert facts(world, first).notes == ("Also: lee@mail.example",)
    kinds = {
        lead: world.run(
            lambda session, lead=lead: session.scalars(
                select(LeadEvent.kind).where(LeadEvent.lead_id == lead).order_by(LeadEvent.id)
            ).all()
        )
        for lead in (first, other)
    }
    assert kinds[first][-1] == "news"
    assert kinds[other][-1] == "joined"


def test_whoever_had_the_other_is_told_once_and_its_cards_have_no_buttons(world: World) -> None:
    _, other = two(world)
    before = world.queued()
    merge(world, "1", "2")
    merge(world, "1", "2")  # delivered again
    merge(world, "1", "2", key="two")  # and told again
    told = [one for one in world.queued() if one not in before]
    assert [one for one in told if one[0] in ("lead_lost", "lead_news")] == [
        ("lead_news", "U-ANA"),
        ("lead_lost", "U-BO"),
    ]
    card = render(world, "lead_card", other)
    assert labels(card) == []
    assert "One with another lead: hub says that this is the same person as Lee Wong, Northwind. ana has that" in shown(
        card
    )
    assert labels(render(world, "lead_dm", other, "U-BO", standing=True)) == []
    events = world.run(lambda session: session.scalars(select(LeadEvent).order_by(LeadEvent.id.desc()).limit(2)).all())
    news, ended = (next(one for one in events if one.kind == kind) for kind in ("news", "joined"))
    lost = shown(render(world, "lead_lost", ended.id, "U-BO"))
    assert "you need not contact them any more" in lost
    assert "ana has that lead" in lost
    said = shown(render(world, "lead_news", news.id, "U-ANA"))
    assert "Two leads are one now:" in said
    assert "hub says that they are one person" in said
    assert "a price list" in said


def test_the_one_that_somebody_works_on_stays_with_the_deadline_of_who_waits_longer(world: World) -> None:
    first, other = two(world)
    earlier = live(world, first)
    world.run(claim_lead, other, by=world.member("bo"), at=world.now)
    assert merge(world, "1", "2")["lead_id"] == other
    assert states(world, first, other) == ["joined", "claimed"]
    clock = live(world, other)
    assert clock is not None
    assert earlier is not None
    assert (clock.due_at, clock.started_at) == (earlier.due_at, earlier.started_at)
    assert facts(world, other).asked == "a price list"  # theirs is the newer wish
    assert "asked: a demo" in facts(world, other).touches
    assert facts(world, other).owner is not None
    world.now = earlier.due_at
    world.run(apply_due_rungs, at=world.now)
    assert facts(world, other).judged.verdict == "overdue"


def test_a_deadline_that_was_missed_before_is_told_to_no_manager_twice(world: World) -> None:
    first, other = two(world)
    due = live(world, first)
    assert due is not None
    world.run(claim_lead, other, by=world.member("bo"), at=world.now)
    world.now = due.due_at
    world.run(apply_due_rungs, at=world.now)
    alarms = world.queued().count(("lead_breach", "U-MIA"))
    world.later(minutes=1)
    merge(world, "1", "2")
    world.run(apply_due_rungs, at=world.now)
    assert world.queued().count(("lead_breach", "U-MIA")) == alarms
    assert facts(world, other).judged.missed_at == due.due_at


def test_a_person_who_was_tried_is_not_waiting_for_first_contact_again(world: World) -> None:
    world.run(lambda session: session.execute(update(Policy).values(tries=3, tries_days=5)))
    first, other = two(world)
    world.run(log_try, other, by=world.member("bo"), at=world.now)
    tries = live(world, other)
    assert tries is not None
    merge(world, "1", "2")
    after = live(world, other)
    assert after is not None
    assert (after.purpose, after.due_at, live(world, first)) == ("tries", tries.due_at, None)


def test_a_person_who_was_reached_meanwhile_waits_no_more_but_a_later_wish_is_a_lead_of_its_own(world: World) -> None:
    first, other = two(world)
    world.run(contact_lead, other, by=world.member("bo"), at=world.now)
    later = arrives(world, "3", "Lee", asked="a contract", email="wong@mail.example")
    world.later(minutes=1)
    assert merge(world, "1", "2")["lead_id"] == other
    assert states(world, first, other) == ["joined", "contacted"]
    world.later(minutes=1)
    other_wish = arrives(world, "4", "L. Wong", asked="a call", email="l@mail.example")
    world.run(contact_lead, later, by=world.member("ana"), at=world.now - timedelta(seconds=30))
    assert merge(world, "3", "4", key="three")["lead_id"] == other_wish
    assert states(world, later, other_wish) == ["contacted", "new"]


def test_two_that_are_worked_on_by_two_reps_are_not_joined_by_rule(world: World) -> None:
    first, other = two(world)
    world.run(claim_lead, first, by=world.member("ana"), at=world.now)
    world.run(claim_lead, other, by=world.member("bo"), at=world.now)
    assert merge(world, "1", "2") == {"lead_id": first, "status": "duplicate"}
    assert states(world, first, other) == ["claimed", "claimed"]


def test_whatever_names_either_contact_finds_the_one_that_stays(world: World) -> None:
    first, other = two(world)
    merge(world, "5", "1", "2")  # HubSpot made a new contact of both
    for number, (record, email) in enumerate((("1", None), ("2", None), ("5", None), ("9", "lee@mail.example"))):
        assert arrives(world, record, asked=f"wish {number}", email=email) == first
    assert states(world, first, other) == ["new", "joined"]


def test_a_merge_that_comes_before_the_other_contact_waits_for_it(world: World) -> None:
    assert merge(world, "1", "2") == {"lead_id": None, "status": "nobody"}
    first = arrives(world, "1", asked="a demo", email="lee@northwind.example")
    wishes = select(Wish.id)
    assert merge(world, "1", "2") == {"lead_id": first, "status": "duplicate"}
    count = len(world.run(lambda session: session.scalars(wishes).all()))
    assert merge(world, "1", "2", key="again") == {"lead_id": first, "status": "duplicate"}
    assert len(world.run(lambda session: session.scalars(wishes).all())) == count
    assert arrives(world, "2", "Lee W.", asked="a price list", email="lee@mail.example") == first
    assert world.run(lambda session: len(session.scalars(select(Lead.id)).all())) == 1


def test_hubspots_merge_is_read_in_both_of_its_shapes_and_one_that_names_no_contacts_is_told() -> None:
    event = {
        "eventId": 7,
        "subscriptionId": 2,
        "portalId": 3,
        "appId": 4,
        "subscriptionType": "contact.merge",
        "primaryObjectId": 1042,
        "mergedObjectIds": [1049, 1042],
        "newObjectId": 1050,
        "numberOfPropertiesMoved": 3,
    }
    newer = {**event, "subscriptionType": "object.merge", "objectTypeId": "0-1", "newObjectId": None, "eventId": 8}
    events = [event, newer, {**event, "mergedObjectIds": []}, {**newer, "mergedObjectIds": "x"}]
    sender = Sender(1, 1, "hub", "hubspot", "secret", None, None, False, "m")
    read = read_events(Delivery(json.dumps(events).encode(), {"content-type": "application/json"}), sender)
    first, second, third, fourth = read
    assert isinstance(first, CrmWord)
    assert isinstance(second, CrmWord)
    assert (first.kind, first.records) == ("joined", ("record:1050", "record:1042", "record:1049"))
    assert second.records == ("record:1042", "record:1049")
    assert first.key != second.key
    assert isinstance(third, CrmWord)  # the new contact is of the one that stays
    assert isinstance(fourth, Ignored)
    assert fourth.lost


def delete(world: World, record: str) -> str:
    """HubSpot says that a contact is deleted."""
    told = [PersonGone("withdrawal", (f"record:{record}",))]
    args = (world.workspace_id, "intake:hub", "hub", told)
    return str(world.run(take_gone, *args, at=world.now, close=lambda text: text)[0]["status"])


def test_the_contact_that_a_merge_deletes_takes_nothing_back_and_the_last_one_does(world: World) -> None:
    first, other = two(world)
    merge(world, "1", "2")
    assert [delete(world, "2"), delete(world, "2")] == ["nobody", "nobody"]
    assert states(world, first, other) == ["new", "joined"]
    assert live(world, first) is not None
    assert delete(world, "1") == "withdrawn"
    assert states(world, first, other) == ["withdrawn", "joined"]


def test_a_contact_is_deleted_before_the_merge_is_told(world: World) -> None:
    first, other = two(world)
    assert delete(world, "2") == "withdrawn"
    world.later(minutes=1)
    assert merge(world, "1", "2") == {"lead_id": first, "status": "accepted"}
    assert states(world, first, other) == ["new", "joined"]
    assert facts(world, first).asked == "a price list"


def test_the_only_lead_of_a_merged_contact_comes_back_to_its_rep(world: World) -> None:
    _, other = two(world, external_id="record:3")
    delete(world, "3")
    world.later(minutes=1)
    merge(world, "9", "3")
    found = facts(world, other)
    assert (found.state, found.owner.name if found.owner else None) == ("new", "bo")
    assert live(world, other) is not None
    given = world.run(lambda session: session.scalars(select(LeadEvent.id).order_by(LeadEvent.id.desc())).first())
    assert "It was not deleted: it is one with another record." in shown(render(world, "lead_handoff", given))
    withdrawn = select(LeadEvent.id).where(LeadEvent.kind == "withdrawn")
    ended = world.run(lambda session: session.scalars(withdrawn).one())
    assert "The lead goes on." in shown(render(world, "lead_ended", ended, "U-BO", standing=True))


def test_a_contact_that_was_deleted_long_ago_does_not_come_back(world: World) -> None:
    first, other = two(world)
    delete(world, "2")
    world.later(days=4)
    merge(world, "1", "2")
    assert states(world, first, other) == ["new", "withdrawn"]
