"""Slack's word that a post of ours stands: the event comes by itself, whatever became of the reply to the post.

It names the delivery by its token. Mostly the reply came first, and the event is nothing new; so it is only read then.
Where the reply was lost, the courier finds the message without looking through the channel's history, which an app
that is distributed outside Slack's Marketplace may do once a minute.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from storage.database import wake
from storage.models import IS_WAITING, Delivery, Lane
from storage.statements import Statement

_WAITING = Statement(
    select(Delivery.id, Delivery.lane_id, Delivery.unsure).where(
        Delivery.token == bindparam("sent"), Delivery.workspace_id == bindparam("workspace"), IS_WAITING
    )
)
_LOCK_LANE = Statement(select(Lane.id).where(Lane.id == bindparam("lane")).with_for_update())
_STANDS = Statement(
    update(Delivery)
    .where(Delivery.id == bindparam("delivery"), IS_WAITING)
    .values(stands_in=bindparam("channel"), stands_at=bindparam("ts"))
)
_LOOK_NOW = Statement(
    update(Delivery)
    .where(Delivery.id == bindparam("delivery"), Delivery.next_at > bindparam("present"))
    .values(next_at=bindparam("present"))
)
_DUE_NOW = Statement(
    update(Lane)
    .where(
        Lane.id == bindparam("lane"),
        Lane.holder.is_(None),
        or_(Lane.due_at.is_(None), Lane.due_at > bindparam("present")),
    )
    .values(due_at=bindparam("present"))
)


def is_news(session: Session, workspace_id: int, token: str) -> bool:
    """Whether the delivery of that token has no outcome yet; changes nothing."""
    return _WAITING.first(session, {"sent": token, "workspace": workspace_id}) is not None


def note_standing(session: Session, workspace_id: int, token: str, channel: str, ts: str, *, at: datetime) -> bool:
    """Keep that the message of that token stands in `channel` as `ts`; a delivery in doubt is settled at once.

    Returns whether that is news. A delivery that has ended, or one of another workspace, is left alone.
    """
    found = _WAITING.first(session, {"sent": token, "workspace": workspace_id})
    if found is None:
        return False
    if found.unsure:
        _LOCK_LANE.all(session, {"lane": found.lane_id})  # before its deliveries, as everybody does
    if not _STANDS.run(session, {"delivery": found.id, "channel": channel, "ts": ts}):
        return False
    if found.unsure:
        _LOOK_NOW.run(session, {"delivery": found.id, "present": at})
        _DUE_NOW.run(session, {"lane": found.lane_id, "present": at})
        wake(session, "courier")
    return True
