"""Whether what somebody writes to Tandem is a question about customers, or a greeting, or something else."""

from __future__ import annotations

from typing import Final, Literal

from domain.text import key_words
from domain.voc.ask import CUSTOMERS
from domain.voc.function_words import FUNCTION_WORDS
from domain.voc.query import LONGEST_QUERY

SEARCH_WORDS: Final = 4
"""So many words without a question mark are a search, such as "security objections"; more are a statement."""

Meaning = Literal["question", "greeting", "statement", "too_long"]

_ASKING: Final = (
    "what who whom whose why how which when where do does did is are was were can could has have had show find search "
    "list tell give compare summarize summarise explain "
    "wer wie warum wieso weshalb welche welcher welches wann wo gibt hat haben zeig zeige suche finde "
    "que quoi qui pourquoi comment quel quelle quels quelles combien montre cherche trouve "
    "como quien quienes cual cuales cuando donde cuanto cuantos muestra busca"
)
_SMALL_TALK: Final = (
    "hi hello hey hiya yo there good morning afternoon evening day thanks thank thx ty cheers bye goodbye ok okay k "
    "yes yep yeah no nope sure great cool nice perfect awesome sorry please test testing help tandem bot welcome lol "
    "haha got understood done right fine well again "
    "hallo moin servus guten tag morgen danke bitte super gut prima ja nein "
    "bonjour salut bonsoir merci oui non "
    "hola buenos buenas dias tardes gracias si vale adios"
)
_FIRST_WORDS: Final = frozenset(_ASKING.split())
_TELLS_NOTHING: Final = frozenset(_SMALL_TALK.split()) | FUNCTION_WORDS | CUSTOMERS
_QUESTION_MARKS: Final = "?？؟"  # of other scripts
_MARKS: Final = ("#", "@", "!")


def meaning_of(text: str) -> Meaning:
    """What a message is: "thanks" is no question, and neither is what a customer said, which belongs to `/voc`."""
    if len(text) > LONGEST_QUERY:
        return "too_long"
    words = key_words(text)
    names_something = any(piece[0] in _MARKS and key_words(piece) for piece in text.split())
    if set(words) <= _TELLS_NOTHING and not names_something:
        return "greeting"
    return "question" if _asks(text, words) or len(words) <= SEARCH_WORDS else "statement"


def plainly_asks(text: str) -> bool:
    """Whether it is a question by its form, not only by its length."""
    return meaning_of(text) == "question" and _asks(text, key_words(text))


def _asks(text: str, words: list[str]) -> bool:
    return any(mark in text for mark in _QUESTION_MARKS) or (bool(words) and words[0] in _FIRST_WORDS)
