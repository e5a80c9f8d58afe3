"""What was sent, kept to be read by people: without secrets, and no more of it than anybody reads."""

from __future__ import annotations

import json
from typing import Any, Final

from domain.leads.spellings import SECRETS, spelled
from domain.text import TextEmpty, clean_text, shorten

LONGEST: Final = 20_000
HIDDEN: Final = "(hidden)"


def as_sent(document: Any, secret: str) -> str | None:
    """The decoded body as indented JSON, cut at LONGEST characters. `secret`: the source's own."""
    try:
        text = json.dumps(_without_secrets(document), ensure_ascii=False, indent=1, default=str)
        return shorten(clean_text(text.replace(secret, HIDDEN), limit=10**9), LONGEST)
    except (TextEmpty, RecursionError):
        return None


def _without_secrets(node: Any) -> Any:
    if isinstance(node, dict):
        return {
            name: HIDDEN if spelled(str(name)) in SECRETS and inner else _without_secrets(inner)
            for name, inner in node.items()
        }
    return [_without_secrets(inner) for inner in node] if isinstance(node, list) else node
