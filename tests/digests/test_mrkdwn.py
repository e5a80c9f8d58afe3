"""Text from outside in Slack's markup: inert, and as near to itself as Slack allows."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.mrkdwn import cut, escape


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


@given(
    pieces=st.lists(
        st.sampled_from(
            [
                "<!date^1700000000^{time}|14:20 UTC>",
                "<https://example.com/a|a link>",
                "&amp;",
                "&lt;",
                ":white_check_mark:",
                "`/lead list`",
                "\u2068\u05e9\u05dc\u05d5\u05dd\u2069",
                "👩‍👩‍👧‍👦",
                "🇩🇪",
                "word ",
                "e\u0301",
            ]
        ),
        max_size=60,
    ),
    limit=st.integers(min_value=3, max_value=200),
)
def test_what_is_cut_holds_no_half_of_a_token(pieces: list[str], limit: int) -> None:
    markup = "".join(pieces)
    shown = cut(markup, limit)
    assert len(shown) <= limit
    if shown == markup:
        return
    whole = shown.removesuffix("…").removesuffix("\u2069")
    assert shown.endswith("…")
    assert markup.startswith(whole)
    assert shown.count("\u2068") == shown.count("\u2069")
    start = 0
    for piece in pieces:
        assert piece[0] not in "<&:`" or not start < len(whole) < start + len(piece), (shown, piece)
        start += len(piece)
