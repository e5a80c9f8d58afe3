"""Marketing files items under themes, whoever logged them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from domain.errors import FieldProblems
from domain.people import Actor
from domain.text import slugify_theme
from domain.themes import find_or_add_theme
from domain.voc.changing import check_version, find_item, record_change
from domain.voc.errors import ItemRefused, VocFieldWrong
from domain.voc.moving import forget_moved
from domain.voc.sounding import CONFIRMED
from domain.voc.votes import votes_follow


def set_theme(session: Session, item_id: int, typed: str | None, *, version: int, by: Actor, at: datetime) -> str:
    """File an item, whoever logged it, under a theme, which is added when it is new. Returns the theme's slug.

    `version`: of the item when it was shown. Raises Changed when it is another, FieldProblems (`theme`), ItemRefused,
    NotFound.
    """
    item = find_item(session, item_id, by)
    if item.of_item_id is not None:
        raise ItemRefused("a_vote")
    if item.state == "withdrawn":
        raise ItemRefused("undone")
    check_version(session, item, version, by, at)
    slug = slugify_theme(typed or "")
    if slug is None:
        raise FieldProblems({"theme": VocFieldWrong("no_theme")})
    theme = find_or_add_theme(session, by.workspace_id, slug, at=at)
    if item.theme_id != theme.id:
        before, item.theme_id = item.theme_id, theme.id
        item.theme_by = CONFIRMED
        forget_moved(session, item.id, "theme")
        record_change(session, item, "voc.theme_set", by, at, data={"before": before, "after": theme.id})
        votes_follow(session, item, by, at)
    return theme.slug
