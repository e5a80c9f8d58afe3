"""What admins read when Tandem itself runs late: what, since when, what to do; later, in its place, that it is over."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from domain.lateness import INCIDENT_CARD, STEP_NOTICE
from handlers.blocks import context, date, section
from handlers.messages import Messages, Rendering, Subject
from handlers.words import span
from storage.models import Incident

messages = Messages()

WHAT = {
    "rungs": "Reminders and breach pings are late",
    "deliveries": "Messages about leads do not leave",
    "leases": "Messages are held by a process that does not send them",
    "editions": "A weekly digest is late",
    "jobs": "Work in the background is late",
}
OVER = {
    "rungs": "Reminders and breach pings are on time again",
    "deliveries": "Messages about leads leave again",
    "leases": "The messages that a process held have moved on",
    "editions": "The weekly digests are on time again",
    "jobs": "The work in the background is on time again",
}
_SO_MANY = {
    "rungs": ("1 step of a lead’s clock is overdue", "{} steps of leads’ clocks are overdue"),
    "deliveries": ("1 message waits", "{} messages wait"),
    "leases": ("1 conversation is held", "{} conversations are held"),
    "editions": ("1 digest is overdue", "{} digests are overdue"),
    "jobs": ("1 job waits", "{} jobs wait"),
}
REMEDY = {
    "rungs": "See that `./tandem serve` or a `./tandem worker` is running, and look for errors in its log.",
    "deliveries": (
        "See that `./tandem serve` or a `./tandem worker` is running. Its log says what Slack answers, and "
        "status.slack.com says whether Slack is well."
    ),
    "leases": "Restart the process that stands still; another takes its messages over.",
    "editions": "See that `./tandem serve` or a `./tandem worker` is running, and look for errors in its log.",
    "jobs": (
        "See that `./tandem serve` or a `./tandem worker` of the newest release is running. "
        "`./tandem jobs list` shows what waits."
    ),
}


def so_many(what: str, count: int) -> str:
    """How much of one kind is overdue, as the beginning of a sentence."""
    one, many = _SO_MANY[what]
    return one if count == 1 else many.format(f"{count:,}")


@messages.kind(INCIDENT_CARD)
def incident_card(session: Session, subject: Subject) -> Rendering | None:
    """The incident as it stands now: one that ended before it could be told says so."""
    incident = session.get(Incident, subject.id)
    if incident is None:
        return None
    title, began = WHAT[incident.what], date(incident.began_at)
    if incident.ended_at is not None:
        over = OVER[incident.what]
        body = f":white_check_mark: *{over}*\nThey were late from {began} to {date(incident.ended_at)}."
        done = "Nothing is lost: what was overdue has been done, or is no longer needed."
        return Rendering(f"{over}.", [section(body), context(done)])
    text = f"{title}. {REMEDY[incident.what]}"
    body = f":warning: *{title}*\n{so_many(incident.what, incident.count)}, the first since {began}."
    return Rendering(
        text,
        [
            section(body),
            section(f"*What to do*\n{REMEDY[incident.what]}"),
            context(f"`/{subject.prefix}tandem doctor` shows how it stands. This message changes when it is over."),
        ],
    )


@messages.kind(STEP_NOTICE)
def clock_put_back(_session: Session, subject: Subject) -> Rendering:
    """What happened to the clock, what Tandem did about it, and what stays to be done."""
    by = span(timedelta(seconds=int(subject.data.get("seconds", 0))))
    text = f"The clock that Tandem goes by was put back by {by}. Messages go on at once; deadlines of leads stay."
    todo = "See that the computer of Tandem and of its database keep the time (NTP)."
    return Rendering(f"{text} {todo}", [section(f":warning: {text}"), section(f"*What to do*\n{todo}")])
