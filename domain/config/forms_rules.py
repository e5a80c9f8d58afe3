"""Tiers and sources changed in Slack: added, changed, made the default, removed. The rules are the settings file's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from domain.config.apply import Seal
from domain.config.errors import SettingsRefused
from domain.config.overview import Overview, load_overview
from domain.config.saving import Opened, Saved, check_opened, last_name, save, settings_now
from domain.errors import FieldProblems, NotFound
from domain.people import Actor
from domain.sources import end_old_secret, find_source, keep_key, keep_secret, pause_source, rotate_source


@dataclass(frozen=True, slots=True)
class TierForm:
    """What was filled in about a tier. `new`: it is to be added; `version`: of the one that the form was made from."""

    tier: str
    new: bool
    version: str
    contact: str
    reassign_after: str | None
    default: bool
    claim: str | None = None
    tries: str | None = None
    tries_days: str | None = None
    meeting_days: str | None = None
    bench_after: str | None = None


DAYS_FOR_TRIES: Final = 3
"""In so many working days all tries are made, unless the form says otherwise."""


def save_tier(session: Session, form: TierForm, *, by: Actor, at: datetime) -> Saved:
    """Change a tier's times, or add a tier. Raises FieldProblems, NotFound, Changed."""
    policy = settings_now(session, by).policy(form.tier.strip().casefold())
    if form.new and policy is not None:
        raise FieldProblems({"tier": SettingsRefused("tier_taken", (policy.tier,))})
    if not form.new:
        if policy is None:
            raise NotFound("tier")
        check_opened(session, Opened("tier", f"policy:{policy.tier}", form.version), policy, by=by, at=at)
    given: dict[str, Any] = {
        "tier": form.tier,
        "contact": form.contact,
        "reassign_after": form.reassign_after or "never",
        "claim": form.claim or "never",
        "tries": form.tries or "never",
        "tries_days": form.tries_days or DAYS_FOR_TRIES,
        "meeting_days": form.meeting_days or "never",
        "bench_after": form.bench_after or "never",
    }
    if form.default:
        given["default"] = True
    return save(session, {"policies": [given]}, last_name("tier"), by=by, at=at)


def remove_tier(session: Session, tier: str, *, by: Actor, at: datetime) -> Saved:
    """Take a tier away; running clocks keep their terms. Raises NotFound, FieldProblems for the default one."""
    if settings_now(session, by).policy(tier) is None:
        raise NotFound("tier")
    return save(session, {"policies": [{"tier": tier, "removed": True}]}, last_name("tier"), by=by, at=at)


def save_source(
    session: Session, given: Mapping[str, str | None], seal: Seal | None, *, by: Actor, at: datetime
) -> Saved:
    """Add a system that posts leads: `name`, `auth`, `team`, `tier`. Raises FieldProblems by these names."""
    if seal is None:
        raise FieldProblems({"name": SettingsRefused("no_secret_key")})
    if settings_now(session, by).source(given.get("name") or "") is not None:
        raise FieldProblems({"name": SettingsRefused("source_taken")})
    source = {field: value for field, value in given.items() if value}
    return save(session, {"sources": [source]}, last_name("name"), by=by, at=at, seal=seal)


def change_source(
    session: Session,
    name: str,
    version: str,
    *,
    team: str | None,
    tier: str | None,
    key: str | None = None,
    secret: str | None = None,
    seal: Seal | None = None,
    by: Actor,
    at: datetime,
) -> Saved:
    """Set the team and the tier of leads that name none; None: the default. Raises FieldProblems, NotFound, Changed.

    `key`: with what Tandem asks the system for more; `secret`: that the vendor made. None: the one that there is stays.
    """
    source = settings_now(session, by).source(name)
    if source is None:
        raise NotFound("source")
    check_opened(session, Opened("source", f"source:{name}", version), source, by=by, at=at)
    if key:
        if seal is None:
            raise FieldProblems({"key": SettingsRefused("no_secret_key")})
        keep_key(session, find_source(session, by.workspace_id, name), key.strip(), seal=seal, by=by, at=at)
    if secret:
        if seal is None:
            raise FieldProblems({"secret": SettingsRefused("no_secret_key")})
        keep_secret(session, find_source(session, by.workspace_id, name), secret.strip(), seal=seal, by=by, at=at)
    given = {"name": name, "team": team or "none", "tier": tier or "none"}
    return save(session, {"sources": [given]}, last_name("team"), by=by, at=at)


def remove_source(session: Session, name: str, *, by: Actor, at: datetime) -> Saved:
    """Take a source away: what it sends is refused, its leads stay. Raises NotFound."""
    if settings_now(session, by).source(name) is None:
        raise NotFound("source")
    return save(session, {"sources": [{"name": name, "removed": True}]}, last_name("name"), by=by, at=at)


def renew_secret(session: Session, name: str, seal: Seal | None, *, by: Actor, at: datetime) -> str:
    """A new secret for the source; the old one works for another day. Raises NotFound, FieldProblems without a key."""
    if seal is None:
        raise FieldProblems({"name": SettingsRefused("no_secret_key")})
    return rotate_source(session, by.workspace_id, name, seal=seal, by=by, at=at)


def end_old(session: Session, name: str, *, by: Actor, at: datetime) -> Overview:
    """The secret before the last change works no more. Raises NotFound."""
    end_old_secret(session, by.workspace_id, name, by=by, at=at)
    return load_overview(session, by.workspace_id)


def switch_source(session: Session, name: str, *, paused: bool, by: Actor, at: datetime) -> Overview:
    """Refuse what the source sends, or take it again. Raises NotFound."""
    pause_source(session, by.workspace_id, name, paused=paused, by=by, at=at)
    return load_overview(session, by.workspace_id)
