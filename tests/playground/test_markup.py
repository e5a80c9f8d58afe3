"""Slack's markup: escaping, pings, and what a reader sees."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.markup import Reader, as_rich_text, escape, pings_in, pings_in_blocks, typed, unescape

NAMES = {"U1": "ana", "C1": "leads"}
READER = Reader(lambda reference: NAMES.get(reference, reference))


@given(st.text())
def test_escaping_can_be_undone(text: str) -> None:
    assert unescape(escape(text)) == text


@given(st.text())
def test_escaped_text_pings_nobody(text: str) -> None:
    assert pings_in(escape(text)) == []


@pytest.mark.parametrize(
    ("stored", "targets"),
    [
        ("<!channel> hi", ["channel"]),
        ("<!here|here> <@U1> <@U1|ana>", ["here", "U1", "U1"]),
        ("<!subteam^S1|@sales>", ["subteam^S1"]),
        ("&lt;!channel&gt; @channel <#C1> <https://x.example|here>", []),
    ],
)
def test_pings_are_found(stored: str, targets: list[str]) -> None:
    assert pings_in(stored) == targets


def test_pings_in_blocks_come_from_markup_and_rich_text_only() -> None:
    blocks = [
        {"type": "section", "text": {"type": "plain_text", "text": "<!channel>"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "<!here>"}},
        {
            "type": "rich_text",
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "<!everyone>"}]},
                {"type": "rich_text_section", "elements": [{"type": "user", "user_id": "U1"}]},
            ],
        },
    ]
    assert pings_in_blocks(blocks) == ["here", "U1"]


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ("*bold* _italic_ ~gone~ `code`", "bold italic gone code"),
        ("*_both_*", "both"),
        ("snake_case_name 2*3*4", "snake_case_name 2*3*4"),
        ("<@U1> in <#C1>", "@ana in #leads"),
        ("<https://x.example|here>, <https://y.example>", "here, https://y.example"),
        ("<!date^1700000000^{date_short}|14 Nov>", "14 Nov"),
        ("a &lt; b &amp; c", "a < b & c"),
        ("<!channel>", "@channel"),
    ],
)
def test_a_text_reads_as_a_person_sees_it(stored: str, read: str) -> None:
    assert READER.mrkdwn(stored) == read


def test_text_beside_blocks_is_not_read() -> None:
    assert READER.message("fallback", [{"type": "header", "text": {"type": "plain_text", "text": "Shown"}}]) == "Shown"
    assert READER.message("only this", None) == "only this"


@pytest.mark.parametrize(
    ("words", "stored"),
    [
        ("a <b> & c", "a &lt;b&gt; &amp; c"),
        ("hi @ana. see #leads", "hi <@U1>. see <#C1|leads>"),
        ("@channel now", "<!channel> now"),
        ("https://x.example/a?b=1&c=2", "<https://x.example/a?b=1&amp;c=2>"),
        ("mail ana@x.example @nobody", "mail ana@x.example @nobody"),
    ],
)
def test_what_is_typed_is_stored_as_slack_does(words: str, stored: str) -> None:
    assert typed(words, {"ana": "U1"}, {"leads": "C1"}) == stored


def test_a_persons_message_gets_rich_text() -> None:
    [block] = as_rich_text("hi <@U1> &amp; <https://x.example|x>", "b")
    assert [one["type"] for one in block["elements"][0]["elements"]] == ["text", "user", "text", "link"]


def test_blocks_read_line_by_line() -> None:
    item = {"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]}
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": "Week 3"}},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "*a*"}, {"type": "plain_text", "text": "*b*"}]},
        {"type": "context", "elements": [{"type": "image", "alt_text": "logo"}, {"type": "mrkdwn", "text": "<@U1>"}]},
        {"type": "rich_text", "elements": [{"type": "rich_text_list", "style": "ordered", "elements": [item, item]}]},
        {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}, {"type": "raw_text", "text": "y"}]]},
        {"type": "input", "label": {"type": "plain_text", "text": "Words"}, "element": {"initial_value": "draft"}},
        {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Claim"}}]},
    ]
    lines = ["Week 3", "a", "*b*", "logo @ana", "1. one", "2. one", "x | y", "Words", "draft"]
    assert READER.blocks(blocks).split("\n") == lines
