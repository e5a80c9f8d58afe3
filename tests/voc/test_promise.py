"""Marketing's clock: when an answer is promised, by when, who is told when it is late, and when nobody is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain.calendar import WorkingHours, parse_week
from domain.folding import fold
from domain.people import default_team
from domain.themes import answer_theme
from domain.voc.board import load_board
from domain.voc.items import log_line, withdraw_item
from domain.voc.promise import Promise, begin_promises, tell_late, waiting_themes, workspaces_with_late
from domain.voc.receipt import VocReceipt
from domain.voc.scope import Scope
from domain.voc.work import own_theme, set_status
from handlers.messages import Subject
from handlers.themes.messages import messages
from playground.blocks import problems_in_message
from storage.models import Delivery, Lane, Member, Theme, VocItem, Workspace
from tests.world import World

FRIDAY_SIX = datetime(2026, 11, 20, 17, tzinfo=UTC)
"""The end of the fourth working day after Monday the 16th, in Berlin."""


@pytest.fixture(autouse=True)
def _office_hours(world: World) -> None:
    def arrange(session: Session) -> None:
        week = parse_week("mon-fri 09:00-18:00")
        default_team(session, world.workspace_id).hours = WorkingHours("Europe/Berlin", week).to_json()
        workspace = session.get_one(Workspace, world.workspace_id)
        workspace.answer_days, workspace.answer_accounts, workspace.marketing_channel = 4, 2, "C-MARKETING"

    world.run(arrange)


def log(world: World, line: str, by: str = "ana") -> VocReceipt:
    return world.run(log_line, line, by=world.member(by), at=world.now)


def raised(world: World, slug: str = "pricing") -> int:
    """A theme that two accounts raised; its id."""
    log(world, f"dear #{slug} @Globex")
    log(world, f"dear #{slug} @Initech", by="bo")
    return theme(world, slug).id


def theme(world: World, slug: str = "pricing") -> Theme:
    found: Theme = world.run(lambda session: session.scalars(select(Theme).where(Theme.slug == slug)).one())
    return found


def told(world: World) -> list[tuple[str, list[int]]]:
    """The messages about late answers: where, and about which themes."""

    def read(session: Session) -> list[tuple[str, list[int]]]:
        rows = session.execute(
            select(Lane.place, Delivery.data)
            .join(Lane, Lane.id == Delivery.lane_id)
            .where(Delivery.kind == "answers_late")
            .order_by(Delivery.id)
        )
        return [(place, data["themes"]) for place, data in rows]

    return world.run(read)


def look(world: World) -> int:
    return sum(world.run(tell_late, one, at=world.now) for one in world.run(workspaces_with_late, world.now))


def test_the_item_that_makes_the_accounts_enough_begins_the_promise(world: World) -> None:
    first = log(world, "dear #pricing @Globex").promise
    same = log(world, "dear again #pricing @Globex").promise
    assert first == same == Promise("new", None, None, None, is_late=False)
    second = log(world, "dear #pricing @Initech", by="bo").promise
    assert second is not None
    assert (second.due_at, second.is_late) == (FRIDAY_SIX, False)
    world.later(days=1)
    third = log(world, "dear #pricing @Hooli").promise
    assert third is not None
    assert third.due_at == FRIDAY_SIX


def test_whoever_looks_after_the_theme_is_named_with_the_promise(world: World) -> None:
    world.run(own_theme, raised(world), by=world.member("max"), at=world.now)
    promise = log(world, "dear #pricing @Hooli").promise
    assert promise is not None
    assert (promise.owner, promise.due_at) == ("max", FRIDAY_SIX)


def test_an_answer_keeps_the_promise(world: World) -> None:
    world.run(answer_theme, raised(world), text="Do the sum.", by=world.member("max"), at=world.now)
    assert log(world, "dear #pricing @Hooli").promise is None
    world.later(days=30)
    assert look(world) == 0
    assert world.run(waiting_themes, world.workspace_id) == []


def test_what_will_not_be_done_is_promised_no_answer_and_says_why(world: World) -> None:
    world.run(set_status, raised(world), "wont_do", note="We sell by seat", by=world.member("max"), at=world.now)
    promise = log(world, "dear #pricing @Hooli").promise
    assert promise == Promise("wont_do", "We sell by seat", None, None, is_late=False)
    world.later(days=7)
    assert look(world) == 0


def test_never_promises_nothing(world: World) -> None:
    world.run(lambda session: session.execute(update(Workspace).values(answer_days=0)))
    raised(world)
    assert theme(world).answer_due_at is None
    assert world.run(begin_promises, world.workspace_id, at=world.now) == 0


def test_items_that_came_by_another_way_begin_the_promise_once_they_are_counted(world: World) -> None:
    raised(world)
    world.run(lambda session: session.execute(update(Theme).values(answer_due_at=None, answer_wanted_at=None)))
    while world.run(fold, world.workspace_id, at=world.now, limit=50):
        pass
    assert world.run(begin_promises, world.workspace_id, at=world.now) == 1
    assert world.run(begin_promises, world.workspace_id, at=world.now) == 0
    assert theme(world).answer_due_at == FRIDAY_SIX


def test_what_is_late_is_told_once_in_one_message_when_people_work(world: World) -> None:
    pricing, sso = raised(world), raised(world, "sso")
    world.now = FRIDAY_SIX + timedelta(minutes=1)
    assert look(world) == 0
    world.now = datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert look(world) == 2
    assert look(world) == 0
    assert told(world) == [("C-MARKETING", [pricing, sso])]
    world.later(days=1)
    assert look(world) == 0


def test_the_owner_is_told_and_the_channel_of_the_others_only(world: World) -> None:
    pricing, sso = raised(world), raised(world, "sso")
    world.run(own_theme, sso, by=world.member("max"), at=world.now)
    world.now = datetime(2026, 11, 23, 8, tzinfo=UTC)
    look(world)
    assert sorted(told(world)) == [("C-MARKETING", [pricing]), ("U-MAX", [sso])]


def test_without_a_channel_marketers_are_told_and_without_marketers_who_manages(world: World) -> None:
    world.run(lambda session: session.execute(update(Workspace).values(marketing_channel=None)))
    raised(world)
    world.now = datetime(2026, 11, 23, 8, tzinfo=UTC)
    look(world)
    assert [place for place, _ in told(world)] == ["U-MAX"]
    raised(world, "sso")
    world.run(lambda session: session.execute(update(Member).where(Member.name == "max").values(role="rep")))
    world.later(days=7)
    look(world)
    assert [place for place, _ in told(world)] == ["U-MAX", "U-MIA"]


def test_a_place_is_told_once_a_day_and_the_rest_waits_for_the_next(world: World) -> None:
    pricing = raised(world)
    world.later(hours=20)
    sso = raised(world, "sso")
    world.now = datetime(2026, 11, 23, 8, tzinfo=UTC)
    look(world)
    world.run(lambda session: session.execute(update(Theme).where(Theme.slug == "sso").values(answer_due_at=world.now)))
    world.later(hours=1)
    assert look(world) == 0
    world.later(days=1)
    assert look(world) == 1
    assert told(world) == [("C-MARKETING", [pricing]), ("C-MARKETING", [sso])]


def test_a_theme_whose_items_were_taken_back_is_owed_nothing(world: World) -> None:
    raised(world)
    for item_id in world.run(lambda session: session.scalars(select(VocItem.id)).all()):
        world.run(withdraw_item, item_id, by=world.member("mia"), at=world.now)
    world.now = datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert look(world) == 0
    assert theme(world).answer_due_at is None


def test_the_message_lists_what_is_late_still(world: World) -> None:
    pricing, sso = raised(world), raised(world, "sso")
    world.now = datetime(2026, 11, 23, 8, tzinfo=UTC)
    look(world)
    world.run(answer_theme, sso, text="It is there.", by=world.member("max"), at=world.now)
    shown = world.run(messages.renderers["answers_late"], late(world, [pricing, sso]))
    assert shown is not None
    assert problems_in_message(shown.content()["blocks"]) == []
    said = str(shown.blocks)
    assert "1 theme waits" in shown.text
    assert "#pricing" in said
    assert "#sso" not in said
    world.run(answer_theme, pricing, text="Do the sum.", by=world.member("max"), at=world.now)
    assert world.run(messages.renderers["answers_late"], late(world, [pricing, sso])) is None


def late(world: World, themes: list[int]) -> Subject:
    data: dict[str, Any] = {"themes": themes}
    return Subject(themes[0], world.workspace_id, "C-MARKETING", data, world.now)


def test_what_is_late_stands_on_top_of_the_board_and_what_is_promised_next(world: World) -> None:
    for account in ("Globex", "Initech", "Hooli"):
        log(world, f"loved #support @{account}")
    world.run(answer_theme, theme(world, "support").id, text="Thanks.", by=world.member("max"), at=world.now)
    raised(world, "sso")
    world.later(hours=24)
    raised(world)
    world.run(
        lambda session: session.execute(update(Theme).where(Theme.slug == "pricing").values(answer_due_at=world.now))
    )
    board = world.run(load_board, Scope(), by=world.member("max"), at=world.now)
    assert [one.slug for one in board.themes] == ["pricing", "sso", "support"]
    assert [one.due_at is None for one in board.themes] == [False, False, True]
