"""Whether a line after `/voc` is something that a customer said, or a word that was meant for Tandem.

A wrong item stands in counts and digests for weeks, and a question costs one tap. So what is too short to be a saying
is asked about, and so is a short line that begins with a command's word.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import Final

from domain.quick_line import QuickLine
from domain.text import compare_key, is_word_character, plain


class Meaning(StrEnum):
    """What a person may have wanted instead of logging."""

    LIST = "list"
    HELP = "help"
    SEARCH = "search"


MOST_WORDS_AFTER_A_COMMAND: Final = 3
LONGEST_DOUBTED: Final = 200
"""Characters. What is longer was pasted on purpose, and a button could not carry the text."""

_SPELLINGS: Final = {
    Meaning.LIST: (
        *("list", "undo", "edit", "delete", "remove", "cancel", "history", "revert"),
        *("liste", "rückgängig", "bearbeiten", "löschen", "annuler", "modifier", "supprimer", "editar", "deshacer"),
        *("borrar", "lista"),
    ),
    Meaning.HELP: (
        *(
            "help",
            "usage",
            "commands",
            "examples",
            "show",
            "theme",
            "themes",
            "stats",
            "export",
            "import",
        ),
        *("board", "merge", "settings", "digest", "hilfe"),
        *("themen", "aide", "thème", "thèmes", "ayuda", "tema", "temas"),
    ),
    Meaning.SEARCH: (
        *("search", "find", "quotes", "suche", "suchen", "zitate", "chercher", "recherche", "citations"),
        *("buscar", "citas"),
    ),
}
COMMAND_WORDS: Final = {compare_key(word): meaning for meaning, words in _SPELLINGS.items() for word in words}
"""Words that commands of `/voc` have, or that people would try, as keys; with what helps whoever typed them."""

_BEFORE_A_RIVAL: Final = re.compile(r"[!@]|(?:vs\.?|versus)\s+", re.IGNORECASE)

# Scripts that put no spaces between words: nobody can count words there without a dictionary.
UNSPACED: Final = (
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af]"
)


def other_meanings(understood: QuickLine) -> tuple[Meaning, ...] | None:
    """Return what else may be meant by a line that is one word, or a command's word and at most three more.

    Empty: nothing that Tandem has. None: the line is logged at once, as is all that was marked on purpose (a kind in
    front, a hashtag, an account, a competitor after a `!`, a quotation, an amount), and what is written in a script
    without spaces.
    """
    if _is_marked(understood) or len(understood.text) > LONGEST_DOUBTED or re.search(UNSPACED, understood.text):
        return None
    words = [word for word in understood.text.split() if any(map(is_word_character, word))]
    meaning = COMMAND_WORDS.get(compare_key(words[0])) if words else Meaning.HELP
    meant = meaning is not None and len(words) <= 1 + MOST_WORDS_AFTER_A_COMMAND
    if not meant and len(words) > 1:
        return None
    return (meaning,) if meaning is not None else ()


def only_theme(understood: QuickLine) -> str | None:
    """The theme of a line that is a hashtag and at most punctuation; None for any other line, such as `🔥 #pricing`."""
    said = any(unicodedata.category(char)[0] not in "PZ" for char in understood.verbatim)
    return understood.theme if not said and len(understood.markers) == 1 else None


def only_competitor(understood: QuickLine) -> str | None:
    """The competitor of a line that is its name after a `!`, an `@` or `vs`, with at most punctuation; else None."""
    named = _BEFORE_A_RIVAL.match(plain(understood.text))
    return named_competitor(understood, named.end()) if named else None


def named_competitor(understood: QuickLine, begin: int = 0) -> str | None:
    """The competitor of a line that from `begin` on is nothing but its name; else None."""
    name = understood.competitor
    return name if name is not None and compare_key(name) == compare_key(understood.text[begin:]) else None


def only_account(understood: QuickLine) -> str | None:
    """The account of a line that is its name after an `@`, with at most punctuation; None for any other line."""
    said = any(unicodedata.category(char)[0] not in "PZ" for char in understood.verbatim)
    return understood.account if not said and len(understood.markers) == 1 else None


def _is_marked(understood: QuickLine) -> bool:
    return bool(
        understood.kind_given
        or understood.theme
        or understood.account
        or understood.competitors
        or understood.quote
        or understood.deal_size
        or understood.other_amounts
    )
