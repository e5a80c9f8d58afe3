"""A word that is no saying is asked about, never logged; whatever was said is logged at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.quick_line import QuickLine, parse_quick_line
from domain.voc.doubt import COMMAND_WORDS, LONGEST_DOUBTED, Meaning, other_meanings
from domain.voc.errors import NoSaying
from handlers.voc.asking import question, read_asked

TOKEN = "q0123456789abcdef"


def doubted(line: str) -> tuple[Meaning, ...] | None:
    return other_meanings(read(line))


def read(line: str) -> QuickLine:
    return parse_quick_line(line, known_competitors=["Rivalsoft"], colleagues={"bo"})


@pytest.mark.parametrize(
    ("line", "meanings"),
    [
        *((word, (Meaning.LIST,)) for word in ("undo", "Undo!", "edit", "delete", "UNDO", "rückgängig", "ruckgangig")),
        *(
            (word, (Meaning.HELP,))
            for word in ("themes", "stats", "export", "--help", "/help", "hilfe", "?", "👍", "…")
        ),
        *(
            (word, ())
            for word in ("pricing", "expensive", "SSO?", "Rivalsoft", "noSSO", "too-expensive", "ｐｒｉｃｉｎｇ")
        ),
        ("search pricing", (Meaning.SEARCH,)),
        ("suche pricing", (Meaning.SEARCH,)),
        ("help pricing", (Meaning.HELP,)),
        ("help me log this", (Meaning.HELP,)),
        ("list\u00a0of\u00a0objections", (Meaning.LIST,)),
        ("delete the last one", (Meaning.LIST,)),
        ("undo\n", (Meaning.LIST,)),
        ("list @bo", (Meaning.LIST,)),
        ("un\u200bdo", (Meaning.LIST,)),
        ("- undo", (Meaning.LIST,)),
        ("joe@globex.com", ()),
        ("https://globex.com/pricing", ()),
    ],
)
def test_a_word_that_is_no_saying_is_asked_about(line: str, meanings: tuple[Meaning, ...]) -> None:
    assert doubted(line) == meanings


@pytest.mark.parametrize(
    "line",
    [
        "too expensive",
        "no SSO",
        "price too high",
        "list price is too high",
        "search for orders takes far too long",
        "help #pricing",
        "pricing @Globex",
        "list vs Rivalsoft @Initech",
        '"expensive"',
        "“expensive”",
        "«cher»",
        "undo $40k",
        "gap: SSO",
        "praise: onboarding",
        "太贵了",
        "高い",
        "แพงเกินไป",
        "x" * (LONGEST_DOUBTED + 1),
    ],
)
def test_what_was_said_is_logged_at_once(line: str) -> None:
    assert doubted(line) is None


@given(st.text(min_size=1, max_size=40), st.sampled_from(sorted(COMMAND_WORDS)))
def test_five_words_or_more_are_never_asked_about(text: str, word: str) -> None:
    assert doubted(f"{word} is one of {text} words") is None


@given(st.text(min_size=1, max_size=30).map(str.strip).filter(bool))
def test_the_question_carries_what_was_typed_to_the_last_character(text: str) -> None:
    line, meanings = read(text).text, doubted(text)
    if meanings is None or not line:
        return  # logged at once, or nothing that can be seen: both are answered elsewhere
    shown = question(NoSaying(line, meanings), TOKEN)
    assert shown.blocks[1]["elements"][0]["elements"][0]["text"] == line
    (log_it, *_) = shown.blocks[-1]["elements"]
    asked = read_asked(log_it["value"])
    assert asked is not None
    assert (asked.token, asked.line) == (TOKEN, line)
    assert len(log_it["value"]) <= 2_000
    assert not set(log_it["value"]) & set("&<>")


@pytest.mark.parametrize("line", ["&" * LONGEST_DOUBTED, "\U0001f525" * LONGEST_DOUBTED, '"' * LONGEST_DOUBTED])
def test_the_longest_question_fits_a_button(line: str) -> None:
    meanings = doubted(line)
    assert meanings is not None
    assert all(
        len(one.get("value", "")) <= 2_000 for one in question(NoSaying(line, meanings), TOKEN).blocks[-1]["elements"]
    )


@pytest.mark.parametrize(
    "value", ["", "q", f"{TOKEN} ", f"{TOKEN} 1", f'{TOKEN} ""', 'x "undo"', f"{TOKEN} {'[' * 9_999}"]
)
def test_a_button_that_says_nothing_logs_nothing(value: str) -> None:
    assert read_asked(value) is None
