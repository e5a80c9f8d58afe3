"""Who lets leads lapse leaves the rotation until they say that they are back. They are told once, with one button.

A lead lapses when its time runs out and its rep did not so much as claim it. Whoever claims or contacts a lead in
between is at work, so only lapses in a row count. Whoever is away lets nothing lapse, and the last rep of a team who is
here stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from domain.leads.announce import refresh_home
from domain.leads.routing import available_reps
from domain.people import audit
from storage import outbox
from storage.models import IS_OPEN, Lead, Member, Team, TeamMember
from storage.outbox import Priority

BENCH_CARD: Final = "rep_benched"


@dataclass(frozen=True, slots=True)
class Bench:
    """A member who let `lapses` leads lapse. `since` (aware UTC): out of the rotation; None: they are back."""

    member_id: int
    since: datetime | None
    lapses: int


def load_bench(session: Session, member_id: int, workspace_id: int) -> Bench | None:
    """How it stands with a member; None when this workspace has no such one."""
    member = session.get(Member, member_id)
    if member is None or member.workspace_id != workspace_id:
        return None
    return Bench(member.id, member.benched_at, member.lapses)


def note_lapse(session: Session, lead: Lead, team: Team, bench_after: int, at: datetime) -> None:
    """The time of the locked lead ran out, and its rep never touched it. `bench_after`: so many in a row, 0 is never.

    A rep whose row somebody else has locked at this very moment is left out: waiting could be waiting in a circle.
    """
    if not bench_after or lead.state != "new" or lead.owner_id is None:
        return
    session.flush()
    rep = session.scalars(
        select(Member)
        .where(Member.id == lead.owner_id)
        .with_for_update(skip_locked=True, key_share=True)  # whoever only refers to the member does not wait
        .execution_options(populate_existing=True)
    ).first()
    if rep is None or not rep.active or rep.benched_at is not None:
        return
    if rep.away_until is not None and rep.away_until > at:
        return
    if rep.lapsed_at is not None and _worked_since(session, rep.id, team.id, rep.lapsed_at):
        rep.lapses = 0
    rep.lapses, rep.lapsed_at = rep.lapses + 1, at
    session.flush()
    if rep.lapses >= bench_after and available_reps(session, team.id, at, without={rep.id}):
        _bench(session, rep, at)


def end_bench(session: Session, member: Member, at: datetime) -> bool:
    """The member is back. Whether they were out of the rotation."""
    was = member.benched_at is not None
    member.benched_at, member.lapses, member.lapsed_at = None, 0, None
    session.flush()
    if was:
        outbox.refresh_cards(session, member.workspace_id, (BENCH_CARD,), member.id, at=at)
        _refresh_managers(session, member, at)
    return was


def _bench(session: Session, rep: Member, at: datetime) -> None:
    rep.benched_at = at
    session.flush()
    audit(session, rep.workspace_id, "member.bench", "member", rep.id, by=None, at=at, data={"lapses": rep.lapses})
    outbox.put_card(
        session,
        rep.workspace_id,
        BENCH_CARD,
        rep.id,
        rep.slack_user_id,
        at=at,
        priority=Priority.REMINDER,
        anew=True,
    )
    refresh_home(session, rep.workspace_id, rep.id, at)
    _refresh_managers(session, rep, at)


def _refresh_managers(session: Session, rep: Member, at: datetime) -> None:
    managers = (
        select(Team.manager_id)
        .join(TeamMember, TeamMember.team_id == Team.id)
        .where(TeamMember.member_id == rep.id, Team.manager_id.is_not(None), Team.archived_at.is_(None))
        .distinct()
    )
    for manager_id in session.scalars(managers.order_by(Team.manager_id)):
        if manager_id is not None and manager_id != rep.id:
            refresh_home(session, rep.workspace_id, manager_id, at)


def _worked_since(session: Session, member_id: int, team_id: int, since: datetime) -> bool:
    """Whether they claimed a lead that is open still, or contacted one of the team."""
    worked = select(Lead.id).where(
        Lead.owner_id == member_id,
        or_(and_(IS_OPEN, Lead.claimed_at > since), and_(Lead.team_id == team_id, Lead.contacted_at > since)),
    )
    return session.scalar(worked.limit(1)) is not None
