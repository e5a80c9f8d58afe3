"""The letter's words: short, true for every turn of a theme, and harmless whatever stands in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from domain.voc.letters import TOLD_STATUSES, Letter, News, ToldTheme
from domain.voc.verdicts import Given, ShownLetter
from domain.voc.worked import BestAsset, Verdicts, Worked
from handlers.answers import NOTHING, OpenModal
from handlers.news.views import judged, letter_message, read_place
from handlers.voc.worked import worked_line
from playground.blocks import problems_in_message, problems_in_view
from tests.leads.shown import HOSTILE


def leaves(node: Any) -> Iterator[dict[str, Any]]:
    """Every object of Block Kit in it."""
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from leaves(each)


AT = datetime(2026, 11, 16, 12, tzinfo=UTC)


def letter(*themes: ToldTheme, said: dict[int, str] | None = None) -> dict[str, Any]:
    return letter_message(ShownLetter(7, AT, Letter(themes), said or {})).content()


@pytest.mark.parametrize("before", [None, *TOLD_STATUSES])
@pytest.mark.parametrize("news", get_args(News))
def test_every_turn_has_words(news: News, before: str | None) -> None:
    content = letter(ToldTheme(1, "pricing", news, before=before, account="Globex", more_accounts=1))
    assert content["text"].startswith("You heard this at Globex and 1 more account: #pricing ")
    assert content["text"].endswith(".")


def test_where_no_account_was_named_the_reader_raised_it() -> None:
    assert letter(ToldTheme(1, "pricing", "planned"))["text"] == "You raised this: #pricing is planned."


def test_an_answer_says_whether_it_may_be_sent() -> None:
    for audience, words in (("safe", "safe to send"), ("internal", "internal")):
        told = ToldTheme(1, "pricing", "answered", answer="Say: value.", audience=audience, version="v")
        assert f"*Approved answer* ({words}): Say: value." in json.dumps(letter(told))


@pytest.mark.parametrize("words", HOSTILE)
def test_whatever_stands_in_a_letter_slack_takes_it_and_nobody_is_pinged(words: str) -> None:
    told = ToldTheme(
        1,
        words[:60] or "x",
        "shipped",
        note=words,
        answer=words,
        version="v",
        asset=words,
        asset_url=words,
        account=words,
        more_accounts=3,
        by=words,
    )
    content = letter(*[told] * 30)
    assert problems_in_message(content["blocks"]) == []
    assert len(content["blocks"]) <= 50
    marked = [element["text"] for element in leaves(content["blocks"]) if element.get("type") == "mrkdwn"]
    assert marked
    assert not any("<!" in text or "<@" in text for text in marked)


def test_many_themes_are_told_and_the_last_ones_only_named() -> None:
    content = letter(*[ToldTheme(number, f"theme-{number}", "planned") for number in range(40)])
    said = json.dumps(content)
    assert content["text"].startswith("News about 40 themes that you raised: #theme-0 is planned")
    assert all(f"#theme-{number} is planned" in said for number in range(40))


def test_what_was_judged_has_no_buttons_and_says_thanks() -> None:
    one = ToldTheme(1, "pricing", "answered", answer="x", version="v")
    other = ToldTheme(2, "speed", "answered", answer="y", version="w")
    content = letter(one, other, said={1: "no_help"})
    rows = [block for block in content["blocks"] if block["type"] == "actions"]
    assert [element["value"].rpartition(":")[2] for row in rows for element in row["elements"]] == ["0"] * 3
    assert "Thanks: marketing sees it. You said that it did not help." in json.dumps(content)


def test_only_a_first_did_not_help_asks_what_happened() -> None:
    first = Given(7, AT, 0, "pricing <!here>", "no_help", is_first=True)
    form = judged(first, {"response_url": "https://example.com/answer"})
    assert isinstance(form, OpenModal)
    assert problems_in_view(form.view) == []
    assert judged(Given(7, AT, 0, "pricing", "no_help", is_first=False), {}) is NOTHING
    assert judged(Given(7, AT, 0, "pricing", "helped", is_first=True), {}) is NOTHING


@pytest.mark.parametrize(
    ("value", "place"), [("7-abc:3", 3), ("7-abc", -1), ("", -1), ("7:x", -1), ("7:٣", -1), ("7:99999", -1)]
)
def test_a_button_that_names_no_place_names_none(value: str, place: int) -> None:
    assert read_place(value) == place


@pytest.mark.parametrize(
    ("verdicts", "words"),
    [
        (Verdicts(), "*What worked:* The guide"),
        (Verdicts(helped=4), "*What worked:* The guide, helped 4 of 4 (too few to say more)"),
        (Verdicts(used=1, helped=7, no_help=1), "*What worked:* The guide, helped 7 of 9"),
    ],
)
def test_of_few_nothing_is_concluded(verdicts: Verdicts, words: str) -> None:
    assert worked_line(Worked(BestAsset(1, "The guide", None), verdicts)) == words


def test_without_asset_and_verdicts_nothing_is_said() -> None:
    assert worked_line(Worked(None, Verdicts())) == ""
    assert worked_line(Worked(None, Verdicts(helped=5))) == "*What worked:* the answer, helped 5 of 5"
