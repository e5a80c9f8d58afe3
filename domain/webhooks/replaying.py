"""What was given up, or all of some time, is sent again: with the same ids, in the same order."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import literal_column, select, update
from sqlalchemy.orm import Session

from domain.people import Actor, audit
from domain.webhooks.endpoints import hold_endpoint
from storage.models import WebhookMessage

AT_ONCE: Final = 500


def replay_dead(session: Session, endpoint_id: int, *, by: Actor, at: datetime) -> tuple[int, bool]:
    """An admin wants what was given up to be sent again, the oldest first. Returns how many, and whether more are left.

    Raises NotFound.
    """
    count, last = replay_piece(session, by.workspace_id, endpoint_id, by=by, at=at)
    return count, last is not None


def replay_piece(
    session: Session,
    workspace_id: int,
    endpoint_id: int,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    after: int = 0,
    by: Actor | None = None,
    at: datetime,
) -> tuple[int, int | None]:
    """Send up to AT_ONCE messages again: the dead; with `since` the delivered, too, of changes from `since` to `until`.

    `after`: the last message of the piece before. Returns how many, and the last of them, None: nothing is left.
    Raises NotFound.
    """
    endpoint = hold_endpoint(session, workspace_id, endpoint_id)
    mine = [WebhookMessage.endpoint_id == endpoint_id, WebhookMessage.id > after]
    if since is None:
        mine.append(WebhookMessage.state == literal_column("'dead'"))
    else:
        mine += [WebhookMessage.due_at.is_(None), WebhookMessage.created_at >= since]
        mine += [WebhookMessage.created_at < until] if until is not None else []
    found = select(WebhookMessage.id).where(*mine).order_by(WebhookMessage.id).limit(AT_ONCE).with_for_update()
    ids = list(session.scalars(found))
    if not ids:
        return 0, None
    session.execute(
        update(WebhookMessage)
        .where(WebhookMessage.id.in_(ids))
        .values(state="waiting", due_at=at, tries=0, error=None, finished_at=None),
        execution_options={"synchronize_session": False},
    )
    endpoint.rests_until = None
    data = {"count": len(ids)}
    audit(session, workspace_id, "webhook.replay", "webhook", endpoint_id, by=by, at=at, data=data)
    session.flush()
    return len(ids), ids[-1] if len(ids) == AT_ONCE else None
