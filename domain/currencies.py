"""The currencies that exist, and the signs and words with which people write them.

Codes: ISO 4217, list one (active currencies and funds), as of 2026, without funds, metals, XXX and XTS; and BGN,
which the euro replaced in January 2026 and which older deals still name.
"""

from __future__ import annotations

from typing import Final

CURRENCIES: Final = frozenset(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
    CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL
    HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD
    MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG
    QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD
    TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
    """.split()  # noqa: SIM905  # a list of strings would hide the codes among quotation marks
)

EVERYDAY: Final = frozenset(
    """
    USD EUR GBP CHF JPY CNY INR AUD CAD NZD SEK NOK DKK PLN CZK HUF ILS AED SAR ZAR BRL MXN SGD HKD KRW
    """.split()  # noqa: SIM905
)
"""Codes that reps also type in lower case, and for small sums; others are words and names too (TRY, PHP, ALL)."""

SIGNS: Final[dict[str, tuple[str, ...]]] = {
    # Each with the currencies that it may mean. A workspace's own currency is meant where it is one of these, else
    # the first; "" in front: without the workspace's currency nobody knows.
    "$": (
        *("USD", "AUD", "CAD", "NZD", "SGD", "HKD", "MXN", "ARS", "CLP", "COP", "UYU", "TWD", "JMD", "BSD", "BBD"),
        *("TTD", "FJD", "BZD", "NAD", "GYD", "XCD"),
    ),
    "US$": ("USD",),
    "CA$": ("CAD",),
    "C$": ("CAD",),
    "AU$": ("AUD",),
    "A$": ("AUD",),
    "NZ$": ("NZD",),
    "HK$": ("HKD",),
    "S$": ("SGD",),
    "MX$": ("MXN",),
    "NT$": ("TWD",),
    "R$": ("BRL",),
    "€": ("EUR",),
    "£": ("GBP", "EGP"),
    "¥": ("JPY", "CNY"),
    "₹": ("INR",),
    "₪": ("ILS",),
    "₩": ("KRW",),
    "₺": ("TRY",),
    "₴": ("UAH",),
    "₽": ("RUB",),
    "₫": ("VND",),
    "₦": ("NGN",),
    "₱": ("PHP",),
    "฿": ("THB",),
    "₸": ("KZT",),
    "₾": ("GEL",),
    "Rs.": ("INR", "PKR", "LKR", "NPR", "MUR"),
    "Rp": ("IDR",),
    "RM": ("MYR",),
    "Rs": ("INR", "PKR", "LKR", "NPR", "MUR"),
    "kr.": ("", "SEK", "NOK", "DKK", "ISK"),
    "kr": ("", "SEK", "NOK", "DKK", "ISK"),
    "zł": ("PLN",),
    "Kč": ("CZK",),
    "Ft": ("HUF",),
    "SFr.": ("CHF",),
    "Fr.": ("CHF",),
}

WORDS: Final[dict[str, tuple[str, ...]]] = {
    # What stands behind a number, in lower case.
    **dict.fromkeys(("euro", "euros", "eur.", "евро", "يورو", "ευρώ", "אירו"), ("EUR",)),
    **dict.fromkeys(
        ("dollar", "dollars", "bucks", "dólares", "долларов", "долл.", "دولار", "डॉलर", "דולר", "美元", "美金"),
        SIGNS["$"],
    ),
    **dict.fromkeys(("pounds", "quid"), ("GBP",)),
    **dict.fromkeys(("franken", "sfr"), ("CHF",)),
    **dict.fromkeys(("rupees", "रुपये", "रु.", "रुपए"), SIGNS["Rs"]),
    **dict.fromkeys(("kronor", "kroner", "kronur", "kronen"), SIGNS["kr"]),
    **dict.fromkeys(("zl", "złotych", "zloty"), ("PLN",)),
    **dict.fromkeys(("reais",), ("BRL",)),
    **dict.fromkeys(("pesos",), ("", "MXN", "ARS", "CLP", "COP", "UYU", "PHP", "DOP", "CUP")),
    **dict.fromkeys(("yen", "円", "日元"), ("JPY",)),
    **dict.fromkeys(("rmb", "yuan", "元", "人民币", "块"), ("CNY",)),
    **dict.fromkeys(("won", "원"), ("KRW",)),
    **dict.fromkeys(("руб.", "руб", "рублей"), ("RUB",)),
    **dict.fromkeys(("грн.", "грн", "гривень"), ("UAH",)),
    **dict.fromkeys(("tl", "lira"), ("TRY",)),
    **dict.fromkeys(("lei",), ("RON", "MDL")),
    **dict.fromkeys(("rand",), ("ZAR",)),
    **dict.fromkeys(("baht", "บาท"), ("THB",)),
    **dict.fromkeys(("đ", "vnđ", "đồng"), ("VND",)),
    **dict.fromkeys(("dirham", "dirhams", "درهم"), ("AED", "MAD")),
    **dict.fromkeys(("ريال",), ("SAR", "QAR", "OMR", "YER")),
    **dict.fromkeys(("שקל", "שקלים", 'ש"ח', "ש״ח"), ("ILS",)),
}


def currency_meant(meanings: tuple[str, ...], home: str) -> str | None:
    """Which of the currencies a sign means in a workspace that counts in `home`; None when nobody knows."""
    return home if home in meanings else meanings[0] or None
