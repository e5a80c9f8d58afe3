"""The rules about where leads go, as they are set: for whoever shows and changes them in Slack."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.leads.conditions import conditions_of, write_condition
from storage.models import Member, Route, Team


@dataclass(frozen=True, slots=True)
class RouteSet:
    """A rule. `when`: its conditions, a line each as the settings file writes them; `words`: the same in words.

    `team`: a key. `person`: the Slack user id of whom it names. `distribution`: in place of the team's.
    """

    name: str
    when: tuple[str, ...]
    words: str
    team: str
    person: str | None = None
    distribution: str | None = None


def load_routes(session: Session, workspace_id: int) -> tuple[RouteSet, ...]:
    """The workspace's rules in their order."""
    rows = session.execute(
        select(Route, Team.key, Member.slack_user_id)
        .join(Team, Team.id == Route.team_id)
        .outerjoin(Member, Member.id == Route.member_id)
        .where(Route.workspace_id == workspace_id)
        .order_by(Route.position, Route.id)
    )
    found = []
    for route, team, user_id in rows:
        asked = conditions_of(route.conditions)
        when = tuple(map(write_condition, asked))
        words = " and ".join(one.written for one in asked)
        found.append(RouteSet(route.name, when, words, team, user_id, route.distribution))
    return tuple(found)
