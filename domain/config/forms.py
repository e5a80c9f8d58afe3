"""Settings changed in Slack: each form says what a file would say about these few things, and applies it.

Problems come back as FieldProblems by the form's field names, so that nothing typed is lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.config.apply import NO_SECRETS, Applied, Seal, apply_config
from domain.config.overview import Overview, TeamSet, load_overview
from domain.config.problems import ConfigProblems, Loc
from domain.config.schema import check_config
from domain.errors import Changed, FieldProblems, NotFound
from domain.people import Actor
from domain.sources import pause_source, rotate_source
from domain.text import slugify_theme
from storage.models import Team

ROLE_FIELDS: Final = ("admin", "manager", "marketer")


@dataclass(frozen=True, slots=True)
class Saved:
    """What a form changed, in words, and what is set now. `secret`: of the source that was made, told only here."""

    changes: tuple[str, ...]
    overview: Overview
    notes: tuple[str, ...] = ()
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class TeamForm:
    """What was filled in about a team. `id` 0: a new one; `version`: of the team that the form was made from."""

    id: int
    version: str
    name: str
    channel: str | None
    manager: str | None
    members: Sequence[str]
    zone: str | None
    hours: str | None
    holidays: str | None
    closed: str | None
    default: bool
    archived: bool


def save_team(session: Session, form: TeamForm, *, by: Actor, at: datetime) -> Saved:
    """Change a team, or add one. Raises FieldProblems; Changed when somebody else changed it since the form opened."""
    overview = load_overview(session, by.workspace_id)
    team = overview.team(form.id)
    if form.id and team is None:
        raise NotFound("team")
    if team is not None and team.version != form.version:
        raise Changed("team", None)
    given: dict[str, Any] = {
        "key": team.key if team else _new_key(session, form.name, by.workspace_id),
        "name": form.name,
        "channel": form.channel or "none",
        "manager": form.manager or "none",
        "members": list(form.members),
        "holidays": form.holidays or "none",
        "closed": _days_typed(form.closed or ""),
    }
    given |= {name: value for name, value in (("zone", form.zone), ("hours", form.hours)) if value}
    if form.default:
        given["default"] = True
    if team is None or form.archived != team.archived:
        given["archived"] = form.archived
    return _save(session, {"teams": [given]}, _last_name("name"), by=by, at=at)


def blank_team(overview: Overview) -> TeamSet:
    """What the form of a new team begins with."""
    return TeamSet(0, "", "", None, None, (), overview.zone, "mon-fri 09:00-18:00", "", (), False, False)


def save_policies(session: Session, given: Mapping[str, tuple[str, str]], *, by: Actor, at: datetime) -> Saved:
    """Change the times to contact, and after which a lead moves on (empty: never), by tier.

    Raises FieldProblems by `contact.TIER` and `reassign_after.TIER`.
    """
    tiers = list(given)
    policies = [
        {"tier": tier, "contact": contact, "reassign_after": after or "never"}
        for tier, (contact, after) in given.items()
    ]

    def field(loc: Loc) -> str:
        tier = tiers[loc[1]] if len(loc) > 1 and isinstance(loc[1], int) else tiers[0]
        return f"{loc[2] if len(loc) > 2 and loc[2] == 'reassign_after' else 'contact'}.{tier}"

    return _save(session, {"policies": policies}, field, by=by, at=at)


def save_people(session: Session, given: Mapping[str, Sequence[str]], *, by: Actor, at: datetime) -> Saved:
    """Make these the admins, managers and marketers; who was one before and is in no list becomes a rep.

    Raises FieldProblems by role.
    """
    before = {
        user_id: role
        for role, user_ids in load_overview(session, by.workspace_id).people.items()
        for user_id in user_ids
    }
    wanted: dict[str, str] = {}
    for role in ROLE_FIELDS:
        for user_id in given.get(role, ()):
            if user_id in wanted:
                raise FieldProblems({role: "Somebody here is in the list above, too. Each person has one role."})
            wanted[user_id] = role
    changed = {user_id: role for user_id, role in wanted.items() if before.get(user_id) != role}
    changed |= {user_id: "rep" for user_id in before if user_id not in wanted}

    def field(loc: Loc) -> str:
        user_id = str(loc[1]) if len(loc) > 1 else ""
        return wanted.get(user_id) or before.get(user_id) or "admin"

    return _save(session, {"members": changed} if changed else {}, field, by=by, at=at)


def save_company(
    session: Session,
    *,
    channel: str | None,
    competitors: str | None,
    currency: str | None,
    by: Actor,
    at: datetime,
) -> Saved:
    """Change marketing's channel, the competitors (one on each line, or separated by commas) and the currency."""
    given: dict[str, Any] = {
        "marketing_channel": channel or "none",
        "competitors": [name for piece in re.split(r"[\n,;]", competitors or "") if (name := piece.strip())],
    }
    if currency:
        given["currency"] = currency
    return _save(session, given, lambda loc: str(loc[0]), by=by, at=at)


def save_source(
    session: Session, given: Mapping[str, str | None], seal: Seal | None, *, by: Actor, at: datetime
) -> Saved:
    """Add a system that posts leads: `name`, `auth`, `team`, `tier`. Raises FieldProblems by these names."""
    if seal is None:
        raise FieldProblems({"name": NO_SECRETS})
    name = given.get("name") or ""
    if any(source.name == name for source in load_overview(session, by.workspace_id).sources):
        raise FieldProblems({"name": "There is a source of that name. Pick another, or give that one a new secret."})
    source = {field: value for field, value in given.items() if value}
    return _save(session, {"sources": [source]}, _last_name("name"), by=by, at=at, seal=seal)


def renew_secret(session: Session, name: str, seal: Seal | None, *, by: Actor, at: datetime) -> str:
    """A new secret for the source; the old one stops working now. Raises NotFound, FieldProblems without a key."""
    if seal is None:
        raise FieldProblems({"name": NO_SECRETS})
    return rotate_source(session, by.workspace_id, name, seal=seal, by=by, at=at)


def switch_source(session: Session, name: str, *, paused: bool, by: Actor, at: datetime) -> Overview:
    """Refuse what the source sends, or take it again. Raises NotFound."""
    pause_source(session, by.workspace_id, name, paused=paused, by=by, at=at)
    return load_overview(session, by.workspace_id)


def _save(
    session: Session,
    given: Mapping[str, Any],
    field: Callable[[Loc], str],
    *,
    by: Actor,
    at: datetime,
    seal: Seal | None = None,
) -> Saved:
    try:
        applied: Applied = apply_config(session, by.workspace_id, check_config(given), by=by, at=at, seal=seal)
    except ConfigProblems as error:
        found: dict[str, str] = {}
        for problem in error.problems:
            found.setdefault(field(problem.loc), problem.sentence)
        raise FieldProblems(found) from error
    secret = next(iter(applied.secrets.values()), None)
    return Saved(applied.changes, load_overview(session, by.workspace_id), applied.notes, secret)


def _last_name(otherwise: str) -> Callable[[Loc], str]:
    """The field of a problem: the last name in its place, `key` being made from the name."""

    def field(loc: Loc) -> str:
        names = [str(step) for step in loc[2:] if isinstance(step, str)]
        return names[0] if names and names[0] != "key" else otherwise

    return field


def _days_typed(text: str) -> list[str]:
    """The days in a line, each as typed; a first and a last day with "to" between them stay together."""
    together = re.sub(r"\s+(?:to|until|till|bis|-)\s+|\s*(?:–|—|\.\.)\s*", "/", text.strip(), flags=re.IGNORECASE)
    return [piece for piece in re.split(r"[\s,;]+", together) if piece]


def _new_key(session: Session, name: str, workspace_id: int) -> str:
    """The short name of a new team, from its name."""
    key = re.sub(r"[^a-z0-9-]", "", (slugify_theme(name) or "").replace("_", "-")).strip("-")[:30] or "team"
    taken = set(session.scalars(select(Team.key).where(Team.workspace_id == workspace_id)))
    return next(each for each in (key, *(f"{key}-{number}" for number in range(2, 1000))) if each not in taken)
