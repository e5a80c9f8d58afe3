"""Members whom Slack has not described yet: who they are, and the topic that is woken when one is met."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from storage.models import Member


def members_topic(workspace_id: int) -> str:
    """What is woken when somebody of the workspace is met whom Slack has not described yet."""
    return f"members:{workspace_id}"


def find_undescribed(session: Session, workspace_id: int, *, since: datetime | None, limit: int) -> Sequence[str]:
    """The Slack ids of active members whom Slack never described, or not `since` then (aware UTC)."""
    never = Member.synced_at.is_(None)
    return session.scalars(
        select(Member.slack_user_id)
        .where(Member.workspace_id == workspace_id, Member.active)
        .where(never if since is None else or_(never, Member.synced_at < since))
        .order_by(Member.id)
        .limit(limit)
    ).all()


def is_described(session: Session, workspace_id: int, user_id: str) -> bool:
    """Whether Slack has said who somebody is."""
    found = select(Member.kind).where(Member.workspace_id == workspace_id, Member.slack_user_id == user_id)
    return session.scalar(found) is not None
