"""A theme that rises is told once, in one message that is edited as the theme goes on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from domain.calendar import WorkingHours, parse_week
from domain.folding import fold, workspaces_to_fold
from domain.people import default_team
from domain.themes import answer_theme, find_theme
from domain.voc.board import load_board
from domain.voc.items import log_line, withdraw_item
from domain.voc.rising import load_rise, tell_rising, workspaces_to_compare
from domain.voc.scope import Scope
from domain.voc.trend import Counted
from domain.voc.work import own_theme
from handlers.messages import Rendering, Subject
from handlers.themes.messages import messages
from playground.blocks import problems_in_message
from storage.models import Card, Delivery, Lane, Theme, ThemeRise, VocItem, Workspace
from tests.world import World


@pytest.fixture(autouse=True)
def _channel(world: World) -> None:
    def arrange(session: Session) -> None:
        session.get_one(Workspace, world.workspace_id).marketing_channel = "C-MARKETING"

    world.run(arrange)


def log(world: World, *accounts: str, theme: str = "pricing", by: str = "ana") -> list[int]:
    """An item of the theme for each account; their ids."""
    lines = (f"far too dear {number} #{theme} @{account}" for number, account in enumerate(accounts))
    return [world.run(log_line, line, by=world.member(by), at=world.now).item.id for line in lines]


def look(world: World) -> int:
    """What the worker does every minute: count what waits, then look at the themes. How many alerts there were."""
    while any(world.run(fold, one, at=world.now, limit=50) for one in world.run(workspaces_to_fold, world.now)):
        pass
    return sum(world.run(tell_rising, one, at=world.now) for one in world.run(workspaces_to_compare, world.now))


def sent(world: World) -> list[tuple[str, str]]:
    """The alerts that wait to be sent, as (theme, place); from now on they stand there."""

    def post(session: Session) -> list[tuple[str, str]]:
        rows = session.execute(
            select(Theme.slug, Lane.place, Delivery, Card)
            .join(Lane, Lane.id == Delivery.lane_id)
            .join(Card, Card.id == Delivery.card_id)
            .join(Theme, Theme.id == Delivery.subject_id)
            .where(Delivery.kind == "theme_rises", Delivery.state == "pending")
            .order_by(Delivery.id)
        ).all()
        for row in rows:
            row.Delivery.state, row.Delivery.finished_at = "sent", world.now
            row.Card.state, row.Card.channel = "standing", row.place
            row.Card.ts = row.Card.ts or f"{world.now.timestamp()}"
        return [(slug, place) for slug, place, *_ in rows]

    return world.run(post)


def standing(world: World) -> list[str | None]:
    """The messages that stand, by their times."""
    return world.run(lambda session: list(session.scalars(select(Card.ts).where(Card.kind == "theme_rises"))))


def theme_id(world: World, slug: str = "pricing") -> int:
    theme = world.run(find_theme, world.workspace_id, slug)
    assert theme is not None
    return theme.id


def shown(world: World, of: int | None = None) -> Rendering | None:
    """The alert of the theme of that id, None: of #pricing."""
    subject = Subject(of or theme_id(world), world.workspace_id, "C-MARKETING", {}, world.now)
    return world.run(messages.renderers["theme_rises"], subject)


def test_enough_accounts_in_seven_days_are_a_rise(world: World) -> None:
    log(world, "Globex", "Initech")
    assert look(world) == 0
    log(world, "Globex")  # the same account once more
    assert look(world) == 0
    log(world, "Hooli", by="bo")
    assert look(world) == 1
    assert sent(world) == [("pricing", "C-MARKETING")]


def test_what_is_raised_as_often_as_the_week_before_is_no_rise(world: World) -> None:
    log(world, "Globex", "Initech", "Hooli")
    world.later(days=8)
    log(world, "Umbrella", "Stark", "Wayne", "Wonka", "Acme")
    assert look(world) == 0
    log(world, "Soylent")  # six are twice the three of the week before
    assert look(world) == 1


def test_while_a_rise_lasts_its_message_is_edited_and_nobody_is_pinged_again(world: World) -> None:
    log(world, "Globex", "Initech", "Hooli")
    assert (look(world), sent(world)) == (1, [("pricing", "C-MARKETING")])
    first = standing(world)
    for day, account in enumerate(("Umbrella", "Stark", "Wayne")):
        world.later(days=1)
        log(world, account)
        assert look(world) == 0
        assert sent(world) == [("pricing", "C-MARKETING")], f"the edit of day {day}"
    assert standing(world) == first
    rise = world.run(load_rise, theme_id(world), world.workspace_id)
    assert rise is not None
    assert (rise.last, rise.before, rise.is_rising) == (Counted(6, 6), Counted(0, 0), True)


def test_after_two_weeks_a_new_rise_is_a_new_message(world: World) -> None:
    log(world, "Globex", "Initech", "Hooli")
    look(world)
    sent(world)
    first = standing(world)
    world.later(days=15)
    log(world, "Globex", "Initech", "Hooli")
    assert (look(world), sent(world)) == (1, [("pricing", "C-MARKETING")])
    assert len(standing(world)) == 1
    assert standing(world) != first


def test_a_look_that_changes_nothing_edits_nothing(world: World) -> None:
    [first, *_] = log(world, "Globex", "Initech", "Hooli")
    look(world)
    sent(world)
    world.run(lambda session: session.execute(update(VocItem).where(VocItem.id == first).values(version=9)))
    assert (look(world), sent(world)) == (0, [])


def test_what_is_taken_back_is_taken_off_the_message(world: World) -> None:
    items = log(world, "Globex", "Initech", "Hooli")
    look(world)
    sent(world)
    for item_id in items[:2]:
        world.run(withdraw_item, item_id, by=world.member("mia"), at=world.now)
    assert look(world) == 0
    assert sent(world) == [("pricing", "C-MARKETING")]
    card = shown(world)
    assert card is not None
    assert card.text == "#pricing is not rising any more: 1 account in 7 days, 0 in the 7 days before"


def test_no_more_themes_a_day_than_agreed_and_the_rest_waits_for_the_next(world: World) -> None:
    world.run(lambda session: session.execute(update(Workspace).values(rising_a_day=2)))
    for number, theme in enumerate(("pricing", "sso", "support", "rollout")):
        log(world, *(f"Customer{each}" for each in range(3 + number)), theme=theme)
    assert look(world) == 2
    assert [theme for theme, _ in sent(world)] == ["rollout", "support"]
    world.later(hours=6)
    assert look(world) == 0
    world.later(hours=18)
    assert look(world) == 2
    assert [theme for theme, _ in sent(world)] == ["sso", "pricing"]


def test_what_waited_for_a_day_and_rises_no_more_is_not_told(world: World) -> None:
    world.run(lambda session: session.execute(update(Workspace).values(rising_a_day=1)))
    log(world, "Globex", "Initech", "Hooli", "Stark")
    items = log(world, "Globex", "Initech", "Hooli", theme="sso")
    assert look(world) == 1
    world.run(withdraw_item, items[0], by=world.member("mia"), at=world.now)
    world.later(days=1)
    assert look(world) == 0


def test_outside_working_hours_nobody_is_alerted(world: World) -> None:
    def office(session: Session) -> None:
        week = parse_week("mon-fri 09:00-18:00")
        default_team(session, world.workspace_id).hours = WorkingHours("Europe/Berlin", week).to_json()

    world.run(office)
    world.now = datetime(2026, 11, 20, 20, tzinfo=UTC)
    log(world, "Globex", "Initech", "Hooli")
    assert look(world) == 0
    world.now = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
    assert look(world) == 1


def test_never_alerts_of_nothing(world: World) -> None:
    world.run(lambda session: session.execute(update(Workspace).values(rising_accounts=0)))
    log(world, "Globex", "Initech", "Hooli")
    assert look(world) == 0
    assert world.run(lambda session: session.scalars(select(ThemeRise)).all()) == []


def test_whoever_looks_after_the_theme_is_told_instead_of_the_channel(world: World) -> None:
    log(world, "Globex")
    world.run(own_theme, theme_id(world), by=world.member("max"), at=world.now)
    log(world, "Initech", "Hooli")
    look(world)
    assert sent(world) == [("pricing", "U-MAX")]


def test_the_message_says_what_is_counted_and_what_can_be_done(world: World) -> None:
    log(world, "Globex", "Initech", "Hooli", "Hooli")
    look(world)
    card = shown(world)
    assert card is not None
    assert problems_in_message(card.content()["blocks"]) == []
    assert card.text == "#pricing is rising: 3 accounts in 7 days, 0 in the 7 days before"
    said = str(card.blocks)
    assert "4 items in 7 days, 0 in the 7 days before, 4 in 30 days" in said
    assert "Each account counts once" in said
    for label in ("Read all 4", "Answer", "Own it"):
        assert f"'text': '{label}'" in said, label


def test_an_answer_and_an_owner_show_on_the_message_that_stands(world: World) -> None:
    log(world, "Globex", "Initech", "Hooli")
    look(world)
    sent(world)
    world.run(own_theme, theme_id(world), by=world.member("max"), at=world.now)
    assert sent(world) == [("pricing", "C-MARKETING")]
    world.run(answer_theme, theme_id(world), text="Do the sum.", by=world.member("max"), at=world.now)
    assert sent(world) == [("pricing", "C-MARKETING")]
    card = shown(world)
    assert card is not None
    said = str(card.blocks)
    assert "max looks after it" in said
    assert "Answered" in said
    assert "Own it" not in said


def test_a_merged_theme_says_what_took_its_place_and_is_told_no_more(world: World) -> None:
    log(world, "Globex", "Initech", "Hooli")
    look(world)
    log(world, "Acme", theme="price")
    pricing, other = theme_id(world), theme_id(world, "price")
    world.run(
        lambda session: session.execute(update(Theme).where(Theme.slug == "pricing").values(merged_into_id=other))
    )
    card = shown(world, pricing)
    assert card is not None
    assert card.text == "#pricing was merged into #price."


def test_the_alert_counts_as_the_boards_trend_does(world: World) -> None:
    log(world, "Globex", "Initech")
    world.later(days=7)  # exactly: those items are of the week before
    log(world, "Globex", "Initech", "Hooli", "Stark")
    look(world)
    rise = world.run(load_rise, theme_id(world), world.workspace_id)
    board = world.run(load_board, Scope(), by=world.member("max"), at=world.now)
    assert rise is not None
    assert (rise.before.items, rise.last.items) == board.themes[0].weeks[-2:] == (2, 4)


def test_quiet_themes_are_not_looked_at(world: World) -> None:
    for number in range(40):
        log(world, "Globex", theme=f"quiet-{number}")
    look(world)
    assert world.run(lambda session: session.scalars(select(ThemeRise)).all()) == []
    world.later(days=31)  # they grow too old to be counted
    log(world, "Globex", "Initech")
    while world.run(fold, world.workspace_id, at=world.now, limit=50):
        pass
    asked: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(world.db.engine, "before_cursor_execute", listen)
    world.run(tell_rising, world.workspace_id, at=world.now)
    event.remove(world.db.engine, "before_cursor_execute", listen)
    looked = world.run(lambda session: session.scalars(select(ThemeRise.theme_id)).all())
    assert looked == []
    assert len(asked) < 12


@pytest.mark.parametrize("rows", [3_000])
def test_beside_many_alerts_of_old_the_look_stays_on_its_index(world: World, rows: int) -> None:
    def grow(session: Session) -> None:
        old = world.now - timedelta(days=90)
        themes = [
            Theme(workspace_id=world.workspace_id, slug=f"old-{n}", key=f"old-{n}", title="Old", created_at=old)
            for n in range(rows)
        ]
        session.add_all(themes)
        session.flush()
        session.add_all(ThemeRise(theme_id=one.id, workspace_id=world.workspace_id, told_at=old) for one in themes)

    world.run(grow)
    log(world, "Globex", "Initech", "Hooli")
    asked: list[tuple[str, Any]] = []

    def listen(_connection: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        if "FROM theme_rises" in statement and statement.startswith("SELECT"):
            asked.append((statement, parameters))

    event.listen(world.db.engine, "before_cursor_execute", listen)
    assert look(world) == 1
    event.remove(world.db.engine, "before_cursor_execute", listen)
    if world.db.engine.dialect.name == "postgresql":
        world.run(lambda session: session.connection().exec_driver_sql("ANALYZE theme_rises"))
    explain = "EXPLAIN QUERY PLAN" if world.db.engine.dialect.name == "sqlite" else "EXPLAIN"
    with world.db.engine.connect() as connection:
        for statement, parameters in asked:
            plan = str(connection.exec_driver_sql(f"{explain} {statement}", parameters).all())
            assert "ix_theme_rises_" in plan or "pk_theme_rises" in plan, f"{plan}: {statement}"
    assert len(asked) >= 3
