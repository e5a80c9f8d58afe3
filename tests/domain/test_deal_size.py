"""Amounts of money, and what only looks like a deal size."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.deal_size import LARGEST_DEAL, Amount, DealSize, read_amount
from domain.text import plain


def read(text: str) -> tuple[int, DealSize | None]:
    found = read_amount(plain(text), 0)
    return (found.end, found.size) if found else (0, None)


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("$40k", "40000", "USD"),
        ("40 000 €", "40000", "EUR"),
        ("$40 000", "40000", "USD"),
        ("1 200 000 SEK", "1200000", "SEK"),
        ("40'000 CHF", "40000", "CHF"),
        ("R$ 50 mil", "50000", "BRL"),
        ("₹4,00,000", "400000", "INR"),
        ("₹1.5 cr", "15000000", "INR"),
        ("₹4L", "400000", "INR"),
        ("120 T€", "120000", "EUR"),
        ("TEUR 120", "120000", "EUR"),
        ("1,2 Mio EUR", "1200000", "EUR"),
        ("1,2 M€", "1200000", "EUR"),
        ("400万円", "4000000", "JPY"),
        ("４００万円", "4000000", "JPY"),
        ("40万元", "400000", "CNY"),
        ("4억원", "400000000", "KRW"),
        ("1,2 млн руб.", "1200000", "RUB"),
        ("٤٠ ألف دولار", "40000", "USD"),
        ("₹४ लाख", "400000", "INR"),
        ("40k PLN", "40000", "PLN"),
        ("40 tys. zł", "40000", "PLN"),
        ("400k TRY", "400000", "TRY"),
        ("PHP 2,000,000", "2000000", "PHP"),
        ("40k eur", "40000", "EUR"),
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
    assert read(text) == (len(text), DealSize(Decimal(amount), currency, plain(text)))


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("£12k/yr", "12000", "GBP"),
        ("£12k / year", "12000", "GBP"),
        ("$40k p.a.", "40000", "USD"),
        ("$40k pa", "40000", "USD"),
        ("40k€/Jahr", "40000", "EUR"),
        ("40k € pro Jahr", "40000", "EUR"),
        ("30 000 € par an", "30000", "EUR"),
        ("€30k al año", "30000", "EUR"),
        ("$40k ARR", "40000", "USD"),
        ("$40k a year", "40000", "USD"),
        ("$40k annually", "40000", "USD"),
        ("~$40k", "40000", "USD"),
        ("ca. 40k €", "40000", "EUR"),
        ("≈ £40k", "40000", "GBP"),
        ("$40k+", "40000", "USD"),
        ("£40k+VAT", "40000", "GBP"),
        ("£40k + VAT", "40000", "GBP"),
        ("40.000 € zzgl. MwSt.", "40000", "EUR"),
        ("40 000 € HT", "40000", "EUR"),
        ("$40k-ish", "40000", "USD"),
        ("$120k over 3 years", "120000", "USD"),
        ("400万円/年", "4000000", "JPY"),
    ],
)
def test_a_size_says_what_more_was_typed_with_it(text: str, amount: str, currency: str) -> None:
    assert read(text) == (len(text), DealSize(Decimal(amount), currency, text, more=True))


@pytest.mark.parametrize(
    "text",
    [
        *("40k", "40,000", "$", "EUR", "-$40k", "$-40k", "$NaN", "$inf", "$1e5", "$0", "$0.00", "$007"),
        *("$1000000000001", "$999999999999999999999999999999999999999999999", "$1 trillion", "$2 mil"),
        *("$5/seat", "$5 / seat", "$5 per user", "$99/mo", "$5k MRR", "$5 a seat", "$5 each", "$12/user/month"),
        *("$5k-10k", "$5k–$10k", "$5k to $10k", "$5-10k", "$5k/yr/seat", "€5 pro Monat", "5 € par mois"),
        *("$1,234k", "€1.234k", "$12,3456", "$1,23,456", "$40,00,0", "€40k USD", "$40k EUR"),
        *("40k kr", "PHP 8", "3 CAD seats", "8 TRY", "ALL 40", "40k XXQ", "XXX 40k"),
    ],
)
def test_what_could_mean_something_else_is_no_deal_size(text: str) -> None:
    assert read(text)[1] is None


@pytest.mark.parametrize(("text", "start"), [("5k - 10k €", 5), ("10 EUR 40k", 3)])
def test_the_numbers_around_an_amount_make_it_unclear(text: str, start: int) -> None:
    found = read_amount(text, start)
    assert found is None or found.size is None


@pytest.mark.parametrize(
    "text", ["$40k, they said", "$40k.", "$40k)", "$40k too expensive", "$40k - 3 seats", "$40k🔥"]
)
def test_what_follows_a_clear_amount_does_not_matter(text: str) -> None:
    assert read_amount(text, 0) == Amount(0, 4, DealSize(Decimal(40_000), "USD", "$40k"))


@pytest.mark.parametrize(
    ("text", "home", "currency"),
    [
        ("$40k", "CAD", "CAD"),
        ("$40k", "EUR", "USD"),
        ("US$40k", "CAD", "USD"),
        ("40 000 kr", "SEK", "SEK"),
        ("40.000 kr.", "DKK", "DKK"),
        ("¥4,000,000", "USD", "JPY"),
        ("¥4,000,000", "CNY", "CNY"),
        ("Rs 40,000", "USD", "INR"),
        ("Rs. 40,000", "PKR", "PKR"),
    ],
)
def test_the_workspaces_currency_says_what_a_shared_sign_means(text: str, home: str, currency: str) -> None:
    found = read_amount(text, 0, currency=home)
    assert found is not None
    assert found.size is not None
    assert found.size.currency == currency


@given(st.integers(1, int(LARGEST_DEAL)), st.sampled_from(["$", "€", "£"]))
def test_any_whole_amount_survives_being_written_with_or_without_separators(amount: int, symbol: str) -> None:
    for written in (f"{symbol}{amount}", f"{symbol}{amount:,}", f"{amount:,}{symbol}".replace(",", ".")):
        end, size = read(written)
        assert size is not None
        assert (end, int(size.amount)) == (len(written), amount)


@given(st.text("0123456789.,'kmb $€EUR-/to\u00a0", max_size=20))
def test_no_text_breaks_the_reading_and_amounts_stay_in_bounds(text: str) -> None:
    for start in range(len(text)):
        found = read_amount(plain(text), start)
        if found is not None:
            assert start < found.end <= len(text)
            if found.size is not None:
                assert 0 < found.size.amount <= LARGEST_DEAL
                assert found.size.amount * 100 == int(found.size.amount * 100)
