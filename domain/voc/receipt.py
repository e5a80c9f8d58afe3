"""What a rep gets back for logging: the approved answer to the theme, else how often this came up lately."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from domain.near_themes import OFTEN, likely_meant
from domain.pulse import Pulse, take_pulse
from domain.tallies import PULSE_DAYS
from domain.themes import theme_pulse, top_themes
from domain.voc.facts import VocFacts, facts_of
from storage.models import Theme, VocItem
from storage.statements import Statement

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
class LeftOver:
    """What a line names and an item has no field for.

    `tags` beyond the one theme; `colleague`: an `@name` that is no account; `amounts` that are no deal's size.
    """

    tags: tuple[str, ...] = ()
    colleague: str | None = None
    amounts: tuple[str, ...] = ()


NOTHING_LEFT: Final = LeftOver()


@dataclass(frozen=True, slots=True)
class VocReceipt:
    """An item as it was understood, and what comes back for it.

    `answer`: marketing's approved answer to the theme. `echo` is None when there is an answer, or
    the item is too old to be counted. `hint`: slugs in use to suggest; None when the rep needs no hint.
    `line`: what was typed and is in no field. `meant`: the slug of another theme that is likely meant by the item's.
    """

    item: VocFacts
    answer: str | None
    echo: Echo | None
    hint: tuple[str, ...] | None
    line: LeftOver = NOTHING_LEFT
    meant: str | None = None


@dataclass(frozen=True, slots=True)
class Belonging:
    """Whose an item is, and what it falls under; `answer` is the theme's."""

    workspace_id: int
    member_id: int
    theme_id: int | None
    answer: str | None


# Made once: building it costs more than running it.
_BEFORE: Final = Statement(
    select(VocItem.id)
    .where(VocItem.member_id == bindparam("member"), VocItem.id < bindparam("item"))
    .order_by(VocItem.created_at)
    .limit(HINTED_ITEMS)
)


def receipt_of(session: Session, item: VocItem, at: datetime, *, line: LeftOver = NOTHING_LEFT) -> VocReceipt:
    """The receipt of a live item, from what the database says now."""
    theme = session.get(Theme, item.theme_id) if item.theme_id is not None else None
    of = Belonging(item.workspace_id, item.member_id, item.theme_id, theme.answer if theme else None)
    return make_receipt(session, facts_of(session, item), of, at, line=line)


def make_receipt(
    session: Session, facts: VocFacts, of: Belonging, at: datetime, *, line: LeftOver = NOTHING_LEFT
) -> VocReceipt:
    """The receipt of a live item whose facts are at hand."""
    echo = None if of.answer else _echo(session, facts, of, at)
    meant = _meant(session, of, echo, at)
    return VocReceipt(
        item=facts,
        answer=of.answer,
        echo=echo,
        hint=_hint(session, facts, of, at) if meant is None else None,
        line=line,
        meant=meant,
    )


def _echo(session: Session, facts: VocFacts, of: Belonging, at: datetime) -> Echo | None:
    if facts.created_at <= at - timedelta(days=PULSE_DAYS):
        return None
    if of.theme_id is not None and facts.theme is not None:
        return Echo("theme", facts.theme, theme_pulse(session, of.workspace_id, of.theme_id, at=at))
    if facts.competitor is not None:
        pulse = take_pulse(session, of.workspace_id, at, "competitor", facts.competitor)
        return Echo("competitor", facts.competitor, pulse)
    if facts.account is not None and facts.account_id is not None:
        return Echo("account", facts.account, take_pulse(session, of.workspace_id, at, "account", facts.account_id))
    return Echo("own", "", take_pulse(session, of.workspace_id, at, "own", of.member_id))


def _meant(session: Session, of: Belonging, echo: Echo | None, at: datetime) -> str | None:
    """The theme that may be meant by the item's, which came up seldom: most lines cost no look for it."""
    if of.theme_id is None or echo is None or echo.pulse.count >= OFTEN:
        return None
    return likely_meant(session, of.theme_id, at=at)


def _hint(session: Session, facts: VocFacts, of: Belonging, at: datetime) -> tuple[str, ...] | None:
    if facts.theme is not None and not facts.theme_new:
        return None
    before = _BEFORE.all(session, {"member": of.member_id, "item": facts.id})
    if len(before) == HINTED_ITEMS:
        return None
    used = top_themes(session, of.workspace_id, at=at, limit=4)
    return tuple(theme.slug for theme in used if theme.slug != facts.theme)[:3]
