"""Turns errors into sentences for the person who met them: the only place that does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.errors import (
    BeforeRestore,
    Changed,
    FieldProblems,
    LeadAlreadyClaimed,
    LeadSettled,
    NotAllowed,
    NotFound,
    Refused,
    TandemError,
)
from domain.text import TextEmpty, TextTooLong, shorten
from handlers.blocks import channels_named, escape, mention

ROLE_WORDS = {"rep": "reps", "marketer": "marketers", "manager": "managers", "admin": "admins"}


def sentence(error: Exception) -> str:
    """What happened and what to do, in mrkdwn."""
    if isinstance(error, LeadAlreadyClaimed):
        return f"This lead was already claimed by {_named(error.by)}, {ago(error.now - error.at)}."
    if isinstance(error, LeadSettled):
        by = f" by {_named(error.by)}" if error.by else ""
        when = f", {ago(error.now - error.at)}" if error.at else ""
        return f"Nothing to do: this lead was already {error.state}{by}{when}."
    if isinstance(error, NotAllowed):
        allowed = listed([ROLE_WORDS[role] for role in error.needs]).capitalize()
        return f"{allowed} can do this." + (f" Ask {mention(error.ask)}." if error.ask else "")
    if isinstance(error, NotFound):
        return f"That {error.what} no longer exists, so nothing was changed."
    if isinstance(error, Changed):
        by = f" by {_named(error.by)}" if error.by else ""
        return f"The {error.what} was changed{by} while your form was open. Open the form again to see what is new."
    if isinstance(error, Refused):
        return error.sentence
    if isinstance(error, FieldProblems):
        return " ".join(error.problems.values())
    if isinstance(error, TextTooLong):
        return f"That is {error.length:,} characters; {error.limit:,} fit. Nothing was saved: please shorten it."
    if isinstance(error, TextEmpty):
        return "There is no text, so nothing was saved."
    return "Something went wrong. Please try again."


def changed_meanwhile(error: Changed) -> str:
    """Who changed what under an open form, and what saving once more does, in mrkdwn."""
    when = f" {ago(error.ago)}" if error.ago is not None else ""
    who = f"{_named(error.by)} changed this {error.what}{when}" if error.by else f"This {error.what} was changed"
    what = f" ({channels_named(shorten('; '.join(error.changes), 400))})" if error.changes else ""
    return (
        f"{who}{what} while your form was open. What you typed is still here, and nothing of it is saved. "
        "Save again to overwrite that change, or close the form to keep it."
    )


def listed(names: Sequence[str]) -> str:
    """ "reps, managers and admins" """
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


NOW_AT = {
    "lead": "lead list",
    "item": "voc list",
    "theme": "tandem answer",
    "account": "voc list",
    "persona": "persona list",
    "audience": "tandem digest",
}
"""The command that shows what there is now of what a card of before a restore was about."""


def before_restore(error: BeforeRestore, what: str, prefix: str) -> str:
    """`what`: the card, form or page that was used."""
    return (
        f"This {what} is from before a restore of Tandem’s database, so nothing was changed. "
        f"`/{prefix}{NOW_AT[error.kind]}` shows what there is now."
    )


def _named(name: str) -> str:
    return escape(shorten(name, 60))


def is_expected(error: Exception) -> bool:
    """Whether the error is one that a person may read about, rather than a bug."""
    return isinstance(error, TandemError | TextTooLong | TextEmpty)


def ago(passed: timedelta) -> str:
    """A short past time: "4 s ago", "12 min ago", "3 h ago", "2 days ago"."""
    return "just now" if passed.total_seconds() < 1 else f"{span(passed)} ago"


def span(length: timedelta) -> str:
    """A length of time in its two largest units at most: "45 s", "12 min", "1 h 30 min", "2 days"."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    name = "day" if days == 1 else "days"
    return f"{days} {name} {hours} h" if hours and days < 3 else f"{days} {name}"


def clock_time(at: datetime) -> str:
    """A time for places where Slack's date tokens do not work: "14:20 UTC"."""
    return at.strftime("%H:%M UTC")
