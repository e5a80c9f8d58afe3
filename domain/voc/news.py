"""What becomes of a theme, for those who raised it: each change of its status goes through here."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from domain.people import Actor, audit
from domain.rises import show_rise_anew
from domain.theme_news import note_news
from domain.webhooks.themes import tell_theme
from storage.models import Theme


def status_changed(session: Session, theme: Theme, before: str, *, by: Actor, at: datetime) -> None:
    """The theme, held, has another status than it had `before`: who changed it is written down, and those who raised
    the theme are told."""
    data = {"before": before, "after": theme.status}
    audit(session, theme.workspace_id, "theme.status", "theme", theme.id, by=by, at=at, data=data)
    show_rise_anew(session, theme, at)
    note_news(session, theme, at)
    tell_theme(session, theme, "status_changed", by=by, at=at, details=data)
