"""What was sent, kept to be read by people: without secrets, and no more of it than anybody reads."""

from __future__ import annotations

import json
from itertools import islice
from typing import Any, Final

from domain.leads.spellings import SECRETS, spelled
from domain.text import ELLIPSIS, TextEmpty, clean_text, shorten

LONGEST: Final = 20_000
MOST_VALUES: Final = 2_000
DEEPEST: Final = 20
HIDDEN: Final = "(hidden)"


def as_sent(document: Any, *secrets: str) -> str | None:
    """The decoded body as indented JSON, cut at LONGEST characters. `secrets`: the source's own."""
    shown = _Shown()
    text = json.dumps(shown.of(document, 1), ensure_ascii=False, indent=1, default=str)
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    try:
        return shorten(clean_text(text, limit=10**9), LONGEST)
    except TextEmpty:
        return None


class _Shown:
    """The beginning of a document: what lies beyond MOST_VALUES values or DEEPEST levels is not written out."""

    def __init__(self) -> None:
        self._left = MOST_VALUES

    def of(self, node: Any, depth: int) -> Any:
        self._left -= 1
        if isinstance(node, dict | list) and (depth > DEEPEST or self._left <= 0):
            return ELLIPSIS
        if isinstance(node, dict):
            inner = islice(node.items(), max(self._left, 0))
            return {str(name)[:LONGEST]: self._value(str(name), value, depth + 1) for name, value in inner}
        if isinstance(node, list):
            return [self.of(value, depth + 1) for value in islice(node, max(self._left, 0))]
        return node[:LONGEST] if isinstance(node, str) else node

    def _value(self, name: str, value: Any, depth: int) -> Any:
        return HIDDEN if value and spelled(name) in SECRETS else self.of(value, depth)
