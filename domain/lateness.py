"""What is overdue, and the incidents made of it: rungs, urgent messages, lanes and digests that nobody moves on."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from domain.people import admins_of
from storage import outbox
from storage.heads import ALONE
from storage.models import IS_WAITING, Audience, Clock, Delivery, Incident, Job, Lane, Workspace
from storage.outbox import Priority

GRACE: Final = {
    "rungs": timedelta(seconds=30),
    "deliveries": timedelta(seconds=60),
    "leases": timedelta(seconds=15),
    "editions": timedelta(minutes=5),
    "jobs": timedelta(minutes=10),
}
"""How long after its time each is still no reason for an alarm."""

TRIES_ENOUGH: Final = 3
ADMINS_TOLD: Final = 3
INCIDENT_CARD: Final = "incident"
STEP_NOTICE: Final = "clock_put_back"


@dataclass(frozen=True, slots=True)
class Overdue:
    """So many of one kind (OVERDUE_KINDS of storage.models) are overdue; the first was due at `since`."""

    what: str
    count: int
    since: datetime


def find_overdue(session: Session, workspace_id: int, at: datetime) -> list[Overdue]:
    """What is overdue in a workspace at `at`. A stopped one sends nothing, so only its clocks count."""
    return _find(session, at, workspace_id).get(workspace_id, [])


def find_overdue_everywhere(session: Session, at: datetime) -> dict[int, list[Overdue]]:
    """The same for every workspace in which anything is overdue, by a fixed number of queries."""
    return _find(session, at, None)


def find_late_or_told(session: Session, at: datetime) -> list[int]:
    """The workspaces that an auditor must look into: something is overdue there, or an incident stands."""
    standing = session.scalars(select(Incident.workspace_id).where(Incident.ended_at.is_(None)))
    return sorted({*find_overdue_everywhere(session, at), *standing})


def add_up(found: Iterable[Overdue]) -> list[Overdue]:
    """One for each kind, whichever workspaces they are of: how many together, and since when the first."""
    whole: dict[str, Overdue] = {}
    for one in found:
        before = whole.get(one.what, Overdue(one.what, 0, one.since))
        whole[one.what] = Overdue(one.what, before.count + one.count, min(before.since, one.since))
    return list(whole.values())


def _find(session: Session, at: datetime, workspace_id: int | None) -> dict[int, list[Overdue]]:
    """By workspace: of one, or of all."""
    found: dict[int, list[Overdue]] = {}
    for what, (whose, query) in QUERIES.items():
        asked = query(at).add_columns(whose).group_by(whose)
        if what != "rungs":
            asked = asked.join(Workspace, Workspace.id == whose).where(Workspace.state == "active")
        if workspace_id is not None:
            asked = asked.where(whose == workspace_id)
        for count, since, here in session.execute(asked):
            found.setdefault(here, []).append(Overdue(what, count, min(since, at)))
    return found


def record_incidents(
    session: Session, workspace_id: int, confirmed: Collection[str] | None = None, *, at: datetime
) -> tuple[list[Overdue], list[str]]:
    """Open an incident for what is overdue and told to nobody yet, and end those that are over.

    `confirmed`: the kinds that an earlier look found overdue, too; others wait for the next look (None: none
    waits). Admins get one message for each incident, which is edited when it is over. Returns what is overdue,
    and the kinds whose incident ended.
    """
    # Auditors of a workspace wait for each other here.
    session.execute(select(Workspace.id).where(Workspace.id == workspace_id).with_for_update(key_share=True))
    overdue = find_overdue(session, workspace_id, at)
    late = {one.what for one in overdue}
    standing = session.scalars(
        select(Incident).where(Incident.workspace_id == workspace_id, Incident.ended_at.is_(None))
    ).all()
    ended = [incident for incident in standing if incident.what not in late]
    for incident in ended:
        incident.ended_at = at
        outbox.refresh_cards(session, workspace_id, (INCIDENT_CARD,), incident.id, at=at)
    known = {incident.what for incident in standing}
    for one in overdue:
        if one.what not in known and (confirmed is None or one.what in confirmed):
            _open_incident(session, workspace_id, one, at)
    session.flush()
    return overdue, [incident.what for incident in ended]


def note_step_back(session: Session, workspace_id: int, by: timedelta, at: datetime) -> None:
    """Tell the admins that the clock was put back `by` so much: once a day, in a workspace that is at work."""
    if session.scalar(select(Workspace.configured_at).where(Workspace.id == workspace_id)) is None:
        return
    for admin in admins_of(session, workspace_id)[:ADMINS_TOLD]:
        outbox.put_notice(
            session,
            workspace_id,
            STEP_NOTICE,
            admin.id,
            admin.slack_user_id,
            at=at,
            priority=Priority.REMINDER,
            once=f"{STEP_NOTICE}:{admin.id}:{at:%Y-%m-%d}",
            data={"seconds": round(by.total_seconds())},
        )


def _open_incident(session: Session, workspace_id: int, one: Overdue, at: datetime) -> None:
    incident = Incident(workspace_id=workspace_id, what=one.what, count=one.count, began_at=one.since, found_at=at)
    session.add(incident)
    session.flush()
    for admin in admins_of(session, workspace_id)[:ADMINS_TOLD]:
        place = admin.slack_user_id
        outbox.put_card(session, workspace_id, INCIDENT_CARD, incident.id, place, at=at, priority=Priority.REMINDER)


def _rungs(at: datetime) -> Select[Any, Any]:
    late = Clock.next_at < at - GRACE["rungs"]
    return select(func.count(), func.min(Clock.next_at)).where(late, Clock.next_at.is_not(None))


def _deliveries(at: datetime) -> Select[Any, Any]:
    """Alarms and leads that wait though Slack's pace does not hold them back: nobody takes them, or they fail.

    One that was due in the future was queued by a clock that was ahead: how long it waits, this clock cannot tell.
    """
    since = at - GRACE["deliveries"]
    failing = and_(Delivery.attempts >= TRIES_ENOUGH, Delivery.error.is_not(None), Delivery.error != "ratelimited")
    return (
        select(func.count(), func.min(Delivery.due_at))
        .join(Lane, Lane.id == Delivery.lane_id)
        .where(
            Lane.due_at.is_not(None),
            or_(Lane.priority <= Priority.LEAD, Lane.priority == ALONE),
            Delivery.priority <= Priority.LEAD,
            or_(
                and_(Delivery.due_at < since, or_(Lane.due_at < since, failing)),
                Delivery.due_at > at + GRACE["deliveries"],
            ),
            IS_WAITING,
        )
    )


def _leases(at: datetime) -> Select[Any, Any]:
    held: ColumnElement[bool] = Lane.holder.is_not(None) & (Lane.due_at < at - GRACE["leases"])
    return select(func.count(), func.min(Lane.due_at)).where(held)


def _editions(at: datetime) -> Select[Any, Any]:
    late = (Audience.next_at < at - GRACE["editions"]) & Audience.paused.is_(False)
    return select(func.count(), func.min(Audience.next_at)).where(late)


def _jobs(at: datetime) -> Select[Any, Any]:
    """Jobs that nobody takes, or whose process was never heard of again and nobody takes over."""
    late = Job.due_at < at - GRACE["jobs"]
    return select(func.count(), func.min(Job.due_at)).where(Job.due_at.is_not(None), late)


QUERIES: Final = {
    "rungs": (Clock.workspace_id, _rungs),
    "deliveries": (Lane.workspace_id, _deliveries),
    "leases": (Lane.workspace_id, _leases),
    "editions": (Audience.workspace_id, _editions),
    "jobs": (Job.workspace_id, _jobs),
}
"""For each kind: whose it is, and how to count it."""
