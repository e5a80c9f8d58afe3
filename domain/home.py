"""What a member's Home shows: their open leads and voc items, their team, what marketing reads, what to set next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from domain.admin import NextStep, Setup, load_setup, next_steps
from domain.companies_asked import NO_COMPANIES, CompanyDoubts, companies_now
from domain.leads.at_once import AtOnce, settled_at_once
from domain.leads.doubted import NO_DOUBTS, Doubts, doubts_now
from domain.leads.facts import LeadFacts, load_leads
from domain.leads.held import NOTHING_HELD, HeldLeads, held_now
from domain.leads.judgement import LIVE_CLOCK, WAS_GIVEN_BACK_LATE, WAS_IN_TIME, WAS_LATE, has_passed, is_overdue
from domain.leads.urgency import count_open, most_urgent
from domain.money import Money
from domain.people import MANAGERS, Actor
from domain.proposals.deciding import count_proposals
from domain.pulse import leading_themes
from domain.voc.dm_questions import AskedLately, count_asked
from domain.voc.example import Example, find_example
from domain.voc.facts import VocFacts, my_voc
from domain.voc.promise import due_of
from domain.voc.starters import are_starters_offered
from domain.voc.work import owner_of
from domain.zones import stored_zone
from storage import outbox
from storage.models import (
    IS_DECLINED,
    IS_OPEN,
    Clock,
    Lead,
    LeadEvent,
    Member,
    Team,
    TeamMember,
    Theme,
)
from storage.outbox import Priority

OWN_LEADS: Final = 8
OWN_VOC: Final = 5
BOARDS: Final = 5
BOARD_LEADS: Final = 6
BOARD_REPS: Final = 12
BOARD_ACTS: Final = 3
THEMES: Final = 5
DECLINES: Final = 5
HELD: Final = 3
WEEK: Final = timedelta(days=7)
RECENT: Final = timedelta(days=60)
"""Leads that arrived earlier are not looked at for what happened this week: it keeps the queries on an index."""


@dataclass(frozen=True, slots=True)
class OpenLead:
    """A lead that waits for contact. `owner`: a name, None for nobody; `due_at` (UTC) is None without a clock."""

    id: int
    name: str
    company: str | None
    owner: str | None
    claimed: bool
    due_at: datetime | None
    overdue: bool
    owner_id: int | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """A rep of a team, with how many of the team's leads they have open; `away_until` is in the future or None.

    `benched_at`: since when they get none because several lapsed, or None.
    """

    name: str
    open: int
    overdue: int
    away_until: datetime | None
    benched_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """A team as its manager sees it. `leads`: the most urgent ones of `open`, of which `overdue` are overdue now.

    `in_time` and `late` leads were contacted since Monday: no lead is counted twice. `to_save`: the first BOARD_ACTS of
    the overdue ones, for which something can be done here. `at_once`: settled within seconds of being given since then.
    """

    team: str
    open: int
    overdue: int
    leads: tuple[OpenLead, ...]
    reps: tuple[Load, ...]
    in_time: int
    late: int
    to_save: tuple[LeadFacts, ...] = ()
    at_once: tuple[AtOnce, ...] = ()


@dataclass(frozen=True, slots=True)
class HeardTheme:
    """A theme of the last PULSE_DAYS days, as receipts count it: items of all kinds, objections among them, accounts.

    `deals`: a sum per currency, that of most deals first; an account's deal counts once. `owner`: a name.
    `due_at`: by when a first answer is promised, None: none is, or there is one.
    """

    slug: str
    items: int
    objections: int
    accounts: int
    deals: tuple[Money, ...]
    answered: bool
    status: str
    owner: str | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Declined:
    """A lead that sales gave back in the last seven days."""

    name: str
    company: str | None
    reason: str
    note: str | None
    by: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Home:
    """One member's Home at `at`. Parts that are not theirs are empty; `boards_left`: teams that found no room.

    `example`: a line for `/voc` in the workspace's own words. `setup`: for admins only.
    `proposed`: items with a proposed theme that wait for a marketer. `starters`: themes to begin with are offered.
    `asked`: what people asked in the Messages tab, `held`: leads that fail the definition, `doubts`: pairs that
    may be one person's, `companies`: pairs of accounts that may be one company, all for marketers.
    """

    at: datetime
    user_id: str
    role: str
    away_until: datetime | None
    mine: tuple[LeadFacts, ...]
    mine_count: int
    voc: Sequence[VocFacts]
    boards: tuple[Board, ...]
    boards_left: int
    themes: tuple[HeardTheme, ...]
    declines: tuple[Declined, ...]
    steps: tuple[NextStep, ...]
    setup: Setup | None
    example: Example
    proposed: int = 0
    starters: bool = False
    asked: AskedLately | None = None
    benched_at: datetime | None = None
    held: HeldLeads = NOTHING_HELD
    doubts: Doubts = NO_DOUBTS
    companies: CompanyDoubts = NO_COMPANIES


def open_home(session: Session, *, by: Actor, at: datetime) -> None:
    """The member looks at their Home: it is published, and from now on kept up to date."""
    outbox.put_card(session, by.workspace_id, "home", by.id, by.user_id, at=at, priority=Priority.HOME)


def load_home(session: Session, member_id: int, workspace_id: int, at: datetime) -> Home | None:
    """The facts of a member's Home; None when there is no such member in the workspace."""
    member = session.get(Member, member_id)
    if member is None or member.workspace_id != workspace_id:
        return None
    mine, mine_count = _own_leads(session, member, at)
    teams = _managed(session, member)
    marketer = member.role == "marketer"
    return Home(
        at=at,
        user_id=member.slack_user_id,
        role=member.role,
        away_until=_future(member.away_until, at),
        mine=mine,
        mine_count=mine_count,
        voc=my_voc(session, member.id, OWN_VOC),
        boards=_boards(session, teams[:BOARDS], member, at),
        boards_left=max(0, len(teams) - BOARDS),
        themes=_themes(session, workspace_id, at) if marketer else (),
        declines=_declines(session, workspace_id, at) if marketer else (),
        steps=next_steps(session, workspace_id) if member.role == "admin" else (),
        setup=load_setup(session, workspace_id, at) if member.role == "admin" else None,
        example=find_example(session, workspace_id),
        proposed=count_proposals(session, workspace_id) if marketer else 0,
        starters=marketer and are_starters_offered(session, workspace_id),
        asked=count_asked(session, workspace_id, at=at) if marketer else None,
        benched_at=member.benched_at,
        held=held_now(session, workspace_id, at, limit=HELD) if marketer else NOTHING_HELD,
        doubts=doubts_now(session, workspace_id, at, limit=HELD) if marketer else NO_DOUBTS,
        companies=companies_now(session, workspace_id, at, limit=HELD) if marketer else NO_COMPANIES,
    )


def _own_leads(session: Session, member: Member, at: datetime) -> tuple[tuple[LeadFacts, ...], int]:
    which = Lead.owner_id == member.id
    count = count_open(session, which)
    ids = most_urgent(session, member.workspace_id, which, count=count, limit=OWN_LEADS)
    return load_leads(session, ids, member.workspace_id, at), count


def _managed(session: Session, member: Member) -> Sequence[Team]:
    """The teams the member manages; for managers and admins also those that nobody manages."""
    manager = select(Member.id).where(Member.id == Team.manager_id, Member.active).exists()
    mine: ColumnElement[bool] = Team.manager_id == member.id
    if member.role in MANAGERS:
        mine = mine | ~manager
    return session.scalars(
        select(Team)
        .where(Team.workspace_id == member.workspace_id, Team.archived_at.is_(None), mine)
        .order_by((Team.manager_id == member.id).desc(), Team.is_default.desc(), Team.name, Team.id)
    ).all()


def _boards(session: Session, teams: Sequence[Team], member: Member, at: datetime) -> tuple[Board, ...]:
    """The boards of these teams. Leads are counted by indexes; only those that are shown are read."""
    if not teams:
        return ()
    ids = [team.id for team in teams]
    counted = select(Lead.team_id, Lead.owner_id, func.count().label("open")).where(Lead.team_id.in_(ids), IS_OPEN)
    counts: dict[tuple[int, int | None], int] = {
        (row.team_id, row.owner_id): row.open for row in session.execute(counted.group_by(Lead.team_id, Lead.owner_id))
    }
    mondays = {team.id: week_begin(at, str(team.hours["zone"])) for team in teams}
    overdue = _overdue(session, teams[0].workspace_id, ids, at)
    at_once = settled_at_once(session, teams[0].workspace_id, mondays, at)
    reps = session.execute(
        select(TeamMember.team_id, Member.id, Member.name, Member.away_until, Member.benched_at)
        .join(Member, Member.id == TeamMember.member_id)
        .where(TeamMember.team_id.in_(ids), Member.active)
        .order_by(Member.name, Member.id)
    ).all()
    boards = []
    for team in teams:
        people = [
            Load(row.name, counts.get(who, 0), overdue.get(who, 0), _future(row.away_until, at), row.benched_at)
            for row in reps
            if row.team_id == team.id
            for who in ((team.id, row.id),)
        ]
        people.sort(key=lambda load: (-load.overdue, -load.open, load.away_until is not None))
        is_open = sum(count for (team_id, _), count in counts.items() if team_id == team.id)
        in_time, late = _week(session, team.id, mondays[team.id], at)
        urgent = _urgent(session, team, is_open, at)
        # One's own leads stand above with their own buttons.
        lost = [one.id for one in urgent if one.overdue and one.owner_id != member.id][:BOARD_ACTS]
        boards.append(
            Board(
                team.name,
                is_open,
                sum(count for (team_id, _), count in overdue.items() if team_id == team.id),
                urgent,
                tuple(people),
                in_time,
                late,
                load_leads(session, lost, team.workspace_id, at),
                tuple(at_once.get(team.id, ())),
            )
        )
    return tuple(boards)


def _overdue(
    session: Session, workspace_id: int, teams: Sequence[int], at: datetime
) -> dict[tuple[int, int | None], int]:
    """How many open leads are overdue, by team and owner."""
    rows = session.execute(
        select(Lead.team_id, Lead.owner_id, func.count().label("overdue"))
        .join(Clock, LIVE_CLOCK)
        .where(Clock.workspace_id == workspace_id, is_overdue(at), Lead.team_id.in_(teams))
        .group_by(Lead.team_id, Lead.owner_id)
    ).all()
    return {(row.team_id, row.owner_id): row.overdue for row in rows}


def _urgent(session: Session, team: Team, is_open: int, at: datetime) -> tuple[OpenLead, ...]:
    """The BOARD_LEADS most urgent open leads of a team."""
    which = Lead.team_id == team.id
    ids = most_urgent(session, team.workspace_id, which, count=is_open, limit=BOARD_LEADS)
    rows = session.execute(
        select(Lead.id, Lead.name, Lead.company, Lead.state, Clock.due_at, Lead.owner_id, Member.name.label("owner"))
        .select_from(Lead)
        .join(Clock, LIVE_CLOCK, isouter=True)
        .join(Member, Member.id == Lead.owner_id, isouter=True)
        .where(Lead.id.in_(ids))
    )
    found = {}
    for row in rows:
        overdue = row.due_at is not None and has_passed(row.due_at, at)
        claimed = row.state == "claimed"
        found[row.id] = OpenLead(row.id, row.name, row.company, row.owner, claimed, row.due_at, overdue, row.owner_id)
    return tuple(found[lead_id] for lead_id in ids)


def _week(session: Session, team_id: int, monday: datetime, at: datetime) -> tuple[int, int]:
    """How many were contacted in time since Monday, and how many late: those among them that were given back late."""
    contacted = session.execute(
        select(func.count(case((WAS_IN_TIME, 1))), func.count(case((WAS_LATE, 1)))).where(
            Lead.team_id == team_id, Lead.contacted_at >= monday, Lead.contacted_at <= at
        )
    ).one()
    given_back = session.scalar(
        select(func.count()).where(
            Lead.team_id == team_id, WAS_GIVEN_BACK_LATE, Lead.breached_at >= monday, Lead.breached_at <= at
        )
    )
    return int(contacted[0]), int(contacted[1]) + int(given_back or 0)


def week_begin(at: datetime, zone: str) -> datetime:
    """Monday 00:00 of the week of `at` in the zone, as aware UTC."""
    local = at.astimezone(stored_zone(zone))
    monday = local.date() - timedelta(days=local.weekday())
    return datetime.combine(monday, time(), local.tzinfo).astimezone(UTC)


def _themes(session: Session, workspace_id: int, at: datetime) -> tuple[HeardTheme, ...]:
    found = leading_themes(session, workspace_id, at, THEMES)
    themes = {one.id: one for one in session.scalars(select(Theme).where(Theme.id.in_(found)))}
    return tuple(
        HeardTheme(
            themes[theme_id].slug,
            pulse.count,
            objections,
            pulse.accounts,
            pulse.deals,
            themes[theme_id].answered_at is not None,
            themes[theme_id].status,
            owner.name if (owner := owner_of(session, themes[theme_id])) is not None else None,
            due_of(themes[theme_id]),
        )
        for theme_id, (pulse, objections) in found.items()
    )


def _declines(session: Session, workspace_id: int, at: datetime) -> tuple[Declined, ...]:
    last = (
        select(func.max(LeadEvent.id))
        .where(LeadEvent.lead_id == Lead.id, LeadEvent.kind == "declined")
        .correlate(Lead)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Lead, LeadEvent.at, Member.name)
        .join(LeadEvent, LeadEvent.id == last)
        .join(Member, Member.id == LeadEvent.by_id, isouter=True)
        .where(
            Lead.workspace_id == workspace_id,
            IS_DECLINED,
            Lead.arrived_at > at - RECENT,
            LeadEvent.at > at - WEEK,
        )
        .order_by(LeadEvent.at.desc(), Lead.id.desc())
        .limit(DECLINES)
    )
    return tuple(
        Declined(lead.name, lead.company, lead.decline_reason or "", lead.decline_note, by, when)
        for lead, when, by in rows
    )


def _future(moment: datetime | None, at: datetime) -> datetime | None:
    return moment if moment is not None and moment > at else None
