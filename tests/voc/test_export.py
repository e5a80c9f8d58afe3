"""What was logged comes out whole, piece by piece, and no cell of it is run by a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from domain.themes import find_theme
from domain.voc.export import BEGINNING, COLUMNS, FORMULA_SIGNS, Exported, Form, Place, harmless, read_piece, written
from domain.voc.items import log_line, withdraw_item
from storage.models import VocItem
from tests.world import World


def export(world: World, begin: Place = BEGINNING, **which: Any) -> list[Exported]:
    found: list[Exported] = []
    while True:
        piece, begin = world.db.read_sync(read_piece, world.workspace_id, begin, **which)
        if not piece:
            return found
        found += piece


def log(world: World, line: str, who: str = "ana") -> int:
    return world.run(log_line, line, by=world.member(who), at=world.now).item.id


def test_every_live_item_comes_out_once_in_the_order_of_time(world: World) -> None:
    items = [log(world, f"slow number {number}") for number in range(7)]  # all at one moment
    world.later(minutes=1)
    gone = log(world, "not this")
    world.run(withdraw_item, gone, by=world.member("ana"), at=world.now)
    world.run(
        lambda session: session.execute(update(VocItem).where(VocItem.id == items[0]).values(created_at=world.now))
    )
    assert [one.id for one in export(world, limit=2)] == [*items[1:], items[0]]


def test_an_item_comes_out_with_all_that_it_belongs_to(world: World) -> None:
    log(world, 'lost: they said "no, thanks" #pricing @Globex vs Rivalsoft €1,250.50', "bo")
    (item,) = export(world)
    assert (item.kind, item.quote, item.consent, item.theme) == ("lost_reason", "no, thanks", "internal", "pricing")
    assert (item.account, item.competitor, item.deal, item.currency) == ("Globex", "Rivalsoft", "1250.50", "EUR")
    assert (item.logged_at, item.logged_by, item.origin) == ("2026-11-16T12:00:00+00:00", "bo", "command")


def test_one_theme_comes_out_and_what_is_later_than_a_moment(world: World) -> None:
    log(world, "dear #pricing")
    before = world.later(days=1)
    later = log(world, "dearer #pricing")
    log(world, "slow #speed")
    theme = world.run(lambda session: find_theme(session, world.workspace_id, "pricing"))
    assert theme is not None
    assert len(export(world, theme_id=theme.id)) == 2
    assert [one.id for one in export(world, Place(before, 0), theme_id=theme.id)] == [later]


@pytest.mark.parametrize("sign", sorted(FORMULA_SIGNS))
def test_what_begins_like_a_formula_is_text(sign: str) -> None:
    assert harmless(f"{sign}cmd|' /C calc'!A0") == f"'{sign}cmd|' /C calc'!A0"
    assert harmless(f"1{sign}1") == f"1{sign}1"
    assert harmless("") == ""


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=30), max_size=4))
def test_any_text_comes_back_from_either_form(texts: list[str]) -> None:
    items = [
        Exported(n, "2026", "praise", text, text, None, None, text, None, None, None, text, "form", None, None)
        for n, text in enumerate(texts)
    ]
    lines = "".join(written(items, Form.CSV, first=True))
    head, *rows = csv.reader(io.StringIO(lines, newline=""))
    assert tuple(head) == COLUMNS
    assert [row[3] for row in rows] == [harmless(text) for text in texts]
    assert all(cell[:1] not in FORMULA_SIGNS for row in rows for cell in row if cell)
    told = "".join(written(items, Form.JSONL, first=True)).split("\n")
    assert [json.loads(line)["text"] for line in told if line] == texts


def test_excel_is_told_that_it_is_utf_8_once() -> None:
    item = Exported(1, "2026", "praise", "é", None, None, None, None, None, None, None, "ana", "form", None, None)
    first = "".join(written([item], Form.CSV, first=True, mark=True))
    assert first.startswith('\ufeff"id","logged_at"')
    assert "".join(written([item], Form.CSV, first=False, mark=True)).startswith('"1","2026"')
    assert not "".join(written([item], Form.JSONL, first=True, mark=True)).startswith("\ufeff")
