"""The way of somebody who installs Tandem: to Slack's consent page, back with the same state, and the first words."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from domain.installations import Grant, installed, meet_workspace
from domain.people import admins_of, ensure_member
from storage import outbox
from storage.models import Installation, Member, OAuthState, Workspace
from storage.outbox import Priority

GOOD_FOR: Final = timedelta(minutes=10)
REMEMBERED: Final = timedelta(days=1)  # so that whoever comes late reads that they are late
WELCOME: Final = "welcome"


class Return(StrEnum):
    """How somebody came back from Slack: GOOD may go on, once; all others begin again."""

    GOOD = "good"
    MISSING = "missing"
    UNKNOWN = "unknown"
    USED = "used"
    EXPIRED = "expired"
    OTHER_BROWSER = "other_browser"


def begin_installing(session: Session, browser: str, *, at: datetime) -> str:
    """A new state for the browser with that cookie. States long gone are forgotten by the way."""
    state = secrets.token_urlsafe(32)
    session.execute(delete(OAuthState).where(OAuthState.expires_at < at - REMEMBERED))
    session.add(OAuthState(state_hash=_hash(state), browser_hash=_hash(browser), expires_at=at + GOOD_FOR))
    return state


def come_back(session: Session, state: str, browser: str, *, at: datetime) -> Return:
    """Use up a state. Of two who bring the same, one reads GOOD. Another browser uses nothing up."""
    if not state:
        return Return.MISSING
    mine = OAuthState.state_hash == _hash(state)
    used = session.execute(
        update(OAuthState)
        .where(mine, OAuthState.used_at.is_(None))
        .where(OAuthState.browser_hash == _hash(browser), OAuthState.expires_at > at)
        .values(used_at=at)
    )
    if used.rowcount:  # type: ignore[attr-defined]  # CursorResult
        return Return.GOOD
    row = session.scalars(select(OAuthState).where(mine)).one_or_none()
    if row is None:
        return Return.UNKNOWN
    if row.browser_hash != _hash(browser):
        return Return.OTHER_BROWSER
    return Return.USED if row.used_at is not None else Return.EXPIRED


@dataclass(frozen=True, slots=True)
class Team:
    """A workspace of Slack's that an installation speaks for."""

    team_id: str
    name: str = ""
    domain: str = ""


def finish_installing(session: Session, grant: Grant, teams: Sequence[Team], *, at: datetime) -> int:
    """Keep what Slack granted, meet the workspaces, and welcome whoever installed Tandem; the installation's id.

    `teams`: the workspaces that an organization's installation speaks for already; the others are met when Slack names
    them.
    """
    new = session.scalar(select(Installation.id).where(Installation.key == grant.key)) is None
    installation_id = installed(session, grant, at=at)
    for team in teams:
        meet_workspace(session, installation_id, team.team_id, name=team.name, domain=team.domain, at=at)
    workspaces = session.scalars(
        select(Workspace).where(Workspace.installation_id == installation_id).order_by(Workspace.id)
    ).all()
    if workspaces and grant.installed_by:
        _welcome(session, workspaces[0].id, grant.installed_by, new=new, at=at)
    return installation_id


def _welcome(session: Session, workspace_id: int, user_id: str, *, new: bool, at: datetime) -> None:
    """Whoever installed Tandem first may set it up, and reads once what to do next.

    Who installs it again becomes an admin only where there is none: in Slack more people may install than decide here.
    """
    if not new and admins_of(session, workspace_id):
        return
    member = session.get_one(Member, ensure_member(session, workspace_id, user_id, name="", at=at).id)
    if member.role != "admin":
        # Like a role that was chosen in setup: Slack's ranks do not take it away.
        member.role, member.role_origin = "admin", "config"
    if new:
        outbox.put_notice(session, workspace_id, WELCOME, member.id, user_id, at=at, priority=Priority.REMINDER)


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
