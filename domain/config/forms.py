"""Teams, roles and the company changed in Slack: each form says what a file would say about these few things.

Problems come back as FieldProblems by the form's field names, so that nothing typed is lost.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.config.errors import SettingsRefused
from domain.config.overview import Overview, TeamSet
from domain.config.problems import Loc
from domain.config.saving import Opened, Saved, check_opened, last_name, save, settings_now
from domain.errors import FieldProblems, NotFound
from domain.people import Actor
from domain.text import slugify_theme
from storage.models import Member

_LEGAL_FORM: Final = re.compile(
    r"^[^,;]+,\s*(inc|incorporated|ltd|limited|llc|l\.l\.c|llp|lp|corp|corporation|co|company|gmbh|ag|kg|se|s\.?a|s\.?l"
    r"|s\.?r\.?l|s\.?p\.?a|sas|b\.?v|n\.?v|plc|pty|a/s|ab|oy)\b[^,;]*$",
    re.IGNORECASE,
)

ROLE_FIELDS: Final = ("admin", "manager", "marketer")


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
    delegate: str | None = None


def save_team(session: Session, form: TeamForm, *, by: Actor, at: datetime) -> Saved:
    """Change a team, or add one. Raises FieldProblems; Changed when somebody else changed it since the form opened."""
    overview = settings_now(session, by)
    team = overview.team(form.id)
    if form.id and team is None:
        raise NotFound("team")
    if team is not None:
        check_opened(session, Opened("team", f"team:{team.key}", form.version), team, by=by, at=at)
    given: dict[str, Any] = {
        "key": team.key if team else new_key(form.name, [each.key for each in overview.teams], "team"),
        "name": form.name,
        "channel": form.channel or "none",
        "manager": form.manager or "none",
        "delegate": form.delegate or "none",
        "members": list(form.members),
        "holidays": form.holidays or "none",
        "closed": _days_typed(form.closed or ""),
    }
    given |= {name: value for name, value in (("zone", form.zone), ("hours", form.hours)) if value}
    if form.default:
        given["default"] = True
    if team is None or form.archived != team.archived:
        given["archived"] = form.archived
    field = last_name("name", {"archived": "marks", "default": "marks"})
    return save(session, {"teams": [given]}, field, by=by, at=at)


def blank_team(overview: Overview) -> TeamSet:
    """What the form of a new team begins with."""
    return TeamSet(0, "", "", None, None, (), overview.zone, "mon-fri 09:00-18:00", "", (), False, False)


def save_people(
    session: Session, given: Mapping[str, Sequence[str]], version: str, *, by: Actor, at: datetime
) -> Saved:
    """Make these the admins, managers and marketers; who was one before and is in no list becomes a rep.

    Raises FieldProblems by role, Changed.
    """
    people = settings_now(session, by).people
    check_opened(session, Opened("list of roles", "people", version), people, by=by, at=at)
    before = {user_id: role for role, user_ids in people.items() for user_id in user_ids}
    wanted: dict[str, str] = {}
    for role in ROLE_FIELDS:
        for user_id in given.get(role, ()):
            if user_id in wanted:
                name = session.scalar(
                    select(Member.name).where(Member.workspace_id == by.workspace_id, Member.slack_user_id == user_id)
                )
                raise FieldProblems({role: SettingsRefused("two_lists", (name or user_id,))})
            wanted[user_id] = role
    changed = {user_id: role for user_id, role in wanted.items() if before.get(user_id) != role}
    changed |= {user_id: "rep" for user_id in before if user_id not in wanted}

    def field(loc: Loc) -> str:
        user_id = str(loc[1]) if len(loc) > 1 else ""
        return wanted.get(user_id) or before.get(user_id) or "admin"

    return save(session, {"members": changed} if changed else {}, field, by=by, at=at)


def save_company(
    session: Session,
    *,
    channel: str | None,
    competitors: str | None,
    currency: str | None,
    emoji: str | None = None,
    numbers: Mapping[str, str | None] = MappingProxyType({}),
    wins_channel: str | None = None,
    version: str,
    by: Actor,
    at: datetime,
) -> Saved:
    """Change marketing's channel, the competitors (one on each line, or separated by commas), the currency, the emoji
    of the reaction that logs a message, and `numbers` (by setting; what is empty stays): in how many working days
    marketing answers a theme, and which theme rises.

    Raises FieldProblems, Changed.
    """
    company = settings_now(session, by).company
    check_opened(session, Opened("page", "company", version), company, by=by, at=at)
    given: dict[str, Any] = {
        "marketing_channel": channel or "none",
        "wins_channel": wins_channel or "none",
        "competitors": _names_typed(competitors or "", company.competitors),
        "capture_emoji": emoji or "none",
    }
    typed = {"currency": currency, **numbers}
    given |= {name: value for name, value in typed.items() if value}
    return save(session, given, lambda loc: str(loc[0]), by=by, at=at)


def save_definition(
    session: Session,
    *,
    criteria: str,
    triage: str | None,
    sql_means: str | None,
    version: str,
    by: Actor,
    at: datetime,
) -> Saved:
    """Change what a lead must meet before sales gets it: a criterion on each line. Raises FieldProblems, Changed."""
    definition = settings_now(session, by).definition
    check_opened(session, Opened("definition", "definition", version), definition, by=by, at=at)
    given: dict[str, Any] = {
        "criteria": [line.strip() for line in criteria.splitlines() if line.strip()],
        "triage": triage or "never",
    }
    given |= {"sql_means": sql_means} if sql_means else {}
    return save(session, given, lambda loc: str(loc[0]), by=by, at=at)


def save_watch(session: Session, channels: Sequence[str], version: str, *, by: Actor, at: datetime) -> Saved:
    """Suggest what to log in these channels, and in no others. Raises FieldProblems, Changed."""
    watched = settings_now(session, by).watched
    check_opened(session, Opened("list of channels", "watch", version), watched, by=by, at=at)
    return save(session, {"watched_channels": list(channels)}, lambda _loc: "channels", by=by, at=at)


def new_key(name: str, taken: Collection[str], otherwise: str) -> str:
    """A short name made from a name, `otherwise` where it has no letters."""
    key = re.sub(r"[^a-z0-9-]", "", (slugify_theme(name) or "").replace("_", "-")).strip("-")[:30] or otherwise
    return next(each for each in (key, *(f"{key}-{number}" for number in range(2, 10_000))) if each not in taken)


def _names_typed(text: str, known: Collection[str]) -> list[str]:
    """The names in a text: one on each line, or several with commas. "Acme, Inc." is one, and so is what was one."""
    names: list[str] = []
    for line in text.splitlines():
        name = " ".join(line.split())
        whole = name in known or _LEGAL_FORM.search(name)
        names += [piece.strip() for piece in ([name] if whole else re.split("[,;]", name)) if piece.strip()]
    return names


def _days_typed(text: str) -> list[str]:
    """The days in a line, each as typed; a first and a last day with "to" between them stay together."""
    together = re.sub(r"\s+(?:to|until|till|bis|-)\s+|\s*(?:–|—|\.\.)\s*", "/", text.strip(), flags=re.IGNORECASE)
    return [piece for piece in re.split(r"[\s,;]+", together) if piece]
