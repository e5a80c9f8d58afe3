"""The rules of declines: what follows from each reason, who hears of it, and what they add up to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from domain.calendar import WorkingHours, parse_week
from domain.errors import FieldProblems
from domain.leads.decline_figures import decline_figures
from domain.leads.declining import consequences, decline_lead, reopen_lead
from domain.leads.disputes import accept_decline, dispute_decline, rule_decline
from domain.leads.errors import DeclineMoved, LeadFieldWrong, NotTheirRuling
from domain.leads.facts import LeadFacts, load_lead
from domain.leads.lifecycle import take_lead
from domain.leads.reasons import BY_NAME, REASONS
from domain.leads.returning import is_one_due, return_nurtured
from domain.leads.waiting import give_waiting_leads
from domain.people import default_team
from storage.models import AuditEvent, Clock, Decline, Lead, Member, Nurture, Team, TeamMember
from tests.world import World


def decline(world: World, lead: int, reason: str = "not_a_fit", who: str = "ana", **more: Any) -> str:
    followed: str = world.run(
        decline_lead, lead, reason=reason, note="no use", by=world.member(who), at=world.now, **more
    )
    return followed


def state(world: World, lead: int) -> Lead:
    found: Lead = world.run(lambda session: session.get_one(Lead, lead))
    return found


def declined(world: World, lead: int) -> Decline:
    latest = select(Decline).where(Decline.lead_id == lead).order_by(Decline.id.desc())
    found: Decline = world.run(lambda session: session.scalars(latest).first())
    return found


def loaded(world: World, lead: int) -> LeadFacts:
    facts = world.run(load_lead, lead, world.workspace_id, world.now)
    assert facts is not None
    return facts


def owner(world: World, lead: int) -> str | None:
    owner = loaded(world, lead).owner
    return owner.name if owner else None


def clock(world: World, lead: int) -> Clock:
    latest = select(Clock).where(Clock.lead_id == lead).order_by(Clock.id.desc())
    found: Clock = world.run(lambda session: session.scalars(latest).first())
    return found


def add_team(world: World, key: str, name: str, *members: str) -> None:
    def add(session: Any) -> None:
        hours = WorkingHours.always().to_json()
        team = Team(workspace_id=world.workspace_id, key=key, name=name, hours=hours, created_at=world.now)
        session.add(team)
        session.flush()
        for member in session.scalars(select(Member).where(Member.name.in_(members))):
            session.add(TeamMember(team_id=team.id, member_id=member.id))

    world.run(add)


def away(world: World, *names: str) -> None:
    def go(session: Any) -> None:
        for member in session.scalars(select(Member).where(Member.name.in_(names))):
            member.away_until = world.now + timedelta(days=900)

    world.run(go)


def back(world: World, name: str) -> None:
    here = update(Member).where(Member.name == name).values(away_until=None)
    world.run(lambda session: session.execute(here) and None)


def promote(world: World, name: str) -> None:
    manages = update(Member).where(Member.name == name).values(role="manager")
    world.run(lambda session: session.execute(manages) and None)


def set_hours(world: World, week: str) -> None:
    def change(session: Any) -> None:
        default_team(session, world.workspace_id).hours = WorkingHours("UTC", parse_week(week)).to_json()

    world.run(change)


@pytest.mark.parametrize("reason", [one.name for one in REASONS])
def test_each_reason_leads_to_what_it_declares(world: World, reason: str) -> None:
    lead = world.lead()
    assert decline(world, lead, reason) == BY_NAME[reason].consequence
    assert declined(world, lead).reason == reason
    expected = {"marketing": "declined", "nurture": "nurture", "reroute": "new"}
    assert state(world, lead).state == expected[BY_NAME[reason].consequence]


def test_a_wrong_territory_goes_to_the_only_other_team(world: World) -> None:
    add_team(world, "us", "US", "max")
    lead = world.lead()
    assert decline(world, lead, "not_my_area") == "reroute"
    assert owner(world, lead) == "max"
    assert clock(world, lead).started_at == world.now
    assert ("lead_dm", "U-MAX") in world.queued()


def test_among_several_teams_somebody_must_pick(world: World) -> None:
    add_team(world, "us", "US", "max")
    add_team(world, "apac", "APAC")
    lead = world.lead()
    by, reason = world.member("ana"), BY_NAME["not_my_area"]
    offered = world.run(lambda session: consequences(session, session.get_one(Lead, lead), reason, by, world.now))
    assert offered.proposed is None
    assert [one.value for one in offered.offered] == ["next", "team:apac", "team:us", "marketing", "nurture"]


def test_a_team_with_nobody_there_lets_the_lead_wait_and_its_managers_know(world: World) -> None:
    add_team(world, "us", "US")
    lead = world.lead()
    assert decline(world, lead, "not_my_area", then="team:us") == "reroute"
    assert owner(world, lead) is None
    assert state(world, lead).state == "new"
    assert clock(world, lead).state == "running"
    assert [kind for kind, _ in world.queued() if kind == "lead_breach"] == ["lead_breach"]


def test_who_declines_is_not_given_the_lead_again(world: World) -> None:
    away(world, "bo", "mia")
    lead = world.lead()
    assert decline(world, lead, "wrong_contact") == "marketing", "nobody else is there"
    with pytest.raises(FieldProblems) as refused:
        decline(world, world.lead("Kim Oh"), "wrong_contact", then="next")
    assert refused.value.problems == {"then": LeadFieldWrong("nobody_else")}


def test_nurture_ends_at_a_working_time_of_the_team(world: World) -> None:
    set_hours(world, "mon-fri 08:30-17:00")
    lead = world.lead()
    decline(world, lead, "bad_timing", until="2026-12-05")  # a Saturday
    resting = world.run(lambda session: session.scalars(select(Nurture)).one())
    assert resting.until == datetime(2026, 12, 7, 8, 30, tzinfo=UTC)
    assert clock(world, lead).state == "stopped"
    set_hours(world, "mon-fri 10:00-17:00")
    world.now = resting.until
    assert world.run(return_nurtured, at=world.now).count == 1
    assert state(world, lead).state == "nurture", "the team begins later now"
    assert not world.run(is_one_due, world.now)
    world.now = datetime(2026, 12, 7, 10, 0, tzinfo=UTC)
    world.run(return_nurtured, at=world.now)
    assert state(world, lead).state == "new"
    assert clock(world, lead).started_at == world.now
    assert owner(world, lead) == "ana"
    told = loaded(world, lead).declined
    assert told is not None
    assert (told.reason, told.returned) == ("bad_timing", True)


def test_a_lead_comes_back_to_somebody_else_where_its_rep_is_away(world: World) -> None:
    lead = world.lead()
    decline(world, lead, "bad_timing")
    away(world, "ana")
    world.later(days=100)
    world.run(return_nurtured, at=world.now)
    assert owner(world, lead) == "bo"


def test_a_lead_that_comes_back_to_nobody_waits_for_whoever_is_first(world: World) -> None:
    lead = world.lead()
    decline(world, lead, "bad_timing")
    away(world, "ana", "bo", "mia")
    world.later(days=100)
    world.run(return_nurtured, at=world.now)
    assert (state(world, lead).state, owner(world, lead)) == ("new", None)
    back(world, "bo")
    world.run(give_waiting_leads, at=world.later(minutes=1), limit=5)
    assert owner(world, lead) == "bo"


def test_who_asked_again_meanwhile_gets_no_second_lead(world: World) -> None:
    lead = world.lead(email="lee@northwind.example", asked="A demo")
    decline(world, lead, "bad_timing")
    world.later(days=50)
    newer = world.lead(email="lee@northwind.example", asked="A price")
    assert newer != lead
    world.later(days=50)
    world.run(return_nurtured, at=world.now)
    assert state(world, lead).state == "nurture"
    assert world.run(lambda session: session.scalars(select(Nurture.state)).all()) == ["overtaken"]


@pytest.mark.parametrize(
    ("until", "why"), [("soon", "no_day"), ("2026-11-16", "day_passed"), ("2029-01-01", "day_too_far")]
)
def test_a_day_that_cannot_be_is_refused(world: World, until: str, why: Any) -> None:
    lead = world.lead()
    with pytest.raises(FieldProblems) as refused:
        decline(world, lead, "no_budget", until=until)
    assert refused.value.problems == {"until": LeadFieldWrong(why)}
    assert state(world, lead).state == "new"


def test_accept_and_dispute_are_one_answer(world: World) -> None:
    lead = world.lead()
    decline(world, lead)
    first = declined(world, lead).id
    world.run(accept_decline, first, by=world.member("max"), at=world.now)
    world.run(accept_decline, first, by=world.member("max"), at=world.now)  # twice is once
    with pytest.raises(DeclineMoved) as late:
        world.run(dispute_decline, first, words="They fit.", by=world.member("mia"), at=world.later(seconds=4))
    assert (late.value.state, late.value.by) == ("accepted", "max")
    assert late.value.at is not None
    assert late.value.now - late.value.at == timedelta(seconds=4)


def test_an_accepted_decline_can_still_be_taken_back(world: World) -> None:
    lead = world.lead()
    decline(world, lead)
    world.run(accept_decline, declined(world, lead).id, by=world.member("max"), at=world.now)
    world.run(reopen_lead, lead, by=world.member("ana"), at=world.later(minutes=5))
    assert state(world, lead).state == "new"
    assert declined(world, lead).state == "undone"
    assert clock(world, lead).state == "running"


def test_a_ruling_after_undo_is_refused_and_so_is_an_undo_after_the_ruling(world: World) -> None:
    lead = world.lead()
    decline(world, lead)
    first = declined(world, lead).id
    world.run(reopen_lead, lead, by=world.member("ana"), at=world.now)
    with pytest.raises(DeclineMoved) as undone:
        world.run(rule_decline, first, verdict="stands", words="No.", by=world.member("mia"), at=world.now)
    assert undone.value.state == "undone"
    decline(world, lead)
    second = declined(world, lead).id
    world.run(dispute_decline, second, words="They fit.", by=world.member("max"), at=world.now)
    world.run(rule_decline, second, verdict="stands", words="No.", by=world.member("mia"), at=world.now)
    with pytest.raises(DeclineMoved) as ruled:
        world.run(reopen_lead, lead, by=world.member("ana"), at=world.later(seconds=3))
    assert (ruled.value.state, ruled.value.by) == ("ruled", "mia")


def test_a_disputed_lead_has_no_running_clock_and_a_ruling_starts_a_fresh_one(world: World) -> None:
    lead = world.lead()
    decline(world, lead)
    world.run(dispute_decline, declined(world, lead).id, words="They fit.", by=world.member("max"), at=world.now)
    assert clock(world, lead).state == "stopped"
    world.later(days=3)
    ruling = {"verdict": "sales", "words": "Call them.", "by": world.member("mia"), "at": world.now}
    world.run(rule_decline, declined(world, lead).id, **ruling)
    assert clock(world, lead).started_at == world.now
    assert owner(world, lead) == "ana"
    told = [place for kind, place in world.queued() if kind == "decline_ruled"]
    assert told == ["U-MAX"], "ana reads it on the card that comes with the lead"
    actions = world.run(lambda session: session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all())
    assert [one for one in actions if one.startswith("decline.")] == ["decline.dispute", "decline.rule"]


def test_nobody_rules_on_their_own_side(world: World) -> None:
    promote(world, "bo")
    lead = world.lead()
    world.run(take_lead, lead, by=world.member("mia"), at=world.now)
    decline(world, lead, who="mia")
    world.run(dispute_decline, declined(world, lead).id, words="They fit.", by=world.member("max"), at=world.now)
    assert [place for kind, place in world.queued() if kind == "ruling_wanted"] == ["U-BO"], "not the team's manager"
    ruling: dict[str, Any] = {"verdict": "stands", "words": "No.", "at": world.now}
    with pytest.raises(NotTheirRuling) as refused:
        world.run(rule_decline, declined(world, lead).id, by=world.member("mia"), **ruling)
    assert refused.value.ask == "bo"
    world.run(rule_decline, declined(world, lead).id, by=world.member("bo"), **ruling)


def test_who_disputes_and_manages_is_not_asked_by_a_message(world: World) -> None:
    lead = world.lead()
    decline(world, lead)
    world.run(dispute_decline, declined(world, lead).id, words="They fit.", by=world.member("mia"), at=world.now)
    assert [place for kind, place in world.queued() if kind == "ruling_wanted"] == [], "the only manager clicked"
    ruling: dict[str, Any] = {"verdict": "stands", "words": "No.", "at": world.now}
    world.run(rule_decline, declined(world, lead).id, by=world.member("mia"), **ruling)
    assert [place for kind, place in world.queued() if kind == "decline_ruled"] == ["U-ANA"]


def test_what_declines_add_up_to(world: World) -> None:
    for number, (reason, source) in enumerate(
        [
            ("not_a_fit", "ads"),
            ("not_a_fit", "ads"),
            ("not_a_fit", "website"),
            ("too_small", "ads"),
            ("no_budget", "ads"),
        ]
    ):
        lead = world.lead(f"Lead {number}", source=source)
        decline(world, lead, reason, who="mia")
        if number < 2:
            words = {"words": "They fit.", "by": world.member("max"), "at": world.now}
            world.run(dispute_decline, declined(world, lead).id, **words)
        if number == 0:
            promote(world, "bo")
            ruling = {"verdict": "stands", "words": "No.", "by": world.member("bo"), "at": world.now}
            world.run(rule_decline, declined(world, lead).id, **ruling)
        if number == 2:
            world.run(accept_decline, declined(world, lead).id, by=world.member("max"), at=world.now)
    undone = world.lead("Undone")
    decline(world, undone)
    world.run(reopen_lead, undone, by=world.member("ana"), at=world.now)
    span = {"since": world.now - timedelta(days=1), "until": world.now + timedelta(days=1)}
    figures = world.run(decline_figures, world.workspace_id, **span)
    assert figures.declined == 5
    assert figures.by_reason == (("not_a_fit", 3), ("no_budget", 1), ("too_small", 1))
    assert figures.by_source == (("ads", 4), ("website", 1))
    assert figures.by_both[0] == ("not_a_fit", "ads", 2)
    assert (figures.to_marketing, figures.accepted, figures.disputed, figures.unanswered) == (4, 1, 2, 1)
    assert (figures.verdicts, figures.unruled) == ((("stands", 1),), 1)
    later = {"since": world.now + timedelta(days=1), "until": world.now + timedelta(days=2)}
    assert world.run(decline_figures, world.workspace_id, **later).declined == 0
