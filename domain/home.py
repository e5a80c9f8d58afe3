"""What a member's Home shows: their open leads and voc items, their team, what marketing reads, what to set next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, UnaryExpression, and_, case, func, select
from sqlalchemy.orm import Session

from domain.admin import NextStep, Setup, load_setup, next_steps
from domain.leads.facts import LeadFacts, load_lead
from domain.leads.judgement import LIVE_CLOCK, WAS_IN_TIME, WAS_LATE, has_passed, is_overdue, missed_between
from domain.money import Money
from domain.people import MANAGERS, Actor
from domain.pulse import UNTAGGED, count_themes, live_items, sum_deals_by
from domain.voc.example import Example, find_example
from domain.voc.facts import VocFacts, my_voc
from domain.zones import stored_zone
from storage import outbox
from storage.models import (
    IS_OPEN,
    Clock,
    Lead,
    LeadEvent,
    Member,
    Team,
    TeamMember,
    Theme,
    VocItem,
)
from storage.outbox import Priority

OWN_LEADS: Final = 8
OWN_VOC: Final = 5
BOARDS: Final = 5
BOARD_LEADS: Final = 6
BOARD_REPS: Final = 12
THEMES: Final = 5
DECLINES: Final = 5
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


@dataclass(frozen=True, slots=True)
class Load:
    """A rep of a team, with how many of the team's leads they have open; `away_until` is in the future or None."""

    name: str
    open: int
    overdue: int
    away_until: datetime | None


@dataclass(frozen=True, slots=True)
class Board:
    """A team as its manager sees it. `leads`: the most urgent ones of `open`; the counts after are since Monday.

    `in_time` and `late` leads were contacted this week; `breached` ran out this week.
    """

    team: str
    open: int
    overdue: int
    leads: tuple[OpenLead, ...]
    reps: tuple[Load, ...]
    in_time: int
    late: int
    breached: int


@dataclass(frozen=True, slots=True)
class WeekTheme:
    """A theme of the last seven days, as digests count it: items of all kinds, objections among them, accounts, deals.

    `deals`: a sum per currency, that of most deals first; an account's deal counts once.
    """

    slug: str
    items: int
    objections: int
    accounts: int
    deals: tuple[Money, ...]
    answered: bool


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
    themes: tuple[WeekTheme, ...]
    declines: tuple[Declined, ...]
    steps: tuple[NextStep, ...]
    setup: Setup | None
    example: Example


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
        boards=_boards(session, teams[:BOARDS], at),
        boards_left=max(0, len(teams) - BOARDS),
        themes=_themes(session, workspace_id, at) if marketer else (),
        declines=_declines(session, workspace_id, at) if marketer else (),
        steps=next_steps(session, workspace_id) if member.role == "admin" else (),
        setup=load_setup(session, workspace_id, at) if member.role == "admin" else None,
        example=find_example(session, workspace_id),
    )


def _own_leads(session: Session, member: Member, at: datetime) -> tuple[tuple[LeadFacts, ...], int]:
    which = (Lead.workspace_id == member.workspace_id, Lead.owner_id == member.id, IS_OPEN)
    ids = session.scalars(
        select(Lead.id).join(Clock, LIVE_CLOCK, isouter=True).where(*which).order_by(*_by_urgency()).limit(OWN_LEADS)
    ).all()
    count = len(ids)
    if count == OWN_LEADS:
        count = session.scalar(select(func.count()).select_from(Lead).where(*which)) or 0
    found = (load_lead(session, lead_id, member.workspace_id, at) for lead_id in ids)
    return tuple(lead for lead in found if lead is not None), count


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


def _boards(session: Session, teams: Sequence[Team], at: datetime) -> tuple[Board, ...]:
    """The boards of these teams, in four queries for all of them."""
    if not teams:
        return ()
    ids = [team.id for team in teams]
    open_here = (Lead.team_id.in_(ids), IS_OPEN)
    overdue = func.sum(case((is_overdue(at), 1), else_=0))
    loads = {
        (row.team_id, row.owner_id): (int(row.open), int(row.overdue))
        for row in session.execute(
            select(Lead.team_id, Lead.owner_id, func.count().label("open"), overdue.label("overdue"))
            .join(Clock, LIVE_CLOCK, isouter=True)
            .where(*open_here)
            .group_by(Lead.team_id, Lead.owner_id)
        )
    }
    leads = _urgent(session, open_here, at)
    weeks = _weeks(session, teams, at)
    reps = session.execute(
        select(TeamMember.team_id, Member.id, Member.name, Member.away_until)
        .join(Member, Member.id == TeamMember.member_id)
        .where(TeamMember.team_id.in_(ids), Member.active)
        .order_by(Member.name, Member.id)
    ).all()
    boards = []
    for team in teams:
        people = [
            Load(row.name, *loads.get((team.id, row.id), (0, 0)), _future(row.away_until, at))
            for row in reps
            if row.team_id == team.id
        ]
        own = [load for (team_id, _), load in loads.items() if team_id == team.id]
        people.sort(key=lambda load: (-load.overdue, -load.open, load.away_until is not None))
        boards.append(
            Board(
                team.name,
                sum(count for count, _ in own),
                sum(late for _, late in own),
                tuple(leads.get(team.id, ())),
                tuple(people),
                *weeks[team.id],
            )
        )
    return tuple(boards)


def _urgent(session: Session, open_here: tuple[ColumnElement[bool], ...], at: datetime) -> dict[int, list[OpenLead]]:
    """The BOARD_LEADS most urgent open leads of each team."""
    place = func.row_number().over(partition_by=Lead.team_id, order_by=_by_urgency()).label("place")
    ranked = (
        select(Lead.id.label("id"), Clock.due_at.label("due_at"), place)
        .join(Clock, LIVE_CLOCK, isouter=True)
        .where(*open_here)
        .subquery()
    )
    rows = session.execute(
        select(Lead.id, Lead.team_id, Lead.name, Lead.company, Lead.state, ranked.c.due_at, Member.name.label("owner"))
        .join(ranked, ranked.c.id == Lead.id)
        .join(Member, Member.id == Lead.owner_id, isouter=True)
        .where(ranked.c.place <= BOARD_LEADS)
        .order_by(ranked.c.place)
    )
    found: dict[int, list[OpenLead]] = {}
    for row in rows:
        overdue = row.due_at is not None and has_passed(row.due_at, at)
        lead = OpenLead(row.id, row.name, row.company, row.owner, row.state == "claimed", row.due_at, overdue)
        found.setdefault(row.team_id, []).append(lead)
    return found


def _weeks(session: Session, teams: Sequence[Team], at: datetime) -> dict[int, tuple[int, int, int]]:
    """Contacted in time, contacted late and breached, by team, since Monday in the team's zone."""
    found = {}
    for team in teams:
        monday = week_begin(at, str(team.hours["zone"]))
        contacted = and_(Lead.contacted_at >= monday, Lead.contacted_at <= at)
        row = session.execute(
            select(
                func.count(case((and_(contacted, WAS_IN_TIME), 1))),
                func.count(case((and_(contacted, WAS_LATE), 1))),
                func.count(case((missed_between(monday, at), 1))),
            )
            .select_from(Lead)
            .join(Clock, LIVE_CLOCK, isouter=True)
            .where(Lead.workspace_id == team.workspace_id, Lead.team_id == team.id, Lead.arrived_at > monday - RECENT)
        ).one()
        found[team.id] = (int(row[0]), int(row[1]), int(row[2]))
    return found


def week_begin(at: datetime, zone: str) -> datetime:
    """Monday 00:00 of the week of `at` in the zone, as aware UTC."""
    local = at.astimezone(stored_zone(zone))
    monday = local.date() - timedelta(days=local.weekday())
    return datetime.combine(monday, time(), local.tzinfo).astimezone(UTC)


def _themes(session: Session, workspace_id: int, at: datetime) -> tuple[WeekTheme, ...]:
    since, until = at - WEEK, at + timedelta(microseconds=1)
    counts = [one for one in count_themes(session, workspace_id, since, until) if one.theme_id != UNTAGGED][:THEMES]
    if not counts:
        return ()
    ids = [one.theme_id for one in counts]
    which = (*live_items(workspace_id, since, until), VocItem.theme_id.in_(ids))
    deals = sum_deals_by(session, VocItem.theme_id, *which)
    themes = {one.id: one for one in session.scalars(select(Theme).where(Theme.id.in_(ids)))}
    return tuple(
        WeekTheme(
            themes[one.theme_id].slug,
            one.mentions,
            one.objections,
            one.accounts,
            tuple(deals.get(one.theme_id, ())),
            themes[one.theme_id].answered_at is not None,
        )
        for one in counts
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
            Lead.state == "declined",
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


def _by_urgency() -> tuple[UnaryExpression[Any], ...]:
    return (Clock.due_at.asc().nulls_last(), Lead.id.asc())


def _future(moment: datetime | None, at: datetime) -> datetime | None:
    return moment if moment is not None and moment > at else None
