"""What is known of a theme, for whoever asks by its hashtag alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.near_themes import comes_up, find_near_themes
from domain.people import MARKETERS, Actor
from domain.pulse import Heard, Pulse, count_heard
from domain.text import slugify_theme
from domain.themes import find_theme, find_themes, theme_pulse, top_themes
from storage.models import Account, Member, Theme, VocItem

KNOWN_DAYS: Final = 90
SAID: Final = 3
LOOKED_BACK: Final = 200
"""So many of the theme's newest items are looked through for what customers said word for word."""

NEAR: Final = 5


@dataclass(frozen=True, slots=True)
class Said:
    """What was heard. `quoted`: the customer's own words, not the rep's."""

    words: str
    quoted: bool
    account: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class KnownTheme:
    """A theme as it is known now. `answered_by` (a name) and `answered_at` are of the answer, None without one.

    `pulse`: of the last PULSE_DAYS days, as receipts and Home count it. `heard`: of the last KNOWN_DAYS days. `said`:
    the last quotes; without any, what reps wrote. `may_answer`: whoever asks may set the answer.
    """

    slug: str
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None
    pulse: Pulse
    heard: Heard
    said: tuple[Said, ...]
    may_answer: bool


@dataclass(frozen=True, slots=True)
class UnknownTheme:
    """A theme that has neither items nor an answer.

    `near`: slugs that may be meant; `lately`: without those, what came up most.
    """

    slug: str
    near: tuple[str, ...]
    lately: tuple[str, ...]


def show_theme(session: Session, typed: str, *, by: Actor, at: datetime) -> KnownTheme | UnknownTheme:
    """What is known of the theme that was typed, with or without its hashtag."""
    slug = slugify_theme(typed) or ""
    theme = find_theme(session, by.workspace_id, slug)
    if theme is None or (theme.answer is None and not comes_up(session, theme.id, 1)):
        return _unknown(session, by.workspace_id, slug, at)
    answered_by = session.get(Member, theme.answered_by_id) if theme.answered_by_id is not None else None
    return KnownTheme(
        slug=theme.slug,
        answer=theme.answer,
        answered_by=answered_by.name if answered_by is not None else None,
        answered_at=theme.answered_at,
        pulse=theme_pulse(session, by.workspace_id, theme.id, at=at),
        heard=count_heard(session, theme.id, at - timedelta(days=KNOWN_DAYS)),
        said=_said(session, theme),
        may_answer=by.role in MARKETERS,
    )


def theme_named(session: Session, workspace_id: int, line: str) -> str | None:
    """The slug of a theme that a few words name without a hashtag: all of them, or one of them."""
    words = line.split()
    slugs = [slug for slug in map(slugify_theme, (line, " ".join(words[1:]), *words)) if slug]
    found = (find_theme(session, workspace_id, slug) for slug in dict.fromkeys(slugs))
    return next((theme.slug for theme in found if theme is not None), None)


def _said(session: Session, theme: Theme) -> tuple[Said, ...]:
    newest = (
        select(VocItem.id)
        .where(VocItem.theme_id == theme.id, VocItem.state == "live")
        .order_by(VocItem.created_at.desc())
        .limit(LOOKED_BACK)
        .subquery()
    )
    rows = session.execute(
        select(VocItem.quote, VocItem.verbatim, Account.name, VocItem.created_at)
        .join(newest, newest.c.id == VocItem.id)
        .outerjoin(Account, Account.id == VocItem.account_id)
        .order_by(VocItem.quote.is_(None), VocItem.created_at.desc(), VocItem.id.desc())
        .limit(SAID)
    ).all()
    found = [Said(quote or verbatim, quote is not None, account, at) for quote, verbatim, account, at in rows]
    return tuple(one for one in found if one.quoted == found[0].quoted)


def _unknown(session: Session, workspace_id: int, slug: str, at: datetime) -> UnknownTheme:
    holding = [theme.slug for theme in find_themes(session, workspace_id, slug, at=at, limit=NEAR)] if slug else []
    near = [theme.slug for theme in find_near_themes(session, workspace_id, slug, at=at)] if slug else []
    found = tuple(dict.fromkeys(other for other in (*near, *holding) if other != slug))[:NEAR]
    used = () if found else (theme.slug for theme in top_themes(session, workspace_id, at=at, limit=NEAR))
    return UnknownTheme(slug, found, tuple(used))
