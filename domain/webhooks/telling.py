"""A change is kept for each endpoint that wants it, in the change's own transaction, as it was then."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from domain.people import Actor
from domain.webhooks.events import wants
from storage.models import Member, WebhookEndpoint, WebhookMessage, Workspace
from storage.statements import Statement

_ENDPOINTS: Final = Statement(
    select(WebhookEndpoint.id, WebhookEndpoint.events, Workspace.slack_team_id)
    .join(Workspace, Workspace.id == WebhookEndpoint.workspace_id)
    .where(WebhookEndpoint.workspace_id == bindparam("workspace"), WebhookEndpoint.state != "removed")
    .order_by(WebhookEndpoint.id)
)
_KEEP: Final = Statement(insert(WebhookMessage))
_PEOPLE: Final = Statement(
    select(Member.id, Member.slack_user_id, Member.name, Member.email).where(
        Member.workspace_id == bindparam("workspace"), Member.id.in_(bindparam("ids", expanding=True))
    )
)


def tell(
    session: Session,
    workspace_id: int,
    kind: str,
    subject: str,
    data: Callable[[], Mapping[str, Any]],
    *,
    at: datetime,
) -> None:
    """Something of the type `kind` happened to the subject: whoever wants to hear of it will.

    `data` makes what is told (JSON-able), and is asked only where somebody wants it. Events of one subject are sent in
    the order of these calls. Where a workspace has no endpoint this is one look; what runs for every line and lead
    reads `storage.models.is_told` beside something else, and does not even ask here.
    """
    endpoints = _ENDPOINTS.all(session, {"workspace": workspace_id})
    wanted = [one for one in endpoints if wants(one.events, kind)]
    if wanted:
        told = {"workspace": wanted[0].slack_team_id, **data()}
        keep_messages(session, workspace_id, [one.id for one in wanted], kind, subject, told, at=at)


def keep_messages(
    session: Session,
    workspace_id: int,
    endpoints: list[int],
    kind: str,
    subject: str,
    data: Mapping[str, Any],
    *,
    at: datetime,
) -> str:
    """Keep one event for these endpoints; returns its id, by which receivers know a repetition."""
    event_id = f"evt_{secrets.token_urlsafe(18)}"
    body = {"type": kind, "timestamp": instant(at), "data": data}
    row = {
        "workspace_id": workspace_id,
        "event_id": event_id,
        "type": kind,
        "subject": subject,
        "body": json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        "due_at": at,
        "created_at": at,
    }
    _KEEP.insert_many(session, [{**row, "endpoint_id": one} for one in endpoints])
    return event_id


def people_told(session: Session, workspace_id: int, ids: set[int]) -> dict[int, dict[str, Any]]:
    """Members as events name them, by id."""
    if not ids:
        return {}
    rows = _PEOPLE.all(session, {"workspace": workspace_id, "ids": sorted(ids)})
    return {row.id: {"slack_id": row.slack_user_id, "name": row.name, "email": row.email} for row in rows}


def person_told(session: Session, by: Actor | None) -> dict[str, Any] | None:
    """Whoever acts, as events name them."""
    return people_told(session, by.workspace_id, {by.id}).get(by.id) if by is not None else None


def instant(at: datetime) -> str:
    """A time as events write it: ISO 8601, UTC."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
