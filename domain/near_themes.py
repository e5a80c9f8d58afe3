"""Which themes are spelled nearly alike: likely one theme and a slip of the finger, never merged by themselves."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from difflib import SequenceMatcher
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.text import compare_key
from domain.themes import top_themes
from storage.beginnings import begins_with
from storage.models import Theme, VocItem

ALIKE: Final = 0.85
"""From this ratio on, two words are a slip apart. `pricing` and `priceing` have 0.93, `price` and `prize` 0.8."""
SHORTEST: Final = 4
"""Shorter words differ by a letter because they mean something else: `api` and `app`."""
LOOKED_AT: Final = 200
"""So many of the most used themes, and of those that begin alike, are compared."""
MOST_NEAR: Final = 8
OFTEN: Final = 3
"""From so many live items on, a theme's spelling is no slip."""


def is_near(one: str, other: str) -> bool:
    """Tell whether two slugs of different themes are likely meant to be one.

    Each word must be alike: `integration-sap` is far from `integration-sage`. Numbers must be equal: `soc1`, `soc2`.
    Beside other words that are equal, a short word may lack a letter: `rollout-tme`.
    """
    first, second = sorted((compare_key(one), compare_key(other)))
    if _digits(first) != _digits(second):
        return False
    if first.replace("-", "") == second.replace("-", ""):
        return True
    words, others = first.split("-"), second.split("-")
    if len(words) != len(others):
        return False
    unlike = [pair for pair in zip(words, others, strict=True) if not _words_alike(*pair)]
    equal = max((len(one) for one, other in zip(words, others, strict=True) if one == other), default=0)
    return not unlike or (len(unlike) == 1 and equal >= SHORTEST and _lacks_a_letter(*unlike[0]))


def nearest(slug: str, slugs: Iterable[str]) -> list[str]:
    """Those of the slugs that are near, the most alike first."""
    near = [each for each in slugs if each != slug and is_near(slug, each)]
    return sorted(near, key=lambda each: -SequenceMatcher(None, slug, each).ratio())


def find_near_themes(session: Session, workspace_id: int, slug: str, *, at: datetime) -> list[Theme]:
    """The themes in use that are spelled nearly so, the most alike first.

    They are looked for among those most used lately and those that begin alike: some hundreds, however many there are.
    """
    used = (theme.slug for theme in top_themes(session, workspace_id, at=at, limit=LOOKED_AT))
    begun = session.scalars(
        select(Theme.slug)
        .where(Theme.workspace_id == workspace_id, begins_with(session, Theme.slug, slug[:2]))
        .order_by(Theme.slug)
        .limit(LOOKED_AT)
    )
    near = nearest(slug, dict.fromkeys([*used, *begun]))[:MOST_NEAR]
    if not near:
        return []
    here = select(Theme).where(Theme.workspace_id == workspace_id, Theme.merged_into_id.is_(None))
    rows = session.scalars(here.where(Theme.slug.in_(near)))
    themes = sorted(rows, key=lambda theme: near.index(theme.slug))
    return [theme for theme in themes if theme.answer is not None or comes_up(session, theme.id, 1)]


def likely_meant(session: Session, theme_id: int, *, at: datetime) -> str | None:
    """The slug of the older theme that is likely meant by this one; None where nobody is to be asked.

    Nobody is asked about a theme that came up OFTEN by itself, has an answer, or whose spelling somebody kept.
    """
    theme = session.get(Theme, theme_id)
    if theme is None or theme.kept_at is not None or theme.answer is not None or comes_up(session, theme.id, OFTEN):
        return None
    near = find_near_themes(session, theme.workspace_id, theme.slug, at=at)
    return next((other.slug for other in near if other.id < theme.id), None)


def looks_alike(session: Session, theme: Theme, *, at: datetime) -> tuple[Theme, Theme] | None:
    """The theme and another one that is spelled nearly so, the younger first; None where nobody is to be asked.

    Nobody is asked when somebody kept the younger one's spelling.
    """
    for other in find_near_themes(session, theme.workspace_id, theme.slug, at=at):
        older, younger = sorted((theme, other), key=lambda each: each.id)
        if younger.kept_at is None:
            return younger, older
    return None


def comes_up(session: Session, theme_id: int, times: int) -> bool:
    """Tell whether the theme has so many live items; no more of them are read."""
    of_theme = select(VocItem.id).where(VocItem.theme_id == theme_id, VocItem.state == "live")
    # In the order of the index: otherwise PostgreSQL may read the whole table instead.
    found = session.scalars(of_theme.order_by(VocItem.created_at).limit(times))
    return len(found.all()) == times


def _lacks_a_letter(one: str, other: str) -> bool:
    """Whether one of the words is the other with a letter left out, which is not the first one."""
    shorter, longer = sorted((one, other), key=len)
    if len(longer) < SHORTEST or len(longer) - len(shorter) != 1:
        return False
    return any(shorter == longer[:left_out] + longer[left_out + 1 :] for left_out in range(1, len(longer)))


def _words_alike(one: str, other: str) -> bool:
    if one == other:
        return True
    if min(len(one), len(other)) < SHORTEST:
        return False
    if one[0] == other[0] and sorted(one) == sorted(other):
        return True
    matcher = SequenceMatcher(None, one, other)
    return matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE


def _digits(text: str) -> list[str]:
    return [char for char in text if char.isdigit()]
