"""Who may work on a lead, what a form refuses, and when people are away."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.calendar import WorkingHours, parse_week
from domain.errors import FieldProblems, LeadSettled, NotFound, Refused
from domain.leads.availability import come_back, go_away, parse_until
from domain.leads.fields import checked_lead, parse_score
from domain.leads.lifecycle import claim_lead, contact_lead, reassign_lead
from domain.leads.listing import SHOWN, list_open_leads
from domain.leads.working import (
    add_lead,
    extend_lead_by,
    lead_choices,
    next_working_morning,
    snooze_lead_for,
    work_lead,
)
from domain.people import ensure_workspace
from storage.models import Lead
from tests.leads.shown import HOSTILE, fits_modal
from tests.refused import refused
from tests.world import MONDAY_NOON, World


def test_people_of_other_teams_are_refused_with_the_team_named(world: World) -> None:
    lead = world.lead()
    with refused(Refused, "belongs to Sales"):
        world.run(work_lead, claim_lead, lead, by=world.member("max"), at=world.now)


@pytest.mark.parametrize("name", ["ana", "bo", "mia"])
def test_the_team_and_its_managers_may_work_on_a_lead(world: World, name: str) -> None:
    done = world.run(work_lead, contact_lead, world.lead(), by=world.member(name), at=world.now)
    assert (done.name, done.company) == ("Lee Wong", "Northwind")


def test_whoever_was_given_a_lead_may_work_on_it_without_being_of_the_team(world: World) -> None:
    lead = world.lead()
    world.run(reassign_lead, lead, to_user_id="U-MAX", by=world.member("mia"), at=world.now)
    world.run(work_lead, contact_lead, lead, by=world.member("max"), at=world.now)


def test_a_lead_of_another_workspace_does_not_exist(world: World) -> None:
    lead = world.lead()
    world.run(ensure_workspace, "T2", name="Other", at=world.now)
    stranger = world.member("mia")
    stranger = type(stranger)(
        stranger.id, world.workspace_id + 1, stranger.user_id, stranger.name, stranger.role, stranger.tz
    )
    with pytest.raises(NotFound):
        world.run(work_lead, claim_lead, lead, by=stranger, at=world.now)


def test_tomorrow_is_nine_in_the_zone_of_whoever_clicked(world: World) -> None:
    lead = world.lead(tier="cool")
    kept = world.run(snooze_lead_for, lead, choice="tomorrow", by=world.member("ana"), at=world.now)
    assert kept.until == datetime(2026, 11, 17, 8, 0, tzinfo=UTC), "nine o'clock in Berlin"


def test_a_snooze_that_nobody_offers_is_refused(world: World) -> None:
    with pytest.raises(Refused):
        world.run(snooze_lead_for, world.lead(), choice="1y", by=world.member("ana"), at=world.now)


@pytest.mark.parametrize(
    ("week", "opening"),
    [
        ("mon-fri 08:00-18:00", datetime(2026, 11, 17, 9, 0, tzinfo=UTC)),
        ("mon-fri 13:00-18:00", datetime(2026, 11, 17, 13, 0, tzinfo=UTC)),
        ("mon 09:00-18:00", datetime(2026, 11, 23, 9, 0, tzinfo=UTC)),
        ("mon-fri 06:00-08:00", datetime(2026, 11, 17, 6, 0, tzinfo=UTC)),
        ("24/7", datetime(2026, 11, 17, 9, 0, tzinfo=UTC)),
    ],
)
def test_the_next_working_morning_is_at_nine_or_when_the_team_opens(world: World, week: str, opening: datetime) -> None:
    assert next_working_morning(WorkingHours("UTC", parse_week(week)), MONDAY_NOON) == opening


def test_an_extension_to_the_next_day_ends_an_hour_into_it(world: World) -> None:
    lead = world.lead()
    due = world.run(extend_lead_by, lead, choice="next_day", by=world.member("mia"), at=world.now)
    assert due == datetime(2026, 11, 17, 10, 0, tzinfo=UTC)


def test_adding_a_lead_gives_it_to_a_rep(world: World) -> None:
    added = world.run(add_lead, {"name": " Lee  Wong ", "score": "87"}, by=world.member("mia"), at=world.now)
    lead = world.run(lambda session: session.get_one(Lead, added.lead_id))
    assert (lead.name, lead.score, lead.source, lead.tier) == ("Lee Wong", 87, "by hand", "warm")
    assert lead.owner_id is not None


def test_every_wrong_field_is_named_at_once(world: World) -> None:
    given = {"name": "\u200b ", "email": "lee at northwind", "score": "lots", "company": "x" * 201}
    with pytest.raises(FieldProblems) as wrong:
        world.run(add_lead, given, by=world.member("mia"), at=world.now)
    assert sorted(wrong.value.problems) == ["company", "email", "name", "score"]


@pytest.mark.parametrize("score", ["lots", "8.5.1", "1e2", "nan", "inf", "9" * 13, "87 or so"])
def test_a_score_that_is_no_number_is_refused(score: str) -> None:
    with pytest.raises(FieldProblems) as wrong:
        parse_score(score)
    assert list(wrong.value.problems) == ["score"]


@pytest.mark.parametrize(
    ("typed", "score"),
    [("87", 87), (" 135 ", 135), ("87.5", 88), ("87,4", 87), ("-3", -3), ("90 %", 90), ("42/100", 42), ("٣", 3)],
)
def test_any_number_is_a_score(typed: str, score: int) -> None:
    assert parse_score(typed) == score


@pytest.mark.parametrize(
    ("typed", "email"),
    [
        ("someone@northwind", "someone@northwind"),
        ("lee@münchen.example", "lee@münchen.example"),
        ("Lee Wong <lee@northwind.com>", "lee@northwind.com"),
        ('"lee wong"@northwind.com', '"lee wong"@northwind.com'),
        ("lee+demo@northwind.com.", "lee+demo@northwind.com."),
    ],
)
def test_an_address_is_kept_as_it_is_typed(typed: str, email: str) -> None:
    assert checked_lead({"name": "Lee", "email": typed}, source="by hand").email == email


def test_two_addresses_are_no_address() -> None:
    with refused(FieldProblems, "several e-mail addresses"):
        checked_lead({"name": "Lee", "email": "lee@a.example, kim@a.example"}, source="by hand")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_kept_or_refused_by_field(text: str) -> None:
    if len(text) > 200:
        with refused(FieldProblems, f"That is {len(text.strip()):,} characters; 200 fit"):
            checked_lead({"name": text}, source="website")
    lead = checked_lead({"name": text[:200], "asked": text}, source="website")
    assert not set(lead.name + (lead.asked or "")) & set("\0\u200b\u202e")


def test_ten_thousand_characters_are_still_a_lead() -> None:
    assert checked_lead({"name": "Lee", "asked": "x" * 10_000}, source="website").asked == "x" * 10_000


def test_nul_and_bidi_controls_are_taken_out() -> None:
    lead = checked_lead(
        {"name": "Lee\0 Wong\u202e", "company": "\0"}, source="website", touches=[("web\0inar", "\0now")]
    )
    assert (lead.name, lead.company) == ("Lee Wong", None)
    assert (lead.touches[0].what, lead.touches[0].at) == ("webinar", "now")


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("", "2026-11-17T08:00"),
        ("tomorrow", "2026-11-17T08:00"),
        ("4h", "2026-11-16T16:00"),
        ("2d", "2026-11-18T08:00"),
        ("until Friday", "2026-11-20T08:00"),
        ("mon", "2026-11-23T08:00"),
        ("2026-12-24", "2026-12-24T08:00"),
        ("1 week", "2026-11-23T08:00"),
    ],
)
def test_away_understands_how_people_say_it(text: str, until: str) -> None:
    assert parse_until(text, "Europe/Berlin", MONDAY_NOON) == datetime.fromisoformat(until).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["soon", "0d", "2026-02-31", "9999-12-31", "9999w", "fr", "2026-11-16", "x" * 4000])
def test_away_says_what_it_does_not_understand(text: str) -> None:
    with pytest.raises(Refused):
        parse_until(text, "Pacific/Apia", MONDAY_NOON + timedelta(hours=12))


def test_who_is_away_gets_no_leads_until_back(world: World) -> None:
    ana = world.member("ana")
    world.run(go_away, "2d", by=ana, at=world.now)
    owners = {
        world.run(lambda s, lead=lead: s.get_one(Lead, lead).owner_id) for lead in (world.lead("A"), world.lead("B"))
    }
    assert owners == {world.member("bo").id}
    assert world.run(come_back, by=ana, at=world.later(seconds=1))
    lead = world.lead("C")
    assert world.run(lambda session: session.get_one(Lead, lead).owner_id) == ana.id


def test_going_away_counts_the_leads_that_stay(world: World) -> None:
    world.lead()
    assert world.run(go_away, "", by=world.member("ana"), at=world.now).open_leads == 1


def test_a_rep_lists_their_own_leads_and_a_manager_the_teams(world: World) -> None:
    late = world.lead("Late", tier="cool")
    world.later(seconds=1)
    other = world.lead("Other")
    world.later(seconds=1)
    soon = world.lead("Soon")
    mine = world.run(list_open_leads, by=world.member("ana"), at=world.now)
    assert [lead.id for lead in mine.mine] == [soon, late], "the most urgent first"
    assert not mine.team
    team = world.run(list_open_leads, by=world.member("mia"), at=world.now)
    assert not team.mine
    assert [lead.id for lead in team.team] == [other, soon, late]


def test_a_long_list_says_how_many_more_there_are(world: World) -> None:
    from handlers.leads.lists import leads_list
    from playground.blocks import problems_in_message

    for number in range(SHOWN + 3):
        world.lead(f"{HOSTILE[number % len(HOSTILE)][:200]}")
    found = world.run(list_open_leads, by=world.member("mia"), at=world.now)
    receipt = leads_list(found, "U-MIA", "/lead", hint=True)
    assert problems_in_message(list(receipt.blocks)) == []
    assert "and 3 more" in str(receipt.blocks)


def test_the_form_offers_the_default_tier_and_team_first(world: World) -> None:
    from handlers.leads.forms import add_form

    choices = world.run(lead_choices, by=world.member("ana"), at=world.now)
    assert [value for value, _ in choices.tiers] == ["warm", "hot", "cool"]
    assert choices.teams == (("sales", "Sales"),)
    assert fits_modal(add_form(choices, "https://hooks.example/response"))


def test_settled_leads_refuse_further_steps(world: World) -> None:
    lead = world.lead()
    world.run(work_lead, contact_lead, lead, by=world.member("ana"), at=world.now)
    with pytest.raises(LeadSettled):
        world.run(work_lead, contact_lead, lead, by=world.member("bo"), at=world.now)
