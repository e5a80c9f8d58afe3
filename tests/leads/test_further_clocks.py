"""The clocks beside that for first contact: to claim, for tries, for the first meeting. Off unless a policy says so."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from domain.config.overview import load_overview
from domain.leads.declining import reopen_lead
from domain.leads.errors import StepRefused
from domain.leads.explaining import explain_lead
from domain.leads.facts import LeadFacts, load_lead
from domain.leads.lifecycle import claim_lead, contact_lead, reassign_lead
from domain.leads.meetings import book_meeting
from domain.leads.rungs import apply_due_rungs
from domain.leads.taking import try_or_ask
from domain.leads.tries import log_try
from domain.outcomes.crm import CrmWord, take_words
from handlers.leads.views import lead_card
from handlers.leads.why import why_receipt
from handlers.setup.lists import tier_form
from storage.models import Clock, Lead, LeadEvent, Member, Policy
from tests.leads.shown import event, labels, render, shown
from tests.world import World


def set_policy(world: World, **values: Any) -> None:
    def write(session: Any) -> None:
        for name, value in values.items():
            setattr(session.scalars(select(Policy).where(Policy.tier == "hot")).one(), name, value)

    world.run(write)


def facts(world: World, lead: int) -> LeadFacts:
    found = world.run(load_lead, lead, world.workspace_id, world.now)
    assert found is not None
    return found


def buttons(world: World, lead: int) -> list[str]:
    row = lead_card(facts(world, lead)).blocks[-1]
    return [one["text"]["text"] for one in row["elements"] if one["type"] == "button"]


def owner(world: World, lead: int) -> str:
    name: str = world.run(lambda session: session.get_one(Member, session.get_one(Lead, lead).owner_id).name)
    return name


def kinds(world: World, lead: int) -> list[str]:
    events = select(LeadEvent.kind).where(LeadEvent.lead_id == lead).order_by(LeadEvent.id)
    return list(world.run(lambda session: session.scalars(events).all()))


def live(world: World, lead: int) -> Clock | None:
    running = select(Clock).where(Clock.lead_id == lead, Clock.state != "stopped")
    found: Clock | None = world.run(lambda session: session.scalars(running).one_or_none())
    return found


def tick(world: World) -> list[str]:
    return [due.rung for due in world.run(apply_due_rungs, at=world.now)]


def test_without_a_policy_that_asks_for_it_nothing_is_there(world: World) -> None:
    lead = world.lead()
    assert buttons(world, lead) == ["Claim", "Contacted", "Brief", "Decline"]
    with pytest.raises(StepRefused):
        world.run(log_try, lead, by=world.member("ana"), at=world.now)
    world.run(contact_lead, lead, by=world.member("ana"), at=world.later(minutes=1))
    assert buttons(world, lead) == ["Outcome", "Brief"]
    assert live(world, lead) is None


def test_a_lead_that_nobody_claims_goes_to_the_next_rep_and_once_only(world: World) -> None:
    set_policy(world, claim_seconds=60)
    lead = world.lead()
    assert "then the next rep gets it" in str(lead_card(facts(world, lead)).blocks)
    world.later(seconds=60)
    assert tick(world) == ["claim"]
    assert owner(world, lead) == "bo"
    event = world.run(lambda session: session.scalars(select(LeadEvent).where(LeadEvent.kind == "reassigned")).one())
    assert event.data["missed"] == "claim"
    assert event.data["why"]["how"] == "turns"
    told = world.run(explain_lead, str(lead), by=world.member("mia"), at=world.now)
    assert "Given to bo, since nobody had claimed it in time" in str(why_receipt(told).blocks)
    assert "It was bo’s turn" in str(why_receipt(told).blocks)
    world.later(seconds=60)
    tick(world)
    assert owner(world, lead) == "bo"
    assert "then the next rep gets it" not in str(lead_card(facts(world, lead)).blocks)


def test_a_claimed_lead_stays_past_the_time_to_claim(world: World) -> None:
    set_policy(world, claim_seconds=200)
    lead = world.lead()
    world.run(claim_lead, lead, by=world.member("ana"), at=world.later(seconds=10))
    world.later(seconds=190)
    assert tick(world) == ["claim"]
    assert owner(world, lead) == "ana"
    assert live(world, lead).rung == "remind"  # type: ignore[union-attr]


def test_the_first_try_is_in_time_and_begins_the_time_for_all_tries(world: World) -> None:
    set_policy(world, tries=3, tries_days=2)
    lead = world.lead()
    assert buttons(world, lead) == ["Claim", "Contacted", "Tried", "Brief", "Decline"]
    first = world.run(log_try, lead, by=world.member("ana"), at=world.later(minutes=1))
    assert (first.made, first.wanted) == (1, 3)
    clock = live(world, lead)
    assert clock is not None
    assert clock.purpose == "tries"
    # Sales works around the clock: two working days after Monday end when Thursday begins, in UTC.
    assert clock.due_at == world.now.replace(hour=0, minute=0) + timedelta(days=3)
    assert facts(world, lead).state == "claimed"
    world.later(minutes=10)
    assert tick(world) == []
    assert facts(world, lead).judged.verdict == "has_time"
    again = world.run(log_try, lead, by=world.member("ana"), at=world.now)
    assert again.made == 2
    world.run(log_try, lead, by=world.member("ana"), at=world.later(seconds=30))
    assert facts(world, lead).tries.made == 2  # type: ignore[union-attr]  # pressed twice
    assert "2 of 3 tries" in str(lead_card(facts(world, lead)).blocks)
    world.run(log_try, lead, by=world.member("ana"), at=world.later(hours=5))
    assert live(world, lead) is None
    assert "All tries are made" in str(lead_card(facts(world, lead)).blocks)
    assert "Tried" not in buttons(world, lead)
    world.run(contact_lead, lead, by=world.member("ana"), at=world.later(hours=5))
    assert facts(world, lead).judged.verdict == "in_time"


def test_too_few_tries_are_a_missed_deadline_and_a_new_rep_begins_anew(world: World) -> None:
    set_policy(world, tries=3, tries_days=1)
    lead = world.lead()
    world.run(log_try, lead, by=world.member("ana"), at=world.later(minutes=1))
    world.later(days=2)
    assert tick(world) == ["breach"]
    assert ("lead_breach", "U-MIA") in world.queued()
    assert facts(world, lead).judged.verdict == "overdue"
    world.later(hours=1)
    assert tick(world) == []  # a lead that was tried is never taken from its rep by itself
    world.run(reassign_lead, lead, to_user_id="U-BO", by=world.member("mia"), at=world.now)
    clock = live(world, lead)
    assert clock is not None
    assert (clock.purpose, facts(world, lead).tries.made) == ("contact", 0)  # type: ignore[union-attr]


def test_trying_a_colleagues_lead_is_asked_about_first(world: World) -> None:
    set_policy(world, tries=3)
    lead = world.lead()
    held: Any = world.run(try_or_ask, lead, by=world.member("bo"), at=world.later(minutes=1))
    assert held.holder == "ana"
    assert "tried" not in kinds(world, lead)
    world.run(try_or_ask, lead, by=world.member("bo"), at=world.now, over=held.event)
    assert owner(world, lead) == "bo"
    assert facts(world, lead).tries.made == 1  # type: ignore[union-attr]


def test_a_first_meeting_is_asked_for_once_and_a_booked_one_ends_that(world: World) -> None:
    set_policy(world, meeting_days=5)
    lead = world.lead()
    world.run(contact_lead, lead, by=world.member("ana"), at=world.later(minutes=1))
    clock = live(world, lead)
    assert clock is not None
    assert (clock.purpose, clock.rung) == ("meeting", "ask_meeting")
    assert buttons(world, lead) == ["Meeting booked", "Outcome", "Brief"]
    assert clock.next_at is not None
    world.now = clock.next_at
    assert tick(world) == ["ask_meeting"]
    assert ("lead_meeting", "U-ANA") in world.queued()
    world.run(book_meeting, lead, by=world.member("ana"), at=world.later(hours=1))
    world.run(book_meeting, lead, by=world.member("ana"), at=world.later(hours=1))
    assert kinds(world, lead).count("meeting") == 1
    assert live(world, lead) is None
    assert buttons(world, lead) == ["Outcome", "Brief"]
    assert "Meeting booked" in str(lead_card(facts(world, lead)).blocks[1])


def test_a_missed_meeting_makes_no_lead_late_and_disturbs_nobody_again(world: World) -> None:
    set_policy(world, meeting_days=1)
    lead = world.lead()
    world.run(contact_lead, lead, by=world.member("ana"), at=world.later(minutes=1))
    world.later(days=4)
    before = world.queued()
    assert tick(world) == ["breach"]
    assert [one for one in world.queued() if one not in before] == []
    assert facts(world, lead).judged.verdict == "in_time"
    assert "No meeting yet" in str(lead_card(facts(world, lead)).blocks[1])


def test_a_contact_that_is_taken_back_takes_its_meeting_clock_with_it(world: World) -> None:
    set_policy(world, meeting_days=5)
    lead = world.lead()
    world.run(contact_lead, lead, by=world.member("ana"), at=world.later(minutes=1))
    world.run(reopen_lead, lead, by=world.member("ana"), at=world.later(minutes=1))
    clock = live(world, lead)
    assert clock is not None
    assert clock.purpose == "contact"
    world.run(contact_lead, lead, by=world.member("ana"), at=world.later(minutes=1))
    assert live(world, lead).purpose == "meeting"  # type: ignore[union-attr]


def test_a_meeting_that_a_calendar_books_leaves_the_call_to_the_rep_and_ends_the_rest(world: World) -> None:
    set_policy(world, meeting_days=5)
    lead = world.lead(email="lee@northwind.example")
    world.later(minutes=1)
    asked = "Booked a meeting: Intro"
    assert world.lead(email="lee@northwind.example", asked=asked, follows=True, meeting=True) == lead
    clock = live(world, lead)
    assert clock is not None
    assert clock.purpose == "contact"
    world.run(contact_lead, lead, by=world.member("ana"), at=world.later(minutes=1))
    assert live(world, lead) is None
    # It is moved: it stays booked.
    world.lead(email="lee@northwind.example", asked="Moved a meeting: Intro", follows=True, meeting=True)
    assert kinds(world, lead).count("meeting") == 1


def test_a_try_that_a_crm_tells_is_of_who_has_the_lead_and_needs_a_policy(world: World) -> None:
    lead = world.lead(source="crm", external_id="7")

    def say(key: str) -> str:
        word = CrmWord("tried", ("7",), key=key)
        [told] = world.run(take_words, world.workspace_id, "intake:1", "crm", [word], at=world.later(minutes=2))
        return str(told["status"])

    assert say("1") == "duplicate"  # the policy counts no tries
    assert kinds(world, lead).count("tried") == 0
    set_policy(world, tries=3, tries_days=3)
    other = world.lead(source="crm", external_id="8", name="Kim")
    word = CrmWord("tried", ("8",))
    [told] = world.run(take_words, world.workspace_id, "intake:1", "crm", [word], at=world.later(minutes=1))
    assert told == {"lead_id": other, "status": "accepted"}
    assert kinds(world, other).count("tried") == 1
    assert world.run(lambda session: session.get_one(Lead, other).state) == "claimed"


def test_a_meeting_that_is_canceled_is_told_and_waited_for_again(world: World) -> None:
    set_policy(world, meeting_days=5)
    lead = world.lead(source="calendly", external_id="meeting:1", email="lee@northwind.example", meeting=True)
    ana = world.member("ana")
    world.run(contact_lead, lead, by=ana, at=world.later(minutes=1))
    assert live(world, lead) is None
    word = CrmWord("canceled", ("meeting:1",), key="canceled:1")

    def say() -> str:
        [told] = world.run(take_words, world.workspace_id, "intake:1", "calendly", [word], at=world.later(minutes=1))
        return str(told["status"])

    assert say() == "accepted"
    assert say() == "duplicate"
    assert live(world, lead).purpose == "meeting"  # type: ignore[union-attr]
    assert "First meeting" in shown(render(world, "lead_card", lead))
    assert kinds(world, lead).count("meeting_off") == 1
    [event_id] = world.run(lambda session: session.scalars(select(LeadEvent.id).where(LeadEvent.kind == "news")).all())
    news = render(world, "lead_news", event_id, "U-ANA")
    assert news is not None
    assert news.text == "Lee Wong, Northwind canceled the meeting."
    assert "They canceled the meeting" in shown(news)
    world.run(book_meeting, lead, by=ana, at=world.later(minutes=1))
    assert live(world, lead) is None
    assert kinds(world, lead).count("meeting") == 2


def test_a_reminder_that_was_answered_by_a_try_asks_for_nothing_more(world: World) -> None:
    set_policy(world, tries=3)
    lead = world.lead()
    world.later(minutes=4, seconds=1)
    assert tick(world) == ["remind"]
    reminded = event(world, lead, "reminded")
    assert "Contacted" in labels(render(world, "lead_reminder", reminded, "U-ANA", standing=True))
    world.run(log_try, lead, by=world.member("ana"), at=world.later(seconds=20))
    after = render(world, "lead_reminder", reminded, "U-ANA", standing=True)
    assert "1 of 3 tries" in shown(after)
    assert labels(after) == []


def test_the_policy_s_form_tells_the_moments_of_a_lead_of_now(world: World) -> None:
    set_policy(world, claim_seconds=60, tries=4, meeting_days=5)
    overview = world.run(load_overview, world.workspace_id, world.now)
    form = str(tier_form(overview.policy("hot"), overview, {}))
    assert "a lead that Sales gets now is to be claimed by" in form
    for after in (timedelta(minutes=1), timedelta(minutes=5)):
        assert str(int((world.now + after).timestamp())) in form
    assert "tried 4 times by" in form
