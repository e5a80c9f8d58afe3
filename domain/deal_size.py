"""Amounts of money as reps type them: `$40k`, `€40.000`, `40 000 kr`, `£12k/yr`, `1,2 Mio. €`, `400万円`.

It reads one amount at one place and says whether it can be a deal's size; where to look, and whether the sentence
around it is about the deal, is for others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from domain.currencies import CURRENCIES, EVERYDAY, SIGNS, WORDS, currency_meant

LARGEST_DEAL: Final = Decimal(10) ** 12
"""No deal is larger, in whole units of its currency; what is larger is a slip of the keyboard."""

LARGE_DEAL: Final = Decimal(50_000_000)
"""Above this, in whole units, a deal's size is saved and its rep asked whether it is true."""

LARGE_DEALS: Final = {
    # Where a unit is worth little.
    **dict.fromkeys(("JPY", "INR", "RUB", "HUF", "CLP", "ARS", "PKR", "KES", "LKR", "NGN", "KZT"), LARGE_DEAL * 100),
    **dict.fromkeys(("KRW", "COP", "UGX", "TZS", "MMK", "PYG"), LARGE_DEAL * 1_000),
    **dict.fromkeys(("IDR", "VND", "UZS", "LAK", "LBP", "IRR", "GNF"), LARGEST_DEAL),
}

_MULTIPLIERS: Final = {
    **dict.fromkeys(("k", "thousand", "tsd", "tausend", "tys", "tis", "тыс", "тис", "ألف", "אלף", "千", "천"), 10**3),
    **dict.fromkeys(("万", "萬", "만"), 10**4),
    **dict.fromkeys(("lakh", "lakhs", "lac", "lacs", "लाख"), 10**5),
    **dict.fromkeys(("m", "mm", "mn", "mio", "mill", "mln", "million", "millions", "millionen"), 10**6),
    **dict.fromkeys(("mi", "milhões", "milhão", "millones", "millón", "млн", "مليون", "מיליון", "百万"), 10**6),
    **dict.fromkeys(("crore", "crores", "cr", "करोड़"), 10**7),
    **dict.fromkeys(("億", "亿", "억"), 10**8),
    **dict.fromkeys(("b", "bn", "mrd", "mld", "md", "milliarden", "billion", "billions", "млрд"), 10**9),
}
# Multipliers that mean something for some currencies only: a Brazilian's `mil` is an American's million.
_LOCAL_MULTIPLIERS: Final = {
    "mil": (10**3, frozenset(("EUR", "BRL", "MXN", "ARS", "CLP", "COP", "PEN", "UYU", "BOB", "PYG", "CRC", "GTQ"))),
    "l": (10**5, frozenset({"INR"})),
    "t": (10**3, frozenset({"EUR", "CHF"})),
}

Unfit = Literal["range", "period", "piece", "unclear"]
"""Why an amount is no deal's size: two numbers; so much a month; so much a seat; it can mean two things."""


@dataclass(frozen=True)
class DealSize:
    """An amount above 0 and at most LARGEST_DEAL, in whole units and at most cents of `currency` (ISO 4217).

    `typed` is the piece of the line that said so, for example `$40k`; `more`: it says more than the amount, like
    `~$40k`, `£12k/yr`, `£40k+VAT`.
    """

    amount: Decimal
    currency: str
    typed: str
    more: bool = False


@dataclass(frozen=True)
class Amount:
    """Money from `start` to `end`: a deal's size, else `unfit` says why it is none. `total`: called ARR, ACV or TCV."""

    start: int
    end: int
    size: DealSize | None
    unfit: Unfit | None = None
    total: bool = False


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_SIGN = f"(?:{_any_of(SIGNS)})"
_CODE = f"(?:(?i:{'|'.join(sorted(EVERYDAY))})|{'|'.join(sorted(CURRENCIES - EVERYDAY))})"
_WORD = f"(?i:{_any_of(WORDS)})"
_EAST = "円元원块"
_NUMBER = r"(?:[0-9]{1,3}(?:[ ][0-9]{3})+(?:[.,][0-9]{1,2})?(?![0-9])|[0-9]+(?:[.,'’][0-9]+)*)(?:[.,][-–—]{1,2})?"
_MULTIPLIER = f"(?i:{_any_of([*_MULTIPLIERS, *_LOCAL_MULTIPLIERS])})"
_NOT_IN_WORD = rf"(?:(?=(?:HT|TTC)(?!\w))|(?<=[{_EAST}万萬億亿만억千천])|(?!\w))"

_ABOUT = r"(?P<about>(?:[~≈∼±約约]|年間|年額|(?i:ca\.?|circa|approx\.?|etwa|rund|env\.?)(?= )) ?)?"
_CURRENCY_FIRST = re.compile(
    rf"{_ABOUT}(?P<before>{_SIGN}|(?:(?P<thousands>T)(?=EUR|CHF|€))?{_CODE})(?P<gap> ?)(?P<number>{_NUMBER})"
    rf"(?: ?(?P<multiplier>{_MULTIPLIER}){_NOT_IN_WORD})?(?: ?(?P<after>{_CODE})(?!\w))?"
)
_NUMBER_FIRST = re.compile(
    rf"{_ABOUT}(?P<number>{_NUMBER})(?: ?(?P<multiplier>{_MULTIPLIER})\.?)? ?"
    rf"(?P<after>{_SIGN}|{_CODE}|{_WORD}){_NOT_IN_WORD}"
)
_RANGE = re.compile(
    rf"[-–—~](?:{_SIGN}|{_CODE})? ?{_NUMBER}(?: ?{_MULTIPLIER}(?!\w))?(?: ?(?:{_SIGN}|{_CODE})(?!\w))?(?!\w)"
    rf"| (?:[-–—~]|to|bis|or|à|до|oder|ou) (?:(?:{_SIGN}|{_CODE}) ?{_NUMBER}(?: ?{_MULTIPLIER}(?!\w))?"
    rf"|{_NUMBER}(?: ?{_MULTIPLIER}(?!\w)| ?(?:{_SIGN}|{_CODE})(?!\w)))"
)
_RANGE_BEFORE = re.compile(
    rf"(?:{_SIGN} ?)?[0-9][0-9.,]*(?: ?{_MULTIPLIER})?(?: ?{_SIGN})? ?(?:[-–—~]|\b(?:to|bis|or|oder|ou|à|до)) ?$",
    re.IGNORECASE,
)
_NUMBER_BEFORE = re.compile(r"(?<![0-9])(?!(?:19|20)[0-9]{2} $)[0-9][0-9.,]* $")

_YEAR = r"(?:year|yr|y|annum|jahr|jr|j|an|ans|année|año|ano|anno|år|rok|год|г|сан|साल|年|년|سنة)"
_MONTH = r"(?:months?|mon|mo|mth|monat|mois|mes|mês|mese|måned|månad|mies|měsíc|мес|месяц|महीना|महीने|月|월|شهر)"
_OTHER_PERIOD = (
    r"(?:quarter|qtr|q|week|wk|day|hour|hr|h|quartal|woche|tag|stunde|trimestre|semaine|jour|semana|día|週|日)"
)
_PIECE = (
    r"(?:seats?|users?|heads?|person|people|licen[cs]es?|units?|pieces?|items?|employees?|reps?|devices?|sites?|pax"
    r"|nutzer|benutzer|lizenz|platz|arbeitsplatz|mitarbeiter|kopf|stück|utilisateurs?|poste|usuarios?|usuário|licencia"
    r"|persona|utente|人|名|席|명|दिन|пользовател\w*|call|transaction|gb|tb|api|mailbox|truck|dock|order|ticket|lead)"
)
_A = r"(?: ?/ ?| (?:per|an?|each|pro|je|im|in the|par|al|por|ao|à la|p\.|в|на|за|प्रति|لكل) ?)"
_END = r"(?![^\W_])\.?"
_YEARLY = re.compile(
    rf"{_A}{_YEAR}{_END}| ?p\.? ?a\.?(?!\w)| (?:annually|yearly|annual|jährlich|annuels?|anual(?:es)?"
    rf"|ежегодно|годовых){_END}"
    r"|(?:年間|年)(?!\w)",
    re.IGNORECASE,
)
_PERIODIC = re.compile(
    rf"{_A}(?:{_MONTH}|{_OTHER_PERIOD}){_END}| ?p\.? ?m\.?(?!\w)| (?:MRR|monthly|quarterly|weekly|daily|monatlich"
    rf"|mensuels?|mensual(?:es)?|mensal|hourly){_END}",
    re.IGNORECASE,
)
_APIECE = re.compile(rf"{_A}{_PIECE}{_END}| (?:each|apiece|p\.?p\.?){_END}|/[^\W\d_]\w*", re.IGNORECASE)
_TOTAL = re.compile(r" ?(?:ARR|ACV|TCV)(?!\w)", re.IGNORECASE)
_TAX = r"(?:VAT|GST|HST|sales tax|tax(?:es)?|MwSt\.?|USt\.?|TVA|IVA|moms|BTW|НДС|ALV|DPH|КПН|税)"
_FURTHER = re.compile(
    rf" ?(?:\+|plus|zzgl\.?|excl?\.?|excluding|inkl\.?|incl?\.?|including|ex|hors|sin|más|sem|s|bez) ?{_TAX}(?!\w)"
    r"| ?(?:VAT|GST|MwSt\.?|TVA|IVA|moms) (?:incl|inkl|excl|exkl)\w*"
    r"| ?\+(?![\w+])|-?ish(?!\w)| ?(?:HT|TTC)(?!\w)| (?:netto|brutto|net|gross|total)(?!\w)|税(?:抜|込)"
    r"| ?(?:over|for|/|x|×|für|über|sur|por) ?[0-9]+[ -]?(?:years?|yrs?|y|jahre?|ans|años|anos)(?!\w)",
    re.IGNORECASE,
)
# An amount is over here; `$40k-3`, `$1e5`, `$40k/x`, `5.6.7` are something else.
_OVER = re.compile(rf"(?:(?<=[{_EAST}])|(?![\w%°]))(?!['’.,:-][0-9])(?![-–—_][^\W_])(?!/[^\W_])")
# A multiplier that nobody knows here: `$40 hundred`, `$1 trillion`, `$2 mil`.
_UNKNOWN_MULTIPLIER = re.compile(r" (?:mil|bil|tri|thou|hund|tau|mrd|mld|lak|cro|quad)\w*", re.IGNORECASE)


def read_amount(text: str, start: int, *, currency: str = "USD") -> Amount | None:
    """Read the money that begins at `start`, the first character of a word; None where none stands.

    `text` is as `plain` in domain/text makes it. `currency` is the workspace's: it says what `$`, `kr`, `¥` mean.

    A currency must be named: `40k` alone is a number of anything. A single separator before three digits groups
    thousands (`€40.000` and `$40,000` are forty thousand), before one or two it is the decimal sign; a space
    groups as well. So much a year is a size, and so is what is a guess (`~$40k`, `$40k+`) or comes with tax; `typed`
    says so. Unfit: ranges, prices of a piece, so much a month, and what could mean two things (`$1,234k`, `kr` where
    no crown is the workspace's). Zero and absurd amounts are unfit too.
    """
    found = _CURRENCY_FIRST.match(text, start) or _NUMBER_FIRST.match(text, start)
    if found is None:
        return None
    parts = found.groupdict()
    left = text[max(0, start - 24) : start]
    end = found.end()
    if a_range := _RANGE.match(text, end):
        return Amount(start, a_range.end(), None, "range")
    if _RANGE_BEFORE.search(left):
        return Amount(start, end, None, "range") if _OVER.match(text, end) else None
    end, more, total = _qualified(text, end)
    if a_period := _PERIODIC.match(text, end):
        return Amount(start, a_period.end(), None, "period")
    if a_piece := _APIECE.match(text, end):
        return Amount(start, a_piece.end(), None, "piece")
    if not _OVER.match(text, end):
        return None
    loose = "before" not in parts or bool(parts["gap"]) or parts["before"].isalpha()
    if (loose and _NUMBER_BEFORE.search(left)) or _UNKNOWN_MULTIPLIER.match(text, end):
        return Amount(start, end, None, "unclear")
    code = _currency(parts.get("before"), parts.get("after"), currency)
    amount = _amount(found["number"], parts, code) if code else None
    if amount is None or code is None or _is_a_word(parts, code, amount, found[0]):
        return Amount(start, end, None, "unclear")
    more = more or bool(found["about"])
    return Amount(start, end, DealSize(amount, code, text[start:end].strip(), more), total=total)


def _qualified(text: str, end: int) -> tuple[int, bool, bool]:
    """Where what belongs to the amount ends, whether anything does, and whether it is called ARR, ACV or TCV."""
    begin, total = end, False
    for _ in range(4):
        for pattern in (_YEARLY, _TOTAL, _FURTHER):
            if found := pattern.match(text, end):
                end = found.end()
                total = total or pattern is _TOTAL
                break
        else:
            break
    return end, end > begin, total


def _currency(before: str | None, after: str | None, home: str) -> str | None:
    """Return the ISO code that both marks agree on; a code after `$` says which dollar."""
    codes = []
    for mark in (before, after):
        if mark is not None:
            meanings = SIGNS.get(mark) or WORDS.get(mark.lower())
            codes.append(currency_meant(meanings, home) if meanings else mark.upper()[-3:])
    if before == "$" and after is not None:
        return codes[1] if codes[1] in SIGNS["$"] else None
    return codes[0] if len(set(codes)) == 1 else None


def _is_a_word(parts: dict[str, str | None], code: str, amount: Decimal, typed: str) -> bool:
    """Whether the code is more likely a word: `3 CAD seats`, `PHP 8`, `ALL 40`."""
    mark = parts.get("before") or parts.get("after") or ""
    if mark.upper() != code or "$" in typed:
        return False
    return amount < 1_000 and (code not in EVERYDAY or (code == "CAD" and not parts["multiplier"]))


def _amount(number: str, parts: dict[str, str | None], code: str) -> Decimal | None:
    """Return the amount, or None when it is open which one is meant."""
    word = (parts["multiplier"] or ("t" if parts.get("thousands") else "")).lower()
    multiplier = _MULTIPLIERS.get(word, 1)
    if word in _LOCAL_MULTIPLIERS:
        multiplier, where = _LOCAL_MULTIPLIERS[word]
        if code not in where:
            return None
    if len(number) > 40:
        return None
    number = re.sub(r"[.,][-–—]+\Z", "", number)
    pieces = re.split(r"[^0-9]", number)
    marks = re.sub(r"[0-9]", "", number).replace("’", "'")
    whole, cents = pieces, ""
    if marks and marks[-1] in ".," and marks.count(marks[-1]) == 1:
        last = pieces[-1]
        fraction_of_one = len(pieces) == 2 and pieces[0] == "0" and multiplier > 1
        if len(last) in (1, 2) or (len(last) == 3 and fraction_of_one):
            whole, cents, marks = pieces[:-1], last, marks[:-1]
        elif len(last) == 3 and multiplier > 1:
            return None
    grouped = len(whole) > 1
    if grouped and not _is_grouped(whole, marks, code):
        return None
    if whole[0].startswith("0") and (grouped or len(whole[0]) > 1):
        return None
    amount = Decimal("".join(whole) + (f".{cents}" if cents else "")) * multiplier
    if not 0 < amount <= LARGEST_DEAL:
        return None
    return amount.quantize(Decimal(1) if amount == amount.to_integral_value() else Decimal("0.01"))


def _is_grouped(groups: list[str], marks: str, code: str) -> bool:
    """Whether these groups of digits are one number: by threes, or as in India (1,20,00,000)."""
    if len(set(marks)) != 1 or len(groups[0]) > 3 or len(groups[-1]) != 3:
        return False
    by_threes = all(len(group) == 3 for group in groups[1:])
    by_twos = code == "INR" and len(groups[0]) <= 2 and all(len(group) == 2 for group in groups[1:-1])
    return by_threes or by_twos


def is_doubtful(amount: Decimal, currency: str) -> bool:
    """Whether a deal of this size is more likely a slip of the keyboard."""
    return amount > LARGE_DEALS.get(currency, LARGE_DEAL)
