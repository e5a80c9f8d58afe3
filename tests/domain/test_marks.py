"""A row's mark names that row for good; what older messages carry is taken only where it cannot mean another row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from domain.errors import BeforeRestore
from domain.marks import BORN, LARGEST_ID, Clicked, Mark, check_marks, mark, read_mark
from storage.database import Database
from storage.migrate import _config, migrate
from storage.models import Card, Lead, Workspace
from tests.leads.shown import event
from tests.world import World

BORN_AT = datetime(2026, 11, 16, 12, 0, 0, 123456, tzinfo=UTC)


def test_a_mark_is_short_and_read_as_it_was_written() -> None:
    written = mark(42, BORN_AT)
    assert len(written) < 16
    assert read_mark("lead", written) == Mark("lead", 42, written.partition("-")[2])


@pytest.mark.parametrize("later", [timedelta(microseconds=1), timedelta(milliseconds=1), timedelta(days=400)])
def test_the_same_id_born_later_has_another_mark(later: timedelta) -> None:
    assert mark(42, BORN_AT) != mark(42, BORN_AT + later)


@pytest.mark.parametrize(
    "junk", ["", "0", "-1", "x", "42-", "42-A", "42-!", "4 2", "٤٢", "42-" + "z" * 13, str(LARGEST_ID + 1), "9" * 40]
)
def test_what_is_no_mark_names_no_row(junk: str) -> None:
    assert read_mark("lead", junk) is None


def check(world: World, named: str, clicked: Clicked | None = None, kind: str = "lead") -> bool:
    """Whether the click is taken."""
    one = read_mark(kind, named)
    assert one is not None
    try:
        world.run(check_marks, world.workspace_id, [one], clicked)
    except BeforeRestore:
        return False
    return True


def test_a_row_is_taken_by_its_own_mark_only(world: World) -> None:
    lead = world.lead()
    assert check(world, mark(lead, world.now))
    assert not check(world, mark(lead, world.now - timedelta(seconds=1)))
    assert not check(world, mark(lead + 1, world.now)), "its row is gone"


def test_both_databases_keep_the_microsecond(world: World) -> None:
    world.now = BORN_AT
    assert check(world, mark(world.lead(), BORN_AT))


def test_a_mark_of_another_workspace_is_not_taken(world: World) -> None:
    lead = world.lead()
    world.workspace_id += 1
    assert not check(world, mark(lead, world.now))


def marked_since(world: World, at: datetime | None) -> None:
    world.run(lambda session: session.execute(update(Workspace).values(marked_since=at)))


def test_a_bare_id_is_taken_for_rows_of_before_the_upgrade(world: World) -> None:
    old = world.lead()
    marked_since(world, world.later(minutes=1))
    world.later(seconds=1)
    new = world.lead(name="Nia")
    assert check(world, str(old))
    assert not check(world, str(new))


def test_a_bare_id_of_nothing_is_left_to_the_use_case(world: World) -> None:
    assert check(world, "99")


def test_a_bare_id_is_taken_from_the_card_that_we_keep_for_that_lead(world: World) -> None:
    """A process of the release before goes on for a while, and its cards carry bare ids."""
    one, other = world.lead(), world.lead(name="Nia")
    world.run(_stands, one, "lead_card", "C-SALES", "1.0")
    assert check(world, str(one), Clicked("C-SALES", "1.0"))
    assert not check(world, str(one), Clicked("C-SALES", "2.0"))
    assert not check(world, str(one), Clicked("C-OTHER", "1.0"))
    assert not check(world, str(other), Clicked("C-SALES", "1.0"))


def test_a_bare_id_is_taken_from_a_card_of_one_of_its_events(world: World) -> None:
    lead = world.lead()
    world.run(_breach, world, event(world, lead, "received"))
    assert check(world, str(lead), Clicked("D-MIA", "3.0"))


def _stands(session: Session, subject_id: int, kind: str, channel: str, ts: str) -> None:
    session.execute(
        update(Card)
        .where(Card.subject_id == subject_id, Card.kind == kind)
        .values(channel=channel, ts=ts, state="standing")
    )


def _breach(session: Session, world: World, event_id: int) -> None:
    made = {"kind": "lead_breach", "subject_id": event_id, "place": "U-MIA", "created_at": world.now}
    session.add(Card(workspace_id=world.workspace_id, channel="D-MIA", ts="3.0", state="standing", **made))


def test_what_a_row_was_born_at_is_stored_for_every_kind() -> None:
    assert all(not born.class_.__table__.columns[born.key].nullable for born in BORN.values())


def test_the_upgrade_notes_when_marks_began(database_url: str) -> None:
    database = Database(database_url)
    before = datetime.now(UTC)
    with database.engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
        connection.execute(
            text(
                "INSERT INTO workspaces (slack_team_id, name, domain, bot_user_id, state, competitors, currency, "
                "created_at) VALUES ('T1', '', '', '', 'active', '[]', 'USD', '2026-01-01 00:00:00.000000')"
            )
        )
    migrate(database.engine)
    since = database.run_sync(lambda session: session.scalars(select(Workspace.marked_since)).one())
    database.close()
    assert since is not None
    assert before - timedelta(seconds=5) <= since <= datetime.now(UTC) + timedelta(seconds=5)


def test_a_lead_keeps_its_birth_whatever_happens_to_it(world: World) -> None:
    from domain.leads.declining import reopen_lead
    from domain.leads.lifecycle import claim_lead, contact_lead

    lead = world.lead()
    named = mark(lead, world.now)
    for step in (claim_lead, contact_lead, reopen_lead):
        world.run(step, lead, by=world.member("ana"), at=world.later(seconds=30))
    assert world.run(lambda session: session.get_one(Lead, lead).updated_at) > world.now - timedelta(days=1)
    assert check(world, named)
