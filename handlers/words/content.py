"""Sentences about files of content figures."""

from __future__ import annotations

from domain.content import AlreadyImported, BadRows
from handlers.words.saying import Say


def content_sentence(error: Exception, say: Say) -> str | None:
    """None for an error of another subject."""
    match error:
        case AlreadyImported():
            name, when = say(error.filename), f"{error.before:%d %b %Y at %H:%M} UTC"
            return f"This file was already imported as {name} on {when}, so nothing was changed."
        case BadRows():
            count = "1 row" if len(error.problems) == 1 else f"{len(error.problems):,} rows"
            return f"{count} of the file cannot be taken, so nothing was imported."
    return None
