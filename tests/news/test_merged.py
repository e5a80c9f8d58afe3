"""Themes that were merged: their contributors hear once, and what people say of an answer follows the answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.voc import moving
from domain.voc.merging import Staying
from domain.voc.regrouping import Regrouped
from domain.voc.verdicts import explain_verdict, give_verdict, load_letter
from domain.voc.worked import Verdicts, what_worked
from tests.news.conftest import Marketing
from tests.news.test_digest import gathered
from tests.voc import regrouped


def merge(marketing: Marketing, subject: str, target: str, staying: Staying = "target") -> Regrouped:
    return regrouped.merge(marketing.world, f"#{subject}", f"#{target}", staying=staying)


def give(marketing: Marketing, letter: int, by: str, verdict: str) -> bool:
    world = marketing.world
    return world.run(give_verdict, letter, 0, verdict, by=world.member(by), at=world.now).is_first


def verdicts(marketing: Marketing, slug: str) -> Verdicts:
    theme, world = marketing.theme(slug), marketing.world
    assert theme.answer is not None
    return world.run(what_worked, theme.id, theme.answer, world.now).verdicts


def said(marketing: Marketing, letter: int) -> dict[int, str]:
    world = marketing.world
    shown = world.run(load_letter, letter, world.workspace_id)
    assert shown is not None
    return dict(shown.said)


def brief(marketing: Marketing) -> list[tuple[str, list[str]]]:
    return [(name, [f"{one.slug} {one.news}" for one in themes]) for name, themes in marketing.tell()]


def test_who_raised_the_merged_theme_hears_the_answer_of_the_one_that_stays_and_nobody_else(
    marketing: Marketing,
) -> None:
    marketing.log("dear #price @Globex", "ana")
    marketing.log("dear #pricing", "bo")
    marketing.answer("pricing")
    assert brief(marketing) == [("bo", ["pricing answered"])]
    merge(marketing, "price", "pricing")
    assert brief(marketing) == [("ana", ["pricing answered"])]


def test_what_both_themes_had_told_is_not_told_again(marketing: Marketing) -> None:
    for slug, by in (("price", "ana"), ("pricing", "ana"), ("price", "bo")):
        marketing.log(f"dear #{slug}", by)
    marketing.status("pricing", "planned")
    marketing.answer("pricing", "Say: value.")
    marketing.tell()
    marketing.status("price", "wont_do", "nobody pays")
    marketing.answer("price", "Say: no.")
    marketing.tell()
    merge(marketing, "price", "pricing")
    assert brief(marketing) == [("bo", ["pricing planned"])]


def test_an_answer_that_was_told_under_either_name_is_not_told_again(marketing: Marketing) -> None:
    marketing.log("dear #price")
    marketing.log("dear #pricing")
    marketing.answer("price", "Say: price.")
    marketing.tell()
    marketing.answer("pricing", "Say: value.")
    marketing.tell()
    give(marketing, 2, "ana", "no_help")
    merge(marketing, "price", "pricing", "subject")
    assert brief(marketing) == []


def test_who_heard_of_the_merged_theme_long_ago_hears_what_becomes_of_the_one_that_stays(marketing: Marketing) -> None:
    marketing.log("dear #price", "ana")
    marketing.world.later(days=179)
    marketing.status("price", "planned")
    marketing.tell()
    marketing.log("dear #pricing", "bo")
    marketing.world.later(days=30)
    merge(marketing, "price", "pricing")
    marketing.status("pricing", "wont_do", "nobody pays")
    assert brief(marketing) == [("ana", ["pricing wont_do"]), ("bo", ["pricing wont_do"])]


def test_who_raised_a_theme_hears_though_their_items_have_not_followed_yet(
    marketing: Marketing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "MOVED_AT_ONCE", 1)
    for by in ("bo", "ana"):
        marketing.log("dear #price @Globex", by)
    marketing.log("dear #pricing", "mia")
    marketing.answer("pricing")
    marketing.tell()
    merge(marketing, "price", "pricing")
    told = marketing.tell()
    assert [(name, one.account) for name, (one,) in told] == [("ana", "Globex"), ("bo", "Globex")]


def test_what_was_said_of_an_answer_follows_it_to_the_theme_that_stays_and_back(marketing: Marketing) -> None:
    marketing.log("dear #price", "ana")
    marketing.log("dear #pricing", "bo")
    marketing.answer("price")
    marketing.tell()
    give(marketing, 1, "ana", "helped")
    done = merge(marketing, "price", "pricing", "subject")
    assert verdicts(marketing, "pricing") == Verdicts(helped=1)
    assert said(marketing, 1) == {0: "helped"}
    assert brief(marketing) == [("bo", ["pricing answered"])]
    give(marketing, 2, "bo", "used")
    assert verdicts(marketing, "pricing") == Verdicts(used=1, helped=1)
    regrouped.undo(marketing.world, done)
    assert verdicts(marketing, "price") == Verdicts(helped=1)
    assert said(marketing, 1) == {0: "helped"}


def test_a_letter_of_before_the_merge_is_judged_for_the_theme_that_stays_once(marketing: Marketing) -> None:
    marketing.log("dear #price", "ana")
    marketing.answer("price")
    marketing.tell()
    marketing.log("dear #pricing", "ana")
    marketing.answer("pricing")
    marketing.tell()
    merge(marketing, "price", "pricing")
    assert give(marketing, 1, "ana", "helped")
    assert said(marketing, 2) == {0: "helped"}
    assert not give(marketing, 2, "ana", "no_help")
    assert verdicts(marketing, "pricing") == Verdicts(helped=1)


def test_two_words_of_one_person_of_before_a_merge_count_as_the_first(marketing: Marketing) -> None:
    for slug in ("price", "pricing"):
        marketing.log(f"dear #{slug}", "ana")
        marketing.answer(slug)
        marketing.tell()
    give(marketing, 2, "ana", "no_help")
    give(marketing, 1, "ana", "helped")
    merge(marketing, "price", "pricing")
    assert verdicts(marketing, "pricing") == Verdicts(no_help=1)
    assert said(marketing, 1) == said(marketing, 2) == {0: "no_help"}


def test_the_digest_tells_it_under_the_theme_that_stays(marketing: Marketing) -> None:
    marketing.log("dear #price", "ana")
    marketing.log("dear #pricing", "bo")
    for slug in ("price", "pricing"):
        marketing.answer(slug)
    marketing.tell()
    give(marketing, 1, "ana", "no_help")
    world = marketing.world
    world.run(explain_verdict, 1, 0, "they laughed", by=world.member("ana"), at=world.now)
    give(marketing, 2, "bo", "helped")
    merge(marketing, "price", "pricing")
    world.now += timedelta(hours=1)
    (told,), _ = gathered(marketing)
    assert (told.theme, told.helped, told.no_help, [note.words for note in told.notes]) == (
        "pricing",
        1,
        1,
        ["they laughed"],
    )
