"""Tokens that expire are renewed ahead of time: by one process at a time, and kept before anybody uses them.

Slack gives a refresh token that serves once. So whoever renews holds the installation's row by a lease, under a name
of its own; what the row says then decides whose new pair is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Update, case, or_, select, update
from sqlalchemy.orm import Session

from domain.installations import INSTALLATIONS
from domain.people import admins_of
from storage import outbox
from storage.database import wake
from storage.models import Installation, Workspace
from storage.outbox import Priority

AHEAD: Final = timedelta(hours=2)
"""How long before its end a token is renewed: the time there is to mend what goes wrong."""
LEASE: Final = timedelta(seconds=30)
"""Longer than a call to Slack takes at the most. A renewal that failed is tried again when its lease has run out."""
CANNOT_RENEW: Final = "cannot_renew"


@dataclass(frozen=True, slots=True)
class Renewing:
    """An installation that is held. `holder` names this one attempt."""

    installation_id: int
    holder: str
    sealed_refresh_token: str


def hold_renewal(session: Session, installation_id: int, holder: str, *, at: datetime) -> Renewing | None:
    """Hold an installation whose token ends soon. None: it does not, another holds it, or it cannot be renewed."""
    held = session.execute(
        update(Installation)
        .where(Installation.id == installation_id, Installation.state == "active")
        .where(Installation.token_expires_at <= at + AHEAD, Installation.sealed_refresh_token.is_not(None))
        .where(or_(Installation.refreshing_until.is_(None), Installation.refreshing_until <= at))
        .values(refreshing_by=holder, refreshing_until=at + LEASE)
        .returning(Installation.sealed_refresh_token)
    ).scalar_one_or_none()
    return Renewing(installation_id, holder, held) if held is not None else None


def keep_renewed(
    session: Session,
    held: Renewing,
    sealed_token: str,
    sealed_refresh_token: str,
    expires_at: datetime,
    *,
    at: datetime,
) -> bool:
    """Keep the new pair. False: another has kept one meanwhile, or the app was installed again.

    The refresh token has served, so the pair is kept even when the lease ran out, for instance in a process that slept:
    nobody else gets another one for it. Whoever holds the row now may still bring a newer pair. And it is kept when the
    refresh token was only sealed anew meanwhile.
    """
    mine = Installation.refreshing_by == held.holder
    kept = session.execute(
        update(Installation)
        .where(Installation.id == held.installation_id, Installation.state != "removed")
        .where(or_(mine, Installation.sealed_refresh_token == held.sealed_refresh_token))
        .values(
            sealed_token=sealed_token,
            sealed_refresh_token=sealed_refresh_token,
            token_expires_at=expires_at,
            refreshing_by=case((mine, None), else_=Installation.refreshing_by),
            refreshing_until=case((mine, None), else_=Installation.refreshing_until),
            state="active",
            stopped_reason=None,
            updated_at=at,
        )
        .returning(Installation.id)
    ).scalar_one_or_none()
    if kept is not None:
        wake(session, INSTALLATIONS)
    return kept is not None


def give_up_renewing(session: Session, held: Renewing, reason: str, *, link: str, at: datetime) -> bool:
    """Slack does not take the refresh token: admins are told while the old token still speaks. Whether it was ours.

    `link`: where Tandem is installed again. Nothing stops yet: when the old token has ended, Slack refuses it, and then
    the workspaces stop.
    """
    stopped = session.execute(
        _mine(held)
        .values(state="stopped", stopped_reason=reason, refreshing_by=None, refreshing_until=None, updated_at=at)
        .returning(Installation.token_expires_at)
    ).scalar_one_or_none()
    if stopped is None:
        return False
    workspaces = session.scalars(select(Workspace.id).where(Workspace.installation_id == held.installation_id))
    for workspace_id in workspaces.all():
        for admin in admins_of(session, workspace_id)[:3]:
            outbox.put_notice(
                session,
                workspace_id,
                CANNOT_RENEW,
                held.installation_id,
                admin.slack_user_id,
                at=at,
                priority=Priority.ALARM,
                once=f"{CANNOT_RENEW}:{held.holder}:{admin.id}",
                data={"ends": int(stopped.timestamp()), "link": link},
            )
    wake(session, INSTALLATIONS)
    return True


def _mine(held: Renewing) -> Update:
    """The installation, as long as this attempt holds it."""
    return update(Installation).where(
        Installation.id == held.installation_id,
        Installation.refreshing_by == held.holder,
        Installation.sealed_refresh_token == held.sealed_refresh_token,
    )
