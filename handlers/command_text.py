"""What was typed after a slash command's name, whole and in two parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def text_of_command(body: Mapping[str, Any]) -> str:
    """The text behind the command's name. Who pasted the name as well meant it once: `/voc /voc dear #pricing`."""
    text = str(body.get("text") or "").strip()
    word, rest = first_word(text)
    return rest if word and word.casefold() == str(body.get("command", "")).casefold() else text


def first_word(text: str) -> tuple[str, str]:
    """The first word and what follows it. Any kind of space parts them: phones and copied text have others, too."""
    word, *rest = text.split(None, 1) or ("",)
    return word, rest[0] if rest else ""
