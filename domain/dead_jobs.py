"""Jobs that no further try can help: admins are told once, and let them be done again or drop them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import NotFound, TandemError
from domain.people import Actor, admins_of, audit
from storage import jobs, outbox
from storage.jobs import IS_DEAD, HeldJob
from storage.locking import locked
from storage.models import Job
from storage.outbox import Priority

DEAD_NOTICE: Final = "job_dead"
ADMINS_TOLD: Final = 3
LOOKED_AT: Final = 500
OPEN_STATES: Final = ("waiting", "running")


@dataclass(unsafe_hash=True)
class WrongState(TandemError):
    """A job in this state cannot be replayed, or dropped."""

    job_id: int
    state: str


def bury_job(session: Session, held: HeldJob, reason: str, *, what: str, remedy: str, at: datetime) -> bool:
    """The job ends dead; three admins at the most are told what was lost, once a day for each kind and reason.

    False when the lease was lost.
    """
    if not jobs.end_job(session, held, "dead", at=at, error=reason):
        return False
    for admin in admins_of(session, held.workspace_id)[:ADMINS_TOLD]:
        outbox.put_notice(
            session,
            held.workspace_id,
            DEAD_NOTICE,
            held.id,
            admin.slack_user_id,
            at=at,
            priority=Priority.REMINDER,
            once=f"{DEAD_NOTICE}:{admin.id}:{held.kind}:{reason[:200]}:{at:%Y-%m-%d}",
            data={"kind": held.kind, "what": what, "remedy": remedy, "reason": reason},
        )
    return True


def count_dead(session: Session, workspace_id: int, kind: str) -> int:
    """How many jobs of a kind are dead, 500 at the most."""
    return len(_dead(session, workspace_id, kind))


def replay_dead(session: Session, kind: str, *, by: Actor, at: datetime) -> tuple[str, int]:
    """An admin has done what was asked: all dead jobs of the kind start anew. Returns the kind, and how many."""
    dead = _dead(session, by.workspace_id, kind)
    for job_id in dead:
        jobs.replay_job(session, job_id, at)
    if dead:
        data = {"kind": kind, "count": len(dead)}
        audit(session, by.workspace_id, "replayed", "jobs", None, by=by, at=at, data=data)
    return kind, len(dead)


def replay_by_id(session: Session, job_id: int, *, at: datetime) -> Job:
    """Let one dead job start anew. Raises NotFound, and WrongState when it is not dead."""
    job = _find(session, job_id)
    if job.state != "dead":
        raise WrongState(job_id, job.state)
    jobs.replay_job(session, job_id, at)
    audit(session, job.workspace_id, "replayed", "job", job_id, by=None, at=at)
    return job


def drop_by_id(session: Session, job_id: int, *, at: datetime) -> Job:
    """Let a job that is open or dead never be done. Raises NotFound, and WrongState when it has ended."""
    job = _find(session, job_id)
    if job.state not in (*OPEN_STATES, "dead"):
        raise WrongState(job_id, job.state)
    jobs.drop_job(session, job_id, at)
    audit(session, job.workspace_id, "dropped", "job", job_id, by=None, at=at)
    return job


def find_dead(session: Session, kind: str) -> Sequence[int]:
    """The ids of all dead jobs of a kind, in all workspaces."""
    return session.scalars(select(Job.id).where(Job.kind == kind, IS_DEAD).order_by(Job.id)).all()


def list_jobs(session: Session, states: Sequence[str], *, limit: int) -> Sequence[Job]:
    """Jobs in these states, of all workspaces, the newest first."""
    return session.scalars(select(Job).where(Job.state.in_(states)).order_by(Job.id.desc()).limit(limit)).all()


def show_job(session: Session, job_id: int) -> Job:
    """A job by its id. Raises NotFound."""
    return _find(session, job_id)


def _dead(session: Session, workspace_id: int, kind: str) -> Sequence[int]:
    return session.scalars(
        select(Job.id)
        .where(Job.workspace_id == workspace_id, Job.kind == kind, IS_DEAD)
        .order_by(Job.id)
        .limit(LOOKED_AT)
        .with_for_update()
    ).all()


def _find(session: Session, job_id: int) -> Job:
    job = session.scalars(locked(select(Job).where(Job.id == job_id))).one_or_none()
    if job is None:
        raise NotFound("job")
    return job
