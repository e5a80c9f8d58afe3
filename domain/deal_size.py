"""Amounts of money as reps type them: `$40k`, `€40.000`, `40k EUR`, `£1.2m`, `1,2 Mio. €`.

It reads one amount at one place and refuses whatever could mean something else; where to look is the
caller's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

LARGEST_DEAL: Final = Decimal(10) ** 12
"""No deal is larger, in whole units of its currency; what is larger is a slip of the keyboard."""

_SYMBOLS: Final = {
    "US$": "USD",
    "CA$": "CAD",
    "AU$": "AUD",
    "NZ$": "NZD",
    "HK$": "HKD",
    "MX$": "MXN",
    "C$": "CAD",
    "A$": "AUD",
    "S$": "SGD",
    "R$": "BRL",
    "€": "EUR",
    "£": "GBP",
    "₹": "INR",
    "₪": "ILS",
    "₩": "KRW",
    "₺": "TRY",
    "₴": "UAH",
    "zł": "PLN",
    "Kč": "CZK",
}
# Codes that are also words or names people type (TRY, PHP, RON, COP, ALL) are left out: `PHP 8` is no price.
_CODE: Final = (
    "(?i:USD|EUR|GBP|CHF|JPY|CNY|INR|AUD|CAD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|ILS|AED|SAR|ZAR|BRL|MXN|SGD|HKD|KRW)"
)
_WORDS: Final = {"euro": "EUR", "euros": "EUR", "dollar": "$", "dollars": "$"}
_DOLLARS: Final = frozenset({"USD", "AUD", "CAD", "NZD", "MXN", "SGD", "HKD"})
_MULTIPLIERS: Final = {
    **dict.fromkeys(("k", "thousand", "tsd"), 10**3),
    **dict.fromkeys(("lakh", "lakhs", "lac"), 10**5),
    **dict.fromkeys(("m", "mm", "mn", "mio", "million", "millions", "millionen"), 10**6),
    **dict.fromkeys(("crore", "crores", "cr"), 10**7),
    **dict.fromkeys(("b", "bn", "mrd", "billion", "billions"), 10**9),
}


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_SYMBOL = rf"(?:{_any_of(_SYMBOLS)}|\$)"
_NUMBER = "[0-9]+(?:[.,'’\u00a0\u202f\u2009][0-9]+)*"
_MULTIPLIER = f"(?i:{_any_of(_MULTIPLIERS)})"
_GAP = "[ \u00a0\u202f]?"

_CURRENCY_FIRST = re.compile(
    rf"(?P<before>{_SYMBOL}|{_CODE})(?P<gap>{_GAP})(?P<number>{_NUMBER})"
    rf"(?:{_GAP}(?P<multiplier>{_MULTIPLIER})(?!\w))?(?:{_GAP}(?P<after>{_CODE})(?!\w))?"
)
_NUMBER_FIRST = re.compile(
    rf"(?P<number>{_NUMBER})(?:{_GAP}(?P<multiplier>{_MULTIPLIER})\.?)?{_GAP}"
    rf"(?P<after>{_SYMBOL}|{_CODE}|(?i:{_any_of(_WORDS)}))(?!\w)"
)
_TOKEN_END = re.compile(r"[.,;:!?…)\]}\"”»’]*(?:\s|$)")
_MORE_NUMBER = re.compile(r"\s?[0-9]")
_MORE_DIGITS = re.compile(r"\s[0-9]{3}(?![0-9])")
_RANGE = re.compile(
    rf"[-–—](?:{_SYMBOL}|{_CODE})?{_GAP}{_NUMBER}(?:{_GAP}{_MULTIPLIER}(?!\w))?"
    rf"|\s+(?:[-–—]|to|bis|or)\s+(?:(?:{_SYMBOL}|{_CODE}){_GAP}{_NUMBER}(?:{_GAP}{_MULTIPLIER}(?!\w))?"
    rf"|{_NUMBER}(?:{_GAP}{_MULTIPLIER}(?!\w)|{_GAP}(?:{_SYMBOL}|{_CODE})(?!\w)))"
)
# What follows a price per something, a difference between prices, or a multiplier that is not known here.
_NO_DEAL_SIZE = re.compile(
    r"\s*/\s*[^\W\d_]"
    r"|\s+(?:per|each|apiece|pro|je|monthly|quarterly|yearly|annually|weekly|daily|p\.?\s?[amu]\.?)(?!\w)"
    r"|\s+an?\s+(?:seat|user|head|person|licen[cs]e|unit|piece|month|mo|quarter|year|yr|week|day|hour)(?!\w)"
    r"|\s+(?:off|cheaper|less|more|lower|higher|extra|discount|rebate|too\s+(?:much|high))(?!\w)"
    r"|\s+(?:mil|bil|tri|thou|hund|tau|mrd|mld|lak|cro)\w*",
    re.IGNORECASE,
)
_NUMBER_BEFORE = re.compile(r"[0-9]\s$")
_RANGE_BEFORE = re.compile(r"(?<!\S)[0-9][0-9.,]*[kmb]?\s*(?:[-–—]|\b(?:to|bis|or))\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class DealSize:
    """An amount above 0 and at most LARGEST_DEAL, in whole units and at most cents of `currency` (ISO 4217).

    `typed` is the piece of the line that said so, for example `$40k`.
    """

    amount: Decimal
    currency: str
    typed: str


def read_deal_size(text: str, start: int, *, dollar: str = "USD") -> tuple[int, DealSize | None] | None:
    """Read the amount of money that begins at `start`, the first character of a word; `dollar` is what `$` means.

    Returns its end and the deal size; the end and None for money that is no deal size; None where no amount
    stands.

    A currency must be named: `40k` alone is a number of anything. `¥` and `kr` are several currencies: only
    the ISO codes of those are read; `3 CAD` may be drawing seats. A single separator before three digits
    groups thousands (`€40.000` and `$40,000` are forty thousand), before one or two it is the decimal sign.
    Refused, because they could mean two things: `$1,234k`; `$40 000` (the gap may end the number; a
    no-break space groups); ranges (`$5k-10k`); prices (`$5/seat`, `$99 per month`, `$40k/yr`); differences
    (`$5k less`); negative, zero and absurd amounts.
    """
    found = _CURRENCY_FIRST.match(text, start) or _NUMBER_FIRST.match(text, start)
    if found is None:
        return None
    end = found.end()
    if a_range := _RANGE.match(text, end):
        return a_range.end(), None
    if not _TOKEN_END.match(text, end):
        return None
    multiplier = (found["multiplier"] or "").lower()
    left = text[max(0, start - 24) : start]
    parts = found.groupdict()
    if "before" in parts:
        loose = bool(found["gap"]) or found["before"].isalpha()
        more = not multiplier and _MORE_DIGITS.match(text, end)
        unclear = more or (loose and _NUMBER_BEFORE.search(left))
    else:
        if _MORE_NUMBER.match(text, end):
            return None
        unclear = _NUMBER_BEFORE.search(left)
    if unclear or _NO_DEAL_SIZE.match(text, end) or _RANGE_BEFORE.search(left):
        return end, None
    amount = _amount(found["number"], _MULTIPLIERS.get(multiplier, 1))
    currency = _currency(parts.get("before"), parts.get("after"), dollar)
    seats = currency == "CAD" and not multiplier and "$" not in found[0] and len(found["number"]) < 4
    if amount is None or currency is None or seats:
        return end, None
    return end, DealSize(amount, currency, found[0])


def _currency(before: str | None, after: str | None, dollar: str) -> str | None:
    """Return the ISO code that both marks agree on; a code after `$` says which dollar."""
    codes = []
    for mark in (before, after):
        if mark is not None:
            word = _WORDS.get(mark.lower(), mark)
            codes.append(dollar if word == "$" else _SYMBOLS.get(word, word.upper()))
    if before == "$" and after is not None:
        return codes[1] if codes[1] in _DOLLARS else None
    return codes[0] if len(set(codes)) == 1 else None


def _amount(number: str, multiplier: int) -> Decimal | None:
    """Return the amount, or None when the separators leave it open which one is meant."""
    if len(number) > 40:
        return None
    pieces = re.split(r"[^0-9]", number)
    marks = re.sub(r"[0-9]", "", number)
    whole, cents = pieces, ""
    if marks and marks[-1] in ".," and marks.count(marks[-1]) == 1:
        last = pieces[-1]
        fraction_of_one = len(pieces) == 2 and pieces[0] == "0" and multiplier > 1
        if len(last) in (1, 2) or (len(last) == 3 and fraction_of_one):
            whole, cents, marks = pieces[:-1], last, marks[:-1]
        elif len(last) == 3 and multiplier > 1:
            return None
    grouped = len(whole) > 1
    if grouped and (len(set(marks)) != 1 or len(whole[0]) > 3 or any(len(group) != 3 for group in whole[1:])):
        return None
    if whole[0].startswith("0") and (grouped or len(whole[0]) > 1):
        return None
    amount = Decimal("".join(whole) + (f".{cents}" if cents else "")) * multiplier
    if not 0 < amount <= LARGEST_DEAL:
        return None
    return amount.quantize(Decimal(1) if amount == amount.to_integral_value() else Decimal("0.01"))
