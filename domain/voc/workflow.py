"""A step of Slack's Workflow Builder that logs what a customer said: asked for once, logged in one transaction, told.

Slack names each run of a step. Whatever it sends twice is one run.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import Deactivated, NotForGuests, NotOurs
from domain.people import actor
from domain.text import compare_key
from domain.themes import find_themes
from domain.voc.facts import KIND_NAMES, VocFacts, facts_of
from domain.voc.form import VocForm
from domain.voc.items import log_form
from storage import jobs
from storage.models import Member, VocItem, Workspace

OFFERED: Final = 100
"""Themes that the builder of a workflow is offered."""


@dataclass(frozen=True)
class RunStep:
    """The job that logs what a run of the step was given. `execution_id`: Slack's name for the run; `user_id`: who
    heard it; `link`: the address of a message. All are as the workflow gave them, "" for nothing.
    """

    kind: ClassVar[str] = "voc_step"

    execution_id: str
    user_id: str
    said: str
    kind_named: str = ""
    theme: str = ""
    account: str = ""
    link: str = ""


@dataclass(frozen=True)
class EndStep:
    """The job that tells Slack how a run ended: with the item, or with the reason (plain text) why there is none."""

    kind: ClassVar[str] = "voc_step_end"

    execution_id: str
    item_id: int = 0
    reason: str = ""


def ask_step(session: Session, slack_team_id: str, run: RunStep, *, at: datetime) -> None:
    """Have it logged, once for each run."""
    workspace_id = session.scalar(select(Workspace.id).where(Workspace.slack_team_id == slack_team_id))
    if workspace_id is not None:
        jobs.enqueue(session, workspace_id, run, at=at, once=run.execution_id)


def end_step(session: Session, workspace_id: int, end: EndStep, *, at: datetime) -> None:
    """Have Slack told, once for each run."""
    jobs.enqueue(session, workspace_id, end, at=at, once=end.execution_id)


def log_step(session: Session, workspace_id: int, run: RunStep, *, at: datetime) -> int:
    """Log it in the name of whoever heard it; the item's id.

    Raises NotOurs, NotForGuests, Deactivated, FieldProblems, SensitiveText, with nothing changed.
    """
    member = _member(session, workspace_id, run.user_id)
    if member is None or member.kind == "stranger":
        raise NotOurs
    if member.kind == "guest":
        raise NotForGuests
    if not member.active:
        raise Deactivated
    form = VocForm(run.said, _kind(run.kind_named), run.theme or None, account=run.account or None)
    logged = log_form(session, form, origin="workflow", permalink=run.link or None, by=actor(member), at=at)
    return logged.item.id


def load_logged(session: Session, workspace_id: int, item_id: int) -> VocFacts | None:
    """The item that a run logged."""
    item = session.get(VocItem, item_id)
    return facts_of(session, item) if item is not None and item.workspace_id == workspace_id else None


def offer_themes(session: Session, slack_team_id: str, typed: str, *, at: datetime) -> list[str]:
    """The slugs of themes that hold what is typed, the most used lately first."""
    workspace_id = session.scalar(select(Workspace.id).where(Workspace.slack_team_id == slack_team_id))
    if workspace_id is None:
        return []
    return [theme.slug for theme in find_themes(session, workspace_id, typed, at=at, limit=OFFERED)]


def _kind(named: str) -> str | None:
    """A kind by its name or its value; what is neither stays, and is refused with the form."""
    key = compare_key(named)
    if not key:
        return None
    return next((kind for kind, name in KIND_NAMES.items() if key in (compare_key(kind), compare_key(name))), named)


def _member(session: Session, workspace_id: int, user_id: str) -> Member | None:
    return session.scalars(
        select(Member).where(Member.workspace_id == workspace_id, Member.slack_user_id == user_id)
    ).one_or_none()
