"""A theme whose items changed is to be looked at: whether it rises is found out later (domain/voc/rising.py).

Whoever counts items says so, in the same transaction. So themes of which nothing is heard cost nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from storage import outbox
from storage.models import Theme, ThemeRise
from storage.statements import Statement

RISE_CARD: Final = "theme_rises"
WEEK: Final = timedelta(days=7)
COMPARED: Final = 2 * WEEK
"""The last 7 days are compared with the 7 days before: what is older changes nothing."""


def _look(insertion: Any) -> Statement:
    made = insertion(ThemeRise)
    sooner = {"look_at": made.excluded.look_at}
    none = ThemeRise.look_at.is_(None)
    return Statement(made.on_conflict_do_update(index_elements=[ThemeRise.theme_id], set_=sooner, where=none))


_LOOKS: Final = {"sqlite": _look(sqlite.insert), "postgresql": _look(postgresql.insert)}


def look_at_themes(session: Session, workspace_id: int, theme_ids: Iterable[int], at: datetime) -> None:
    """Items of these themes changed: the themes are counted anew, unless that is planned already."""
    rows = [{"theme_id": one, "workspace_id": workspace_id, "look_at": at} for one in sorted(theme_ids)]
    _LOOKS[session.get_bind().dialect.name].run_many(session, rows)


def show_rise_anew(session: Session, theme: Theme, at: datetime) -> None:
    """Something else about the theme changed, such as its answer: an alert that stands anywhere shows it."""
    outbox.refresh_cards(session, theme.workspace_id, (RISE_CARD,), theme.id, at=at)
