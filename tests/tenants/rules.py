"""A rule of a workspace, for a source that sends nothing."""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.calendar import WorkingHours
from storage.models import Route, Team


def add_team_with_rule(session: Session, team: Team, word: str) -> None:
    """Add a team that works around the clock, and a rule that sends leads there."""
    team.hours = WorkingHours.always().to_json()
    session.add(team)
    session.flush()
    add_rule(session, team, word)


def add_rule(session: Session, team: Team, word: str) -> None:
    """Add a rule that sends leads to a team."""
    asked = {"source": [f"{word}-never"]}
    rule = Route(workspace_id=team.workspace_id, name=f"{word} rule", position=0, conditions=asked, team_id=team.id)
    session.add(rule)
