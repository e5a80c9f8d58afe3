"""The line a rep types after /voc: what is understood, and what stays as it was typed."""

from decimal import Decimal

import pytest

from domain.deal_size import DealSize
from domain.quick_line import QUICK_LINE_LIMIT, Kind, QuickLine, parse_quick_line
from domain.text import TextTooLong
from storage.models.voc import VOC_KINDS

COMPETITORS = ("Rivalsoft", "Acme", "Acme Cloud", "Yahoo!", "华为")
ACCOUNTS = ("Globex", "Globex Corp", "Procter & Gamble", "Initech, Inc.", "3M", "Ünal GmbH")


def read(text: str) -> QuickLine:
    return parse_quick_line(
        text, known_competitors=COMPETITORS, known_accounts=ACCOUNTS, colleagues={"colleague"}, currency="USD"
    )


def test_the_line_of_the_readme_is_understood_whole() -> None:
    line = "too expensive next to Rivalsoft #pricing @Globex $40k"
    assert read(line) == QuickLine(
        kind=Kind.OBJECTION,
        kind_given=False,
        text=line,
        verbatim="too expensive next to Rivalsoft",
        theme="pricing",
        account="Globex",
        competitor="Rivalsoft",
        deal_size=DealSize(Decimal(40_000), "USD", "$40k"),
        markers=("#pricing", "@Globex", "$40k"),
    )


def test_the_kinds_are_those_the_table_allows() -> None:
    assert {kind.value for kind in Kind} == set(VOC_KINDS)


@pytest.mark.parametrize(
    ("line", "kind", "verbatim"),
    [
        ("pain: exports take hours", Kind.PAIN_POINT, "exports take hours"),
        ("Pain point : exports take hours", Kind.PAIN_POINT, "exports take hours"),
        ("GAP:no SSO", Kind.FEATURE_GAP, "no SSO"),
        ("feature request: SSO", Kind.FEATURE_GAP, "SSO"),
        ("feature: SSO", Kind.FEATURE_GAP, "SSO"),
        ("competitor: Rivalsoft is faster", Kind.COMPETITOR, "Rivalsoft is faster"),
        ("praise： they love it", Kind.PRAISE, "they love it"),
        ("lost: no budget", Kind.LOST_REASON, "no budget"),
        ("lost_reason no budget", Kind.LOST_REASON, "no budget"),
        ("question: who owns the data?", Kind.QUESTION, "who owns the data?"),
        ("objection: too slow", Kind.OBJECTION, "too slow"),
    ],
)
def test_a_kind_word_and_a_colon_at_the_start_give_the_kind(line: str, kind: Kind, verbatim: str) -> None:
    understood = read(line)
    assert (understood.kind, understood.kind_given, understood.verbatim) == (kind, True, verbatim)


@pytest.mark.parametrize(
    "line",
    [
        "pain in the neck",
        "lost to a spreadsheet",
        "question everything",
        "painful: yes",
        "they said pain: x",
        "feature://x",
    ],
)
def test_a_sentence_that_begins_like_a_kind_word_stays_as_typed(line: str) -> None:
    understood = read(line)
    assert (understood.kind_given, understood.verbatim) == (False, line)


@pytest.mark.parametrize(
    ("line", "theme", "others", "verbatim"),
    [
        ("too dear #Pricing", "pricing", (), "too dear"),
        ("too dear #price_model #price-model #EU", "price-model", ("eu",), "too dear"),
        ("#a#b slow", "a", ("b",), "slow"),
        ("遅い #価格", "価格", (), "遅い"),
        ("महंगा #मूल्य।", "मूल्य", (), "महंगा।"),
        ("महंगा #मूल्य", "मूल्य", (), "महंगा"),
        ("call #1 and #42", None, (), "call #1 and #42"),
        ("C# and a#b and ##x and #🔥", None, (), "C# and a#b and ##x and #🔥"),
        ("see #pricing/plans", None, (), "see #pricing/plans"),
        ("(#pricing) too dear", "pricing", (), "too dear"),
    ],
)
def test_the_first_tag_is_the_theme(line: str, theme: str | None, others: tuple[str, ...], verbatim: str) -> None:
    understood = read(line)
    assert (understood.theme, understood.other_tags, understood.verbatim) == (theme, others, verbatim)


@pytest.mark.parametrize(
    ("line", "account", "verbatim"),
    [
        ("slow @Globex", "Globex", "slow"),
        ("slow @globex corp today", "Globex Corp", "slow globex corp today"),
        ("slow @GLOBEX-CORP, really", "Globex Corp", "slow GLOBEX-CORP, really"),
        ("slow @Globex's team", "Globex", "slow Globex's team"),
        ("slow @procter  &  gamble", "Procter & Gamble", "slow"),
        ("slow @Initech, Inc. today", "Initech, Inc.", "slow Initech, Inc. today"),
        ("slow @ünal gmbh", "Ünal GmbH", "slow"),
        ("slow @Hooli-XYZ.", "Hooli-XYZ", "slow."),
        ('slow @"New Customer" today', "New Customer", "slow New Customer today"),
        ("slow @“globex corp”", "Globex Corp", "slow"),
        ("20 seats @3M", "3M", "20 seats"),
        ("slow @Globex, less so @Initech", "Globex", "slow Globex, less so Initech"),
        ("seats @5k", None, "seats @5k"),
        ("mail joe@globex.com", None, "mail joe@globex.com"),
        ("<@U123> and <#C1|some #x @y> and <!here>", None, "<@U123> and <#C1|some #x @y> and <!here>"),
        ("hello @channel @here", None, "hello @channel @here"),
        ("https://x.io/@Globex#pricing", None, "https://x.io/@Globex#pricing"),
        ("a @ b @", None, "a @ b @"),
    ],
)
def test_the_first_known_name_after_an_at_sign_is_the_account(line: str, account: str | None, verbatim: str) -> None:
    understood = read(line)
    assert (understood.account, understood.verbatim) == (account, verbatim)


@pytest.mark.parametrize(
    ("line", "competitor"),
    [
        ("rivalsoft is cheaper", "Rivalsoft"),
        ("Rivalsoft's price", "Rivalsoft"),
        ("acme  cloud is cheaper", "Acme Cloud"),
        ("acme clouds", "Acme"),
        ("likes yahoo! more", "Yahoo!"),
        ("比华为贵", "华为"),
        ("Rivalsoftware", None),
        ("not us vs Hooli.", "Hooli"),
        ("we vs. “Big Rival”", "Big Rival"),
        ('we versus "acme"', "Acme"),
        ("Rivalsoft said: vs Hooli we win", "Hooli"),
        ("price vs budget", None),
        ("cost vs ROI", None),
        ("Q2 vs Q3", None),
        ("Friday vs Monday", None),
        ("us vs The others", None),
        ("us vs Big Rival", None),
        ("VS Code is slow", None),
        ("joe@rivalsoft.com wrote", None),
        ("#rivalsoft @Acme", "Acme"),
    ],
)
def test_a_competitor_is_a_known_name_or_one_after_versus(line: str, competitor: str | None) -> None:
    assert read(line).competitor == competitor


def test_competitors_stay_in_what_the_customer_said() -> None:
    assert read('cheaper: vs. "Some Name" #pricing').verbatim == 'cheaper: vs. "Some Name"'


def test_the_quoted_part_is_the_quote_and_nothing_in_it_is_a_marker() -> None:
    understood = read("she said “we only have $40k #now, unlike  Rivalsoft” @Globex")
    assert understood.quote == "we only have $40k #now, unlike Rivalsoft"
    assert understood.verbatim == "she said “we only have $40k #now, unlike Rivalsoft”"
    assert (understood.theme, understood.deal_size) == (None, None)
    assert (understood.account, understood.competitor) == ("Globex", "Rivalsoft")


@pytest.mark.parametrize(
    ("line", "quote"),
    [
        ('"too dear", he said', "too dear"),
        ("„zu teuer“ @Globex", "zu teuer"),
        ('a 5" screen and a 7" screen', None),
        ('he said "too dear', None),
        ('"" and "…"', None),
        ('@"Globex Corp" vs "Rivalsoft": "too dear"', "too dear"),
    ],
)
def test_only_a_closed_quotation_is_a_quote(line: str, quote: str | None) -> None:
    assert read(line).quote == quote


def test_one_amount_is_the_deal_size_and_of_two_neither_is_taken() -> None:
    assert read("worth $40k @Globex").deal_size == DealSize(Decimal(40_000), "USD", "$40k")
    unclear = read("they pay $30k, we ask $40k")
    assert (unclear.deal_size, unclear.verbatim) == (None, "they pay $30k, we ask $40k")


@pytest.mark.parametrize("line", ["$5/seat is a lot", "$5 per user is a lot", "-$40k", "$NaN", "<$40k"])
def test_a_price_or_a_strange_amount_is_left_as_text(line: str) -> None:
    understood = read(line)
    assert (understood.deal_size, understood.verbatim) == (None, line)


@pytest.mark.parametrize(
    ("line", "verbatim"),
    [
        ("too dear, #pricing, @Globex, $40k", "too dear"),
        ("too dear: #pricing.", "too dear."),
        ("too dear! #pricing @Globex.", "too dear!"),
        ("too dear - #pricing - @Globex", "too dear"),
        ("@Globex: too dear", "too dear"),
        ("#pricing @Globex, $40k", ""),
        ("too dear (@Globex, $40k) now", "too dear now"),
        ("line one #a\nline two", "line one line two"),
        ("pain: #a slow", "slow"),
    ],
)
def test_punctuation_that_belonged_to_a_marker_goes_with_it(line: str, verbatim: str) -> None:
    assert read(line).verbatim == verbatim


def test_broadcasts_stay_text() -> None:
    assert read("<!channel> & <b>hi</b>").verbatim == "<!channel> & <b>hi</b>"


def test_controls_are_cleaned_away_before_anything_is_read() -> None:
    understood = read("too dear\0 #pri\u200bcing @Glo\u202ebex")
    assert (understood.text, understood.theme, understood.account) == (
        "too dear #pricing @Globex",
        "pricing",
        "Globex",
    )


@pytest.mark.parametrize("line", ["", "  ", "\0\u200b"])
def test_an_empty_line_is_an_empty_answer(line: str) -> None:
    assert read(line) == QuickLine(Kind.OBJECTION, kind_given=False, text="", verbatim="")


def test_a_line_too_long_to_be_edited_is_refused_with_its_length() -> None:
    with pytest.raises(TextTooLong) as caught:
        read("x" * 10_000)
    assert (caught.value.limit, caught.value.length) == (QUICK_LINE_LIMIT, 10_000)
