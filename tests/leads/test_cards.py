"""The lead's card in channel and DM: it always tells the truth, in a few words, and has only buttons that work."""

import re
from typing import Any

from domain.calendar import WorkingHours, parse_week
from domain.leads.announce import note_event
from domain.leads.arriving import Touch
from domain.leads.declining import decline_lead
from domain.leads.facts import Alert, load_alert, load_lead
from domain.leads.lifecycle import claim_lead, contact_lead, extend_lead, reassign_lead, take_lead
from domain.leads.rungs import apply_due_rungs
from domain.leads.working import snooze_lead_for
from domain.people import default_team
from handlers.leads import alerts, phrases
from handlers.leads.decline_form import decline_form
from storage.models import Lead
from tests.leads.shown import HOSTILE, brief_of, fits_modal, labels, markup_of, nodes, render, shown
from tests.world import World


def opening_hours(world: World, text: str, zone: str = "UTC") -> None:
    def change(session: object) -> None:
        team = default_team(session, world.workspace_id)  # type: ignore[arg-type]
        team.hours = WorkingHours(zone, parse_week(text)).to_json()

    world.run(change)


def test_the_card_says_who_wants_what_and_until_when(world: World) -> None:
    lead = world.lead(
        asked="Demo request",
        score=87,
        email="lee@northwind.com",
        touches=(Touch("webinar", None), Touch("pricing", None)),
    )
    card = render(world, "lead_card", lead)
    text = shown(card)
    for fact in ("Lee Wong · Northwind", "Demo request", "score 87", "hot", "website", "ana", "lee@northwind.com"):
        assert fact in text
    assert "Due 12:05 UTC" in text
    assert "5 min left at 12:00 UTC" in text
    assert "2 touches: pricing, webinar" in text, "the latest first"
    assert labels(card) == ["Claim", "Contacted", "Brief", "Decline", "Mute reminders…"]


def test_the_notification_fits_a_lock_screen(world: World) -> None:
    card = render(world, "lead_card", world.lead(asked="demo request"))
    assert card is not None
    assert card.text == "New lead: Lee Wong, Northwind (demo request). Due 12:05 UTC."


def test_the_dm_speaks_to_the_rep_in_their_own_zone(world: World) -> None:
    dm = render(world, "lead_dm", world.lead(), "U-ANA")
    assert dm is not None
    assert dm.text == "New lead for you: Lee Wong, Northwind. Due 13:05 CET."
    assert "For you" in shown(dm)


def test_claim_disappears_when_claimed(world: World) -> None:
    lead = world.lead()
    world.run(claim_lead, lead, by=world.member("ana"), at=world.now)
    card = render(world, "lead_card", lead)
    assert "Claimed by ana" in shown(card)
    assert labels(card) == ["Contacted", "Brief", "Decline", "Mute reminders…"]


def test_words_and_colour_change_as_time_passes(world: World) -> None:
    lead = world.lead()
    seen = []
    for seconds in (0, 150, 90, 60):
        world.later(seconds=seconds)
        card = render(world, "lead_card", lead)
        assert card is not None
        seen.append((card.colour, shown(card).splitlines()[1]))
    assert [colour for colour, _ in seen] == [phrases.CALM, phrases.HALF, phrases.ALMOST, phrases.OVERDUE]
    assert seen[0][1].startswith("Due 12:05")
    assert seen[1][1].startswith("Half the time is gone · due 12:05")
    assert seen[2][1].startswith("Almost due · due 12:05")
    assert seen[3][1].startswith("Overdue since Mon 16 Nov 12:05")


def test_an_overdue_card_shows_both_times_and_no_snooze(world: World) -> None:
    lead = world.lead()
    world.later(minutes=17)
    card = render(world, "lead_card", lead)
    assert "12 min ago" in shown(card)
    assert "Arrived Mon 16 Nov 12:00 UTC · 17 min ago at 12:17 UTC · 5 min of working time allowed" in shown(card)
    assert "Mute reminders…" not in labels(card)


def test_a_contacted_card_says_how_fast_and_asks_what_came_of_it(world: World) -> None:
    lead = world.lead()
    world.run(contact_lead, lead, by=world.member("ana"), at=world.later(minutes=4))
    card = render(world, "lead_card", lead)
    assert "Contacted by ana 4 min after arrival · in time" in shown(card)
    assert labels(card) == ["Outcome", "Brief"]
    assert card is not None
    assert card.colour == phrases.DONE


def test_a_late_contact_is_called_late(world: World) -> None:
    lead = world.lead()
    world.run(contact_lead, lead, by=world.member("ana"), at=world.later(minutes=9))
    assert "Contacted by ana · Late: 9 min, 5 allowed" in shown(render(world, "lead_card", lead))


def test_a_declined_card_gives_the_reason_and_the_note(world: World) -> None:
    lead = world.lead()
    world.run(
        decline_lead, lead, reason="not_a_fit", note="two people, <!channel>", by=world.member("ana"), at=world.now
    )
    card = render(world, "lead_card", lead)
    assert "Declined by ana: not our profile" in shown(card)
    assert "“two people, <!channel>”" in shown(card)
    assert labels(card) == ["Brief"]


def test_a_deadline_on_another_day_has_its_day(world: World) -> None:
    lead = world.lead(tier="cool")
    assert "Due Tue 17 Nov 12:00 UTC" in shown(render(world, "lead_card", lead))


def test_the_clock_of_a_closed_team_says_when_it_starts(world: World) -> None:
    opening_hours(world, "tue-fri 09:00-18:00")
    text = shown(render(world, "lead_card", world.lead()))
    assert "Due Tue 17 Nov 09:05 UTC · the clock starts Tue 17 Nov 09:00 UTC" in text


def test_a_clock_that_a_closing_stopped_says_when_it_runs_on(world: World) -> None:
    opening_hours(world, "mon-fri 09:00-12:02")
    lead = world.lead()
    assert "closed hours don’t count" in shown(render(world, "lead_card", lead))
    world.later(hours=3)
    assert "the clock stands still until Tue 17 Nov 09:00 UTC" in shown(render(world, "lead_card", lead))


def test_contact_after_a_weekend_counts_working_time_too(world: World) -> None:
    opening_hours(world, "mon-fri 09:00-12:02")
    lead = world.lead()
    world.run(contact_lead, lead, by=world.member("ana"), at=world.later(hours=21, minutes=1))
    assert "21 h 1 min after arrival (3 min of working time) · in time" in shown(render(world, "lead_card", lead))


def test_a_snooze_shows_on_the_card_while_the_deadline_stays(world: World) -> None:
    lead = world.lead(tier="warm")
    world.run(snooze_lead_for, lead, choice="10m", by=world.member("ana"), at=world.now)
    text = shown(render(world, "lead_card", lead))
    assert "Due 14:00 UTC" in text
    assert "no reminder until 12:10 UTC" in text


def test_an_extended_deadline_is_called_that(world: World) -> None:
    lead = world.lead()
    world.run(extend_lead, lead, minutes=15, by=world.member("mia"), at=world.now)
    assert "Extended to 12:20 UTC" in shown(render(world, "lead_card", lead))


def test_the_dm_of_the_rep_before_says_who_has_the_lead_now(world: World) -> None:
    lead = world.lead(email="lee@northwind.com")
    world.run(reassign_lead, lead, to_user_id="U-BO", by=world.member("mia"), at=world.now)
    dm = render(world, "lead_dm", lead, "U-ANA", standing=True)
    assert shown(dm) == "Lee Wong · Northwind\nHanded to bo"
    assert labels(dm) == []


def test_the_dm_of_the_rep_before_says_who_took_the_lead(world: World) -> None:
    lead = world.lead(email="lee@northwind.com")
    world.run(claim_lead, lead, by=world.member("bo"), at=world.now)
    dm = render(world, "lead_dm", lead, "U-ANA", standing=True)
    assert shown(dm) == "Lee Wong · Northwind\nClaimed by bo"


def test_a_dm_that_has_not_left_is_dropped_when_somebody_else_has_the_lead(world: World) -> None:
    lead = world.lead()
    world.run(claim_lead, lead, by=world.member("bo"), at=world.now)
    assert render(world, "lead_dm", lead, "U-ANA") is None


def test_nobody_gets_a_dm_for_their_own_claim(world: World) -> None:
    lead = world.lead()
    world.run(claim_lead, lead, by=world.member("bo"), at=world.now)
    assert render(world, "lead_dm", lead, "U-BO") is None


def test_without_a_channel_the_own_claim_still_brings_the_card_to_work_with(world: World) -> None:
    world.run(lambda session: setattr(default_team(session, world.workspace_id), "channel", None))
    lead = world.lead()
    world.run(take_lead, lead, by=world.member("mia"), at=world.now)
    assert "Contacted" in labels(render(world, "lead_dm", lead, "U-MIA"))


def test_what_was_unknown_on_arrival_stands_in_small_print(world: World) -> None:
    text = shown(render(world, "lead_card", world.lead(team="Mars <!here>", tier="lukewarm")))
    assert "Team “Mars <!here>” is unknown, so it went to Sales." in text
    assert "Tier “lukewarm” is unknown, so it counts as warm." in text


def test_nobody_is_mentioned_in_a_card(world: World) -> None:
    lead = world.lead()
    for kind, place in (("lead_card", "C-SALES"), ("lead_dm", "U-ANA")):
        rendering = render(world, kind, lead, place)
        assert rendering is not None
        assert "<@" not in rendering.text + str(rendering.content())


def test_hostile_text_is_shown_inert_and_fits(world: World) -> None:
    for text in HOSTILE:
        lead = world.lead(
            name=text[:200],
            company=text[:200],
            asked=text,
            phone=text[:60],
            source=text[:60],
            team=text[:60],
            touches=tuple(Touch(text[:200], None) for _ in range(9)),
        )
        for kind, place in (("lead_card", "C-SALES"), ("lead_dm", owner(world, lead))):
            rendering = render(world, kind, lead, place)
            assert rendering is not None
            for markup in (*markup_of(rendering.content()), rendering.text):
                tokens = re.findall(r"<[^>]*>", markup)
                assert all(re.match(r"<!date\^[1-9]|<mailto:", token) for token in tokens), markup


def owner(world: World, lead_id: int) -> str:
    """The user id of the rep who has the lead."""
    lead = world.run(load_lead, lead_id, world.workspace_id, world.now)
    assert lead is not None
    assert lead.owner is not None
    return lead.owner.user_id


def test_the_whole_of_a_long_lead_opens_in_a_modal(world: World) -> None:
    for text in HOSTILE:
        touches = tuple(Touch(text[:200], None) for _ in range(100))
        lead_id = world.lead(name=text[:200], asked=text, touches=touches)
        lead = world.run(load_lead, lead_id, world.workspace_id, world.now)
        assert lead is not None
        assert fits_modal(brief_of(world, lead_id))
        assert fits_modal(decline_form(lead, "https://hooks.example/" + "x" * 200))
        assert "Brief" in labels(render(world, "lead_card", lead_id))


def test_a_lead_that_was_handed_on_after_a_missed_deadline_is_late(world: World) -> None:
    lead = world.lead()
    world.later(minutes=6)
    world.run(apply_due_rungs, at=world.now)
    world.run(reassign_lead, lead, to_user_id="U-BO", by=world.member("mia"), at=world.now)
    world.run(contact_lead, lead, by=world.member("bo"), at=world.later(minutes=2))
    assert "Contacted by bo · Late: 8 min, 5 allowed" in shown(render(world, "lead_card", lead))


def test_an_address_is_shown_so_that_a_copy_is_exact(world: World) -> None:
    """No look-alike for what could be markup: not in the card, not in the reminder, not in the whole lead."""
    for email in (
        "john_@northwind.com",
        "_a*b_@northwind.com",
        "someone@northwind",
        "lee@münchen.example",
        "a`b`@x.io",
    ):
        lead = world.lead(email=email, phone="*49* 30 _1_")
        facts = world.run(lambda session, lead=lead: load_lead(session, lead, world.workspace_id, world.now))
        assert facts is not None
        reminder = alerts.reminder(world.run(remind, lead, world), "U-ANA")
        brief = brief_of(world, lead)["blocks"]
        for blocks in (render(world, "lead_card", lead).blocks, reminder.blocks, brief):  # type: ignore[union-attr]
            exact = exact_texts(blocks)
            assert email in exact, (email, exact)
            assert " · *49* 30 _1_" in exact


def test_only_a_plain_address_becomes_a_link(world: World) -> None:
    def links(email: str) -> list[str]:
        card = render(world, "lead_card", world.lead(email=email))
        return [node["url"] for node in nodes(card.blocks) if node.get("type") == "link"]  # type: ignore[union-attr]

    assert links("john_@northwind.com") == ["mailto:john_@northwind.com"]
    for email in ("someone@northwind", "lee@münchen.example", "a?cc=all@x.io", "<b>@x.io", "javascript:@x.io"):
        assert links(email) == [], email


def remind(session: Any, lead_id: int, world: World) -> Alert:
    lead = session.get_one(Lead, lead_id)
    event_id = note_event(session, lead, "reminded", at=world.now, by=None)
    alert = load_alert(session, event_id, world.workspace_id, world.now)
    assert alert is not None
    return alert


def exact_texts(blocks: Any) -> list[str]:
    """What is shown character for character."""
    return [node["text"] for node in nodes(blocks) if node.get("type") in ("text", "link")]
