"""Sums of money as they are stored (hundredths of a currency) and as people read them. Currencies never mix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

# Signs that mean one currency to every reader; `$` is the US dollar's alone here.
_SIGNS: Final = {
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "INR": "₹",
    "ILS": "₪",
    "KRW": "₩",
    "CAD": "CA$",
    "AUD": "A$",
    "NZD": "NZ$",
}
_SCALES: Final = ((Decimal(10) ** 9, "bn"), (Decimal(10) ** 6, "m"), (Decimal(10) ** 3, "k"))

CURRENCIES_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Money:
    """An amount: `minor` hundredths of `currency` (ISO 4217)."""

    minor: int
    currency: str

    @classmethod
    def of(cls, amount: Decimal, currency: str) -> Money:
        """`amount` whole units, with at most two decimals."""
        return cls(int(amount * 100), currency)

    def __str__(self) -> str:
        """In full: "$40,000", "€1,250.50", "CHF 40,000"."""
        return _signed(self._grouped(), self.currency)

    def short(self) -> str:
        """For reading in passing: "$85k", "€1.25m", "£950"."""
        whole = Decimal(self.minor) / 100
        for scale, letter in _SCALES:
            if round(whole / scale, 3) >= 1:
                digits = f"{float(whole / scale):.3g}" if whole < 999 * scale else f"{whole / scale:,.0f}"
                return _signed(digits, self.currency) + letter
        return str(self)

    def typed(self) -> str:
        """As it can be typed and read back: "40,000 USD"."""
        return f"{self._grouped()} {self.currency}"

    def _grouped(self) -> str:
        whole, cents = divmod(self.minor, 100)
        return f"{whole:,}.{cents:02}" if cents else f"{whole:,}"


def sums_in_short(sums: Sequence[Money]) -> str:
    """A sum per currency, for reading in passing: "$85k, €20k, £4k and 2 more currencies". They are never added up."""
    shown = ", ".join(money.short() for money in sums[:CURRENCIES_SHOWN])
    left = len(sums) - CURRENCIES_SHOWN
    return f"{shown} and {left} more {'currency' if left == 1 else 'currencies'}" if left > 0 else shown


def _signed(amount: str, currency: str) -> str:
    sign = _SIGNS.get(currency)
    return f"{sign}{amount}" if sign else f"{currency} {amount}"
