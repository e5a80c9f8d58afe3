"""The line a rep types after /voc, whatever is in it: nothing is lost, nothing breaks it, nothing makes it slow."""

import re
import time
from collections import Counter
from random import Random

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from domain.quick_line import QUICK_LINE_LIMIT, Kind, parse_quick_line
from tests.domain.anything import ANYTHING
from tests.domain.test_quick_line import COMPETITORS, read


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text))


@given(ANYTHING)
@example("#a#1")
@example("vs @Globex vs #a vs $40k")
def test_no_line_breaks_the_reading_and_no_word_is_lost(line: str) -> None:
    understood = read(line)
    kept = words(understood.verbatim)
    for marker in understood.markers:
        kept += words(marker)
    assert kept == words(understood.text)
    assert "\0" not in understood.verbatim
    assert understood.verbatim == " ".join(understood.verbatim.split())


@given(ANYTHING)
def test_what_was_understood_once_is_text_the_second_time(line: str) -> None:
    first = read(line)
    assert read(first.text) == first


TYPED = st.lists(
    st.sampled_from(
        [
            *(
                "too",
                "slow",
                "no SSO",
                "at",
                "is",
                "they pay",
                "it.",
                "really?",
                "дорого",
                "高い",
                "महंगा",
                "deal",
                "🔥",
            ),
            *("#pricing", "#a#b", "#c++", "@Globex", "@Globex Corp", '@"New One"', "@'A B'", "@colleague", "@Acme"),
            *(
                "$40k",
                "40k EUR",
                "~$40k",
                "£12k/yr",
                "40 000 €",
                "$5/seat",
                "€5-10k",
                "$5k/mo",
                "|",
                ";",
                "-",
                ",",
                ".",
            ),
            *("vs Hooli", '"so dear"', "Rivalsoft", "pain:", "(#pricing)", "a@b.co", "https://x.y/#z"),
            *("!Rivalsoft", "!hubspot", '!"Rival Soft"', "!important"),
        ]
    ),
    max_size=9,
).map(" ".join)


@given(TYPED)
@example("pain: gap: slow @Globex")
@example("#a lost at")
def test_what_the_receipt_shows_reads_the_same_when_it_is_typed(line: str) -> None:
    shown = read(line)
    # Without words nothing is saved; of two sums that contradict each other both stay text.
    assume(shown.verbatim and not shown.other_amounts)
    fields = [
        *([f"#{tag}" for tag in (shown.theme, *shown.other_tags) if tag]),
        *([f'@"{shown.account}"'] if shown.account else []),
        *([f'!"{shown.competitor}"'] if shown.competitors else []),
        *([shown.deal_size.typed] if shown.deal_size else []),
    ]
    typed = " | ".join([f"{shown.kind.value}: {shown.verbatim}", *fields])
    if len(typed) > QUICK_LINE_LIMIT:
        return
    again = read(typed)
    assert (again.kind, again.theme, again.account) == (shown.kind, shown.theme, shown.account)
    assert not shown.competitors or again.competitor == shown.competitor
    assert words(again.verbatim) >= words(shown.verbatim)
    assert (again.deal_size and again.deal_size.amount) == (shown.deal_size and shown.deal_size.amount)


@given(
    st.sampled_from([None, *Kind]),
    st.lists(st.sampled_from(["too", "slow", "дорого", "高い", "(really)", "now!"]), min_size=1, max_size=5),
    st.sampled_from([None, "pricing", "価格", "gdpr-2"]),
    st.sampled_from([None, "Globex Corp", "Procter & Gamble", "Some New Name"]),
    st.sampled_from([None, "Rivalsoft", "Acme Cloud"]),
    st.one_of(st.none(), st.integers(1, 10**9)),
    st.randoms(use_true_random=False),
)
def test_markers_are_understood_in_any_order(
    kind: Kind | None,
    said: list[str],
    theme: str | None,
    account: str | None,
    competitor: str | None,
    amount: int | None,
    random: Random,
) -> None:
    words_said = [*said, *([competitor] if competitor else [])]
    markers = [
        *([f"#{theme}"] if theme else []),
        *([f'@"{account}"'] if account else []),
        *([f"${amount:,}"] if amount else []),
    ]
    random.shuffle(markers)
    # An amount alone in front of words is part of their sentence: "$40k too high".
    front = random.randint(0, len(markers))
    if front and markers[front - 1].startswith("$"):
        front = 0
    prefix = [f"{kind.value}:"] if kind else []
    understood = read(" ".join([*prefix, *markers[:front], *words_said, *markers[front:]]))
    assert understood.kind == (kind or Kind.OBJECTION)
    assert understood.verbatim == " ".join(words_said)
    assert (understood.theme, understood.account, understood.competitor) == (theme, account, competitor)
    assert (understood.deal_size and understood.deal_size.amount) == amount


@pytest.mark.parametrize(
    "piece",
    [
        *('"a ', "vs ", 'vs "', "@A ", "$40 ", "#a", "a@", "<@", "(", "a.", "@a."),
        *(",", "/", " ;", "-->", "#a -->x ", f"(#{'a' * 50} "),
    ],
)
def test_no_repetition_makes_the_reading_slow(piece: str) -> None:
    line = (piece * QUICK_LINE_LIMIT)[:QUICK_LINE_LIMIT]
    begun = time.process_time()
    read(line)
    assert time.process_time() - begun < 0.5


def test_thousands_of_known_names_are_searched_quickly() -> None:
    accounts = tuple(f"Company Number {number}" for number in range(5_000))
    line = "slow @company number 4999 next to Rivalsoft"
    parse_quick_line(line, known_competitors=COMPETITORS, known_accounts=accounts)
    begun = time.perf_counter()
    understood = parse_quick_line(line, known_competitors=COMPETITORS, known_accounts=accounts)
    assert understood.account == "Company Number 4999"
    assert time.perf_counter() - begun < 0.02
