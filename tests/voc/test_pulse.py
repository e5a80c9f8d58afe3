"""The pulse is the same by the tallies and by a count of the items, after any history, seen from two processes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from domain.errors import FieldProblems
from domain.folding import fold, workspaces_to_fold
from domain.pulse import UNTAGGED, count_themes, recount, take_pulse
from domain.tallies import pulse_begin, read_first
from domain.voc.errors import ItemRefused
from domain.voc.form import VocForm
from domain.voc.items import edit_item, log_line, restore_item, withdraw_item
from domain.voc.votes import vote
from storage.database import Database
from storage.models import Account, Tally, TallyBook, TallyPart, Theme, ThemeRise, VocItem
from tests.world import MONDAY_NOON, World

NAMES = ("ana", "bo")
WORDS = st.builds(
    "it is dear{}{}{}{}".format,
    st.sampled_from(["", " #pricing", " #sso", " #speed"]),
    st.sampled_from(["", " @Globex", " @Initech"]),
    st.sampled_from(["", " next to Rivalsoft", " next to RIVALSOFT"]),
    st.sampled_from(["", " $10k", " $40k", " €20k"]),
)
STEPS = st.one_of(
    st.tuples(st.just("log"), st.sampled_from(NAMES), WORDS),
    st.tuples(st.just("edit"), st.integers(0, 9), WORDS),
    st.tuples(st.just("undo"), st.integers(0, 9), st.booleans()),
    st.tuples(st.just("vote"), st.integers(0, 9), st.sampled_from(NAMES)),
    st.tuples(st.just("merge"), st.sampled_from(["theme", "account"]), st.integers(0, 3)),
    st.tuples(st.just("backdate"), st.integers(0, 9), st.integers(0, 40)),
    st.tuples(st.just("wait"), st.sampled_from([1, 24 * 8, 24 * 29, 24 * 31]), st.just(0)),
    st.tuples(st.just("fold"), st.integers(1, 4), st.booleans()),
)


@dataclass
class TwoProcesses:
    """Two programs on one database."""

    world: World
    other: Database


@pytest.fixture
def two(world: World, migrated_url: str) -> Iterator[TwoProcesses]:
    world.run(lambda session: session.execute(text_competitors(world.workspace_id)))
    other = Database(migrated_url)
    yield TwoProcesses(world, other)
    other.close()


def text_competitors(workspace_id: int) -> Any:
    from storage.models import Workspace

    return update(Workspace).where(Workspace.id == workspace_id).values(competitors=["Rivalsoft"])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=14))
def test_the_tallies_say_what_a_count_of_the_items_says(two: TwoProcesses, steps: list[tuple[str, Any, Any]]) -> None:
    world = two.world
    world.run(_forget_all)
    world.now = MONDAY_NOON
    for step in steps:
        _take(two, *step)
        for db in (world.db, two.other):
            db.run_sync(_agrees, world.workspace_id, world.now)
    while world.run(workspaces_to_fold, world.now):
        assert two.other.run_sync(fold, world.workspace_id, at=world.now, limit=3)
    world.run(_agrees, world.workspace_id, world.now)
    world.run(_has_no_leftovers)


def _take(two: TwoProcesses, what: str, first: Any, second: Any) -> None:
    world = two.world
    items = world.run(lambda session: session.execute(select(VocItem.id, VocItem.version).order_by(VocItem.id)).all())
    match what:
        case "log":
            world.run(log_line, second, by=world.member(first), at=world.now)
        case "wait":
            world.later(hours=first)
        case "fold":
            db = two.other if second else world.db
            db.run_sync(fold, world.workspace_id, at=world.now, limit=first)
        case "merge":
            world.run(_merge, first, second)
        case _ if not items:
            return
        case "edit":
            item = items[first % len(items)]
            live = world.run(lambda session: session.get_one(VocItem, item.id).state == "live")
            if live:
                form = VocForm(text=second, kind="praise")
                with suppress(ItemRefused):  # votes have no form
                    world.run(edit_item, item.id, form, version=item.version, by=world.member("mia"), at=world.now)
        case "undo":
            change = withdraw_item if second else restore_item
            world.run(change, items[first % len(items)].id, by=world.member("mia"), at=world.now)
        case "vote":
            _vote(world, items[first % len(items)].id, second)
        case "backdate":
            world.run(_as_an_earlier_release_does, world.workspace_id, world.member("ana").id, world.now, second)


def _vote(world: World, item_id: int, who: str) -> None:
    """A vote where one may be given."""
    asked: dict[str, Any] = {"account_id": None, "account": "Hooli", "note": None}
    with suppress(FieldProblems, ItemRefused):
        world.run(vote, item_id, **asked, by=world.member(who), at=world.now)


def _as_an_earlier_release_does(session: Session, workspace_id: int, member_id: int, at: datetime, days: int) -> None:
    """An item that came in late, without the columns that this release added."""
    theme_id = session.scalar(select(Theme.id).order_by(Theme.id))
    when = at - timedelta(days=days)
    session.execute(
        insert(VocItem).values(
            workspace_id=workspace_id,
            member_id=member_id,
            kind="objection",
            line="x",
            verbatim="x",
            origin="import",
            theme_id=theme_id,
            competitor="Rivalsoft",
            deal_minor=500_000,
            deal_currency="USD",
            created_at=when,
            updated_at=when,
        )
    )


def _merge(session: Session, what: str, number: int) -> None:
    """All items of one theme, or account, become those of another."""
    table, column = (Theme, "theme_id") if what == "theme" else (Account, "account_id")
    ids = session.scalars(select(table.id).order_by(table.id)).all()
    if len(ids) > 1:
        loser, winner = ids[number % len(ids)], ids[(number + 1) % len(ids)]
        which = getattr(VocItem, column) == loser
        session.execute(update(VocItem).where(which).values({column: winner, "version": VocItem.version + 1}))


def _agrees(session: Session, workspace_id: int, at: datetime) -> None:
    for theme_id in session.scalars(select(Theme.id)):
        assert take_pulse(session, workspace_id, at, "theme", theme_id) == recount(
            session, workspace_id, at, "theme", theme_id
        )
    for account_id in session.scalars(select(Account.id)):
        assert take_pulse(session, workspace_id, at, "account", account_id) == recount(
            session, workspace_id, at, "account", account_id
        )
    for member_id in session.scalars(select(VocItem.member_id).distinct()):
        assert take_pulse(session, workspace_id, at, "own", member_id) == recount(
            session, workspace_id, at, "own", member_id
        )
    assert take_pulse(session, workspace_id, at, "competitor", "Rivalsoft") == recount(
        session, workspace_id, at, "competitor", "Rivalsoft"
    )
    # A pulse counts what is later than its begin, a span of time what is from its begin on.
    since = pulse_begin(at) + timedelta(microseconds=1)
    counts = [one for one in count_themes(session, workspace_id, since, None) if one.theme_id != UNTAGGED]
    found = read_first(session, workspace_id, "theme", at, by="accounts", limit=9)
    assert found is not None
    told = sorted((-one.accounts, -one.items, int(one.subject[1]), one.objections) for one in found)
    just_after = [one for one in counts if one.mentions]
    assert told == [(-one.accounts, -one.mentions, one.theme_id, one.objections) for one in just_after]


def _has_no_leftovers(session: Session) -> None:
    """When nothing is counted, nothing is kept."""
    session.execute(update(VocItem).values(state="withdrawn", version=VocItem.version + 1))
    at = MONDAY_NOON
    for workspace_id in workspaces_to_fold(session, at):
        while fold(session, workspace_id, at=at, limit=50):
            pass
    assert session.scalars(select(Tally.id)).all() == []
    assert session.scalars(select(TallyPart.part)).all() == []


def _forget_all(session: Session) -> None:
    for table in (VocItem, TallyPart, Tally, TallyBook, ThemeRise, Theme, Account):
        session.execute(delete(table))
