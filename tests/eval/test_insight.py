"""What the plain functions promise: `assign` and `is_duplicate`, over the labelled set and for whatever is typed."""

from itertools import combinations
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.insight.assign import Band, assign, starter
from domain.insight.duplicates import is_duplicate
from tests.eval.figures import (
    DUPLICATE_AT,
    HELD_OUT,
    TUNED,
    LabelledSet,
    assign_all,
    in_band,
    is_held_out,
    load,
    macro_f1,
    precision_and_recall,
)

THEMES: dict[str, tuple[str, ...]] = dict.fromkeys(starter(), ())


def test_lines_of_the_tuned_half_find_their_themes() -> None:
    items = [one for one in load("items") if not is_held_out(one["text"])]
    lines = assign_all(items, [(one["text"], one["theme"]) for one in load("confirmed")])
    share, precision = in_band(lines, Band.SURE)
    assert macro_f1(lines) > 0.85
    assert share >= 0.4
    assert precision >= 0.95


@pytest.mark.parametrize("of", TUNED, ids=lambda of: of.title)
def test_duplicates_of_what_is_tuned_with_are_told(of: LabelledSet) -> None:
    precision, recall = precision_and_recall(of.pairs())
    assert precision >= 0.85
    assert recall >= 0.65


def test_two_remarks_on_one_theme_are_hardly_ever_offered() -> None:
    """Most pairs of a workspace are such, and hardly any pair of the labelled ones."""
    items = [one for of in HELD_OUT for one in of.items()]
    pairs = [
        (one["text"], other["text"])
        for one, other in combinations(items, 2)
        if one["theme"] == other["theme"] and one["language"] == other["language"]
    ][::4]
    assert mean(is_duplicate(*pair) >= DUPLICATE_AT for pair in pairs) < 0.04


@pytest.mark.parametrize(
    ("line", "theme"),
    [
        ("price was not the issue, it's the SSO", "security"),
        ("der preis war kein thema, sondern die schnittstelle zu sap", "integration"),
        ("ce n'est pas le prix, c'est l'hébergement des données", "security"),
        ("no es el precio, es la puesta en marcha", "implementation"),
        ("they love our pricing page", None),
        ("can someone send me the ROI calculator", None),
        ("way to expensiv for them", "pricing"),
        ("procurment wants three bids", "procurement"),
        ("", None),
        ("👍", None),
    ],
)
def test_denials_mentions_and_typos(line: str, theme: str | None) -> None:
    assert assign(line, THEMES)[0] == theme


def test_a_themes_own_words_outrank_the_starters() -> None:
    themes = {"pricing": (), "migration-pains": ("migration",), "implementation": ()}
    assert assign("the migration worries them", themes)[0] == "migration-pains"


def test_a_slug_that_says_nothing_is_known_by_its_words() -> None:
    themes = {"topic-7": ("sso", "gdpr", "encryption", "pentest"), "topic-8": ("price", "discount", "expensive")}
    assert assign("ohne zertifikat und serverstandort deutschland geht nichts", themes)[0] == "topic-7"


def test_a_theme_that_is_not_there_is_not_given_to_another() -> None:
    assert assign("their budget is frozen until january", {"pricing": ()}) == (None, Band.UNSURE)


def test_confirmed_lines_teach_what_no_vocabulary_knows() -> None:
    confirmed = [("the parrot screams at night", "birds"), ("parrot screams again", "birds")]
    assert assign("that parrot screams all night", {"birds": (), "fish": ()}, confirmed)[0] == "birds"


def test_pairs_do_as_well_as_a_mapping() -> None:
    assert assign("far too expensive", [("pricing", ["price"]), ("budget", [])]) == ("pricing", Band.SURE)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("search takes thirty secs on 2 million records", "2m records and the search needs 30 seconds", True),
        ("locked in until June 2027", "they cannot leave before 06/2027, locked in", True),
        ("89 € a month is too much for the boss", "too much for the boss at 89 euros a month", True),
        ("zwölftausend artikel sind zu viele", "12000 artikel sind zu viele", True),
        ("@Acme keeps paper", "@Globex keeps paper", False),
        ("too expensive @Acme $40k", "too expensive", True),
        ("ops wants it, finance blocks it", "finance wants it, ops blocks it", False),
        ("le prix leur va, c'est la durée qui coince", "la durée leur va, c'est le prix qui coince", False),
        ("call back after the merger", "call back after easter", False),
        ("1.5k users and it gets slow", "slow with 1,500 users", True),
        ("can spend 25,000 at most", "at most 25k can be spent", True),
        ("spend freeze until q2", "spend freeze until q3", False),
        ("wants $5k off", "wants $9k off", False),
        ("madrid team won't sign without it", "mdrid team wont sign without it", True),
        ("support loves it, sales hates it", "sales hates it, support loves it", True),
        ("prefers email over slack alerts", "prefers slack over email alerts", False),
        ("the poc went fine but infosec vetoed", "infosec vetoed although the proof of concept went fine", True),
        ("mgmt wants a business case", "management wants a business case", True),
        (
            "they agreed to the pilot so the stores can start",
            "they haven't agreed to the pilot so the stores cannot start",
            False,
        ),
        ("their CFO wants a call", "our CFO wants a call", False),
        ("as soon as they are in the train the app freezes", "as soon as they are in the train the app forgets", False),
    ],
)
def test_what_differs_and_what_is_only_said_otherwise(one: str, other: str, same: bool) -> None:
    assert (is_duplicate(one, other) >= DUPLICATE_AT) is same


@given(st.text(max_size=100), st.text(max_size=100))
@settings(max_examples=100, deadline=None)
def test_the_order_of_two_lines_does_not_matter(one: str, other: str) -> None:
    assert is_duplicate(one, other) == pytest.approx(is_duplicate(other, one))


@given(st.text(max_size=400))
@settings(max_examples=150, deadline=None)
def test_any_text_is_answered(text: str) -> None:
    theme, band = assign(text, THEMES)
    assert (theme is None) == (band is Band.UNSURE)
    assert is_duplicate(text, text) in (0.0, 1.0)
    assert 0 <= is_duplicate(text, "too expensive") <= 1


@pytest.mark.parametrize(
    "piece", ["no ", "price ", "a|b ", "…", "not the issue ", "السعر مرتفع ", "&lt;!channel&gt; ", "a@"]
)
def test_a_very_long_text_is_answered(piece: str) -> None:
    text = piece * (10_000 // len(piece))
    assign(text, THEMES)
    is_duplicate(text, text[1:])
