"""What marketers look at before they merge or rename: themes, accounts and competitors, by what was typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from domain.near_names import accounts_near
from domain.near_themes import find_near_themes
from domain.people import Actor, audit
from domain.voc.competitor_merging import competitor_typed, plan_competitor_merge
from domain.voc.grouped import about_of, name_of, row_typed, theme_typed
from domain.voc.merging import MergePlan, plan_merge
from domain.voc.regrouping import Regrouped, allow, history
from domain.voc.suggestions import suggest_accounts, suggest_competitors, suggest_themes


@dataclass(frozen=True, slots=True)
class ToRegroup:
    """A theme, an account or a competitor, and another one that is spelled nearly so; both without their marks."""

    about: str
    name: str
    near: str | None


def plan_any_merge(session: Session, typed: str, into: str, *, by: Actor, at: datetime) -> MergePlan:
    """What a merge comes to; the first name's mark says of what. Raises as `plan_merge` does."""
    plan = plan_competitor_merge if about_of(typed) == "competitor" else plan_merge
    return plan(session, typed, into, by=by, at=at)


def find_to_regroup(session: Session, typed: str, *, by: Actor, at: datetime) -> ToRegroup:
    """What was typed, for whoever may merge it. Raises NotAllowed, UnknownName."""
    about = about_of(typed)
    if about == "competitor":
        name = competitor_typed(session, typed, by=by, at=at).name
        allow(session, by)
        return ToRegroup(about, name, None)
    name = name_of(row_typed(session, about, typed, by=by, at=at))
    allow(session, by)
    if about == "account":
        near = [one.name for one in accounts_near(session, by.workspace_id, name, at=at)]
    else:
        near = [one.slug for one in find_near_themes(session, by.workspace_id, name, at=at)]
    return ToRegroup(about, name, near[0] if near else None)


def find_history(session: Session, typed: str, *, by: Actor, at: datetime) -> tuple[ToRegroup, Sequence[Regrouped]]:
    """What was typed, and what was done with it lately, the newest first. Raises NotAllowed, UnknownName."""
    found = find_to_regroup(session, typed, by=by, at=at)
    if found.about == "competitor":
        key = competitor_typed(session, typed, by=by, at=at).key
    else:
        key = str(row_typed(session, found.about, typed, by=by, at=at).id)
    return found, history(session, by.workspace_id, found.about, key)


def keep_apart(session: Session, typed: str, *, by: Actor, at: datetime) -> None:
    """Say that a theme's spelling is meant: nobody is asked about it again.

    A second time changes nothing. Raises NotAllowed, UnknownName.
    """
    theme = theme_typed(session, typed, by=by, at=at)
    allow(session, by)
    if theme.kept_at is None:
        theme.kept_at = at
        audit(session, by.workspace_id, "theme.kept", "theme", theme.id, by=by, at=at)
        session.flush()


def suggest_targets(session: Session, about: str, typed: str, *, by: Actor, at: datetime) -> list[str]:
    """Names of what something can be merged into, without their marks."""
    if about == "account":
        return [name for _, name in suggest_accounts(session, typed, by=by, at=at).accounts]
    if about == "competitor":
        return list(suggest_competitors(session, typed, by=by, at=at).names)
    return [theme.slug for theme in suggest_themes(session, typed, by=by, at=at).themes]
