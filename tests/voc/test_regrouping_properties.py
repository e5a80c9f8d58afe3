"""Whatever people do with themes, each item stands under one theme that is its own, and all counts are those of the
items.
"""

from __future__ import annotations

from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from domain.errors import FieldProblems
from domain.folding import fold
from domain.pulse import recount, take_pulse
from domain.voc.errors import RegroupingRefused, UnknownName
from domain.voc.items import restore_item, withdraw_item
from domain.voc.moving import find_strays, gather_strays
from domain.voc.regrouping import Regrouped
from storage.models import Account, RegroupedRow, Regrouping, Tally, TallyBook, TallyPart, Theme, ThemeRise, VocItem
from tests.voc.regrouped import log, merge, rename, split, undo
from tests.world import MONDAY_NOON, World

NAMES: Final = st.sampled_from(["price", "cost", "budget", "value"])
STEPS = st.one_of(
    st.tuples(st.just("log"), NAMES, st.sampled_from([" @Globex $40k", " @Initech", " $9k"])),
    st.tuples(st.just("log"), NAMES, st.just("")),
    st.tuples(st.just("merge"), NAMES, NAMES),
    st.tuples(st.just("undo"), st.integers(0, 9), st.just("")),
    st.tuples(st.just("rename"), NAMES, NAMES),
    st.tuples(st.just("split"), NAMES, NAMES),
    st.tuples(st.just("withdraw"), st.integers(0, 9), st.booleans()),
    st.tuples(st.just("stray"), st.integers(0, 9), st.integers(0, 9)),
    st.tuples(st.just("fold"), st.just(""), st.just("")),
    st.tuples(st.just("wait"), st.just(""), st.just("")),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=20))
def test_each_item_stands_under_one_theme_and_counts_there(world: World, steps: list[tuple[str, Any, Any]]) -> None:
    world.run(_forget_all)
    world.now = MONDAY_NOON
    done: list[Regrouped] = []
    logged = 0
    for what, first, second in steps:
        logged += what == "log"
        try:
            done += _take(world, done, what, first, second)
        except (RegroupingRefused, UnknownName, FieldProblems):
            continue
        finally:
            world.run(_agrees, world.workspace_id, world.now, logged)


def _take(world: World, done: list[Regrouped], what: str, first: Any, second: Any) -> list[Regrouped]:
    items = world.run(lambda session: list(session.scalars(select(VocItem.id).order_by(VocItem.id))))
    match what:
        case "log":
            log(world, f"it is so #{first}{second}")
        case "merge":
            return [merge(world, first, second)]
        case "rename":
            return [rename(world, first, second)]
        case "split":
            return [split(world, first, [0], second)] if _has_items(world, first) else []
        case "undo" if done:
            undo(world, done[first % len(done)])
        case "withdraw" if items:
            change = withdraw_item if second else restore_item
            world.run(change, items[first % len(items)], by=world.member("ana"), at=world.now)
        case "stray" if items:
            world.run(_stray, items[first % len(items)], second)
            while (strays := world.run(find_strays)) is not None:
                assert world.run(gather_strays, strays, at=world.now)
        case "fold":
            world.run(fold, world.workspace_id, at=world.now, limit=3)
        case "wait":
            world.later(days=16)
    return []


def _has_items(world: World, slug: str) -> bool:
    def read(session: Session) -> bool:
        live = select(VocItem.id).join(Theme, Theme.id == VocItem.theme_id).where(VocItem.state == "live")
        return session.scalar(live.where(Theme.slug == slug).limit(1)) is not None

    return world.run(read)


def _stray(session: Session, item_id: int, number: int) -> None:
    """What an earlier release does, which knows no merged themes."""
    themes = session.scalars(select(Theme.id).order_by(Theme.id)).all()
    item = session.get_one(VocItem, item_id)
    item.theme_id, item.version = themes[number % len(themes)], item.version + 1


def _agrees(session: Session, workspace_id: int, at: Any, logged: int) -> None:
    own = set(session.scalars(select(Theme.id).where(Theme.merged_into_id.is_(None))))
    under = session.scalars(select(VocItem.theme_id)).all()
    assert len(under) == logged
    assert set(under) <= own
    for theme_id in session.scalars(select(Theme.id)):
        counted = take_pulse(session, workspace_id, at, "theme", theme_id)
        assert counted == recount(session, workspace_id, at, "theme", theme_id)


def _forget_all(session: Session) -> None:
    for table in (RegroupedRow, Regrouping, ThemeRise, VocItem, TallyPart, Tally, TallyBook, Theme, Account):
        session.execute(delete(table))
