"""What other systems are told of themes, accounts and competitors, and of the answers to themes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from domain.people import Actor
from domain.webhooks.events import EVENT_TYPES
from domain.webhooks.telling import people_told, person_told, tell
from storage.models import Regrouping, Theme


def tell_theme(
    session: Session,
    theme: Theme,
    what: str,
    *,
    by: Actor | None,
    at: datetime,
    details: dict[str, Any] | None = None,
) -> None:
    """Something happened to the theme (THEME_EVENTS)."""

    def told() -> dict[str, Any]:
        return {"theme": theme_told(session, theme), "by": person_told(session, by), "details": details or {}}

    tell(session, theme.workspace_id, f"voc.theme.{what}", f"theme:{theme.id}", told, at=at)


def tell_new_theme(session: Session, theme_id: int, *, at: datetime) -> None:
    """The theme was just added, by whatever was logged under it."""
    tell_theme(session, session.get_one(Theme, theme_id), "created", by=None, at=at)


def tell_regrouping(session: Session, row: Regrouping, did: str, *, by: Actor, at: datetime) -> None:
    """A theme, an account or a competitor was merged, renamed or split, or this was taken back.

    `subject` became a part of `target`; was called so and is called as `target` now; or items of it are `target`'s now.
    """
    kind = f"voc.{row.about}.{did}"
    if kind not in EVENT_TYPES:
        return

    def told() -> dict[str, Any]:
        target = row.subject if row.kind == "rename" else row.target
        return {
            "subject": {"id": _id(row, row.subject), "name": row.subject_name},
            "target": {"id": _id(row, target), "name": row.target_name},
            "by": person_told(session, by),
        }

    tell(session, row.workspace_id, kind, f"{row.about}:{row.subject}", told, at=at)


def tell_verdict(session: Session, theme_id: int, verdict: str, *, by: Actor, at: datetime) -> None:
    """Somebody used the answer to a theme, or said whether it helped ("used", "helped", "no_help")."""

    def told() -> dict[str, Any]:
        theme = theme_told(session, session.get_one(Theme, theme_id))
        return {"theme": theme, "verdict": verdict, "by": person_told(session, by)}

    tell(session, by.workspace_id, "voc.answer.judged", f"theme:{theme_id}", told, at=at)


def theme_told(session: Session, theme: Theme) -> dict[str, Any]:
    """A theme as events describe it, with marketing's answer."""
    owner_id = theme.owner_id
    owners = people_told(session, theme.workspace_id, {owner_id} if owner_id is not None else set())
    return {
        "id": theme.id,
        "slug": theme.slug,
        "title": theme.title,
        "status": theme.status,
        "status_note": theme.status_note,
        "owner": owners.get(owner_id) if owner_id is not None else None,
        "answer": theme.answer,
        "answer_audience": theme.answer_audience if theme.answer else None,
        "answer_until": theme.answer_until.isoformat() if theme.answer_until else None,
    }


def _id(row: Regrouping, key: str) -> int | None:
    """Competitors have no rows, so they have no ids."""
    return None if row.about == "competitor" else int(key)
