"""Cleaning, slugging and shortening of text that people typed."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.text import TextEmpty, TextTooLong, clean_text, shorten, slugify_theme

ZWJ, ZWNJ = "\u200d", "\u200c"
WILD = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\0\r\n\t\x85\u2028\u200b\u200c\u200d\u200e\u202e\u2066\ufe0f\ufeff\xad\ud800"),
        st.sampled_from("a नी्क ک👩💻❤🏴🇩🇪🏽e\u0301\u1112\u1161\u11ab\U000e0067\U000e007f\u034f1#\u20e3"),
    ),
    max_size=40,
)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("a\0b\x07c\x1b[31m", "abc[31m"),
        ("one\r\ntwo\rthree\u2028four\x85five", "one\ntwo\nthree\nfour\nfive"),
        ("one\ttwo", "one two"),
        ("evil\u202etxt.exe\u2066\u2069\u200e", "eviltxt.exe"),
        ("Glo\u200bbex\ufeff\xad\u2060", "Globex"),
        ("cafe\u0301", "café"),
        ("  \n padded \n ", "padded"),
        ("<!channel> & <@U1>", "<!channel> & <@U1>"),
        ("\ud83d alone", "alone"),
        ("hid\U000e0068\U000e0069den", "hidden"),
        ("x\ufe0f\ufe0f\ufe00", "x\ufe0f"),
    ],
)
def test_invisible_and_control_characters_go_and_the_rest_stays_as_typed(raw: str, clean: str) -> None:
    assert clean_text(raw, limit=100) == clean


@pytest.mark.parametrize(
    "text",
    [
        f"👩{ZWJ}💻 👨🏽{ZWJ}🔧 ❤\ufe0f{ZWJ}🔥 1\ufe0f\u20e3",
        f"می{ZWNJ}خواهم",
        f"ക്{ZWJ} ശ്രീ",
        f"क्{ZWNJ}ष",
        f"র{ZWJ}্যাব",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "葛\U000e0100城",
    ],
)
def test_joiners_that_a_script_or_an_emoji_needs_stay(text: str) -> None:
    assert clean_text(text, limit=100) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("raw", ["", "  \n\t", "\0\u200b\u202e", "\u3164", "\u2800 \u2800"])
def test_text_in_which_nothing_is_visible_is_empty(raw: str) -> None:
    with pytest.raises(TextEmpty):
        clean_text(raw, limit=10)


def test_the_limit_counts_the_cleaned_text_and_the_error_carries_both_numbers() -> None:
    assert clean_text("  12345\0\0  ", limit=5) == "12345"
    with pytest.raises(TextTooLong) as caught:
        clean_text("x" * 10_000, limit=3_000)
    assert (caught.value.limit, caught.value.length) == (3_000, 10_000)


@given(WILD)
@example(f"👩{ZWJ}{ZWJ}💻")
@example("e\u200b\u0301")
def test_cleaning_is_idempotent_storable_and_composed(raw: str) -> None:
    try:
        clean = clean_text(raw, limit=200)
    except TextEmpty:
        return
    assert clean_text(clean, limit=200) == clean
    assert unicodedata.is_normalized("NFC", clean)
    assert "\0" not in clean
    clean.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Pricing", "pricing"),
        ("#Price_Model", "price-model"),
        ("  price -- MODEL! ", "price-model"),
        ("Straße", "strasse"),
        ("ＳＳＯ", "sso"),
        ("मूल्य", "मूल्य"),
        ("価格", "価格"),
        ("GDPR 2", "gdpr-2"),
        ("42", None),
        ("🔥", None),
        ("", None),
    ],
)
def test_a_theme_slug_folds_what_people_type_differently(text: str, slug: str | None) -> None:
    assert slugify_theme(text) == slug


@given(WILD)
@example("İ\u0345\u0345")
def test_slugs_are_idempotent_and_short(text: str) -> None:
    slug = slugify_theme(text)
    if slug is not None:
        assert slugify_theme(slug) == slug
        assert 0 < len(slug) <= 60


def test_a_long_slug_is_cut_without_a_dangling_hyphen() -> None:
    assert slugify_theme("a" * 59 + " bcd") == "a" * 59


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("short", 5, "short"),
        ("too expensive next to Rivalsoft", 20, "too expensive next…"),
        ("Donaudampfschifffahrt", 10, "Donaudamp…"),
        ("cafe\u0301s are", 5, "caf…"),
        (f"ab👩{ZWJ}💻cd", 5, "ab…"),
        ("👍🏽👍🏽", 3, "👍🏽…"),
        ("🇩🇪🇫🇷🇮🇹", 4, "🇩🇪…"),
        ("한국어", 4, "한…"),
        ("क्षत्रिय", 3, "…"),
        ("x" * 9, 1, "…"),
    ],
)
def test_shortening_never_splits_what_is_seen_as_one_character(text: str, limit: int, short: str) -> None:
    assert shorten(unicodedata.normalize("NFD", text), limit) == unicodedata.normalize("NFD", short)


def test_shortening_to_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        shorten("abc", 0)


@given(WILD, st.integers(1, 30))
def test_a_shortened_text_fits_and_begins_like_the_whole(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert len(short) <= limit
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))
