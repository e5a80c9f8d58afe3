"""Sentences about the voice of the customer: lines, items, themes and their answers."""

from __future__ import annotations

from typing import Final

from domain.errors import AnswerWrong, NoSuchTheme
from domain.voc.errors import DealUnread, ItemRefused, NoSaying, OnlyMarkers, OnlyTheme, VocFieldWrong
from handlers.words.saying import Say

_ITEM: Final = {
    "not_theirs": "Only the person who logged this, or a manager, can change it.",
    "undone": "This item was undone. Restore the item first, then change it.",
}

_FIELD: Final = {
    "no_text": "Say what happened. A few words are enough.",
    "only_markers": "There are only marks here, like #theme and @account. Say what happened.",
    "unknown_kind": "Pick one of the kinds.",
    "no_theme": "A theme needs letters, like “pricing”.",
    "account_gone": "This account no longer exists. Pick or type another one.",
    "no_quote": "Write the exact quote, word for word.",
}


def listening_sentence(error: Exception, say: Say) -> str | None:
    """None for an error of another subject."""
    match error:
        case OnlyMarkers():
            return "There are only marks like #theme and @account, so nothing was saved. Say what happened."
        case NoSaying():
            return f"“{say(error.line)}” may be no saying of a customer, so nothing was saved."
        case OnlyTheme():
            return f"There is only #{say(error.theme)}, so nothing was saved. Say what happened."
        case ItemRefused():
            return _ITEM[error.why]
        case VocFieldWrong():
            return _FIELD[error.why]
        case DealUnread():
            currency = say(error.currency)
            return f"Write one amount, like $40k, €40,000 or 40000 (that is {currency}), or leave it empty."
        case NoSuchTheme():
            return _no_such_theme(error, say)
        case AnswerWrong():
            return "Write what reps should say."
    return None


def _no_such_theme(error: NoSuchTheme, say: Say) -> str:
    heard = ", ".join(f"#{say(slug)}" for slug in error.heard)
    among = f"What came up lately: {heard}." if heard else "Nobody has logged a theme yet."
    return f"There is no theme #{say(error.slug)} to answer. {among}" if error.slug else f"Say which theme. {among}"
