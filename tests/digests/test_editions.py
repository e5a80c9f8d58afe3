"""Editions: made once, for the right week, whoever starts when; missed, stale, silent and rescheduled ones."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.loops.schedule import Schedule
from bot.metrics import Metrics
from digests import editions
from digests.audiences import AudienceForm, save_audience
from digests.editions import bring_editions_back, load_facts, next_due, publish_due_editions
from digests.kinds import KINDS
from digests.marketing import MarketingFacts
from digests.rendering import render_edition
from domain.changes import CHANGE, Change
from domain.config.overview import load_overview
from domain.config.values import WEEKDAYS, describe_minute
from domain.errors import FieldProblems, NotFound
from domain.versions import version_of
from domain.wall import WallClock
from handlers.arrival import Tandem
from storage.database import Database
from storage.models import AUDIENCE_KINDS, Audience, AuditEvent, Delivery, Edition, Workspace
from tests.digests.conftest import Week
from tests.world import World

MONDAY_NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""The first issue after the world's Monday noon."""


def digests_queued(world: World) -> list[tuple[str, str]]:
    return [each for each in world.queued() if each[0] == "edition"]


def test_nothing_is_made_before_it_is_due(world: World, week: Week) -> None:
    assert world.run(next_due) == MONDAY_NINE
    world.now = MONDAY_NINE - timedelta(seconds=1)
    assert week.publish() == []


def test_each_audience_gets_its_edition_once_and_is_moved_on(world: World, week: Week) -> None:
    world.now = MONDAY_NINE
    assert len(week.publish()) == 2
    assert week.publish() == []
    assert sorted(digests_queued(world)) == [("edition", "C-MARKETING-NEWS"), ("edition", "C-SALES-NEWS")]
    assert {(one.period_start, one.period_end) for one in week.editions()} == {
        (datetime(2026, 11, 16, 9, tzinfo=UTC), MONDAY_NINE)
    }
    assert world.run(next_due) == MONDAY_NINE + timedelta(days=7)


def test_two_workers_at_the_same_time_make_each_edition_once(world: World, week: Week, migrated_url: str) -> None:
    world.now = MONDAY_NINE
    start = threading.Barrier(4)
    failures: list[BaseException] = []

    def work() -> None:
        db = Database(migrated_url)
        try:
            start.wait()
            for _ in range(5):
                db.run_sync(publish_due_editions, at=world.now)
        except BaseException as error:
            failures.append(error)
        finally:
            db.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []
    assert len(week.editions()) == 2
    assert world.run(lambda session: session.scalar(select(func.count()).select_from(Delivery))) == 2


def test_a_failure_before_the_commit_leaves_the_edition_to_be_made_again(world: World, week: Week) -> None:
    world.now = MONDAY_NINE

    def crash(session: Any) -> None:
        publish_due_editions(session, at=world.now)
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        world.run(crash)
    assert week.editions() == []
    assert len(week.publish()) == 2


def test_a_digest_missed_by_a_day_is_sent_once_with_its_own_week(world: World, week: Week) -> None:
    week.hear("in its week", "pricing", at=MONDAY_NINE - timedelta(hours=1))
    week.hear("after it", "pricing", at=MONDAY_NINE + timedelta(hours=1))
    world.now = MONDAY_NINE + timedelta(days=1)
    week.publish()
    facts = load_facts(week.editions("marketing")[0])
    assert isinstance(facts, MarketingFacts)
    assert facts.objections == 1
    assert world.run(next_due) == MONDAY_NINE + timedelta(days=7)


def test_after_weeks_of_standstill_only_the_fresh_week_is_sent_and_the_stale_ones_are_recorded(
    world: World, week: Week
) -> None:
    world.now = MONDAY_NINE + timedelta(days=22)
    week.publish()
    states = [(one.state, one.period_end) for one in week.editions("sales")]
    assert states == [
        ("skipped", MONDAY_NINE),
        ("skipped", MONDAY_NINE + timedelta(days=7)),
        ("skipped", MONDAY_NINE + timedelta(days=14)),
        ("frozen", MONDAY_NINE + timedelta(days=21)),
    ]
    assert len(digests_queued(world)) == 2


def test_a_digest_more_than_three_days_late_is_not_sent(world: World, week: Week) -> None:
    world.now = MONDAY_NINE + timedelta(days=3, seconds=1)
    week.publish()
    assert {one.state for one in week.editions()} == {"skipped"}
    assert digests_queued(world) == []


def test_an_empty_week_is_one_line(world: World, week: Week) -> None:
    world.now = MONDAY_NINE
    week.publish()
    for edition in week.editions():
        rendered = render_edition(load_facts(edition))
        assert len(rendered.blocks) == 1
        assert "a quiet week" in rendered.text
        assert "\n" not in rendered.text


def test_an_empty_week_is_silence_where_the_audience_chose_that(world: World, week: Week) -> None:
    week.set("sales", when_empty="silence")
    week.set("marketing", when_empty="silence")
    week.hear("dear", "pricing")
    world.now = MONDAY_NINE
    week.publish()
    assert [one.state for one in week.editions("sales")] == ["skipped"]
    assert digests_queued(world) == [("edition", "C-MARKETING-NEWS")]


def test_the_facts_are_frozen_and_rendering_twice_gives_the_same_bytes(world: World, week: Week) -> None:
    week.hear("dear", "pricing", account="Globex", deal=40_000, quote="It is <!channel> dear")
    week.perform("Guide", date(2026, 11, 16), 10, 2)
    world.now = MONDAY_NINE
    week.publish()
    first = [render_edition(load_facts(edition)) for edition in week.editions()]
    week.hear("late", "pricing", at=MONDAY_NINE - timedelta(hours=2))
    week.perform("Guide 2", date(2026, 11, 16), 10, 2)
    second = [render_edition(load_facts(edition)) for edition in week.editions()]
    assert repr(first).encode() == repr(second).encode()


def test_paused_audiences_and_those_without_a_channel_have_no_next_issue(world: World, week: Week) -> None:
    assert week.set("sales", paused=True) is None
    assert week.set("marketing", channel=None) is None
    world.now = MONDAY_NINE
    assert week.publish() == []
    assert world.run(next_due) is None


def test_an_audience_whose_time_was_cleared_elsewhere_is_scheduled_again(world: World, week: Week) -> None:
    audience_id = week.audience("sales").id

    def clear(session: Any) -> None:
        session.get_one(Audience, audience_id).next_at = None

    world.run(clear)
    week.publish()
    assert week.audience("sales").next_at == MONDAY_NINE


def test_a_stopped_workspace_gets_nothing_and_does_not_keep_the_loop_awake(world: World, week: Week) -> None:
    def stop(session: Any) -> None:
        workspace = session.get_one(Workspace, world.workspace_id)
        workspace.state, workspace.stopped_reason = "stopped", "token_revoked"

    world.run(stop)
    world.now = MONDAY_NINE
    assert week.publish() == []
    assert world.run(next_due) is None


def change(world: World, week: Week, kind: str = "sales", **values: Any) -> Any:
    audience = next(one for one in world.run(load_overview, world.workspace_id).audiences if one.kind == kind)
    shown = AudienceForm(
        id=audience.id,
        version=version_of(audience),
        name="",
        kind=kind,
        team=None,
        channel=audience.channel,
        weekday=WEEKDAYS[audience.weekday],
        time=describe_minute(audience.minute),
        zone=audience.zone,
        paused=audience.paused,
        when_empty=audience.when_empty,
    )
    return world.run(save_audience, replace(shown, **values), by=world.member("mia"), at=world.now).settings


def test_a_time_moved_by_an_hour_on_the_day_does_not_bring_a_second_digest_and_leaves_no_hour_untold(
    world: World, week: Week
) -> None:
    world.now = MONDAY_NINE
    week.publish()
    world.later(minutes=30)
    after = change(world, week, time="10:00")
    assert after.next_at == MONDAY_NINE + timedelta(days=7, hours=1)
    world.now = after.next_at
    week.publish()
    assert week.editions("sales")[-1].period_start == MONDAY_NINE


def test_an_issue_that_is_due_already_goes_out_before_its_settings_change(world: World, week: Week) -> None:
    world.now = MONDAY_NINE + timedelta(seconds=20)
    after = change(world, week, channel="C-ELSEWHERE", weekday="thursday")
    assert digests_queued(world) == [("edition", "C-SALES-NEWS")]
    assert after.next_at == datetime(2026, 11, 26, 9, tzinfo=UTC)
    (event,) = world.run(lambda session: session.scalars(select(AuditEvent)).all())
    kept = [CHANGE.read(fact) for fact in event.data["facts"]["audience:sales"]]
    assert event.action == "config.apply"
    assert kept == [
        Change("digest_changed", "sales", "channel", "C-SALES-NEWS", "C-ELSEWHERE"),
        Change("digest_changed", "sales", "weekday", "Monday", "Thursday"),
    ]


def test_settings_that_make_no_sense_are_field_problems(world: World, week: Week) -> None:
    with pytest.raises(FieldProblems) as refused:
        change(world, week, weekday="7", time="-1", zone="Mars/Olympus", when_empty="shout")
    assert sorted(refused.value.problems) == ["time", "weekday", "when_empty", "zone"]


def test_another_workspaces_audience_cannot_be_changed(world: World, week: Week) -> None:
    with pytest.raises(NotFound):
        change(world, week, id=week.audience("sales").id + 1000)


def test_an_edition_belongs_to_one_period_of_its_audience(world: World, week: Week) -> None:
    world.now = MONDAY_NINE
    week.publish()
    audience_id = week.audience("sales").id

    def back(session: Any) -> None:
        session.get_one(Audience, audience_id).next_at = MONDAY_NINE

    world.run(back)
    assert week.publish() == []
    assert len(world.run(lambda session: session.scalars(select(Edition)).all())) == 2


async def test_a_monday_of_many_audiences_is_made_at_one_look_and_one_that_fails_harms_only_itself(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gather_or_fail(session: Session, audience: Audience, *when: Any) -> Any:
        if audience.key == "more-0":
            raise LookupError("this audience has a fault of its own")
        return gather(session, audience, *when)

    gather = editions._gather
    monkeypatch.setattr(editions, "_gather", gather_or_fail)

    def many(session: Session) -> None:
        first = session.scalars(select(Audience).limit(1)).one()
        for number in range(45):
            session.add(
                Audience(
                    workspace_id=first.workspace_id,
                    key=f"more-{number}",
                    kind="sales",
                    channel="C1",
                    weekday=0,
                    minute=0,
                    zone="UTC",
                    next_at=world.now,
                    created_at=world.now,
                )
            )
        session.flush()
        broken = session.scalars(select(Audience.id).where(Audience.key == "more-0")).one()
        week_ago = world.now - timedelta(days=7)
        session.add(
            Edition(
                workspace_id=first.workspace_id,
                audience_id=broken,
                period_start=week_ago - timedelta(days=7),
                period_end=week_ago,
                facts={"content_week": "never"},
                state="frozen",
                created_at=week_ago,
            )
        )

    world.run(many)
    tandem = Tandem(world.db, WallClock(world.now))
    await Schedule(tandem, Metrics(), _nothing).publish()
    assert len(world.run(lambda session: session.scalars(select(Edition.id)).all())) == 1 + 44


async def _nothing() -> None:
    """Nobody to read from Slack."""


def test_after_a_clock_that_was_a_year_ahead_each_week_has_its_digest_all_the_same(world: World, week: Week) -> None:
    right = world.now
    world.later(days=365)
    week.publish()
    told = len(digests_queued(world))
    world.now = right
    world.run(bring_editions_back, right)
    assert world.run(next_due) == MONDAY_NINE
    world.now = MONDAY_NINE
    assert len(week.publish()) == 2
    world.later(days=7)
    assert len(week.publish()) == 2
    assert week.publish() == []
    assert len(digests_queued(world)) == told + 4
    of_monday = [one for one in week.editions() if one.period_end == MONDAY_NINE]
    assert [(one.state, one.created_at) for one in of_monday] == [("frozen", MONDAY_NINE)] * 2


def test_settings_and_digests_know_the_same_kinds() -> None:
    assert tuple(KINDS) == AUDIENCE_KINDS


def test_a_kind_of_digest_that_only_a_newer_release_knows_is_left_to_its_workers(week: Week) -> None:
    week.world.run(
        lambda session: session.execute(update(Audience).values(kind="weather").where(Audience.key == "sales"))
    )
    week.world.later(days=14)
    made = week.world.run(publish_due_editions, at=week.world.now)
    assert made
    assert [edition.facts["kind"] for edition in week.editions()] == ["marketing"] * len(week.editions())
