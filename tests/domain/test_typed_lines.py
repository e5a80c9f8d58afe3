"""More than 200 lines as reps type them are read as a person reads them, and nothing typed is lost."""

import re
from collections import Counter

import pytest

from domain.quick_line import QuickLine, parse_quick_line
from tests.domain.typed_lines import TABLES, Read

COMPETITORS = ("Rivalsoft", "OmniHaul", "华为")
ACCOUNTS = ("Globex", "Globex Nordics", "Initech", "Procter & Gamble", "AT&T", "3M")
COLLEAGUES = frozenset({"ana", "ana-ruiz", "colleague"})
LINES = [(line, wanted) for table in TABLES.values() for line, wanted in table.items()]


def read(line: str, home: str) -> QuickLine:
    return parse_quick_line(
        line, known_competitors=COMPETITORS, known_accounts=ACCOUNTS, colleagues=COLLEAGUES, currency=home
    )


def as_read(found: QuickLine, home: str) -> Read:
    size = found.deal_size
    return Read(
        text=found.verbatim,
        theme=found.theme,
        account=found.account,
        competitor=found.competitor,
        deal=f"{size.amount} {size.currency}" if size else None,
        more=size.typed if size and size.more else None,
        kind=found.kind.value,
        others=found.other_tags,
        home=home,
    )


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text))


def test_the_table_holds_at_least_two_hundred_different_lines() -> None:
    assert len({line for line, _ in LINES}) >= 200


@pytest.mark.parametrize(("line", "wanted"), LINES, ids=[line for line, _ in LINES])
def test_a_line_is_read_as_a_person_reads_it(line: str, wanted: Read) -> None:
    assert as_read(read(line, wanted.home), wanted.home) == wanted


@pytest.mark.parametrize(("line", "wanted"), LINES, ids=[line for line, _ in LINES])
def test_every_word_typed_is_in_the_text_or_beside_it(line: str, wanted: Read) -> None:
    found = read(line, wanted.home)
    kept = words(found.verbatim)
    for marker in found.markers:
        kept += words(marker)
    assert kept == words(found.text)
