"""Reminders at working times: what is offered, what is kept, and what falls due after hours changed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.calendar import WorkingHours, parse_week
from domain.errors import Refused
from domain.leads.availability import come_back, go_away
from domain.leads.rungs import apply_due_rungs
from domain.leads.snoozing import offered_snoozes, snooze_until, working_moment
from domain.leads.working import Snoozed, snooze_lead_for
from storage.models import LeadEvent, Member, Policy, Team
from tests.leads.shown import options, render, shown
from tests.world import World

FRIDAY = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
OFFICE = "mon-fri 09:00-17:00"


def works(world: World, week: str = OFFICE, zone: str = "UTC", rep_zone: str = "UTC", hours: int = 16) -> int:
    """A lead of ana's that came on Friday at 15:30 to a team with these hours, to be contacted within `hours`."""

    def arrange(session: Session) -> None:
        session.scalars(select(Team)).one().hours = WorkingHours(zone, parse_week(week)).to_json()
        for member in session.scalars(select(Member)):
            member.tz = rep_zone
        for policy in session.scalars(select(Policy)):
            policy.contact_seconds = hours * 3600

    world.run(arrange)
    world.now = FRIDAY
    return world.lead()


def offered(world: World, lead: int) -> list[str]:
    found = options(render(world, "lead_card", lead), "Mute reminders…")
    assert found.pop() == "Until the deadline"
    return found


def snooze(world: World, lead: int, choice: str) -> Snoozed:
    return world.run(snooze_lead_for, lead, choice=choice, by=world.member("ana"), at=world.now)


def reminders(world: World) -> list[datetime]:
    """When reps were reminded, in the order in which it happened."""
    return world.run(
        lambda session: list(
            session.scalars(select(LeadEvent.at).where(LeadEvent.kind == "reminded").order_by(LeadEvent.id))
        )
    )


def let_pass(world: World, until: datetime) -> None:
    """Time passes in steps of ten minutes, and the ticker looks."""
    while world.now < until:
        world.later(minutes=10)
        world.run(apply_due_rungs, at=world.now)


def test_on_a_friday_the_next_morning_is_mondays(world: World) -> None:
    assert offered(world, works(world)) == ["10 minutes", "1 hour", "Monday 9:00", "Tuesday 9:00"]


def test_on_a_holiday_the_next_morning_is_the_day_after(world: World) -> None:
    lead = works(world)

    def close(session: Session) -> None:
        team = session.scalars(select(Team)).one()
        monday = datetime(2026, 11, 23, tzinfo=UTC).date()
        team.hours = WorkingHours("UTC", parse_week(OFFICE), frozenset({monday})).to_json()

    world.run(close)
    assert offered(world, lead)[-1] == "Tuesday 9:00"


def test_shortly_before_closing_an_hour_is_not_offered(world: World) -> None:
    lead = works(world)
    world.later(minutes=60)
    assert offered(world, lead) == ["10 minutes", "Monday 9:00", "Tuesday 9:00"]


def test_nothing_is_offered_beyond_the_deadline(world: World) -> None:
    lead = works(world, hours=1)
    assert offered(world, lead) == ["10 minutes"]
    world.later(minutes=55)
    assert offered(world, lead) == []


def test_until_the_deadline_is_no_reminder_at_all(world: World) -> None:
    lead = works(world, hours=1)
    kept = snooze(world, lead, "deadline")
    assert kept.until == kept.due_at
    let_pass(world, datetime(2026, 11, 20, 17, tzinfo=UTC))
    assert reminders(world) == []


def test_an_overdue_card_offers_no_muting(world: World) -> None:
    lead = works(world, hours=1)
    world.later(hours=2)
    assert options(render(world, "lead_card", lead), "Mute reminders…") == []


def test_in_the_morning_the_afternoon_is_offered(world: World) -> None:
    lead = works(world, hours=24)
    world.now = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    assert offered(world, lead) == ["10 minutes", "1 hour", "Monday 14:00", "Tuesday 9:00", "Wednesday 9:00"]


def test_the_morning_is_the_reps_own_with_its_zone_where_that_is_not_the_teams(world: World) -> None:
    lead = works(world, zone="Europe/Berlin", rep_zone="Europe/Lisbon")
    assert offered(world, lead)[-1] == "Tuesday 9:00 WET"


def test_a_rep_in_another_zone_is_not_reminded_before_the_team_opens(world: World) -> None:
    lead = works(world, "mon-fri 09:00-17:00", zone="America/New_York", rep_zone="Europe/Berlin")
    assert "Monday 15:00 CET" in offered(world, lead)


def test_while_the_rep_is_away_nothing_before_their_return_is_offered(world: World) -> None:
    lead = works(world, hours=40)
    world.run(go_away, "2026-11-25", by=world.member("ana"), at=world.now)
    assert offered(world, lead) == ["Wednesday 9:00", "Thursday 9:00"]


def test_an_hour_that_ends_after_closing_is_kept_as_the_next_opening_and_said(world: World) -> None:
    lead = works(world)
    world.later(minutes=60)
    kept = snooze(world, lead, "1h")
    assert (kept.until, kept.moved) == (datetime(2026, 11, 23, 9, tzinfo=UTC), True)


def test_until_tomorrow_of_an_older_card_reminds_on_monday(world: World) -> None:
    lead = works(world)
    assert snooze(world, lead, "tomorrow").until == datetime(2026, 11, 23, 9, tzinfo=UTC)
    let_pass(world, datetime(2026, 11, 24, 12, tzinfo=UTC))
    assert reminders(world) == [datetime(2026, 11, 23, 9, tzinfo=UTC)]


def test_a_time_that_has_passed_since_it_was_offered_changes_nothing(world: World) -> None:
    lead = works(world)
    world.now = datetime(2026, 11, 23, 10, tzinfo=UTC)
    assert snooze(world, lead, "morning:2026-11-23").until is None
    assert "no reminder until" not in shown(render(world, "lead_card", lead))


@pytest.mark.parametrize(
    "choice", ["", "never", "morning:", "morning:2026-99-99", "noon:2026-11-23", "morning:9999-12-31"]
)
def test_a_choice_that_was_never_offered_is_refused(world: World, choice: str) -> None:
    lead = works(world)
    with pytest.raises(Refused):
        snooze(world, lead, choice)


def test_a_snooze_waits_for_the_opening_when_the_hours_change(world: World) -> None:
    lead = works(world)
    snooze(world, lead, "morning:2026-11-23")

    def open_later(session: Session) -> None:
        team = session.scalars(select(Team)).one()
        team.hours = WorkingHours("UTC", parse_week("mon-fri 11:00-17:00")).to_json()

    world.run(open_later)
    let_pass(world, datetime(2026, 11, 23, 12, tzinfo=UTC))
    assert reminders(world) == [datetime(2026, 11, 23, 11, tzinfo=UTC)]


def test_a_rep_who_went_away_is_reminded_on_their_return(world: World) -> None:
    lead = works(world)
    snooze(world, lead, "morning:2026-11-23")
    world.run(go_away, "4h", by=world.member("ana"), at=datetime(2026, 11, 23, 8, 30, tzinfo=UTC))
    let_pass(world, datetime(2026, 11, 23, 15, tzinfo=UTC))
    assert reminders(world) == [datetime(2026, 11, 23, 12, 30, tzinfo=UTC)]


def test_a_reminder_that_waits_for_a_rep_still_comes_when_the_card_turns_meanwhile(world: World) -> None:
    lead = works(world)
    snooze(world, lead, "morning:2026-11-23")
    world.run(go_away, "8h", by=world.member("ana"), at=datetime(2026, 11, 23, 8, tzinfo=UTC))
    let_pass(world, datetime(2026, 11, 23, 15, 30, tzinfo=UTC))
    assert "Half the time is gone" in str(render(world, "lead_card", lead))
    let_pass(world, datetime(2026, 11, 23, 17, tzinfo=UTC))
    assert reminders(world) == [datetime(2026, 11, 23, 16, tzinfo=UTC)]


def test_a_rep_who_is_back_earlier_is_reminded_soon_after(world: World) -> None:
    lead = works(world)
    snooze(world, lead, "morning:2026-11-23")
    world.run(go_away, "2026-11-30", by=world.member("ana"), at=datetime(2026, 11, 23, 8, 30, tzinfo=UTC))
    let_pass(world, datetime(2026, 11, 23, 10, tzinfo=UTC))
    assert reminders(world) == []
    world.run(come_back, by=world.member("ana"), at=world.now)
    let_pass(world, datetime(2026, 11, 23, 11, tzinfo=UTC))
    assert len(reminders(world)) == 1


def test_who_is_away_until_after_the_deadline_is_not_reminded_and_the_manager_is_told(world: World) -> None:
    works(world, hours=2)
    world.run(go_away, "2026-11-30", by=world.member("ana"), at=world.now)
    let_pass(world, datetime(2026, 11, 23, 9, 40, tzinfo=UTC))
    assert reminders(world) == []
    assert ("lead_breach", "U-MIA") in world.queued()


def test_a_reminder_that_an_outage_held_up_until_the_night_waits_for_the_morning(world: World) -> None:
    works(world, hours=2)
    world.now = datetime(2026, 11, 20, 23, tzinfo=UTC)
    world.run(apply_due_rungs, at=world.now)
    assert reminders(world) == []


def test_away_until_tomorrow_on_a_friday_is_until_monday(world: World) -> None:
    works(world)
    away = world.run(go_away, "", by=world.member("ana"), at=world.now)
    assert away.until == datetime(2026, 11, 23, 9, tzinfo=UTC)


WEEKS = [OFFICE, "mon-fri 08:30-12:00, 13:30-18:00; sat 10:00-14:00", "fri 22:00-06:00", "24/7", "mon 06:00-08:00"]
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Africa/Cairo", "Pacific/Apia"]
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(
    st.sampled_from(WEEKS),
    st.sampled_from(ZONES),
    st.sampled_from(ZONES),
    MOMENTS,
    st.integers(1, 20_000),
    st.one_of(st.none(), st.integers(-5_000, 20_000)),
)
def test_every_time_that_is_offered_is_working_time_before_the_deadline_and_is_kept_as_offered(
    week: str, zone: str, rep_zone: str, at: datetime, minutes: int, away: int | None
) -> None:
    hours = WorkingHours(zone, parse_week(week))
    due_at = hours.add(at, timedelta(minutes=minutes))
    away_until = at + timedelta(minutes=away) if away is not None else None
    snoozes = offered_snoozes(hours, rep_zone, away_until, at=at, due_at=due_at)
    assert snoozes[-1].until == due_at
    assert len({one.until for one in snoozes}) == len(snoozes)
    for one in snoozes[:-1]:
        assert at < one.until < due_at
        assert hours.is_open(one.until)
        assert away_until is None or one.until >= away_until
        assert snooze_until(one.choice, hours, rep_zone, away_until, at=at) == one.until
        kind, _, day = one.choice.partition(":")
        if kind in ("morning", "afternoon"):
            assert one.until.astimezone(ZoneInfo(rep_zone)).date().isoformat() == day
    assert hours.is_open(working_moment(hours, away_until, at))
