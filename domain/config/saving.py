"""How a form's settings take effect: as a file's do, unless somebody else changed them since the form was opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy.orm import Session

from domain.changes import Change, Note
from domain.config.apply import Applied, Seal, apply_config, lock_settings
from domain.config.overview import Overview, load_overview
from domain.config.problems import ConfigProblems, Loc
from domain.config.schema import check_config
from domain.errors import FieldProblems, TandemError
from domain.people import Actor
from domain.versions import check_version

NO_OTHERS: Final[Mapping[str, str]] = MappingProxyType({})

Field = Callable[[Loc], str]
"""Which field of the form a problem belongs to."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What a form changed, and what is set now. `secret`: of the source that was made, told only here."""

    changes: tuple[Change, ...]
    overview: Overview
    notes: tuple[Note, ...] = ()
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """What a form was opened about: `what` for people, `about` for the audit, `version` of what it showed."""

    what: str
    about: str
    version: str


def settings_now(session: Session, by: Actor) -> Overview:
    """What is set, and stays so until this form is saved."""
    lock_settings(session, by.workspace_id)
    return load_overview(session, by.workspace_id)


def check_opened(session: Session, opened: Opened, shown: object, *, by: Actor, at: datetime) -> None:
    """Raise Changed when the form was made from something else than what is `shown` now."""
    check_version(session, opened.what, shown, opened.version, about=opened.about, by=by, at=at)


def apply_form(
    session: Session, given: Mapping[str, Any], field: Field, *, by: Actor, at: datetime, seal: Seal | None = None
) -> Applied:
    """Make what the form says true. Raises FieldProblems by the form's fields, with nothing changed."""
    try:
        return apply_config(session, by.workspace_id, check_config(given), by=by, at=at, seal=seal)
    except ConfigProblems as error:
        found: dict[str, TandemError] = {}
        for problem in error.problems:
            found.setdefault(field(problem.loc), problem.wrong)
        raise FieldProblems(found) from error


def save(
    session: Session, given: Mapping[str, Any], field: Field, *, by: Actor, at: datetime, seal: Seal | None = None
) -> Saved:
    """Apply the form, and tell what changed. Raises FieldProblems."""
    applied = apply_form(session, given, field, by=by, at=at, seal=seal)
    secret = next(iter(applied.secrets.values()), None)
    return Saved(applied.changes, load_overview(session, by.workspace_id), applied.notes, secret)


def last_name(otherwise: str, others: Mapping[str, str] = NO_OTHERS) -> Field:
    """The field of a problem: the last name in its place, as `others` call it in the form.

    `otherwise`: the field for what the form has none of.
    """

    def field(loc: Loc) -> str:
        name = next((step for step in loc[2:] if isinstance(step, str)), "key")
        return others.get(name, otherwise if name in ("key", "default", "removed") else name)

    return field
