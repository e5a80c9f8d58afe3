"""What a form was made from, so that whoever saves second hears of it. Every form that changes something carries it."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.changes import Change, change_from_json
from domain.errors import Changed
from domain.people import Actor
from storage.models import AuditEvent, Member

LOOKED_BACK: Final = timedelta(hours=12)
"""How far back it is looked who changed something: no form stands open for longer."""

_EVENTS_LOOKED_AT: Final = 200


def version_of(shown: object) -> str:
    """A short text that changes whenever what a form shows does."""
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:12]


def check_version(
    session: Session, what: str, shown: object, opened: str, *, about: str, by: Actor, at: datetime
) -> None:
    """Raise Changed when the form was `opened` from something else than what is `shown` now.

    `about`: how the audit of settings names it, for example "team:emea".
    """
    version = version_of(shown)
    if version == opened:
        return
    events = session.execute(
        select(AuditEvent.data, AuditEvent.at, AuditEvent.by_id, Member.name)
        .outerjoin(Member, Member.id == AuditEvent.by_id)
        .where(
            AuditEvent.workspace_id == by.workspace_id,
            AuditEvent.at > at - LOOKED_BACK,
            AuditEvent.action == "config.apply",
        )
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
        .limit(_EVENTS_LOOKED_AT)
    )
    for data, when, by_id, name in events:
        if about in data.get("about", {}):
            who = "You" if by_id == by.id else name
            kept = data.get("facts", data["about"]).get(about, ())
            raise Changed(what, who, version=version, ago=at - when, changes=_changes(kept))
    raise Changed(what, None, version=version)


def _changes(stored: Any) -> tuple[Change | str, ...]:
    found = map(change_from_json, stored) if isinstance(stored, list) else ()
    return tuple(change for change in found if change is not None)
