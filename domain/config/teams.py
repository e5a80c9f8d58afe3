"""Teams and roles: what the settings change about who takes leads, when, and who may do what."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update

from domain.calendar import CalendarError, WorkingHours, describe_week, parse_week
from domain.changes import Change, Note
from domain.config.comparison import Comparison
from domain.config.errors import SettingsRefused
from domain.config.problems import Loc
from domain.config.schema import TeamSettings
from domain.config.team_turns import compare_stand_ins, compare_turns, compare_weights, turn_columns
from domain.config.values import NONE, describe_days
from domain.defaults import DEFAULT_HOURS
from storage.models import Member, Team, TeamMember

Hours = dict[str, Any]


def compare_teams(comparison: Comparison) -> None:
    """Add a step for each thing that differs about the teams in the settings."""
    settings = comparison.config.teams or ()
    rows = comparison.session.scalars(
        select(Team).where(Team.workspace_id == comparison.workspace.id).order_by(Team.id)
    ).all()
    teams = {team.key: team for team in rows}
    fallback = next(team for team in rows if team.is_default)
    default_key = next((team.key for team in settings if team.default), fallback.key)
    for index, wanted in enumerate(settings):
        loc: Loc = ("teams", index)
        comparison.about = f"team:{wanted.key}"
        if wanted.default is False and wanted.key == default_key:
            comparison.problem((*loc, "default"), SettingsRefused("no_default_team"))
        if wanted.archived and wanted.key == default_key:
            comparison.problem((*loc, "archived"), SettingsRefused("default_archived"))
        team = teams.get(wanted.key)
        if team is None:
            _new_team(comparison, loc, wanted, fallback)
        else:
            _changed_team(comparison, loc, wanted, team)
    if default_key != fallback.key:
        _new_default(comparison, default_key, fallback)
    if settings and fallback.key not in {team.key for team in settings} and comparison.workspace.configured_at is None:
        comparison.notes.append(Note("default_stays", (fallback.name, fallback.key)))


def _new_team(comparison: Comparison, loc: Loc, wanted: TeamSettings, like: Team) -> None:
    hours = _hours(comparison, loc, wanted, WorkingHours(like.hours["zone"], parse_week(DEFAULT_HOURS)).to_json())
    name = wanted.name or wanted.key
    channel = comparison.channel((*loc, "channel"), wanted.channel) if wanted.channel else NONE
    manager = comparison.person((*loc, "manager"), wanted.manager) if wanted.manager else NONE
    members = _people(comparison, loc, wanted)
    if hours is None or channel is None or manager is None:
        return
    made = (
        ("hours", describe_week(WorkingHours.from_json(hours).week)),
        ("zone", str(hours["zone"])),
        ("channel", comparison.channel_called(channel)),
        ("manager", comparison.called(manager) if manager else ""),
    )
    called = tuple(comparison.called(user_id) for user_id in members)

    def write() -> None:
        team = Team(
            workspace_id=comparison.workspace.id,
            key=wanted.key,
            name=name,
            channel=channel or None,
            manager_id=comparison.member_id(manager) if manager else None,
            hours=hours,
            archived_at=comparison.at if wanted.archived else None,
            created_at=comparison.at,
            **turn_columns(wanted),
        )
        comparison.session.add(team)
        comparison.session.flush()
        _set_members(comparison, team, members)

    comparison.touched |= {*members, manager} - {NONE}
    comparison.step(Change("team_added", name, made=made, added=called), write)
    compare_weights(comparison, loc, wanted, None)
    compare_stand_ins(comparison, loc, wanted, None)


def _changed_team(comparison: Comparison, loc: Loc, wanted: TeamSettings, team: Team) -> None:
    def change(what: str, before: str, after: str, column: str, value: Any) -> None:
        comparison.step(Change("team_changed", team.name, what, before, after), lambda: setattr(team, column, value))

    if wanted.name is not None and wanted.name != team.name:
        change("name", team.name, wanted.name, "name", wanted.name)
    if wanted.channel is not None:
        channel = comparison.channel((*loc, "channel"), wanted.channel)
        if channel is not None and (channel or None) != team.channel:
            called = comparison.channel_called
            change("channel", called(team.channel), called(channel), "channel", channel or None)
    if wanted.manager is not None:
        _change_manager(comparison, loc, wanted.manager, team)
    _change_hours(comparison, loc, wanted, team)
    if wanted.members is not None:
        _change_members(comparison, loc, wanted, team)
    compare_turns(comparison, wanted, team)
    compare_weights(comparison, loc, wanted, team)
    compare_stand_ins(comparison, loc, wanted, team)
    if wanted.archived is not None and wanted.archived != (team.archived_at is not None):
        when = comparison.at if wanted.archived else None
        change_made = Change("team_archived" if wanted.archived else "team_back", team.name)
        comparison.step(change_made, lambda: setattr(team, "archived_at", when))


def _change_manager(comparison: Comparison, loc: Loc, given: str, team: Team) -> None:
    wanted = comparison.person((*loc, "manager"), given) if given else NONE
    before = next((one.slack_user_id for one in comparison.members.values() if one.id == team.manager_id), NONE)
    if wanted is None or wanted == before:
        return
    after = comparison.called(wanted) if wanted else ""

    def write() -> None:
        team.manager_id = comparison.member_id(wanted) if wanted else None

    comparison.touched |= {wanted, before} - {NONE}
    was = comparison.called(before) if before else ""
    comparison.step(Change("team_changed", team.name, "manager", was, after), write)


def _change_hours(comparison: Comparison, loc: Loc, wanted: TeamSettings, team: Team) -> None:
    hours = _hours(comparison, loc, wanted, team.hours)
    if hours is None:
        return
    old, new = WorkingHours.from_json(team.hours), WorkingHours.from_json(hours)

    def change(what: str, before: str, after: str, *parts: str) -> None:
        def write() -> None:
            team.hours = {**team.hours, **{part: hours[part] for part in parts}}

        comparison.step(Change("team_changed", team.name, what, before, after), write)

    if old.week != new.week:
        change("hours", describe_week(old.week), describe_week(new.week), "week")
    if old.zone != new.zone:
        change("zone", old.zone, new.zone, "zone")
    if (old.country, old.subdivision) != (new.country, new.subdivision):
        change("holidays", holidays_of(old), holidays_of(new), "country", "subdivision")
    if old.closed != new.closed:
        before, after = (", ".join(describe_days(each.closed)) for each in (old, new))
        change("closed", before, after, "closed")


def _hours(comparison: Comparison, loc: Loc, wanted: TeamSettings, before: Hours) -> Hours | None:
    """The team's hours with what the settings say about them; None, with a problem noted, when they make no sense."""
    old = WorkingHours.from_json(before)
    country, _, region = (wanted.holidays if wanted.holidays is not None else holidays_of(old)).partition("-")
    try:
        return WorkingHours(
            wanted.zone or old.zone,
            parse_week(wanted.hours) if wanted.hours is not None else old.week,
            old.closed if wanted.closed is None else frozenset(day for days in wanted.closed for day in days),
            country or None,
            region or None,
        ).to_json()
    except CalendarError as error:
        comparison.problem((*loc, "hours"), error)
        return None


def holidays_of(hours: WorkingHours) -> str:
    """The holiday calendar as the settings write it: "DE", "US-CA", or "" for none."""
    return "-".join(filter(None, (hours.country, hours.subdivision)))


def _people(comparison: Comparison, loc: Loc, wanted: TeamSettings) -> list[str]:
    found = []
    for position, given in enumerate(wanted.members or ()):
        user_id = comparison.person((*loc, "members", position), given)
        if user_id is None:
            continue
        member = comparison.members.get(user_id)
        if member is not None and not member.active:
            comparison.notes.append(Note("inactive", (comparison.called(user_id),)))
        found.append(user_id)
    return list(dict.fromkeys(found))


def _change_members(comparison: Comparison, loc: Loc, wanted: TeamSettings, team: Team) -> None:
    after = _people(comparison, loc, wanted)
    before = comparison.session.scalars(
        select(Member.slack_user_id)
        .join(TeamMember, TeamMember.member_id == Member.id)
        .where(TeamMember.team_id == team.id)
        .order_by(TeamMember.position, Member.id)
    ).all()
    joining = [user_id for user_id in after if user_id not in before]
    leaving = [user_id for user_id in before if user_id not in after]
    if not joining and not leaving:
        return
    added, removed = (tuple(map(comparison.called, people)) for people in (joining, leaving))
    comparison.touched |= {*joining, *leaving}
    change = Change("team_members", team.name, added=added, removed=removed)
    comparison.step(change, lambda: _set_members(comparison, team, after))


def _set_members(comparison: Comparison, team: Team, wanted: list[str]) -> None:
    """Make these the members. Those who stay keep their turn in the round robin."""
    session = comparison.session
    ids = [comparison.member_id(user_id) for user_id in wanted]
    session.execute(
        delete(TeamMember).where(TeamMember.team_id == team.id, TeamMember.member_id.not_in(ids)),
        execution_options={"synchronize_session": False},
    )
    present = set(session.scalars(select(TeamMember.member_id).where(TeamMember.team_id == team.id)))
    session.add_all(
        TeamMember(team_id=team.id, member_id=member_id, position=position)
        for position, member_id in enumerate(ids)
        if member_id not in present
    )
    session.flush()


def _new_default(comparison: Comparison, key: str, before: Team) -> None:
    def write() -> None:
        session = comparison.session
        before.is_default = False
        session.flush()
        session.execute(
            update(Team).where(Team.workspace_id == comparison.workspace.id, Team.key == key).values(is_default=True)
        )

    comparison.step(Change("team_default", key, before=before.name), write)


def compare_roles(comparison: Comparison) -> None:
    """Add a step for each member whose role changes. Whoever manages a team is at least a manager."""
    comparison.about = "people"
    given: dict[str, str] = {}
    for name, role in (comparison.config.members or {}).items():
        user_id = comparison.person(("members", name), name)
        if user_id is not None:
            if given.get(user_id, role) != role:
                comparison.problem(("members", name), SettingsRefused("two_roles", (comparison.called(user_id),)))
            given[user_id] = role
    wanted = dict(given)
    for index, team in enumerate(comparison.config.teams or ()):
        if not team.manager:
            continue
        manager = comparison.find(team.manager)
        if manager is None:
            continue
        if given.get(manager) in ("rep", "marketer"):
            comparison.problem(
                ("teams", index, "manager"),
                SettingsRefused("manages_this_team", (comparison.called(manager), given[manager])),
            )
        member = comparison.members.get(manager)
        if manager not in given and (member is None or member.role in ("rep", "marketer")):
            wanted[manager] = "manager"
    _keep_managers(comparison, given)
    for user_id, role in wanted.items():
        _change_role(comparison, user_id, role, said_so=user_id in given)
    _keep_an_admin(comparison, wanted)


def _keep_managers(comparison: Comparison, given: dict[str, str]) -> None:
    """Refuse to make somebody a rep who still manages a team: the buttons of a breach would refuse them."""
    named = {team.key for team in comparison.config.teams or () if team.manager is not None or team.archived}
    teams = comparison.session.scalars(
        select(Team).where(Team.workspace_id == comparison.workspace.id, Team.archived_at.is_(None))
    )
    managed = {team.manager_id: team.name for team in teams if team.manager_id and team.key not in named}
    for user_id, role in given.items():
        member = comparison.members.get(user_id)
        if member is not None and member.id in managed and role in ("rep", "marketer"):
            comparison.problem(
                ("members", user_id),
                SettingsRefused("manages_a_team", (comparison.called(user_id), managed[member.id])),
            )


def _change_role(comparison: Comparison, user_id: str, role: str, *, said_so: bool) -> None:
    member = comparison.members.get(user_id)
    before = member.role if member is not None else "rep"
    if member is not None and before == role and member.role_origin == "config":
        return

    def write() -> None:
        row = comparison.session.get_one(Member, comparison.member_id(user_id))
        row.role, row.role_origin = role, "config"

    change = None
    name = comparison.called(user_id)
    if before != role:
        change = Change("role" if said_so else "role_of_manager", name, before=before, after=role)
        comparison.touched.add(user_id)
    elif member is not None and member.role_origin == "slack":
        change = Change("role_stays", name, after=role)
    comparison.step(change, write)


def _keep_an_admin(comparison: Comparison, wanted: dict[str, str]) -> None:
    """Refuse settings that would lock everybody out of the settings."""
    admins = {one.slack_user_id for one in comparison.members.values() if one.active and one.role == "admin"}
    staying = {user_id for user_id in admins if wanted.get(user_id, "admin") == "admin"}
    if admins and not staying and "admin" not in wanted.values():
        comparison.problem(
            ("members",),
            SettingsRefused("no_admin", (comparison.called(min(admins)),)),
        )
