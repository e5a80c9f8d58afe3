"""What marketing does about a theme: its status, who looks after it, and the content that answers it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import Changed, FieldProblems, NotFound, TandemError
from domain.leads.announce import refresh_home
from domain.people import MARKETERS, NOT_STAFF, Actor, audit
from domain.rises import show_rise_anew
from domain.text import TextEmpty, TextTooLong, clean_text
from domain.versions import LOOKED_BACK, version_of
from domain.voc.errors import OwnerWrong, StatusWrong, ThemeOwned
from domain.voc.news import status_changed
from storage import outbox
from storage.locking import locked
from storage.models import THEME_STATUSES, Asset, AuditEvent, Member, Theme
from storage.outbox import Priority

STATUS_NAMES: Final = {
    "new": "New",
    "looking": "Looking into it",
    "planned": "Planned",
    "shipped": "Shipped",
    "wont_do": "Won’t do",
}
GIVEN_NOTICE: Final = "theme_given"
NOTE_LIMIT: Final = 500
ASSETS_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class WorkedTheme:
    """A theme as its forms begin. `owner`: a Slack user id, and None also where the owner left marketing.

    `assets`: the titles of content that is about it, the newest first, ASSETS_NAMED at the most.
    """

    id: int
    slug: str
    created_at: datetime
    status: str
    note: str | None
    owner: str | None
    owner_name: str | None
    is_answered: bool
    assets: tuple[str, ...]

    @property
    def status_version(self) -> str:
        return version_of((self.status, self.note))

    @property
    def owner_version(self) -> str:
        return version_of(self.owner)


def open_theme(session: Session, theme_id: int, *, by: Actor, at: datetime) -> WorkedTheme:  # noqa: ARG001  # asked as of now
    """The theme for a form that changes it. Raises NotFound."""
    return _worked(session, find_live_theme(session, theme_id, by.workspace_id))


def set_status(
    session: Session,
    theme_id: int,
    status: str,
    *,
    note: str | None,
    version: str | None = None,
    by: Actor,
    at: datetime,
) -> str:
    """Say what marketing does about the theme. Returns the theme's slug.

    Shipped needs an approved answer or linked content, won't do needs a reason in the `note`. `version`: of what the
    form was opened with, and then the note of another status is not taken over; None: whatever it is. Raises Changed,
    FieldProblems (`status`, `note`), NotFound.
    """
    theme = find_live_theme(session, theme_id, by.workspace_id, hold=True)
    worked = _worked(session, theme)
    if version is not None and version != worked.status_version:
        who, ago = _last_change(session, theme, ("theme.status", "theme.noted"), by, at)
        raise Changed("status", who, version=worked.status_version, ago=ago, changes=(worked.note or "",))
    problems: dict[str, TandemError] = {}
    words = _note(note, problems)
    if status not in THEME_STATUSES:
        problems["status"] = StatusWrong("unknown")
    elif status == "shipped" and not worked.is_answered and not worked.assets:
        problems["status"] = StatusWrong("nothing_shipped")
    elif status == "wont_do" and words is None:
        problems.setdefault("note", StatusWrong("no_reason"))
    elif version is not None and status != theme.status and words is not None and words == theme.status_note:
        problems["note"] = StatusWrong("old_note")
    if problems:
        raise FieldProblems(problems)
    if (status, words) == (theme.status, theme.status_note):
        return theme.slug
    before, theme.status_note = theme.status, words
    if status != before:
        theme.status, theme.status_by_id, theme.status_at = status, by.id, at
        session.flush()
        status_changed(session, theme, before, by=by, at=at)
    else:
        audit(session, theme.workspace_id, "theme.noted", "theme", theme.id, by=by, at=at)
    _refresh(session, by, at)
    return theme.slug


def own_theme(session: Session, theme_id: int, *, by: Actor, at: datetime) -> str:
    """Look after the theme oneself; a second time changes nothing. Returns the theme's slug.

    Raises ThemeOwned when somebody else of marketing does, NotFound.
    """
    theme = find_live_theme(session, theme_id, by.workspace_id, hold=True)
    owner = owner_of(session, theme)
    if owner is not None and owner.id != by.id:
        _, ago = _last_change(session, theme, ("theme.owned",), by, at)
        raise ThemeOwned(owner.name, ago)
    if owner is None:
        _give(session, theme, by.id, by, at)
    return theme.slug


def give_theme(
    session: Session, theme_id: int, user_id: str | None, *, version: str | None = None, by: Actor, at: datetime
) -> str:
    """Let somebody of marketing look after the theme, None: nobody. Returns the theme's slug.

    `user_id`: Slack's. `version`: of what the form was opened with; None: whatever it is. Raises Changed,
    FieldProblems (`owner`), NotFound.
    """
    theme = find_live_theme(session, theme_id, by.workspace_id, hold=True)
    before = owner_of(session, theme)
    if version is not None and version != version_of(before.slack_user_id if before else None):
        who, ago = _last_change(session, theme, ("theme.owned",), by, at)
        shown = version_of(before.slack_user_id if before else None)
        raise Changed("owner", who, version=shown, ago=ago, changes=(before.name if before else "",))
    owner = None
    if user_id is not None:
        owner = session.scalars(
            select(Member).where(Member.workspace_id == by.workspace_id, Member.slack_user_id == user_id)
        ).one_or_none()
        if owner is None or not _may_own(owner):
            raise FieldProblems({"owner": OwnerWrong(owner.name if owner else None)})
    if (owner.id if owner else None) != (before.id if before else None):
        _give(session, theme, owner.id if owner else None, by, at)
    return theme.slug


@dataclass(frozen=True, slots=True)
class Linked:
    """Content that is about a theme now, by its title."""

    slug: str
    title: str


def link_asset(session: Session, theme_id: int, asset_id: int, *, by: Actor, at: datetime) -> Linked:
    """Say that this content is about the theme, and no longer about another one. A second time changes nothing.

    Raises NotFound.
    """
    theme = find_live_theme(session, theme_id, by.workspace_id)
    asset = session.scalars(
        locked(select(Asset).where(Asset.id == asset_id, Asset.workspace_id == by.workspace_id))
    ).one_or_none()
    if asset is None:
        raise NotFound("content")
    if asset.theme_id != theme.id:
        data = {"before": asset.theme_id, "after": theme.id}
        asset.theme_id = theme.id
        session.flush()
        audit(session, by.workspace_id, "asset.linked", "asset", asset.id, by=by, at=at, data=data)
    return Linked(theme.slug, asset.title)


def find_live_theme(session: Session, theme_id: int, workspace_id: int, *, hold: bool = False) -> Theme:
    """The theme of this workspace, unless another one took its place; `hold`: until the transaction ends.

    Raises NotFound.
    """
    query = select(Theme).where(
        Theme.id == theme_id, Theme.workspace_id == workspace_id, Theme.merged_into_id.is_(None)
    )
    theme = session.scalars(locked(query) if hold else query).one_or_none()
    if theme is None:
        raise NotFound("theme")
    return theme


def owner_of(session: Session, theme: Theme) -> Member | None:
    """Who looks after the theme; None also when they left marketing."""
    owner = session.get(Member, theme.owner_id) if theme.owner_id is not None else None
    return owner if owner is not None and _may_own(owner) else None


def _may_own(member: Member) -> bool:
    return member.active and member.role in MARKETERS and member.kind not in NOT_STAFF


def _worked(session: Session, theme: Theme) -> WorkedTheme:
    owner = owner_of(session, theme)
    assets = session.scalars(
        select(Asset.title)
        .where(Asset.workspace_id == theme.workspace_id, Asset.theme_id == theme.id)
        .order_by(Asset.id.desc())
        .limit(ASSETS_NAMED)
    )
    return WorkedTheme(
        id=theme.id,
        slug=theme.slug,
        created_at=theme.created_at,
        status=theme.status,
        note=theme.status_note,
        owner=owner.slack_user_id if owner else None,
        owner_name=owner.name if owner else None,
        is_answered=theme.answer is not None,
        assets=tuple(assets),
    )


def _note(note: str | None, problems: dict[str, TandemError]) -> str | None:
    try:
        return clean_text(note or "", limit=NOTE_LIMIT)
    except TextEmpty:
        return None
    except TextTooLong as error:
        problems["note"] = error
        return None


def _give(session: Session, theme: Theme, owner_id: int | None, by: Actor, at: datetime) -> None:
    data: dict[str, Any] = {"before": theme.owner_id, "after": owner_id}
    theme.owner_id = owner_id
    session.flush()
    audit(session, theme.workspace_id, "theme.owned", "theme", theme.id, by=by, at=at, data=data)
    show_rise_anew(session, theme, at)
    if owner_id is not None and owner_id != by.id:
        place = session.get_one(Member, owner_id).slack_user_id
        outbox.put_notice(
            session,
            theme.workspace_id,
            GIVEN_NOTICE,
            theme.id,
            place,
            at=at,
            priority=Priority.REMINDER,
            data={"by": by.name},
        )
    _refresh(session, by, at)


def _refresh(session: Session, by: Actor, at: datetime) -> None:
    """The Home of whoever did it shows it at once."""
    refresh_home(session, by.workspace_id, by.id, at, by=by)


def _last_change(
    session: Session, theme: Theme, actions: tuple[str, ...], by: Actor, at: datetime
) -> tuple[str | None, Any]:
    """Who did one of these to the theme last (a name, or "You"), and how long that is past; None where not known."""
    last = session.execute(
        select(AuditEvent.by_id, AuditEvent.at, Member.name)
        .join(Member, Member.id == AuditEvent.by_id)
        .where(
            AuditEvent.workspace_id == theme.workspace_id,
            AuditEvent.at > at - LOOKED_BACK,
            AuditEvent.subject == "theme",
            AuditEvent.subject_id == theme.id,
            AuditEvent.action.in_(actions),
        )
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
        .limit(1)
    ).first()
    if last is None:
        return None, None
    return "You" if last.by_id == by.id else last.name, at - last.at
