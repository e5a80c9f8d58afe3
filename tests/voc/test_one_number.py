"""How often a theme came up is one number: in receipts, on Home, on the board, in digests, exports and searches."""

from __future__ import annotations

import csv
import io
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from digests.marketing import MARKETING
from digests.periods import Period
from digests.sections import Asked
from digests.told import money_of
from domain.errors import FieldProblems
from domain.folding import fold
from domain.home import THEMES, load_home
from domain.merged import themes_now
from domain.money import Money
from domain.pulse import UNTAGGED, Pulse, count_pulses
from domain.tallies import PULSE_DAYS, pulse_begin
from domain.themes import theme_pulse
from domain.voc import moving
from domain.voc.ask import reply_to
from domain.voc.board import load_board
from domain.voc.errors import ItemRefused, RegroupingRefused, UnknownName
from domain.voc.export import BEGINNING, Form, read_piece, written
from domain.voc.form import VocForm
from domain.voc.items import edit_item, log_line, restore_item, withdraw_item
from domain.voc.known import KnownTheme, show_theme
from domain.voc.moving import move_some
from domain.voc.reading import read_all
from domain.voc.receipt import receipt_of
from domain.voc.scope import Scope, items_in
from domain.voc.search import search_items
from domain.voc.tagging import set_theme
from domain.voc.undoing import undo_regrouping
from domain.voc.votes import vote
from domain.voc.wording import catch_up
from storage.models import (
    VOC_KINDS,
    Account,
    RegroupedRow,
    Regrouping,
    Tally,
    TallyBook,
    TallyPart,
    Theme,
    ThemeNews,
    ThemeRise,
    VocItem,
)
from tests.voc.regrouped import merge, rename, split
from tests.world import MONDAY_NOON, World

NAMES = ("ana", "bo")
WORDS = st.builds(
    "it is dear{}{}{}".format,
    st.sampled_from(["", " #pricing", " #sso", " #speed"]),
    st.sampled_from(["", " @Globex", " @Initech"]),
    st.sampled_from(["", " $10k", " $40k", " €20k"]),
)
ITEM = st.integers(0, 9)
SLUG = st.sampled_from(["#pricing", "#sso", "#speed", "#invoices"])
ACCOUNT = st.sampled_from(["@Globex", "@Initech"])
STEPS = st.one_of(
    st.tuples(st.just("log"), st.sampled_from(NAMES), WORDS),
    st.tuples(st.just("edit"), ITEM, st.tuples(WORDS, st.sampled_from(VOC_KINDS))),
    st.tuples(st.just("undo"), ITEM, st.booleans()),
    st.tuples(st.just("agree"), ITEM, st.tuples(st.sampled_from(NAMES), st.sampled_from(["Hooli", "Initech"]))),
    st.tuples(st.just("file"), ITEM, st.sampled_from(["pricing", "invoices"])),
    st.tuples(st.just("wait"), st.sampled_from([1, 24 * 8, 24 * 29, 24 * 31]), st.just(0)),
    st.tuples(st.just("fold"), st.integers(1, 4), st.just(0)),
    st.tuples(st.sampled_from(["merge", "rename", "split"]), SLUG, SLUG),
    st.tuples(st.sampled_from(["merge", "rename"]), ACCOUNT, ACCOUNT),
    st.tuples(st.just("undo merge"), ITEM, st.just(0)),
    st.tuples(st.just("follow"), st.integers(1, 3), st.just(0)),
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=12))
def test_home_board_digest_receipt_card_export_and_search_agree_after_any_history(
    world: World, steps: list[tuple[str, Any, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Items of what was merged follow one by one, so that what is counted meanwhile is compared, too.
    monkeypatch.setattr(moving, "MOVED_AT_ONCE", 1)
    world.run(_forget_all)
    world.now = MONDAY_NOON
    for step in steps:
        with suppress(RegroupingRefused, UnknownName, FieldProblems):
            _take(world, *step)
    _all_agree(world)
    while _follow(world):
        pass
    _all_agree(world)


def _take(world: World, what: str, first: Any, second: Any) -> None:
    items = world.run(
        lambda session: session.execute(select(VocItem.id, VocItem.version, VocItem.state).order_by(VocItem.id)).all()
    )
    match what:
        case "log":
            world.run(log_line, second, by=world.member(first), at=world.now)
        case "wait":
            world.later(hours=first)
        case "fold":
            world.run(fold, world.workspace_id, at=world.now, limit=first)
        case "merge":
            merge(world, first, second)
        case "rename":
            rename(world, first, f"{second} anew")
        case "split":
            with suppress(IndexError):  # no item is under it
                split(world, first, [0], second)
        case "undo merge":
            done = world.run(lambda session: session.scalars(select(Regrouping.id).order_by(Regrouping.id)).all())
            if done:
                world.run(undo_regrouping, done[first % len(done)], by=world.member("max"), at=world.now)
        case "follow":
            for _ in range(first):
                _follow(world)
        case _ if not items:
            return
    if what not in ("edit", "undo", "file", "agree"):
        return
    item = items[first % len(items)]
    with suppress(FieldProblems, ItemRefused):  # a second vote; a vote is not edited
        _change(world, what, item, second)


def _change(world: World, what: str, item: Any, second: Any) -> None:
    mia = world.member("mia")
    if what == "agree":
        who, account = second
        world.run(vote, item.id, account_id=None, account=account, note=None, by=world.member(who), at=world.now)
    elif what == "undo":
        world.run(withdraw_item if second else restore_item, item.id, by=mia, at=world.now)
    elif item.state == "live" and what == "edit":
        form = VocForm(text=second[0], kind=second[1])
        world.run(edit_item, item.id, form, version=item.version, by=mia, at=world.now)
    elif item.state == "live":
        world.run(set_theme, item.id, second, version=item.version, by=world.member("max"), at=world.now)


def _follow(world: World) -> bool:
    """A step of the job that moves items; whether there is more to move."""
    moving_on = select(Regrouping.id).where(Regrouping.state.in_(("moving", "undoing")))
    open_ones = world.run(lambda session: session.scalars(moving_on).all())
    left = [world.run(move_some, one, at=world.now) for one in open_ones]
    return any(left)


def _all_agree(world: World) -> None:
    at, by = world.now, world.member("max")
    slugs = world.run(lambda session: {row.id: row.slug for row in session.execute(select(Theme.id, Theme.slug))})
    pulses = {of: world.run(theme_pulse, world.workspace_id, of, at=at) for of in slugs}
    heard = {slugs[of]: pulse for of, pulse in pulses.items() if pulse.count}

    board = world.run(load_board, Scope(), by=by, at=at)
    assert {one.slug: one.pulse for one in board.themes if one.pulse.count} == heard

    counted = world.run(lambda session: count_pulses(session, *items_in(Scope(), world.workspace_id, at)))
    assert {slugs[of]: pulse for of, (pulse, _) in counted.items() if of != UNTAGGED} == heard
    untagged = counted[UNTAGGED][0] if UNTAGGED in counted else Pulse(0, 0, 0, ())
    assert board.untagged == untagged

    home = world.run(load_home, by.id, world.workspace_id, at)
    assert home is not None
    assert len(home.themes) == min(THEMES, len(heard))
    for one in home.themes:
        pulse = heard[one.slug]
        assert (one.items, one.accounts, one.deals) == (pulse.count, pulse.accounts, pulse.deals)

    digest = world.run(_digest, world.workspace_id, at)
    assert {one.theme: (one.count, one.reps, one.accounts, tuple(money_of(one.deals))) for one in digest.themes} == {
        slug: (pulse.count, pulse.reps, pulse.accounts, pulse.deals) for slug, pulse in heard.items()
    }
    assert (digest.untagged.count if digest.untagged else 0) == untagged.count

    now = world.run(lambda session: themes_now(session, list(slugs)))
    for of, slug in slugs.items():
        card = world.run(show_theme, slug, by=by, at=at)
        if isinstance(card, KnownTheme):
            assert card.pulse == pulses[now[of]]
        assert world.run(read_all, of, Scope(), by=by, at=at).count == pulses[now[of]].count
    assert world.run(read_all, UNTAGGED, Scope(), by=by, at=at).count == untagged.count
    for about, pulse in world.run(_echoes, at):
        assert pulse == heard[about]

    assert _exported(world, at) == {of: (one.count, one.reps, one.accounts, one.deals) for of, one in heard.items()}
    who = world.run(catch_up, by=by, at=at)
    own = {slugs[of] for of, on in now.items() if of == on}
    for slug, pulse in ((slug, pulse) for slug, pulse in heard.items() if slug in own):
        found = world.db.read_sync(search_items, f"#{slug} last {PULSE_DAYS} days", by=who, at=at)
        assert found.total == pulse.count
        told = world.db.read_sync(reply_to, f"#{slug} last {PULSE_DAYS} days", by=who, at=at)
        assert (told.items, told.reps, told.accounts) == (pulse.count, pulse.reps, pulse.accounts)


def _exported(world: World, at: datetime) -> dict[str, tuple[int, int, int, tuple[Money, ...]]]:
    """What whoever counts in the file of an export gets of each theme: items, reps, accounts, deals.

    The days are those of a pulse. Of an account's deals in a currency the largest counts, once.
    """
    rows: dict[str, list[dict[str, str]]] = {}
    for row in csv.DictReader(io.StringIO(world.run(_file, world.workspace_id))):
        if row["theme"] and datetime.fromisoformat(row["logged_at"]) > pulse_begin(at):
            rows.setdefault(row["theme"], []).append(row)
    return {theme: (len(each), *_people(each), _deals(each)) for theme, each in rows.items()}


def _file(session: Session, workspace_id: int) -> str:
    place, lines = BEGINNING, list[str]()
    while True:
        items, place = read_piece(session, workspace_id, place, limit=2)
        lines += written(items, Form.CSV, first=not lines)
        if not items:
            return "".join(lines)


def _people(rows: list[dict[str, str]]) -> tuple[int, int]:
    return len({row["logged_by"] for row in rows}), len({row["account"] for row in rows if row["account"]})


def _deals(rows: list[dict[str, str]]) -> tuple[Money, ...]:
    largest: dict[tuple[str, str], int] = {}
    for row in rows:
        if row["deal"]:
            deal = (row["currency"], row["account"] or row["id"])
            largest[deal] = max(largest.get(deal, 0), int(Decimal(row["deal"]) * 100))
    often = Counter(currency for currency, _ in largest)
    sums = {one: sum(minor for (currency, _), minor in largest.items() if currency == one) for one in often}
    return tuple(Money(sums[one], one) for one in sorted(often, key=lambda one: (-often[one], one)))


def _digest(session: Session, workspace_id: int, at: Any) -> Any:
    """The marketing digest of the days that a pulse counts."""
    tick = timedelta(microseconds=1)
    period = Period(pulse_begin(at) + tick, at + tick, "UTC")
    return MARKETING.gather(Asked(session, workspace_id, period, at))


def _echoes(session: Session, at: Any) -> list[tuple[str, Pulse]]:
    """What the receipts of the live items say of their themes now."""
    live = session.scalars(select(VocItem).where(VocItem.state == "live").order_by(VocItem.id)).all()
    receipts = [receipt_of(session, item, at) for item in live]
    return [(one.echo.name, one.echo.pulse) for one in receipts if one.echo is not None and one.echo.about == "theme"]


def _forget_all(session: Session) -> None:
    for table in (RegroupedRow, Regrouping, ThemeNews, ThemeRise, VocItem, TallyPart, Tally, TallyBook, Theme, Account):
        session.execute(delete(table))
