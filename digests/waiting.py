"""Which themes wait for marketing's first answer, by when it is promised, and who looks after them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from digests.sections import Asked
from digests.telling import Part, more_of, render
from domain.pulse import take_pulse
from domain.voc.promise import Waiting, is_late, waiting_themes
from domain.zones import stored_zone

TOLD: Final = 5


@dataclass(frozen=True, slots=True)
class WaitingTheme:
    """A theme that waits for marketing's first answer, promised by the day `due`. `accounts`: of the last PULSE_DAYS
    days. `owner`: the name of whoever looks after it.
    """

    theme: str
    accounts: int
    due: date
    late: bool
    owner: str | None


def gather_waiting(asked: Asked) -> dict[str, Any]:
    """As of now. A team's digest tells of what its people did, and not of what marketing owes."""
    if asked.team is not None:
        return {}
    themes = waiting_themes(asked.session, asked.workspace_id)
    told = tuple(_waiting_theme(asked, theme) for theme in themes[:TOLD])
    return {"waiting": told, "more_waiting": len(themes) - len(told)}


def waiting_parts(waiting: Sequence[WaitingTheme], more: int) -> list[Part]:
    """What the digest says of them; nothing where none waits."""
    if not waiting:
        return []
    entries = [render("marketing/waiting.jinja", theme=theme) for theme in waiting]
    return [Part(entries, "*Waiting for an answer*", more_of(len(entries) + more, "theme"), joined=True)]


def _waiting_theme(asked: Asked, theme: Waiting) -> WaitingTheme:
    pulse = take_pulse(asked.session, asked.workspace_id, asked.at, "theme", theme.id)
    # A day that ends at midnight is that day.
    due = (theme.due_at - timedelta(seconds=1)).astimezone(stored_zone(asked.period.zone)).date()
    return WaitingTheme(theme.slug, pulse.accounts, due, is_late(theme.due_at, asked.at), theme.owner)
