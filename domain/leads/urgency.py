"""Which open leads are the most urgent, and how many there are: what is read does not grow with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from domain.leads.judgement import LIVE_CLOCK
from storage.models import IS_LIVE, IS_OPEN, Clock, Lead

FEW: Final = 300
"""So many leads are sorted faster than the first of them are picked out of all deadlines of the workspace."""


def count_open(session: Session, which: ColumnElement[bool]) -> int:
    """How many open leads meet the condition, which names their team or their owner."""
    return session.scalar(select(func.count()).select_from(Lead).where(which, IS_OPEN)) or 0


def most_urgent(
    session: Session, workspace_id: int, which: ColumnElement[bool], *, count: int, limit: int
) -> Sequence[int]:
    """The ids of the open leads whose deadline is the nearest, those without a clock last.

    `which`: their team or their owner; `count`: how many meet it.
    """
    if count > FEW:
        # A condition and no join, so that deadlines are gone through in their order, and only until there are enough.
        meant = select(Lead.id).where(Lead.id == Clock.lead_id, which, IS_OPEN).correlate(Clock).exists()
        by_deadline = (
            select(Clock.lead_id)
            .where(Clock.workspace_id == workspace_id, IS_LIVE, meant)
            .order_by(Clock.due_at, Clock.lead_id)
            .limit(limit)
        )
        found = session.scalars(by_deadline).all()
        if len(found) == limit:
            return found
    return session.scalars(
        select(Lead.id)
        .join(Clock, LIVE_CLOCK, isouter=True)
        .where(Lead.workspace_id == workspace_id, which, IS_OPEN)
        .order_by(Clock.due_at.asc().nulls_last(), Lead.id)
        .limit(limit)
    ).all()
