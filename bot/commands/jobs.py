"""`./tandem jobs`: what waits in the background, what is dead and why; to be done again, or never."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from rich.console import Console
from sqlalchemy.orm import Session

from bot.commands.offline import opened
from bot.loops.clock import clock_of
from bot.settings import Settings, SettingsProblem
from domain import dead_jobs
from domain.dead_jobs import WrongState
from domain.errors import NotFound
from handlers.words import plain_sentence
from storage.database import Database
from storage.models import JOB_STATES, Job

SHOWN = 200
NOT_ENDED = ("waiting", "running", "dead")
WHERE = "`./tandem jobs list` shows what there is."


def list_jobs(settings: Settings, *, ended: bool, out: Console) -> None:
    """Print a line for each job."""
    with opened(settings) as db:
        found = db.run_sync(dead_jobs.list_jobs, JOB_STATES if ended else NOT_ENDED, limit=SHOWN)
    for one in found:
        _tell(out, f"{one.id:>8}  {one.state:<8} {one.kind:<16} {_when(one.wanted_at)}  {one.error or ''}".rstrip())
    if not found:
        _tell(out, "There are no jobs." if ended else "No job waits, runs or is dead.")
    elif len(found) == SHOWN:
        _tell(out, f"These are the newest {SHOWN}.")


def show_job(settings: Settings, job_id: int, *, out: Console) -> None:
    """Print all of one job but its secret, which nobody needs to read. Raises SettingsProblem when there is none."""
    with opened(settings) as db:
        job = _found(db, dead_jobs.show_job, job_id)
    lines = {
        "job": f"{job.id}, of workspace {job.workspace_id}",
        "kind": job.kind,
        "state": job.state,
        "error": job.error,
        "arguments": json.dumps(job.arguments, ensure_ascii=False),
        "tries": f"{job.attempts}, of which {job.failures} failed and {job.lost} ended with their process",
        "asked for": _when(job.created_at),
        "to be done": _when(job.wanted_at),
        "next look": _when(job.due_at) if job.due_at else None,
        "ended": _when(job.finished_at) if job.finished_at else None,
        "token": job.token,
        "once": job.once,
        "request id": job.request_id,
    }
    for name, said in lines.items():
        if said is not None:
            _tell(out, f"{name:<12} {said}")


def replay_jobs(settings: Settings, ids: Sequence[int], kind: str | None, *, out: Console) -> None:
    """Let dead jobs start anew: those named, and all of a kind. Raises SettingsProblem when one is not dead."""
    if not ids and kind is None:
        raise SettingsProblem([f"Name the jobs, or --kind and their kind. {WHERE}"])
    with opened(settings) as db:
        at = clock_of(db).now()
        dead = db.run_sync(dead_jobs.find_dead, kind) if kind is not None else ()
        for job_id in dict.fromkeys([*ids, *dead]):
            job = _found(db, partial(dead_jobs.replay_by_id, at=at), job_id)
            _tell(out, f"Job {job.id} ({job.kind}) is to be done again.")
    if not ids and not dead:
        _tell(out, f"No job of the kind {kind} is dead.")


def drop_jobs(settings: Settings, ids: Sequence[int], *, out: Console) -> None:
    """Let jobs never be done. Raises SettingsProblem when one has ended."""
    with opened(settings) as db:
        at = clock_of(db).now()
        for job_id in ids:
            job = _found(db, partial(dead_jobs.drop_by_id, at=at), job_id)
            _tell(out, f"Job {job.id} ({job.kind}) is dropped.")


def _found(db: Database, use_case: Callable[[Session, int], Job], job_id: int) -> Job:
    """What the use case finds. Raises SettingsProblem with a sentence on why there is nothing to be done."""
    try:
        return db.run_sync(use_case, job_id)
    except NotFound:
        raise SettingsProblem([f"There is no job {job_id}. {WHERE}"]) from None
    except WrongState as wrong:
        raise SettingsProblem([f"{plain_sentence(wrong)} {WHERE}"]) from None


def _when(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _tell(out: Console, line: str) -> None:
    out.print(line, markup=False, soft_wrap=True)
