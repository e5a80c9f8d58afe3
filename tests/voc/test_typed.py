"""Slack's markup turned back into what people saw, and the address of a message."""

import pytest

from handlers.voc.typed import line_of_command, mentioned_in, permalink_of, words_of_message

NAMES = {"U01": "ana"}


@pytest.mark.parametrize(
    ("sent", "line"),
    [
        ("dear &amp; slow &lt;b&gt;", "dear & slow <b>"),
        ("&amp;lt;", "&lt;"),
        ("dear <#C01|pricing>", "dear #pricing"),
        ("<@U01|ana> says dear", "ana says dear"),
        ("see <https://x.example/a?b=1&amp;c=2|our ticket>", "see our ticket (https://x.example/a?b=1&c=2)"),
        ("see <https://x.example/a/|x.example/a>", "see x.example/a"),
        ("see <https://x.example/a|https://x.example/a>", "see https://x.example/a"),
        ("<!channel> a < b > c", "<!channel> a < b > c"),
        ("slow @<http://globex.com|globex.com> #speed", "slow @globex.com #speed"),
        ("<mailto:joe@globex.com|joe@globex.com> says slow", "joe@globex.com says slow"),
        ("<mailto:joe@globex.com> says slow", "joe@globex.com says slow"),
        ("call <tel:+15550100|+15550100>", "call +15550100"),
        ("call <tel:+15550100|+1 555-0100>", "call +1 555-0100"),
        ("<mailto:joe@globex.com|Joe> says slow", "Joe (joe@globex.com) says slow"),
    ],
)
def test_a_command_reads_as_it_was_typed(sent: str, line: str) -> None:
    assert line_of_command(sent) == line


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ("<@U01> and <@U02>: hi", "@ana and @someone: hi"),
        ("<!channel> <!subteam^S1|@sales>", "@channel @sales"),
        ("<!date^1700000000^{time}|10:00>", "10:00"),
        ("in <#C01|general>", "in #general"),
        ("<https://x.example|our page>", "our page (https://x.example)"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("1 &lt; 2 &amp;&amp; <3", "1 < 2 && <3"),
    ],
)
def test_a_message_reads_as_it_was_seen(sent: str, words: str) -> None:
    assert words_of_message(sent, NAMES) == words


def test_members_mentioned_in_a_message_are_found() -> None:
    assert mentioned_in("<@U01> <@W02|bo> <#C01|x> <@not>") == {"U01", "W02"}


def test_the_permalink_of_a_reply_names_its_thread() -> None:
    body = {"team": {"domain": "acme"}, "channel": {"id": "C01"}, "message": {"ts": "1700000000.000200"}}
    assert permalink_of(body) == "https://acme.slack.com/archives/C01/p1700000000000200"
    body["message"] = {"ts": "1700000001.000300", "thread_ts": "1700000000.000200"}
    assert permalink_of(body) == (
        "https://acme.slack.com/archives/C01/p1700000001000300?thread_ts=1700000000.000200&cid=C01"
    )


def test_without_its_parts_there_is_no_permalink() -> None:
    assert permalink_of({"team": {}, "message": {"ts": "1.2"}}) is None
