"""What is known of a theme, for whoever asks by its hashtag alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from domain.marks import mark
from domain.near_themes import comes_up, find_near_themes, looks_alike
from domain.people import MARKETERS, Actor
from domain.pulse import Heard, Pulse, count_heard
from domain.text import slugify_theme
from domain.themes import AnswerMark, find_theme, find_themes, mark_of, theme_pulse, top_themes
from domain.voc.agreed import NO_VOTES, Votes, votes_of
from domain.voc.promise import due_of, is_late
from domain.voc.regrouping import has_history
from domain.voc.work import owner_of
from domain.voc.worked import NOTHING_WORKED, Worked, what_is_known_to_work
from storage.models import Account, Member, Theme, VocItem

KNOWN_DAYS: Final = 90
SAID: Final = 3
LOOKED_BACK: Final = 200
"""So many of the theme's newest items are looked through for what customers said word for word."""

NEAR: Final = 5


@dataclass(frozen=True, slots=True)
class Said:
    """What was heard, from the item of that id. `quoted`: the customer's own words, not the rep's.

    `votes`: who else heard it.
    """

    item_id: int
    words: str
    quoted: bool
    account: str | None
    at: datetime
    votes: Votes = NO_VOTES


@dataclass(frozen=True, slots=True)
class KnownTheme:
    """A theme as it is known now. `answered_by` (a name) and `answered_at` are of the answer, None without one;
    `to_check`: the last day on which the answer was said to hold is over. `due_at`: by when a first answer is promised.

    `pulse`: of the last PULSE_DAYS days, as receipts and Home count it. `heard`: of the last KNOWN_DAYS days. `said`:
    the last quotes; without any, what reps wrote. `may_answer`: whoever asks may set the answer, and merge, rename or
    split the theme; `regrouped`: somebody did so before. `alike`: for them, this theme and one that is spelled nearly
    so, the younger first. `marked` names the theme's row (domain/marks.py). `owner`: a name.
    """

    marked: str
    slug: str
    status: str
    note: str | None
    owner: str | None
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None
    answer_mark: AnswerMark
    to_check: bool
    due_at: datetime | None
    is_late: bool
    pulse: Pulse
    heard: Heard
    said: tuple[Said, ...]
    may_answer: bool
    worked: Worked = NOTHING_WORKED
    regrouped: bool = False
    alike: tuple[str, str] | None = None


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
    owner = owner_of(session, theme)
    due_at = due_of(theme)
    alike = looks_alike(session, theme, at=at) if by.role in MARKETERS else None
    return KnownTheme(
        marked=mark(theme.id, theme.created_at),
        slug=theme.slug,
        status=theme.status,
        note=theme.status_note,
        owner=owner.name if owner is not None else None,
        answer=theme.answer,
        answered_by=answered_by.name if answered_by is not None else None,
        answered_at=theme.answered_at,
        answer_mark=mark_of(theme),
        to_check=mark_of(theme).is_to_check(at),
        due_at=due_at,
        is_late=due_at is not None and is_late(due_at, at),
        pulse=theme_pulse(session, by.workspace_id, theme.id, at=at),
        heard=count_heard(session, theme.id, at - timedelta(days=KNOWN_DAYS)),
        said=_said(session, theme),
        may_answer=by.role in MARKETERS,
        worked=what_is_known_to_work(session, theme.id, theme.answer, at),
        alike=(alike[0].slug, alike[1].slug) if alike is not None else None,
        regrouped=by.role in MARKETERS and has_history(session, by.workspace_id, "theme", str(theme.id)),
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
        select(VocItem.id, VocItem.quote, VocItem.verbatim, Account.name, VocItem.created_at)
        .join(newest, newest.c.id == VocItem.id)
        .outerjoin(Account, Account.id == VocItem.account_id)
        .where(or_(VocItem.quote.is_not(None), VocItem.verbatim != ""))
        .order_by(VocItem.quote.is_(None), VocItem.created_at.desc(), VocItem.id.desc())
        .limit(SAID)
    ).all()
    votes = votes_of(session, [row.id for row in rows])
    found = [
        Said(item_id, quote or verbatim, quote is not None, account, at, votes.get(item_id, NO_VOTES))
        for item_id, quote, verbatim, account, at in rows
    ]
    return tuple(one for one in found if one.quoted == found[0].quoted)


def _unknown(session: Session, workspace_id: int, slug: str, at: datetime) -> UnknownTheme:
    holding = [theme.slug for theme in find_themes(session, workspace_id, slug, at=at, limit=NEAR)] if slug else []
    near = [theme.slug for theme in find_near_themes(session, workspace_id, slug, at=at)] if slug else []
    found = tuple(dict.fromkeys(other for other in (*near, *holding) if other != slug))[:NEAR]
    used = () if found else (theme.slug for theme in top_themes(session, workspace_id, at=at, limit=NEAR))
    return UnknownTheme(slug, found, tuple(used))
