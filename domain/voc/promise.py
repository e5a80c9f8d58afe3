"""Marketing's clock: a theme that enough accounts raised is promised a first answer, some working days later.

The promise begins with the item that makes the accounts enough, and stays whatever becomes of the items. When its day
is over without an answer, whoever looks after the theme is told once, together with all others of that day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, bindparam, select, update
from sqlalchemy.orm import Session

from domain.calendar import WorkingHours
from domain.near_themes import comes_up
from domain.people import OF_MARKETING, default_team, marketing_places
from domain.zones import stored_zone
from storage import outbox
from storage.locking import locked
from storage.models import Member, Tally, Theme, Workspace
from storage.outbox import Priority
from storage.statements import Statement

LATE_NOTICE: Final = "answers_late"
OPEN: Final = ("new", "looking", "planned")
"""In these statuses a theme may wait for an answer: what is shipped or won't be done needs none."""

LOOKED_AT: Final = 200

# Made once: it runs for lines that are logged.
_ASKED: Final = Statement(
    select(
        Theme.status,
        Theme.status_note,
        Theme.answer_due_at,
        Member.name,
        Workspace.answer_days,
        Workspace.answer_accounts,
    )
    .join(Workspace, Workspace.id == Theme.workspace_id)
    .outerjoin(Member, and_(Member.id == Theme.owner_id, OF_MARKETING))
    .where(Theme.id == bindparam("theme"))
)


@dataclass(frozen=True, slots=True)
class Promise:
    """What a rep can expect for a theme without an answer. `owner`: the name of whoever looks after it.

    `due_at`: by when a first answer is promised, None: no answer is. `is_late`: that time is over.
    """

    status: str
    note: str | None
    owner: str | None
    due_at: datetime | None
    is_late: bool


def promise_for(session: Session, workspace_id: int, theme_id: int, accounts: int, at: datetime) -> Promise:
    """What is promised for a theme that has no answer; the promise begins now where its `accounts` are enough."""
    row = _ASKED.first(session, {"theme": theme_id})
    due_at = row.answer_due_at
    if due_at is None and row.status in OPEN and row.answer_days and accounts >= row.answer_accounts:
        due_at = _begin(session, workspace_id, [theme_id], row.answer_days, at)
    if row.status not in OPEN:
        due_at = None
    return Promise(row.status, row.status_note, row.name, due_at, due_at is not None and is_late(due_at, at))


def due_of(theme: Theme) -> datetime | None:
    """By when a first answer to the theme is promised; None where none is, or where it needs none any more."""
    return theme.answer_due_at if theme.answer is None and theme.status in OPEN else None


def is_late(due_at: datetime, at: datetime) -> bool:
    """Whether the time of a promise is over."""
    return at >= due_at


def begin_promises(session: Session, workspace_id: int, *, at: datetime) -> int:
    """Begin what is due to begin, however items came to their themes: by an import, a merge, an earlier release.

    Reads the tallies as they stand. Returns for how many themes.
    """
    workspace = session.get_one(Workspace, workspace_id)
    if not workspace.answer_days:
        return 0
    raised = session.scalars(
        select(Tally.subject)
        .where(
            Tally.workspace_id == workspace_id,
            Tally.about == "theme",
            Tally.accounts >= workspace.answer_accounts,
        )
        .order_by(Tally.accounts.desc())
        .limit(LOOKED_AT)
    )
    waiting = session.scalars(
        select(Theme.id).where(Theme.id.in_(list(map(int, raised))), *_may_begin(workspace_id)).order_by(Theme.id)
    ).all()
    if waiting:
        _begin(session, workspace_id, waiting, workspace.answer_days, at)
    return len(waiting)


def workspaces_with_late(session: Session, at: datetime) -> Sequence[int]:
    """The workspaces in which somebody is to be told of a promise that was not kept."""
    return session.scalars(select(Theme.workspace_id).where(*_untold(at)).distinct()).all()


def tell_late(session: Session, workspace_id: int, *, at: datetime) -> int:
    """Tell of promises that were not kept: within working hours, each once, a place once a day. Returns how many."""
    team = default_team(session, workspace_id)
    if not WorkingHours.from_json(team.hours).is_open(at):
        return 0
    late = session.scalars(
        locked(
            select(Theme)
            .where(Theme.workspace_id == workspace_id, *_untold(at))
            .order_by(Theme.answer_due_at, Theme.id)
            .limit(LOOKED_AT)
        )
    ).all()
    day = at.astimezone(stored_zone(str(team.hours["zone"]))).date()
    by_places: dict[tuple[str, ...], list[Theme]] = {}
    for theme in late:
        if comes_up(session, theme.id, 1):
            by_places.setdefault(places_of(session, theme), []).append(theme)
        else:
            theme.answer_wanted_at = theme.answer_due_at = None  # nobody raises it any more
    told = 0
    for places, themes in by_places.items():
        once = {place: f"{LATE_NOTICE}:{place}:{day}" for place in places}
        if any(outbox.was_told(session, workspace_id, key) for key in once.values()):
            continue
        for place, key in once.items():
            outbox.put_notice(
                session,
                workspace_id,
                LATE_NOTICE,
                themes[0].id,
                place,
                at=at,
                priority=Priority.REMINDER,
                once=key,
                data={"themes": [theme.id for theme in themes]},
            )
        for theme in themes:
            theme.answer_late_told_at = at
        told += len(themes)
    session.flush()
    return told


@dataclass(frozen=True, slots=True)
class Waiting:
    """A theme that waits for its first answer. `owner`: a name."""

    id: int
    slug: str
    created_at: datetime
    due_at: datetime
    owner: str | None


def waiting_themes(session: Session, workspace_id: int, only: Iterable[int] | None = None) -> list[Waiting]:
    """The themes that wait for a promised answer, the longest overdue first; `only` those of these ids."""
    rows = session.execute(
        select(Theme.id, Theme.slug, Theme.created_at, Theme.answer_due_at, Member.name)
        .outerjoin(Member, and_(Member.id == Theme.owner_id, OF_MARKETING))
        .where(
            Theme.workspace_id == workspace_id,
            *_waits(),
            *([Theme.id.in_(list(only))] if only is not None else []),
        )
        .order_by(Theme.answer_due_at, Theme.id)
        .limit(LOOKED_AT)
    )
    return [
        Waiting(row.id, row.slug, row.created_at, row.answer_due_at, row.name)
        for row in rows
        if row.answer_due_at is not None
    ]


def _may_begin(workspace_id: int) -> tuple[Any, ...]:
    return (
        Theme.workspace_id == workspace_id,
        Theme.answer.is_(None),
        Theme.answer_due_at.is_(None),
        Theme.status.in_(OPEN),
        Theme.merged_into_id.is_(None),
    )


def _waits() -> tuple[Any, ...]:
    return (
        Theme.answer_due_at.is_not(None),
        Theme.answer.is_(None),
        Theme.status.in_(OPEN),
        Theme.merged_into_id.is_(None),
    )


def _untold(at: datetime) -> tuple[Any, ...]:
    return (*_waits(), Theme.answer_due_at <= at, Theme.answer_late_told_at.is_(None))


def _begin(session: Session, workspace_id: int, theme_ids: Sequence[int], days: int, at: datetime) -> datetime:
    hours = WorkingHours.from_json(default_team(session, workspace_id).hours)
    due_at = hours.end_of_day(at, days)
    session.execute(
        update(Theme)
        .where(Theme.id.in_(theme_ids), *_may_begin(workspace_id))
        .values(answer_wanted_at=at, answer_due_at=due_at)
    )
    return due_at


def places_of(session: Session, theme: Theme) -> tuple[str, ...]:
    """Whom it concerns: the owner, else marketing."""
    owner = session.scalars(select(Member).where(Member.id == theme.owner_id, OF_MARKETING)).one_or_none()
    return (owner.slack_user_id,) if owner is not None else marketing_places(session, theme.workspace_id)
