"""Write-back: the sources whose CRM is told of owners and statuses, and what it was told of each record."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ColumnElement, ForeignKey, Index, UniqueConstraint, literal_column, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, one_of

WRITE_BACK_STATES = ("on", "off", "stopped")
IS_DUE = "due"


class WriteBack(Base):
    """How changes of a source's leads are written into its CRM. The source's `sealed_key` opens the CRM.

    `state`: "stopped" where the CRM let us in no more; what is to be written waits until an admin saw to it.
    `statuses`: what each state of a lead is called there, by the lead's states; a state that is missing is not written.
    `address` and `client_id`: of a Salesforce. `worked_at`: when it last took something; `trouble`: a code of
    domain/writeback/troubles.py for what stands in the way since `trouble_at`, and `trouble_with` of what.
    """

    __tablename__ = "write_backs"
    __table_args__ = (Index(None, "workspace_id"), one_of("state", WRITE_BACK_STATES))

    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"), primary_key=True, autoincrement=False)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    state: Mapped[str]
    statuses: Mapped[dict[str, Any]]
    address: Mapped[str | None]
    client_id: Mapped[str | None]
    worked_at: Mapped[datetime | None]
    trouble: Mapped[str | None]
    trouble_with: Mapped[str | None]
    trouble_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]


class WrittenRecord(Base):
    """A record of a CRM that a lead came from. `lead_id`: the latest lead that bears its name.

    `owner` (an e-mail address) and `status`: what was written last, NULL: nothing. `sent`: the latest statuses that
    were sent, as {"status", "at"}: what comes back of them is no news. `job_id`: the job that writes it, or did last.
    `turn` counts the writes that began; `unsure`: one began, and nobody knows yet what came of it. `failures`: in a
    row. `due`: something is to be written once the CRM lets us in again. `gone_at`: the CRM has it no more.
    """

    __tablename__ = "written_records"
    __table_args__ = (
        UniqueConstraint("source_id", "record"),
        Index(None, "workspace_id"),
        Index(None, "lead_id"),
        Index("ix_written_records_due", "source_id", sqlite_where=text(IS_DUE), postgresql_where=text(IS_DUE)),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"))
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id"))
    record: Mapped[str]
    owner: Mapped[str | None]
    status: Mapped[str | None]
    sent: Mapped[list[Any]] = mapped_column(default=list)
    job_id: Mapped[int | None]
    turn: Mapped[int] = mapped_column(default=0)
    unsure: Mapped[bool] = mapped_column(default=False)
    failures: Mapped[int] = mapped_column(default=0)
    due: Mapped[bool] = mapped_column(default=False)
    gone_at: Mapped[datetime | None]


def is_written_back(of: type[Base], column: str = "workspace_id") -> ColumnElement[bool]:
    """Whether any source of the workspace of a row writes back: a column beside others, as `is_told` is."""
    mine = f"write_backs.workspace_id = {of.__tablename__}.{column}"
    return literal_column(
        f"EXISTS (SELECT 1 FROM write_backs WHERE {mine} AND write_backs.state <> 'off')",  # noqa: S608
        Boolean,
    )
