"""What admins read of refused deliveries: on the sources' screen, in the doctor, and once in a DM."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from domain.refusals import REFUSED_NOTICE, UNKNOWN, Refused, load_refusal
from domain.text import shorten
from handlers.answers import Block
from handlers.blocks import context, date, escape, section
from handlers.messages import Messages, Rendering, Subject

messages = Messages()

RECENT: Final = timedelta(days=1)
LINES: Final = 4

WHY: Final = {
    "unknown_source": "there is no source of that name",
    "no_proof": "no signature or secret",
    "wrong_proof": "a wrong signature or secret",
    "stale": "a signature more than 5 minutes old, or of the future",
    "paused": "the source is paused",
    "too_many": "too many at once",
    "too_large": "too large",
    "unreadable": "neither JSON nor a form",
    "nobody": "nothing says who it is",
    "no_key": "its secret cannot be read",
}
REMEDY: Final = {
    "unknown_source": "Compare the address in the system that sends with the name of the source.",
    "no_proof": "Give the system that sends the source’s secret, as its screen says.",
    "wrong_proof": "Make a new secret for the source, and give it to the system that sends.",
    "stale": "Set the clock of the system that sends; a message that is sent again needs a signature of its own.",
    "paused": "Resume the source.",
    "too_many": (
        "The system may be sending the same lead again and again. "
        "If it has so many leads, raise TANDEM_INTAKE_PER_MINUTE."
    ),
    "too_large": "Leave attachments out of what the system sends.",
    "unreadable": "Look at the template in the system that sends: often a quotation mark is missing, or one too many.",
    "nobody": (
        "A lead needs a name, an e-mail address, a phone number or a company. If the system sends them and calls them "
        "otherwise, pick them: Sources of leads → the source → Which field is what."
    ),
    "no_key": "Set TANDEM_SECRET_KEY to the key that the sources were made with, or make new secrets.",
}


def refused_lines(refusals: Sequence[Refused], source: str) -> list[str]:
    """What a source was refused lately, as mrkdwn, the latest first; nothing, where nothing was."""
    return [_line(one) for one in refusals if one.source == source][:LINES]


def refused_strangers(refusals: Sequence[Refused]) -> list[Block]:
    """Posts to sources that there are none of: often a name that was typed wrong."""
    return [context(line) for line in refused_lines(refusals, UNKNOWN)]


def refused_in_short(refusals: Sequence[Refused], at: datetime) -> tuple[str, str]:
    """For the doctor: what was refused within a day, and what to do; two empty texts where nothing was."""
    recent = [one for one in refusals if at - one.last_at < RECENT and one.reason != "paused"]
    found = "; ".join(f"{one.source or 'unknown source'}: {_times(one)}, {_why(one)}" for one in recent[:LINES])
    return found, " ".join(dict.fromkeys(REMEDY[one.reason] for one in recent[:LINES]))


@messages.kind(REFUSED_NOTICE)
def refused_notice(session: Session, subject: Subject) -> Rendering | None:
    """The DM to an admin: what is refused and why, what to do, and that nothing of it was stored."""
    one = load_refusal(session, subject.id, subject.workspace_id)
    if one is None:
        return None
    times = _times(one).capitalize()
    name = f"Leads from {one.source} are refused" if one.source else "Leads are sent to a source that does not exist"
    return Rendering(
        f"{escape(name)}: {escape(_why(one))}. {REMEDY[one.reason]}",
        [
            section(f":warning: *{escape(name)}*\n{times} since {date(one.first_at)}: {escape(_why(one))}."),
            section(f"*What to do*\n{REMEDY[one.reason]}"),
            context(
                f"None of these was stored. You hear of this once; `/{subject.prefix}tandem setup` → Sources of "
                "leads shows how it stands."
            ),
        ],
    )


def _line(one: Refused) -> str:
    what = f"Refused {_times(one)}" if one.source else f"{_times(one).capitalize()} to a source that does not exist"
    return f":warning: {what}, last {date(one.last_at)}: {escape(_why(one))}"


def _times(one: Refused) -> str:
    return "once" if one.count == 1 else f"{one.count:,} times"


def _why(one: Refused) -> str:
    detail = f" ({shorten(one.detail, 100)})" if one.detail else ""
    return f"{WHY[one.reason]}{detail}"
