"""How a source does: when it was heard, its pace, and the alarm when it falls silent. One owner of these words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.source_health import SILENT_CARD, Health, Pace, load_health, load_silence
from handlers.blocks import context, date, escape, section
from handlers.messages import Messages, Rendering, Subject
from handlers.setup.finding import Finding
from handlers.words import ago, span
from storage.models import Source

messages = Messages()

REMEDY = (
    "See whether the system still sends: its form, its workflow, the address and the secret that it was given. "
    "If there is no more to come, pause the source or remove it."
)


def health_line(health: Health | None) -> str:
    """For a source's screen, as mrkdwn."""
    if health is None:
        return "Not heard yet."
    heard = f"Last heard {date(health.heard_at)}"
    if health.pace is None:
        return f"{heard}. Its pace is not known yet."
    silent = ":warning: *Silent for far longer than usual.* " if health.silent else ""
    return f"{silent}{heard}, {pace_words(health.pace)}."


def pace_words(pace: Pace) -> str:
    """The pace, and when it is an alarm: all in working time."""
    usual = (
        f"usually every {span(pace.usual)}" if pace.usual.total_seconds() >= 3600 else "usually every hour or sooner"
    )
    return f"{usual} of working time; an alarm comes after {span(pace.alarm_after)} without a word"


@messages.kind(SILENT_CARD)
def silent_card(session: Session, subject: Subject) -> Rendering | None:
    """The DM to an admin: which source is silent, and what to do; later, in its place, that this is over."""
    silence = load_silence(session, subject.id, subject.workspace_id)
    if silence is None:
        return None
    name = escape(silence.source)
    if silence.ended_at is not None:
        over = f"{name} is heard again" if silence.heard else f"{name} was paused"
        since = f"It was silent from {date(silence.since)} to {date(silence.ended_at)}."
        return Rendering(f"{over}.", [section(f":white_check_mark: *{over}*\n{since}")])
    pace = f"\nIt is {pace_words(silence.pace)}." if silence.pace is not None else ""
    text = f"No lead came from {name} for far longer than usual. {REMEDY}"
    return Rendering(
        text,
        [
            section(f":warning: *No word from {name}*\nLast heard {date(silence.since)}.{pace}"),
            section(f"*What to do*\n{REMEDY}"),
            context(
                f"`/{subject.prefix}tandem setup` → Sources of leads → {name} can send a test lead. You hear of this "
                "once; this message changes when the source is heard again."
            ),
        ],
    )


def heard_findings(session: Session, workspace_id: int, at: datetime) -> Iterator[Finding]:
    """For the doctor: when each source was heard, and which of them are silent."""
    asked = select(Source.id, Source.name).where(Source.workspace_id == workspace_id, Source.paused.is_(False))
    names = {row.id: row.name for row in session.execute(asked)}
    health: Mapping[int, Health] = load_health(session, workspace_id) if names else {}
    silent = [source_id for source_id in names if source_id in health and health[source_id].silent]
    for source_id in silent:
        one = health[source_id]
        pace = f", usually every {span(one.pace.usual)} of working time" if one.pace is not None else ""
        yield Finding("silent source", False, f"{names[source_id]}: heard {ago(at - one.heard_at)}{pace}", REMEDY)
    heard = [
        f"{name} {ago(at - health[source_id].heard_at)}" if source_id in health else f"{name} never"
        for source_id, name in names.items()
        if source_id not in silent
    ]
    if heard:
        more = f" and {len(heard) - 5} more" if len(heard) > 5 else ""
        yield Finding("sources heard", True, ", ".join(heard[:5]) + more)
