"""Reminders, breaches and handoffs: they reach the right person, offer what helps, and tell how it ended."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from domain.leads.declining import decline_lead, reopen_lead
from domain.leads.lifecycle import claim_lead, contact_lead, extend_lead, reassign_lead, take_lead
from domain.leads.returning import return_nurtured
from domain.leads.rungs import apply_due_rungs
from handlers.leads import phrases
from storage.models import Member
from tests.leads.shown import HOSTILE, event, labels, render, shown
from tests.world import World


def reminded(world: World, **fields: Any) -> tuple[int, int]:
    """A lead whose rep was just reminded, and the reminder's event."""
    lead = world.lead(**fields)
    world.run(apply_due_rungs, at=world.later(seconds=150))
    world.run(apply_due_rungs, at=world.later(seconds=90))
    return lead, event(world, lead, "reminded")


def breached(world: World, **fields: Any) -> tuple[int, int]:
    """A lead that was not contacted in time, and the breach's event."""
    lead = world.lead(**fields)
    world.run(apply_due_rungs, at=world.later(minutes=5))
    return lead, event(world, lead, "breached")


def test_the_reminder_offers_what_settles_the_lead(world: World) -> None:
    _, reminder = reminded(world, email="lee@northwind.com")
    dm = render(world, "lead_reminder", reminder, "U-ANA")
    assert "Almost due · due 12:05 UTC · 1 min left" in shown(dm)
    assert "lee@northwind.com" in shown(dm)
    assert labels(dm) == ["Contacted", "Brief", "Decline", "Mute reminders…"]
    assert dm is not None
    assert dm.text == "Almost due, at 13:05 CET: Lee Wong, Northwind."


def test_a_reminder_about_something_settled_before_it_left_is_dropped(world: World) -> None:
    lead, reminder = reminded(world)
    world.run(contact_lead, lead, by=world.member("ana"), at=world.now)
    assert render(world, "lead_reminder", reminder, "U-ANA") is None


def test_a_standing_reminder_tells_how_it_ended(world: World) -> None:
    lead, reminder = reminded(world)
    world.run(contact_lead, lead, by=world.member("ana"), at=world.now)
    dm = render(world, "lead_reminder", reminder, "U-ANA", standing=True)
    assert "Contacted by you 4 min after arrival" in shown(dm)
    assert labels(dm) == []


def test_a_reminder_is_over_when_somebody_else_has_the_lead(world: World) -> None:
    lead, reminder = reminded(world)
    world.run(claim_lead, lead, by=world.member("bo"), at=world.now)
    assert render(world, "lead_reminder", reminder, "U-ANA") is None
    dm = render(world, "lead_reminder", reminder, "U-ANA", standing=True)
    assert "Now with bo" in shown(dm)


def test_the_breach_card_says_who_had_it_and_how_to_save_it(world: World) -> None:
    _, breach = breached(world)
    world.later(minutes=3)
    card = render(world, "lead_breach", breach, "U-MIA")
    text = shown(card)
    assert "No contact in time: Lee Wong · Northwind" in text
    assert "Overdue since Mon 16 Nov 12:05 UTC · 3 min ago" in text
    assert "ana has not reacted" in text
    assert labels(card) == ["Reassign to…", "Extend…", "I’ll take it"]
    assert card is not None
    assert card.colour == phrases.OVERDUE
    assert card.text == "Overdue: Lee Wong, Northwind. ana had it."


def test_a_resolved_breach_tells_how_and_loses_its_buttons(world: World) -> None:
    ways: dict[str, Callable[[int], Any]] = {
        "You handed the lead to bo": lambda lead: world.run(
            reassign_lead, lead, to_user_id="U-BO", by=world.member("mia"), at=world.now
        ),
        "You took the lead over": lambda lead: world.run(take_lead, lead, by=world.member("mia"), at=world.now),
        "You extended the deadline to": lambda lead: world.run(
            extend_lead, lead, minutes=15, by=world.member("mia"), at=world.now
        ),
        "Declined by ana: duplicate": lambda lead: world.run(
            decline_lead, lead, reason="duplicate", note="", by=world.member("ana"), at=world.now
        ),
    }
    for words, act in ways.items():
        lead, breach = breached(world)
        world.run(_give, lead, "ana")
        act(lead)
        card = render(world, "lead_breach", breach, "U-MIA", standing=True)
        assert words in shown(card)
        assert labels(card) == []


def _give(session: object, lead_id: int, name: str) -> None:
    from storage.models import Lead

    lead = session.get_one(Lead, lead_id)  # type: ignore[attr-defined]
    lead.owner_id = session.scalars(select(Member.id).where(Member.name == name)).one()  # type: ignore[attr-defined]


def test_a_late_contact_tells_the_manager_how_late(world: World) -> None:
    lead, breach = breached(world)
    world.run(contact_lead, lead, by=world.member("ana"), at=world.later(minutes=7))
    card = render(world, "lead_breach", breach, "U-MIA", standing=True)
    assert "Contacted by ana · Late: 12 min, 5 allowed" in shown(card)


def test_a_breach_that_was_answered_before_it_left_is_dropped(world: World) -> None:
    lead, breach = breached(world)
    world.run(contact_lead, lead, by=world.member("ana"), at=world.now)
    assert render(world, "lead_breach", breach, "U-MIA") is None


def test_a_contact_that_was_taken_back_brings_the_breach_back(world: World) -> None:
    lead, breach = breached(world)
    world.run(contact_lead, lead, by=world.member("ana"), at=world.now)
    world.run(reopen_lead, lead, by=world.member("ana"), at=world.later(minutes=1))
    card = render(world, "lead_breach", breach, "U-MIA", standing=True)
    assert "I’ll take it" in labels(card)


def test_claiming_late_is_not_contact(world: World) -> None:
    lead, breach = breached(world)
    world.run(claim_lead, lead, by=world.member("bo"), at=world.now)
    card = render(world, "lead_breach", breach, "U-MIA", standing=True)
    assert "ana had it, bo claimed it" in shown(card)
    assert "I’ll take it" in labels(card)


def test_when_nobody_is_available_the_manager_reads_that(world: World) -> None:
    def leave(session: object) -> None:
        for member in session.scalars(select(Member).where(Member.role == "rep")):  # type: ignore[attr-defined]
            member.away_until = world.now + timedelta(days=1)

    world.run(leave)
    lead = world.lead()
    alert = event(world, lead, "breached")
    card = render(world, "lead_breach", alert, "U-MIA")
    assert "Nobody is available for Lee Wong · Northwind" in shown(card)
    assert "Due 12:05 UTC" in shown(card)
    world.run(claim_lead, lead, by=world.member("bo"), at=world.now)
    assert "Now with bo" in shown(render(world, "lead_breach", alert, "U-MIA", standing=True))


def test_the_thread_tells_who_handed_the_lead_to_whom(world: World) -> None:
    lead = world.lead()
    world.run(reassign_lead, lead, to_user_id="U-BO", by=world.member("mia"), at=world.now)
    notice = render(world, "lead_handoff", event(world, lead, "reassigned"))
    assert shown(notice) == "mia handed this lead from ana to bo. Due Mon 16 Nov 12:05 UTC"


def test_the_thread_tells_of_an_automatic_handoff(world: World) -> None:
    lead, _ = breached(world)
    world.run(apply_due_rungs, at=world.later(minutes=10))
    notice = render(world, "lead_handoff", event(world, lead, "reassigned"))
    assert shown(notice).startswith("ana made no contact in time, so bo has this lead now.")


def test_the_thread_tells_of_a_decline_with_its_note(world: World) -> None:
    lead = world.lead()
    world.run(decline_lead, lead, reason="other", note=HOSTILE[1], by=world.member("ana"), at=world.now)
    notice = render(world, "lead_handoff", event(world, lead, "declined"))
    assert shown(notice) == f"ana declined this lead: other.\n{HOSTILE[1]}"


def test_the_thread_keeps_the_words_of_each_decline(world: World) -> None:
    lead = world.lead()
    world.run(decline_lead, lead, reason="bad_timing", note="Ask in spring.", by=world.member("ana"), at=world.now)
    first = event(world, lead, "declined")
    world.run(return_nurtured, at=world.later(days=100))
    world.run(decline_lead, lead, reason="duplicate", note="We know them.", by=world.member("ana"), at=world.now)
    assert shown(render(world, "lead_handoff", first, standing=True)).endswith("\nAsk in spring.")


def test_a_decline_taken_back_before_it_was_told_is_not_told(world: World) -> None:
    lead = world.lead()
    world.run(decline_lead, lead, reason="duplicate", note="", by=world.member("ana"), at=world.now)
    world.run(reopen_lead, lead, by=world.member("ana"), at=world.now)
    assert render(world, "lead_handoff", event(world, lead, "declined")) is None


def test_events_of_another_workspace_say_nothing(world: World) -> None:
    _, breach = breached(world)
    world.workspace_id += 1
    assert render(world, "lead_breach", breach, "U-MIA") is None
