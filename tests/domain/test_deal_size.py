"""Amounts of money, and what only looks like a deal size."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.deal_size import LARGEST_DEAL, DealSize, read_deal_size


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("$40k", "40000", "USD"),
        ("$40,000", "40000", "USD"),
        ("€40.000", "40000", "EUR"),
        ("40k€", "40000", "EUR"),
        ("40k EUR", "40000", "EUR"),
        ("EUR 40k", "40000", "EUR"),
        ("£1.2m", "1200000", "GBP"),
        ("$1,2m", "1200000", "USD"),
        ("1,2 Mio. €", "1200000", "EUR"),
        ("40 Tsd. €", "40000", "EUR"),
        ("$2 billion", "2000000000", "USD"),
        ("$40k CAD", "40000", "CAD"),
        ("A$40k", "40000", "AUD"),
        ("40k CAD", "40000", "CAD"),
        ("CHF 40’000", "40000", "CHF"),
        ("40\u202f000 €", "40000", "EUR"),
        ("$1,234,567.89", "1234567.89", "USD"),
        ("€1.234.567,8", "1234567.80", "EUR"),
        ("$0.125m", "125000", "USD"),
        ("₹4 lakh", "400000", "INR"),
        ("40 dollars", "40", "USD"),
        ("$1000000000000", "1000000000000", "USD"),
    ],
)
def test_amounts_as_reps_type_them_are_read(text: str, amount: str, currency: str) -> None:
    assert read_deal_size(text, 0) == (len(text), DealSize(Decimal(amount), currency, text))


@pytest.mark.parametrize(
    "text",
    [
        *("40k", "40,000", "$", "EUR", "-$40k", "$-40k", "$NaN", "$inf", "$1e5", "$0", "$0.00", "$007"),
        *("$1000000000001", "$999999999999999999999999999999999999999999999", "$1 trillion", "$2 millones"),
        *("$5/seat", "$5 / seat", "$5 per user", "$99/mo", "$40k/yr", "$5 a seat", "$5 each", "$40k annually"),
        *("$5k-10k", "$5k–$10k", "$5k to $10k", "$5-10k", "$40k+", "~$40k", "$40k-ish"),
        *("$1,234k", "€1.234k", "$40 000", "$12,3456", "$1,23,456", "$40,00,0", "€40k USD", "$40k EUR"),
        *("$5k less", "$10k cheaper", "$5k off", "$40k too much", "¥40k", "40k kr", "PHP 8", "3 CAD seats"),
    ],
)
def test_what_could_mean_something_else_is_no_deal_size(text: str) -> None:
    read = read_deal_size(text, 0)
    assert read is None or read[1] is None


@pytest.mark.parametrize(
    ("text", "start"), [("40 000 €", 3), ("5k - 10k €", 5), ("in 2026 EUR 40k", 8), ("10 EUR 40k", 0)]
)
def test_the_numbers_around_an_amount_make_it_unclear(text: str, start: int) -> None:
    read = read_deal_size(text, start)
    assert read is None or read[1] is None


@pytest.mark.parametrize(
    "text", ["$40k, they said", "$40k.", "$40k)", "$40k too expensive", "$40k ARR", "$40k - 3 seats"]
)
def test_what_follows_a_clear_amount_does_not_matter(text: str) -> None:
    assert read_deal_size(text, 0) == (4, DealSize(Decimal(40_000), "USD", "$40k"))


def test_the_workspace_says_which_dollar_is_meant() -> None:
    assert read_deal_size("$40k", 0, dollar="CAD") == (4, DealSize(Decimal(40_000), "CAD", "$40k"))
    assert read_deal_size("US$40k", 0, dollar="CAD") == (6, DealSize(Decimal(40_000), "USD", "US$40k"))


@given(st.integers(1, int(LARGEST_DEAL)), st.sampled_from(["$", "€", "£"]))
def test_any_whole_amount_survives_being_written_with_or_without_separators(amount: int, symbol: str) -> None:
    for written in (f"{symbol}{amount}", f"{symbol}{amount:,}", f"{amount:,}{symbol}".replace(",", ".")):
        read = read_deal_size(written, 0)
        assert read is not None
        assert read[1] is not None
        assert (read[0], int(read[1].amount)) == (len(written), amount)


@given(st.text("0123456789.,'kmb $€EUR-/to\u00a0", max_size=20))
def test_no_text_breaks_the_reading_and_amounts_stay_in_bounds(text: str) -> None:
    for start in range(len(text)):
        read = read_deal_size(text, start)
        if read is not None:
            assert start < read[0] <= len(text)
            if read[1] is not None:
                assert 0 < read[1].amount <= LARGEST_DEAL
                assert read[1].amount * 100 == int(read[1].amount * 100)
