"""Text from outside in Slack's markup: inert, and as near to itself as Slack allows."""

from __future__ import annotations

import re

import pytest

from domain.mrkdwn import escape


@pytest.mark.parametrize(
    "plain", ["john_doe@northwind.com", "snake_case_name", "3*4", "a~b", "Größe_XL", "plain words, (brackets) 100%"]
)
def test_what_cannot_format_stays_as_it_is(plain: str) -> None:
    assert escape(plain) == plain


@pytest.mark.parametrize(
    "marked", ["*bold*", "say _it_ now", "~no~", "`code`", "```block```", "(*a*)", "__x__", "*a_b*"]
)
def test_what_could_format_only_looks_the_same(marked: str) -> None:
    safe = escape(marked)
    assert len(safe) == len(marked)
    assert not re.search(r"`|(?<!\w)[*_~]|[*~](?!\w)", safe)


def test_words_from_right_to_left_are_isolated_from_ours() -> None:
    assert escape("מחיר") == "\u2068מחיר\u2069"
    assert escape("price") == "price"


def test_control_characters_become_entities() -> None:
    assert escape("<!channel> & <@U1>") == "&lt;!channel&gt; &amp; &lt;@U1&gt;"
