"""The rules of a watched channel: what is heard, how often somebody is suggested something, what is no new message."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from domain.themes import find_or_add_theme
from domain.voc.watching import (
    MOST_A_CHANNEL,
    MOST_A_PERSON,
    Seen,
    forget_before,
    hear,
    load_suggestion,
    note_shown,
    suggest,
    want_suggestions,
)
from handlers.voc.watching import read_message_event
from storage.models import Job, WatchSuggestion, Workspace
from tests.world import World

WORDS = "Globex says it is far too expensive for them"
HERE = Seen("C1", "1.000001", "")


@pytest.fixture
def team(world: World) -> str:
    """The workspace's Slack id; it watches C1, and has a theme."""

    def arrange(session: Any) -> str:
        workspace = session.scalars(select(Workspace)).one()
        workspace.watched_channels = ["C1"]
        find_or_add_theme(session, workspace.id, "pricing", at=world.now)
        return str(workspace.slack_team_id)

    return world.run(arrange)


def suggestions(world: World) -> int:
    return world.run(lambda session: session.scalar(select(func.count()).select_from(WatchSuggestion)) or 0)


def test_a_message_that_is_told_twice_is_suggested_once(world: World, team: str) -> None:
    assert world.run(hear, team, "C1", WORDS, at=world.now) == "pricing"
    for _ in range(3):
        world.run(suggest, HERE, "pricing", by=world.member("ana"), at=world.now)
    assert suggestions(world) == 1


def test_a_person_gets_only_so_many_within_a_day_and_a_channel_too(world: World, team: str) -> None:
    assert team
    for number in range(MOST_A_PERSON + 3):
        world.run(suggest, Seen("C1", f"1.{number}", ""), "pricing", by=world.member("ana"), at=world.now)
    assert suggestions(world) == MOST_A_PERSON
    world.run(suggest, Seen("C1", "2.0", ""), "pricing", by=world.member("bo"), at=world.now)
    world.run(suggest, Seen("C1", "3.0", ""), "pricing", by=world.member("ana"), at=world.later(days=1, seconds=1))
    assert suggestions(world) == MOST_A_PERSON + 2

    def fill(session: Any) -> None:
        rows = session.scalars(select(WatchSuggestion)).all()
        for number in range(MOST_A_CHANNEL):
            session.add(
                WatchSuggestion(
                    workspace_id=rows[0].workspace_id,
                    channel="C1",
                    ts=f"9.{number}",
                    member_id=rows[0].member_id,
                    state="asked",
                    suggested_at=world.now,
                )
            )

    world.run(fill)
    before = suggestions(world)
    world.run(suggest, Seen("C1", "4.0", ""), "pricing", by=world.member("bo"), at=world.now)
    assert suggestions(world) == before
    world.run(suggest, Seen("C2", "4.0", ""), "pricing", by=world.member("bo"), at=world.now)
    assert suggestions(world) == before + 1


def test_without_a_reaction_that_logs_nothing_is_heard(world: World, team: str) -> None:
    def clear(session: Any) -> None:
        session.scalars(select(Workspace)).one().capture_emoji = ""

    world.run(clear)
    assert world.run(hear, team, "C1", WORDS, at=world.now) is None


def test_a_wish_that_comes_while_the_reaction_is_on_its_way_takes_it_away_at_once(world: World, team: str) -> None:
    ana = world.member("ana")
    assert team
    world.run(suggest, HERE, "pricing", by=ana, at=world.now)
    world.run(want_suggestions, wanted=False, by=ana, at=world.now)
    number = world.run(lambda session: session.scalars(select(WatchSuggestion.id)).one())
    assert world.run(load_suggestion, ana.workspace_id, number) is None
    world.run(note_shown, ana.workspace_id, number, "pricing", "ear", at=world.now)
    due = world.run(lambda session: session.scalars(select(Job.due_at).where(Job.kind == "voc_suggest_end")).all())
    assert due == [world.now]


def test_old_suggestions_are_forgotten(world: World, team: str) -> None:
    assert team
    world.run(suggest, HERE, "pricing", by=world.member("ana"), at=world.now)
    world.run(forget_before, world.later(days=8))
    assert suggestions(world) == 0


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"text": "  "},
        {"text": None},
        {"text": ["x"]},
        {"user": {"id": "U1"}},
        {"user": "U-BOT"},
        {"bot_id": "B1"},
        {"app_id": "A1"},
        {"hidden": True},
        {"channel": "C" * 300},
        {"ts": 1.5},
        *[
            {"subtype": one}
            for one in ("message_changed", "message_deleted", "channel_join", "bot_message", "me_message")
        ],
    ],
)
def test_what_is_no_new_message_of_a_person_is_none(event: dict[str, Any]) -> None:
    said = {"type": "message", "user": "U1", "text": WORDS, "channel": "C1", "ts": "1.1"} if event else {}
    assert read_message_event({"event": {**said, **event}, "authorizations": [{"user_id": "U-BOT"}]}) is None


def test_a_channel_shared_with_another_company_is_left_alone() -> None:
    event = {"type": "message", "user": "U1", "text": WORDS, "channel": "C1", "ts": "1.1"}
    assert read_message_event({"event": event}) is not None
    assert read_message_event({"event": event, "is_ext_shared_channel": True}) is None
