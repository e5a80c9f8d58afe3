"""What should not stand in an item: numbers of payment cards, lists of phone numbers, keys and tokens of computers.

Only what has the exact shape of such a thing is found. Whoever typed it is asked before it is saved.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from domain.text import is_word_character, plain
from domain.versions import version_of
from domain.voc.errors import Sensitive, SensitiveText


@dataclass(frozen=True, slots=True)
class Spot:
    """One such thing, from `start` to `end`."""

    start: int
    end: int
    what: Sensitive


MANY_PHONES: Final = 5
"""From so many phone numbers on, it is a list and no longer a way to call back."""

REMOVED: Final = {
    Sensitive.CARD: "[card number removed]",
    Sensitive.PHONES: "[phone number removed]",
    Sensitive.SECRET: "[secret removed]",
}

# The first digits and the lengths of Visa, Mastercard, American Express, Diners Club, Discover, JCB and UnionPay:
# https://en.wikipedia.org/wiki/Payment_card_number
_CARD: Final = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|3(?:0[0-5]|[689]\d)\d{11}|6(?:011|5\d\d|4[4-9]\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17}"
)
_DIGITS: Final = re.compile(r"(?<![\w.,/=+-])\d(?:[ -]?\d){12,}(?![\w])")
_GROUP: Final = re.compile(r"\d+")
_SHORTEST_CARD, _LONGEST_CARD = 13, 19

_PHONE: Final = re.compile(
    r"(?<![\w.,/#-])(?:(?:\+|00|0|\()\d?[\d ()./-]{6,20}\d|\d{3}[-. ]\d{3}[-. ]\d{4})(?![\w])",
)
_DATE: Final = re.compile(r"\d{1,2}[./]\d{1,2}[./]\d{2,4}")

# As their makers describe them, so that they can be found: GitHub, GitLab, Slack, Stripe, AWS, Google, OpenAI,
# Anthropic, SendGrid, npm, PyPI, Hugging Face, Shopify, JSON Web Tokens, and keys in PEM.
_SECRET: Final = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----(?:.*?-----END (?:[A-Z0-9]+ )*PRIVATE KEY-----|.*)"
    r"|(?<![\w-])(?:"
    r"gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{22,255}|glpat-[\w-]{20,}"
    r"|xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-\d-[A-Za-z0-9-]{10,}"
    r"|[rs]k_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{16,}"
    r"|(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[\w-]{35}|ya29\.[\w-]{20,}"
    r"|sk-(?=[A-Za-z-]*\d)[\w-]{20,}|SG\.[\w-]{16,}\.[\w-]{16,}|npm_[A-Za-z0-9]{36}|pypi-[\w-]{50,}"
    r"|hf_[A-Za-z0-9]{30,}|shpat_[a-f0-9]{32}|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"
    r")(?![\w])"
    r"|hooks\.slack\.com/services/T\w+/B\w+/\w+",
    re.DOTALL,
)


def find_sensitive(text: str) -> list[Spot]:
    """What of the text should not be kept, in order."""
    read = plain(text)
    found = [Spot(one.start(), one.end(), Sensitive.SECRET) for one in _SECRET.finditer(read)]
    found += _cards(read)
    phones = [
        one for one in _phones(read) if not any(one.start < other.end and other.start < one.end for other in found)
    ]
    if len(phones) >= MANY_PHONES:
        found += phones
    return sorted(found, key=lambda one: one.start)


def check_sensitive(*texts: str | None, warned: str | None = None) -> None:
    """Raise SensitiveText when a text holds what should not be kept, unless the person was `warned` of just that."""
    text = "\n".join(filter(None, texts))
    spots = find_sensitive(text)
    if not spots:
        return
    seen = version_of([text[one.start : one.end] for one in spots])
    if seen != warned:
        what = tuple(dict.fromkeys(one.what for one in spots))
        raise SensitiveText(text, without_sensitive(text, spots), what, seen)


def without_sensitive(text: str, spots: list[Spot]) -> str | None:
    """The text with a note in place of each; None where no word would be left."""
    kept, noted = [], []
    position = 0
    for one in spots:
        kept.append(text[position : one.start])
        noted += [text[position : one.start], REMOVED[one.what]]
        position = max(position, one.end)
    rest = text[position:]
    return "".join([*noted, rest]) if any(map(is_word_character, "".join([*kept, rest]))) else None


def _cards(text: str) -> Iterator[Spot]:
    """Card numbers, in one piece or in groups; numbers may stand before and after them."""
    for run in _DIGITS.finditer(text):
        groups = [(group.start(), group.end()) for group in _GROUP.finditer(text, run.start(), run.end())]
        first = 0
        while first < len(groups):
            last = _card_from(text, groups, first)
            if last is not None:
                yield Spot(groups[first][0], groups[last][1], Sensitive.CARD)
            first = first + 1 if last is None else last + 1


def _card_from(text: str, groups: list[tuple[int, int]], first: int) -> int | None:
    """The last of the groups that, from the first on, are a card number."""
    digits = ""
    for place in range(first, len(groups)):
        digits += text[groups[place][0] : groups[place][1]]
        if len(digits) > _LONGEST_CARD:
            return None
        if len(digits) >= _SHORTEST_CARD and _CARD.fullmatch(digits) and _passes_luhn(digits):
            return place
    return None


def _passes_luhn(digits: str) -> bool:
    """The check digit of ISO/IEC 7812-1, annex B."""
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def _phones(text: str) -> Iterator[Spot]:
    for one in _PHONE.finditer(text):
        if 9 <= sum(map(str.isdigit, one[0])) <= 15 and not _DATE.match(one[0]):
            yield Spot(one.start(), one.end(), Sensitive.PHONES)
