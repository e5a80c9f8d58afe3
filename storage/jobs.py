"""Jobs: slow steps that a use case asks for in its own transaction, and that are done outside any transaction.

A process takes a job for the time of a lease, does its step, and records the result in one transaction that checks
the fence first. So the step may be done twice, after a crash, and the record counts once.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, ClassVar, Final, Protocol, TypeVar

from sqlalchemy import (
    BigInteger,
    String,
    and_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import Session, aliased

from storage.database import wake
from storage.frozen import Form
from storage.locking import locked
from storage.models import Job, Workspace
from storage.statements import Statement
from storage.trace import current_request_id

TOPIC: Final = "jobs"
LONGEST_WAIT: Final = timedelta(minutes=10)
"""Between two tries of a job, unless whoever was asked wished for longer."""

_IS_OPEN = Job.due_at.is_not(None)  # as the partial indexes are written
_INSERT = Statement(insert(Job))
_KNOWN = Statement(
    select(Job.id).where(
        Job.workspace_id == bindparam("workspace"), Job.kind == bindparam("of_kind"), Job.once == bindparam("told")
    )
)
_FIRST_DUE = (
    select(Job)
    .where(
        Job.kind == bindparam("of_kind"),
        Job.workspace_id == bindparam("workspace"),
        _IS_OPEN,
        Job.due_at <= bindparam("at"),
    )
    .order_by(Job.due_at, Job.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)


class Arguments(Protocol):
    """What a kind of job is told: a frozen dataclass of JSON-able fields that names its kind.

    Rows are read by later and by earlier versions: a field that is added gets a default, and none is taken away.
    """

    kind: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]


A = TypeVar("A", bound=Arguments)


class Unreadable(ValueError):
    """The stored arguments of a job lack what its kind needs."""


@dataclass(frozen=True, slots=True)
class Queue:
    """Open jobs of one kind in one workspace. `due_at`: of the first; `stopped`: Slack refuses its token."""

    kind: str
    workspace_id: int
    due_at: datetime
    stopped: bool


@dataclass(frozen=True, slots=True)
class HeldJob:
    """A job in a process's hand until its lease runs out: see `storage.models.Job` for the fields.

    `just_lost`: it was in another's hand, whose lease ran out. `arguments`: as stored, whatever that is; what no kind
    can read ends one job, and must not keep all others from being taken.
    """

    id: int
    workspace_id: int
    kind: str
    fence: int
    arguments: Mapping[str, Any]
    secret: str | None
    token: str
    attempts: int
    failures: int
    lost: int
    just_lost: bool
    request_id: str | None
    wanted_at: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Jobs:
    """The jobs of one kind in a workspace: how many are `open` and `dead`; `late`: how long ago the first was due."""

    kind: str
    open: int
    late: timedelta
    dead: int


def enqueue(
    session: Session,
    workspace_id: int,
    arguments: Arguments,
    *,
    at: datetime,
    not_before: datetime | None = None,
    once: str | None = None,
    secret: str | None = None,
) -> int:
    """Ask for a job of the arguments' kind in this transaction; its id. Equal `once`: asked for a single time.

    `secret`: what the step needs and nobody else may read, sealed where there is a key.
    """
    if once is not None:
        asked = {"workspace": workspace_id, "of_kind": arguments.kind, "told": once}
        known = _KNOWN.scalar(session, asked)
        if known is not None:
            return int(known)
    due = max(at, not_before or at)
    row = {
        "workspace_id": workspace_id,
        "kind": arguments.kind,
        "arguments": form_of(type(arguments)).write(arguments),
        "secret": secret,
        "token": secrets.token_urlsafe(12),
        "once": once,
        "due_at": due,
        "request_id": current_request_id(),
        "wanted_at": due,
        "created_at": at,
    }
    wake(session, TOPIC)
    return _INSERT.insert(session, row)


def form_of(kind: type[A]) -> Form[A]:
    """How arguments are kept: each released version stands in `tests/facts/job_<kind>`."""
    return _form(kind)


def read_arguments(kind: type[A], stored: Mapping[str, Any]) -> A:
    """The arguments as they were given: unknown fields are ignored, missing ones get their defaults.

    Raises Unreadable.
    """
    try:
        return form_of(kind).read(stored)
    except ValueError as error:
        raise Unreadable(kind.kind) from error


def open_queues(session: Session, kinds: Collection[str]) -> list[Queue]:
    """Where jobs of these kinds are open, each with its first one: a step in an index for each, however many wait."""
    if not kinds:
        return []
    found = _queues(tuple(sorted(kinds))).all(session)
    return [Queue(row.kind, row.workspace_id, row.due_at, row.state != "active") for row in found if row.due_at]


def hold_job(
    session: Session, kind: str, workspace_id: int, *, holder: str, at: datetime, lease: timedelta
) -> HeldJob | None:
    """Take the first job of a queue that is due at `at`; None when there is none that nobody else takes just now.

    A job whose lease ran out is taken over; `lost` counts it.
    """
    asked = {"of_kind": kind, "workspace": workspace_id, "at": at}
    row = session.scalars(_FIRST_DUE, asked, execution_options={"populate_existing": True}).one_or_none()
    if row is None:
        return None
    just_lost = row.state == "running"
    row.lost += just_lost
    row.state, row.holder, row.due_at = "running", holder, at + lease
    row.fence += 1
    row.attempts += 1
    session.flush()
    return HeldJob(
        id=row.id,
        workspace_id=row.workspace_id,
        kind=row.kind,
        fence=row.fence,
        arguments=row.arguments,
        secret=row.secret,
        token=row.token,
        attempts=row.attempts,
        failures=row.failures,
        lost=row.lost,
        just_lost=just_lost,
        request_id=row.request_id,
        wanted_at=row.wanted_at,
        created_at=row.created_at,
    )


def renew_leases(session: Session, holder: str, ids: Collection[int], *, at: datetime, lease: timedelta) -> set[int]:
    """Hold these jobs for another lease. Returns those that are still held: the others were taken over."""
    held = (Job.id.in_(ids), Job.holder == holder)
    kept = set(session.scalars(select(Job.id).where(*held).order_by(Job.id).with_for_update()))
    session.execute(update(Job).where(*held).values(due_at=at + lease), execution_options=_PLAINLY)
    return kept


def end_job(session: Session, held: HeldJob, state: str, *, at: datetime, error: str | None = None) -> bool:
    """The job ends as `done` or `dead` (with its reason). False when the lease was lost: its new holder goes on."""
    if not _still_held(session, held):
        return False
    _set(session, held.id, state=state, due_at=None, holder=None, finished_at=at, secret=None, error=_short(error))
    return True


def put_back(
    session: Session, held: HeldJob, *, due_at: datetime, error: str | None, failed: bool = False, tried: bool = True
) -> bool:
    """Try again at `due_at`. `failed`: this try counts against the kind's number of tries; not `tried`: none was made.

    False when the lease was lost.
    """
    if not _still_held(session, held):
        return False
    _set(
        session,
        held.id,
        state="waiting",
        due_at=due_at,
        holder=None,
        error=_short(error),
        failures=held.failures + failed,
        attempts=held.attempts - (not tried),
    )
    wake(session, TOPIC)
    return True


def expire_job_leases(session: Session, at: datetime) -> None:
    """No process is alive but this one, just started: what a dead one held comes due now."""
    running = (_IS_OPEN, Job.state == "running")
    session.execute(update(Job).where(*running).values(due_at=at), execution_options=_PLAINLY)


def bring_jobs_back(session: Session, at: datetime, *, lease: timedelta) -> None:
    """The clock was put back to `at`: no job waits for longer than its own bound, or than it was asked to wait."""
    for job in session.scalars(locked(select(Job).where(_IS_OPEN, Job.due_at > at))):
        assert job.due_at is not None
        if job.state == "running":
            job.due_at = min(job.due_at, at + lease)
        elif job.attempts:
            job.due_at = min(job.due_at, at + LONGEST_WAIT)
        elif job.created_at > at:
            job.due_at = at + (job.wanted_at - job.created_at)
    wake(session, TOPIC)


def replay_job(session: Session, job_id: int, at: datetime) -> None:
    """Let a dead job start anew, as if it had never been tried; its token stays."""
    _set(
        session,
        job_id,
        state="waiting",
        due_at=at,
        wanted_at=at,
        finished_at=None,
        error=None,
        failures=0,
        lost=0,
    )
    wake(session, TOPIC)


def drop_job(session: Session, job_id: int, at: datetime) -> None:
    """The job is not to be done any more. Who holds it finds its lease lost."""
    _set(session, job_id, state="dropped", due_at=None, holder=None, finished_at=at, secret=None)


def read_jobs(session: Session, workspace_id: int | None, at: datetime) -> list[Jobs]:
    """What is open and what is dead in a workspace (None: in all), by kind; reads nothing of what was done."""
    here = [] if workspace_id is None else [Job.workspace_id == workspace_id]
    opened = session.execute(
        select(Job.kind, func.count(), func.min(Job.wanted_at)).where(*here, _IS_OPEN).group_by(Job.kind)
    ).all()
    dead = dict(session.execute(select(Job.kind, func.count()).where(*here, IS_DEAD).group_by(Job.kind)).all())
    waiting = {kind: (count, max(timedelta(), at - wanted)) for kind, count, wanted in opened}
    return [Jobs(kind, *waiting.get(kind, (0, timedelta())), dead.get(kind, 0)) for kind in sorted({*waiting, *dead})]


def open_jobs(session: Session) -> int:
    """How many jobs have not ended yet."""
    return session.scalar(select(func.count()).select_from(Job).where(_IS_OPEN)) or 0


def forget_jobs_before(session: Session, ended: datetime, dead: datetime, *, limit: int) -> int:
    """Delete up to `limit` jobs that ended before `ended`, dead ones before `dead` (the earlier). Returns how many."""
    old = (
        select(Job.id)
        .where(
            Job.finished_at.is_not(None),
            Job.finished_at < ended,
            or_(Job.state != "dead", Job.finished_at < dead),
        )
        .limit(limit)
    )
    statement = delete(Job).where(Job.id.in_(old))
    return session.execute(statement).rowcount  # type: ignore[attr-defined,no-any-return]  # CursorResult


IS_DEAD: Final = Job.state == literal_column("'dead'")
"""Written out, since SQLite uses a partial index only where the words prove it."""

_PLAINLY: Final = {"synchronize_session": False}


@cache
def _form(kind: type[Any]) -> Form[Any]:
    return Form(kind)


@cache
def _queues(kinds: Sequence[str]) -> Statement:
    """From workspace to workspace along the index of each kind: jobs in between are never read."""
    one = aliased(Job)
    seeds = [
        select(cast(literal(kind), String).label("kind"), cast(0, BigInteger).label("workspace_id")) for kind in kinds
    ]
    queues = select(union_all(*seeds).subquery()).cte("queues", recursive=True)
    following = (
        select(one.workspace_id)
        .where(one.due_at.is_not(None), one.kind == queues.c.kind, one.workspace_id > queues.c.workspace_id)
        .order_by(one.workspace_id)
        .limit(1)
        .scalar_subquery()
    )
    queues = queues.union_all(select(queues.c.kind, following).where(queues.c.workspace_id.is_not(None)))
    first = (
        select(Job.due_at)
        .where(_IS_OPEN, Job.kind == queues.c.kind, Job.workspace_id == queues.c.workspace_id)
        .order_by(Job.due_at)
        .limit(1)
        .scalar_subquery()
    )
    found = select(queues.c.kind, queues.c.workspace_id, Workspace.state, first.label("due_at"))
    return Statement(found.join(Workspace, Workspace.id == queues.c.workspace_id))


def _still_held(session: Session, held: HeldJob) -> bool:
    """Lock the job if it is still held (another process may have taken it over since); whether it is."""
    ours = and_(Job.id == held.id, Job.fence == held.fence, Job.holder.is_not(None))
    return session.scalar(select(Job.id).where(ours).with_for_update()) is not None


def _set(session: Session, job_id: int, **values: Any) -> None:
    session.execute(update(Job).where(Job.id == job_id).values(**values), execution_options=_PLAINLY)


def _short(error: str | None) -> str | None:
    return error[:500] if error is not None else None
