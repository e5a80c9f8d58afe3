"""What is set now, written as a settings file: applying it to the same workspace changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.calendar import WorkingHours, describe_week
from domain.config.definition import describe_or_never_duration
from domain.config.policy_fields import POLICY_FIELDS
from domain.config.team_turns import TURN_FIELDS
from domain.config.teams import holidays_of
from domain.config.values import (
    WEEKDAYS,
    describe_days,
    describe_minute,
    describe_or_never,
)
from domain.leads.conditions import NAMED
from domain.leads.definition import latest_definition
from storage.models import Account, Audience, Member, Policy, Route, Source, Team, TeamMember, Workspace

Values = Mapping[str, Any]


def export_config(session: Session, workspace_id: int, *, hint: str = "") -> str:
    """The settings as TOML. Secrets of sources are not in it; what is not set is left out. `hint`: a line on top."""
    workspace = session.get_one(Workspace, workspace_id)
    accounts = session.scalars(
        select(Account.name)
        .where(Account.workspace_id == workspace_id, Account.known, Account.merged_into_id.is_(None))
        .order_by(Account.slug)
    ).all()
    blocks = [
        "\n".join(f"# {_comment(line)}" for line in (f"Tandem's settings of {workspace.name}", hint) if line),
        _lines(
            {
                "currency": workspace.currency,
                "marketing_channel": workspace.marketing_channel,
                "wins_channel": workspace.wins_channel,
                "capture_emoji": workspace.capture_emoji or "none",
                "watched_channels": list(workspace.watched_channels or ()),
                "answer_days": describe_or_never(workspace.answer_days),
                "answer_accounts": workspace.answer_accounts,
                "rising_accounts": describe_or_never(workspace.rising_accounts),
                "rising_times": workspace.rising_times,
                "rising_a_day": workspace.rising_a_day,
                "asked_a_day": describe_or_never(workspace.asked_a_day),
                "goal_a_month": describe_or_never(workspace.goal_a_month),
                "average_deal": describe_or_never(workspace.average_deal),
                "won_of_1000": describe_or_never(workspace.won_of_1000),
                **_definition(session, workspace),
                "competitors": list(workspace.competitors),
                "accounts": list(accounts),
            }
        ),
        _members(session, workspace_id),
        _account_owners(session, workspace_id),
        *(f"[[teams]]\n{_lines(team)}" for team in _teams(session, workspace_id)),
        *(f"[[policies]]\n{_lines(policy)}" for policy in _policies(session, workspace_id)),
        *(f"[[audiences]]\n{_lines(audience)}" for audience in _audiences(session, workspace_id)),
        *(f"[[sources]]\n{_lines(source)}" for source in _sources(session, workspace_id)),
        *(f"[[routes]]\n{_lines(route)}" for route in _routes(session, workspace_id)),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _definition(session: Session, workspace: Workspace) -> Values:
    """The definition of a lead that sales gets; nothing where there never was one."""
    latest = latest_definition(session, workspace.id)
    told: dict[str, Any] = {"sql_means": workspace.sql_means}
    if latest is not None:
        told |= {"criteria": list(latest.criteria), "triage": describe_or_never_duration(latest.triage_seconds)}
    return told


def _members(session: Session, workspace_id: int) -> str:
    """The roles that were given here; everybody else is what Slack says: an admin, or else a rep."""
    rows = session.scalars(
        select(Member)
        .where(Member.workspace_id == workspace_id, Member.role_origin == "config")
        .order_by(Member.role, Member.name, Member.id)
    ).all()
    if not rows:
        return ""
    lines = [f"{_quoted(row.slack_user_id)} = {_quoted(row.role)}  # {_comment(row.name)}" for row in rows]
    return "\n".join(["[members]", *lines])


def _teams(session: Session, workspace_id: int) -> Iterator[Values]:
    people = session.execute(select(Member.id, Member.slack_user_id).where(Member.workspace_id == workspace_id))
    user_ids = {person.id: person.slack_user_id for person in people}
    for team in session.scalars(select(Team).where(Team.workspace_id == workspace_id).order_by(Team.id)):
        hours = WorkingHours.from_json(team.hours)
        members = session.execute(
            select(TeamMember.member_id, TeamMember.weight)
            .where(TeamMember.team_id == team.id)
            .order_by(TeamMember.position, TeamMember.member_id)
        ).all()
        yield {
            "key": team.key,
            "name": team.name,
            "channel": team.channel,
            "manager": user_ids.get(team.manager_id or 0),
            "zone": hours.zone,
            "hours": describe_week(hours.week),
            "holidays": holidays_of(hours) or None,
            "closed": [day if " " in day else date.fromisoformat(day) for day in describe_days(hours.closed)],
            "members": [user_ids[row.member_id] for row in members],
            **{one.name: one.filed(getattr(team, one.name)) for one in TURN_FIELDS},
            "weights": {user_ids[row.member_id]: row.weight for row in members if row.weight != 1} or None,
            "fallback": user_ids.get(team.fallback_id or 0),
            "delegate": user_ids.get(team.delegate_id or 0),
            "default": team.is_default or None,
            "archived": True if team.archived_at else None,
        }


def _policies(session: Session, workspace_id: int) -> Iterator[Values]:
    rows = session.scalars(
        select(Policy).where(Policy.workspace_id == workspace_id).order_by(Policy.position, Policy.id)
    )
    for policy in rows:
        fields = {one.setting: one.filed(getattr(policy, one.column)) for one in POLICY_FIELDS}
        yield {"tier": policy.tier, **fields, "default": policy.is_default or None}


def _audiences(session: Session, workspace_id: int) -> Iterator[Values]:
    rows = session.execute(
        select(Audience, Team.key)
        .join(Team, Team.id == Audience.team_id, isouter=True)
        .where(Audience.workspace_id == workspace_id, Audience.removed_at.is_(None))
        .order_by(Audience.id)
    )
    for audience, team_key in rows:
        yield {
            "key": audience.key,
            "kind": audience.kind,
            "team": team_key,
            "channel": audience.channel,
            "weekday": WEEKDAYS[audience.weekday].lower(),
            "time": describe_minute(audience.minute),
            "zone": audience.zone,
            "paused": audience.paused,
            "when_empty": audience.when_empty,
        }


def _sources(session: Session, workspace_id: int) -> Iterator[Values]:
    for source in session.scalars(select(Source).where(Source.workspace_id == workspace_id).order_by(Source.id)):
        yield {
            "name": source.name,
            "auth": source.auth,
            "team": source.team_key,
            "tier": source.tier,
            "paused": source.paused,
        }


def _routes(session: Session, workspace_id: int) -> Iterator[Values]:
    rows = session.execute(
        select(Route, Team.key, Member.slack_user_id)
        .join(Team, Team.id == Route.team_id)
        .join(Member, Member.id == Route.member_id, isouter=True)
        .where(Route.workspace_id == workspace_id)
        .order_by(Route.position, Route.id)
    )
    for route, team_key, user_id in rows:
        asked = {name: route.conditions.get(name) for name in (*NAMED, "where")}
        yield {"name": route.name, **asked, "team": team_key, "person": user_id, "distribution": route.distribution}


def _account_owners(session: Session, workspace_id: int) -> str:
    rows = session.execute(
        select(Account.name, Member.slack_user_id, Member.name.label("owner"))
        .join(Member, Member.id == Account.owner_id)
        .where(Account.workspace_id == workspace_id, Account.merged_into_id.is_(None))
        .order_by(Account.slug)
    ).all()
    lines = [f"{_quoted(row.name)} = {_quoted(row.slack_user_id)}  # {_comment(row.owner)}" for row in rows]
    return "\n".join(["[account_owners]", *lines]) if rows else ""


def _lines(values: Values) -> str:
    return "\n".join(f"{name} = {_toml(value)}" for name, value in values.items() if value is not None)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_quoted(name)} = {_toml(inner)}" for name, inner in value.items()) + " }"
    if isinstance(value, Sequence):
        listed = ", ".join(map(_toml, value))
        if len(listed) <= 100:
            return f"[{listed}]"
        return "".join(["[\n", *(f"  {_toml(item)},\n" for item in value), "]"])
    return value.isoformat() if isinstance(value, date) else str(value)


def _quoted(text: str) -> str:
    """A TOML basic string. Source: https://toml.io/en/v1.0.0#string"""
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return '"' + "".join(escapes.get(char) or (char if char.isprintable() else _code(char)) for char in text) + '"'


def _code(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"


def _comment(text: str) -> str:
    """A name as a comment: nothing in it can end the line."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
