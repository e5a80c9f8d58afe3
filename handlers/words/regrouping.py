"""Sentences about themes, accounts and competitors that cannot be merged, renamed or split as somebody wished."""

from __future__ import annotations

from domain.voc.errors import RegroupingRefused, UnknownName
from handlers.words.saying import Say


def regrouping_sentence(error: Exception, say: Say) -> str | None:
    """None for an error of another subject."""
    match error:
        case UnknownName():
            near = ", ".join(map(say, error.near))
            hint = f" Is it one of these? {near}." if near else ""
            what = f"There is no {say(error.about)} {say(error.name)}" if error.name else "Nothing is named"
            return f"{what}, so nothing was changed.{hint}"
        case RegroupingRefused():
            return _refused(error, say)
    return None


def _refused(error: RegroupingRefused, say: Say) -> str:
    subject, target = say(error.subject), say(error.target)
    match error.why:
        case "unlike":
            return f"{subject} and {target} are not of one kind. Merge themes with themes, and accounts with accounts."
        case "itself":
            return f"{subject} cannot be merged into itself. Name another one."
        case "part_already":
            return f"{subject} is a part of {target} already, so nothing was changed."
        case "busy":
            return f"Items are still being moved from {subject} to {target}. Try again in a minute."
        case "taken":
            return f"There is {target} already. Merge {subject} into it instead, or choose another name."
        case "taken_by_merged":
            return f"{target} was merged into {subject}. Undo that merge first, or choose another name."
        case "earlier_name":
            return f"{target} leads to {subject} already. Undo that merge or rename from the history instead."
        case "renamed_since":
            return f"This is called {target} by now. Undo that first."
        case "called_so":
            return f"This is called {target} already, so nothing was changed."
        case "no_name":
            return "A name needs letters, so nothing was changed."
        case "nothing_picked":
            return f"Pick at least one item of {subject} that is to move."
        case "too_many":
            return f"At most {target} items move at once. Pick fewer, and split again for the others."
        case "gone":
            return f"Some of these items are not under {subject} any more. Open the list again."
