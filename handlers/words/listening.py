"""Sentences about the voice of the customer: lines, items, themes and their answers."""

from __future__ import annotations

from typing import Final

from domain.errors import AnswerDateWrong, AnswerWrong, NoSuchTheme
from domain.voc.errors import (
    DealUnread,
    ItemRefused,
    LoggedJustNow,
    NoSaying,
    OnlyCompetitor,
    OnlyMarkers,
    OnlyTheme,
    OwnerWrong,
    Sensitive,
    SensitiveText,
    StatusWrong,
    ThemeOwned,
    VocFieldWrong,
)
from handlers.words.lengths import ago, listed
from handlers.words.saying import Say

_ITEM: Final = {
    "not_theirs": "Only the person who logged this, or a manager, can change it.",
    "undone": "This item was undone. Restore the item first, then change it.",
    "undone_by_other": "Whoever logged this took it back, so there is nothing to agree with.",
    "a_vote": "This says that you heard what somebody else logged. Undo it, and log your own words instead.",
}

_FIELD: Final = {
    "no_text": "Say what happened. A few words are enough.",
    "only_markers": "There are only marks here, like #theme and @account. Say what happened.",
    "unknown_kind": "Pick one of the kinds.",
    "no_theme": "A theme needs letters, like “pricing”.",
    "account_gone": "This account no longer exists. Pick or type another one.",
    "no_quote": "Write the exact quote, word for word.",
    "no_account": "Say which account you heard it from.",
    "own_item": "You logged this about this account yourself. Pick another account.",
    "voted": "You already said that you heard this from this account. Pick another account.",
    "unknown_consent": "Pick how the quote may be used.",
}

_STATUS: Final = {
    "unknown": "Pick one of the statuses.",
    "nothing_shipped": "Shipped needs an approved answer or linked content. Add one of them first.",
    "no_reason": "Say why this will not be done. Reps who raised it will ask.",
    "old_note": "This note was written for the status before, and reps are sent it. Change it, or empty it.",
}


_SENSITIVE: Final = {
    Sensitive.CARD: "a card number",
    Sensitive.PHONES: "a list of phone numbers",
    Sensitive.SECRET: "a password or key of a computer system",
}


def looks_like(error: SensitiveText) -> str:
    """ "This looks like a card number." """
    return f"This looks like {listed([_SENSITIVE[what] for what in error.what])}."


def listening_sentence(error: Exception, say: Say) -> str | None:
    """None for an error of another subject."""
    match error:
        case OnlyMarkers():
            return "There are only marks like #theme and @account, so nothing was saved. Say what happened."
        case NoSaying():
            return f"“{say(error.line)}” may be no saying of a customer, so nothing was saved."
        case OnlyTheme():
            return f"There is only #{say(error.theme)}, so nothing was saved. Say what happened."
        case OnlyCompetitor():
            return f"There is only {say(error.name)}, so nothing was saved. Say what happened."
        case SensitiveText():
            return f"{looks_like(error)} Nothing is saved yet. Take it out, or save once more to keep it."
        case LoggedJustNow():
            return f"You logged “{say(error.line)}” {ago(error.ago)}, so it was not saved again."
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
        case AnswerDateWrong():
            return "Pick a day to come, or leave it empty."
        case StatusWrong():
            return _STATUS[error.why]
        case ThemeOwned():
            did = "looks after this theme" if error.ago is None else f"took this theme {ago(error.ago)}"
            return f"{say(error.by)} {did}. To change that, give the theme to somebody."
        case OwnerWrong():
            who = say(error.name) if error.name else "This person"
            return f"{who} is not of marketing. Pick a marketer, a manager or an admin."
    return None


def _no_such_theme(error: NoSuchTheme, say: Say) -> str:
    heard = ", ".join(f"#{say(slug)}" for slug in error.heard)
    among = f"What came up lately: {heard}." if heard else "Nobody has logged a theme yet."
    return f"There is no theme #{say(error.slug)} to answer. {among}" if error.slug else f"Say which theme. {among}"
