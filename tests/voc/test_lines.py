"""Nearly 300 lines as people type them on desks and phones are understood, and no character of any line is lost."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import example, given

from domain.quick_line import QUICK_LINE_LIMIT, QuickLine, parse_quick_line
from domain.text import TextEmpty, clean_text
from domain.voc.doubt import only_competitor, only_theme, other_meanings
from domain.voc.errors import NoSaying
from domain.voc.example import GENERIC
from handlers.voc.asking import question, read_asked
from handlers.voc.forms import new_form
from handlers.voc.typed import line_of_command
from handlers.voc.views import only_markers
from tests.domain.anything import ANYTHING
from tests.domain.typed_lines import TABLES as SENTENCES
from tests.voc import competitor_lines, lines, marked_lines
from tests.voc.lines import Typed

COMPETITORS = ("Rivalsoft", "OmniHaul", "华为")
ACCOUNTS = ("Globex", "Globex Nordics", "Initech", "Procter & Gamble", "AT&T", "3M")
COLLEAGUES = frozenset({"ana", "ana-ruiz", "colleague"})
TABLES = [*lines.TABLES.values(), *competitor_lines.TABLES.values(), *marked_lines.TABLES.values()]
LINES = [(line, wanted) for table in TABLES for line, wanted in table.items()]
SEPARATORS = frozenset("…!?|/\\;:,.·•-–—→>()[]{}&+，。、")
"""Punctuation that stands between marks and words, and has no meaning once the marks are taken out."""

SIGNS = frozenset("#@!＃＠！﹟﹫\"'“”„‚‘’«»‹›「」『』`")
"""The signs of marks, and what stands around names: gone where a mark stays in its sentence as words."""

TOKEN = "q0123456789abcdef"


def read(line: str) -> QuickLine:
    return parse_quick_line(line, known_competitors=COMPETITORS, known_accounts=ACCOUNTS, colleagues=COLLEAGUES)


def came(found: QuickLine) -> str:
    """What becomes of a line at once, in the order in which log_line looks at it."""
    if only_theme(found) is not None:
        return "theme"
    if only_competitor(found) is not None:
        return "competitor"
    if not found.verbatim:
        return "marks"
    return "logged" if other_meanings(found) is None else "asked"


def sent(typed: str) -> str:
    """What Slack sends of what was typed: https://docs.slack.dev/messaging/formatting-message-text#escaping"""
    return typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cleaned(typed: str) -> str:
    try:
        return clean_text(typed, limit=QUICK_LINE_LIMIT)
    except TextEmpty:
        return ""


def visible(text: str) -> Counter[str]:
    return Counter(char for char in text if not char.isspace())


def test_the_table_holds_nearly_three_hundred_different_lines() -> None:
    assert len({line for line, _ in LINES}) >= 280
    assert len({line for table in SENTENCES.values() for line in table} & {line for line, _ in LINES}) < 10


@pytest.mark.parametrize(("line", "wanted"), LINES, ids=[line for line, _ in LINES])
def test_a_line_is_understood(line: str, wanted: Typed) -> None:
    found = read(line_of_command(line))
    size = found.deal_size
    assert (
        Typed(
            text=found.verbatim,
            came=came(found),  # type: ignore[arg-type]
            kind=found.kind.value,
            theme=found.theme,
            others=found.other_tags,
            account=found.account,
            competitor=found.competitor,
            deal=f"{size.amount} {size.currency}" if size else None,
            quote=found.quote,
        )
        == wanted
    )


@given(ANYTHING)
@example("too dear \\o/ #pricing")
@example("a&amp;b &lt;!channel&gt;")
def test_what_is_stored_is_what_was_typed(typed: str) -> None:
    assert line_of_command(sent(typed)) == typed
    assert read(typed).text == cleaned(typed)


@given(ANYTHING)
@example("too dear \\o/ #pricing")
def test_what_is_shown_loses_nothing_but_the_signs_between_marks(typed: str) -> None:
    found = read(typed)
    if not found.verbatim:
        return  # only marks: nothing is saved, and the whole line comes back
    lost = visible(found.text) - visible(found.verbatim) - visible("".join(found.markers))
    assert set(lost) <= SEPARATORS | SIGNS


@given(ANYTHING)
@example("undo")
@example("R&D <b>")
def test_what_is_not_saved_comes_back_whole(typed: str) -> None:
    found = read(typed)
    if not found.text:
        return
    match came(found):
        case "marks":
            shown = only_markers(typed).blocks[-1]
            assert shown["elements"][0]["elements"][0]["text"] == typed
        case "asked":
            asked = question(NoSaying(found.text, other_meanings(found) or ()), TOKEN)
            assert asked.blocks[1]["elements"][0]["elements"][0]["text"] == found.text
            for button in asked.blocks[-1]["elements"]:
                carried = read_asked(button.get("value", ""))
                assert carried is None or carried.line == found.text
            form = new_form({}, GENERIC, text=found.text)
            assert form["blocks"][0]["element"]["initial_value"] == found.text
