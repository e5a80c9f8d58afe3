"""What is slow and is done outside any transaction: jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, one_of

JOB_STATES = ("waiting", "running", "done", "dead", "dropped")
OPEN = "due_at IS NOT NULL"


class Job(Base):
    """One slow step that a use case asked for, and its record (storage/jobs.py).

    `due_at`: a waiting job is not taken before; of a running job, when its lease runs out; NULL once the job has ended.
    `holder` names the process that runs the job, `fence` grows with each taking. `token` is the same for all tries:
    whoever the step calls can recognize a repetition by it. `secret` is erased when the job ends.
    `attempts` counts takings, `failures` those that failed, `lost` those of which nothing was heard again.
    `wanted_at`: when it was to be done. `request_id`: what gave cause to it (storage/trace.py).
    """

    __tablename__ = "jobs"
    __table_args__ = (
        one_of("state", JOB_STATES),
        UniqueConstraint("token"),
        UniqueConstraint("workspace_id", "kind", "once"),
        CheckConstraint("(state IN ('waiting', 'running')) = (due_at IS NOT NULL)", name="open_is_due"),
        CheckConstraint("(due_at IS NULL) = (finished_at IS NOT NULL)", name="finished_when"),
        CheckConstraint("(state = 'running') = (holder IS NOT NULL)", name="running_is_held"),
        CheckConstraint("state <> 'dead' OR error IS NOT NULL", name="dead_has_reason"),
        CheckConstraint("finished_at IS NULL OR secret IS NULL", name="ended_without_secret"),
        Index(
            "ix_jobs_turn",
            "kind",
            "workspace_id",
            "due_at",
            "id",
            sqlite_where=text(OPEN),
            postgresql_where=text(OPEN),
        ),
        Index("ix_jobs_open", "workspace_id", "kind", "due_at", sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
        Index(
            "ix_jobs_dead",
            "workspace_id",
            "kind",
            sqlite_where=text("state = 'dead'"),
            postgresql_where=text("state = 'dead'"),
        ),
        Index(
            "ix_jobs_finished",
            "finished_at",
            sqlite_where=text("finished_at IS NOT NULL"),
            postgresql_where=text("finished_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    kind: Mapped[str]
    arguments: Mapped[dict[str, Any]] = mapped_column(default=dict)
    secret: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="waiting")
    token: Mapped[str]
    once: Mapped[str | None]
    due_at: Mapped[datetime | None]
    holder: Mapped[str | None]
    fence: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    lost: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    request_id: Mapped[str | None]
    wanted_at: Mapped[datetime]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
