"""What a rep gets back for logging: the approved answer to the theme, else how often this came up lately."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.pulse import PULSE_DAYS, Pulse, take_pulse
from domain.themes import theme_pulse, top_themes
from domain.voc.facts import VocFacts, facts_of
from storage.models import Theme, VocItem

HINTED_ITEMS: Final = 3
"""Hints stop after a member's first items: who knows is not told again."""


@dataclass(frozen=True, slots=True)
class Echo:
    """How often the item's theme came up lately; without one, its competitor, its account, or the author's own items.

    `about` says which: "theme", "competitor", "account", "own". `name` is the theme's slug or the name. The item
    itself counts, its author is one of the pulse's reps.
    """

    about: str
    name: str
    pulse: Pulse


@dataclass(frozen=True, slots=True)
class VocReceipt:
    """An item as it was understood, and what comes back for it.

    `answer`: marketing's approved answer to the theme. `echo` is None when there is an answer, or
    the item is too old to be counted. `hint`: slugs in use to suggest; None when the rep needs no hint.
    `other_tags`: tags of the line beyond the one theme that an item has.
    """

    item: VocFacts
    answer: str | None
    echo: Echo | None
    hint: tuple[str, ...] | None
    other_tags: tuple[str, ...] = ()


def receipt_of(session: Session, item: VocItem, at: datetime, *, other_tags: tuple[str, ...] = ()) -> VocReceipt:
    """The receipt of a live item, from what the database says now."""
    facts = facts_of(session, item)
    theme = session.get(Theme, item.theme_id) if item.theme_id is not None else None
    answer = theme.answer if theme else None
    return VocReceipt(
        item=facts,
        answer=answer,
        echo=None if answer else _echo(session, item, facts, at),
        hint=_hint(session, item, facts, at),
        other_tags=other_tags,
    )


def _echo(session: Session, item: VocItem, facts: VocFacts, at: datetime) -> Echo | None:
    if item.created_at <= at - timedelta(days=PULSE_DAYS):
        return None
    if item.theme_id is not None and facts.theme is not None:
        return Echo("theme", facts.theme, theme_pulse(session, item.workspace_id, item.theme_id, at=at))
    if item.competitor is not None:
        same = func.lower(VocItem.competitor) == func.lower(item.competitor)
        return Echo("competitor", item.competitor, take_pulse(session, item.workspace_id, at, same))
    if facts.account is not None:
        same = VocItem.account_id == item.account_id
        return Echo("account", facts.account, take_pulse(session, item.workspace_id, at, same))
    return Echo("own", "", take_pulse(session, item.workspace_id, at, VocItem.member_id == item.member_id))


def _hint(session: Session, item: VocItem, facts: VocFacts, at: datetime) -> tuple[str, ...] | None:
    if facts.theme is not None and not facts.theme_new:
        return None
    before = select(VocItem.id).where(VocItem.member_id == item.member_id, VocItem.id < item.id).limit(HINTED_ITEMS)
    if len(session.scalars(before).all()) == HINTED_ITEMS:
        return None
    used = top_themes(session, item.workspace_id, at=at, limit=4)
    return tuple(theme.slug for theme in used if theme.slug != facts.theme)[:3]
