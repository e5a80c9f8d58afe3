"""How digests read: aligned in words, cut honestly, inert whatever they hold, within Slack's limits."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.marketing import KindWeek, LeadsWeek, MarketingFacts, ThemeWeek, Verbatim
from digests.periods import Period
from digests.rendering import Rendered, render_edition
from digests.sales import Answer, SalesFacts
from digests.sections import Facts
from digests.telling import MESSAGE_BUDGET
from digests.told import ToldAsset, ToldContent, ToldField, ToldFigure, ToldPersona, ToldSum
from domain.personas import FIELDS
from playground.blocks import problems_in_message

PERIOD = Period(datetime(2026, 11, 9, 8, tzinfo=UTC), datetime(2026, 11, 16, 8, tzinfo=UTC), "Europe/Berlin")
HOSTILE = ("<!channel>", "<@U123>", "*bold* _it_ ~no~ `code`", "&&&&<<<<>>>>" * 400, "‮שלום", "{{ 77 * 91 }}", "a|b>c")


def theme(slug: str | None = "pricing", words: str = "too dear", count: int = 9, answered: bool = False) -> ThemeWeek:
    return ThemeWeek(
        slug,
        count,
        4,
        6,
        ("Globex", "Initech", "Hooli"),
        (ToldSum(34_000_000, "USD"), ToldSum(2_000_000, "EUR")),
        Verbatim(words, quoted=True),
        2,
        ("Ana", "Bo"),
        answered,
    )


def marketing(*themes: ThemeWeek, more: int = 0, **fields: Any) -> MarketingFacts:
    values: dict[str, Any] = {"untagged": None, "others": (), "leads": None} | fields
    return MarketingFacts(PERIOD, 13, 5, themes, more, 2 * more, **values)


def sales(**fields: Any) -> SalesFacts:
    values: dict[str, Any] = {"content": None, "personas": (), "more_personas": 0, "answers": (), "more_answers": 0}
    return SalesFacts(PERIOD, date(2026, 11, 9), **(values | fields))


def texts(rendered: Rendered) -> list[str]:
    return [block["text"]["text"] for block in rendered.blocks]


def readable(facts: Facts) -> str:
    return "\n".join(texts(render_edition(facts)))


def test_a_theme_reads_in_four_short_lines() -> None:
    assert texts(render_edition(marketing(theme())))[2] == (
        "*1. #pricing*: 9 objections (+4) · 6 accounts · $340k, €20k\n"
        "Globex, Initech, Hooli and 3 more\n"
        "> “too dear”\n"
        "Heard by Ana and Bo. No approved answer yet."
    )


def test_leads_are_told_as_one_teams_figures() -> None:
    leads = LeadsWeek(12, 2, 9, 1, 1, 1, (("not_a_fit", 2), ("already_customer", 1), ("other", 1)))
    assert readable(marketing(theme(), leads=leads)).endswith(
        "*Leads that sales got:* 12 (+2)\n"
        "We contacted 9 in time, 1 late; 1 is overdue; 1 still has time.\n"
        "Declined: 2 not our profile, 1 existing customer, 1 for another reason."
    )


def test_other_kinds_are_one_line() -> None:
    others = (KindWeek("pain_point", 4, 1), KindWeek("praise", 1, -2), KindWeek("question", 2, 0))
    assert "*Also heard:* 4 pain points (+1), 1 word of praise (−2), 2 questions (same)" in readable(
        marketing(theme(), others=others)
    )


def test_content_reads_as_numbers_in_words() -> None:
    guide = ToldAsset(
        "Guide", "https://example.com/?a=1&b=2", ToldFigure(142, 12), ToldFigure(6, 2), ToldFigure(1, None)
    )
    old = ToldAsset("Old blog", None, ToldFigure(20, -100), ToldFigure(0, -2), ToldFigure(0, None))
    week = ToldContent(date(2026, 11, 9), 14, ToldFigure(1204, 120), ToldFigure(31, 4), None, (guide,), (), (old,))
    assert texts(render_edition(sales(content=week)))[1] == (
        "*Content that worked*, week of 9 Nov\n"
        "14 pieces: 1,204 views (+120), 31 leads (+4)\n"
        "1. <https://example.com/?a=1&amp;b=2|Guide>: 142 views (+12), 6 leads (+2), 1 win\n"
        "Falling: Old blog, 20 views (−100), 0 leads (−2)"
    )


def test_a_persona_reads_before_and_after_by_whom_and_why() -> None:
    changes = (
        ToldField("pains", "Tools", "Tools, no owner"),
        ToldField("goals", "", "Order"),
        ToldField("role", "Boss", ""),
    )
    olivia = ToldPersona("Ops Olivia", False, changes, ("Max",), ("lost deals",))
    assert texts(render_edition(sales(personas=(olivia,))))[2] == (
        "*Personas that changed*\n"
        "*Ops Olivia*, by Max\n"
        "_Pains before:_ Tools\n"
        "_Pains now:_ Tools, no owner\n"
        "_Goals added:_ Order\n"
        "_Role removed:_ Boss\n"
        "_Why:_ “lost deals”"
    )


def test_the_notification_says_the_gist() -> None:
    leads = LeadsWeek(12, 2, 9, 1, 1, 1, ())
    assert render_edition(marketing(theme(), leads=leads)).text == (
        "Marketing digest, 9–16 Nov: 13 objections (+5), first of all #pricing (9); 12 leads, 9 contacted in time"
    )


def test_missing_figures_are_said_and_not_passed_over() -> None:
    assert "No figures for the week of 9 Nov yet." in readable(sales(answers=(Answer("sso", "Yes", None),)))


def test_themes_that_are_not_told_are_counted() -> None:
    assert "… and 494 more themes with 988 objections" in readable(marketing(theme(), more=494))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_inert_everywhere(text: str) -> None:
    for facts in (full_marketing(text), full_sales(text)):
        rendered = render_edition(facts)
        assert_fits(rendered)
        whole = rendered.text + json.dumps([block["text"]["text"] for block in rendered.blocks[1:]])
        for control in ("<!", "<@", "<#", "7007"):
            assert control not in whole


@given(st.text(max_size=400))
def test_any_text_fits_and_pings_nobody(text: str) -> None:
    for facts in (full_marketing(text), full_sales(text)):
        rendered = render_edition(facts)
        assert_fits(rendered)
        assert all(block["text"]["verbatim"] for block in rendered.blocks if block["type"] == "section")
        assert not any(mark in one for one in texts(rendered)[1:] for mark in ("<!", "<@", "<#"))


def test_what_does_not_fit_is_cut_with_a_line_that_says_so() -> None:
    rendered = render_edition(full_sales("&<>" * 300, personas=8, more_personas=40))
    assert_fits(rendered)
    shown = sum(one.startswith("*") and "is new" in one for one in texts(rendered))
    assert f"… and {48 - shown} more personas" in "\n".join(texts(rendered))
    assert "New answers from marketing" in "\n".join(texts(rendered)), "what comes later keeps its room"


def full_marketing(text: str, themes: int = 6) -> MarketingFacts:
    hostile = ThemeWeek(
        text or "x",
        1,
        1,
        9,
        (text, text, text),
        (ToldSum(10**14, "XXX"),) * 9,
        Verbatim(text, quoted=True),
        9,
        (text,) * 3,
        False,
    )
    untagged = ThemeWeek(None, 1, 1, 9, (text,) * 3, (), Verbatim(text, quoted=False), 9, (text,) * 3, False)
    leads = LeadsWeek(1, 1, 1, 1, 1, 1, (("other", 1),))
    return marketing(*(hostile,) * themes, more=494, untagged=untagged, leads=leads, others=(KindWeek("praise", 1, 1),))


def full_sales(text: str, personas: int = 3, more_personas: int = 0) -> SalesFacts:
    views, leads = ToldFigure(10**12, 10**11), ToldFigure(10**12, -(10**11))
    asset = ToldAsset(text, f"https://example.com/{text}", views, leads, None)
    week = ToldContent(
        date(2026, 11, 9), 9, ToldFigure(1, None), ToldFigure(1, None), None, (asset,) * 5, (asset,) * 2, (asset,) * 2
    )
    changes = tuple(ToldField(field, text or "a", text + "b") for field in ("name", *FIELDS))
    persona = ToldPersona(text, True, changes, (text,) * 5, (text,) * 3)
    return sales(
        content=week,
        personas=(persona,) * personas,
        more_personas=more_personas,
        answers=(Answer(text, text, text),) * 8,
    )


def assert_fits(rendered: Rendered) -> None:
    assert problems_in_message(list(rendered.blocks)) == []
    assert sum(map(len, texts(rendered))) <= MESSAGE_BUDGET + 500
    assert len(rendered.text) <= 1_000
