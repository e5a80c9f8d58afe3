"""Which voc items are counted and read: of how many days, and of one kind, team, competitor or account only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from domain.errors import NotFound
from domain.merged import chain_of_account
from domain.people import Actor
from domain.pulse import live_items
from domain.tallies import PULSE_DAYS
from domain.text import compare_key
from storage.models import Account, Team, TeamMember, VocItem

PERIODS: Final = (7, PULSE_DAYS, 90, 365)
"""In days: what can be chosen."""
MOST_TEAMS: Final = 99
"""A select takes a hundred choices, and one of them is all teams."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Live items of the last `days` days, None: of all time. Of one `kind`, of what a team's people logged, with a
    `competitor` (by name) or about an account, where these are given.
    """

    days: int | None = PULSE_DAYS
    kind: str | None = None
    team_id: int | None = None
    competitor: str | None = None
    account_id: int | None = None

    @property
    def is_narrow(self) -> bool:
        """Whether something else than the time is asked for."""
        return any(one is not None for one in (self.kind, self.team_id, self.competitor, self.account_id))


@dataclass(frozen=True, slots=True)
class Named:
    """The names of a scope's team and account, where it has them."""

    team: str | None = None
    account: str | None = None


def scope_now(session: Session, scope: Scope) -> Scope:
    """The scope with the account that took the place of its account; itself where none did."""
    if scope.account_id is None:
        return scope
    return replace(scope, account_id=chain_of_account(session, scope.account_id)[-1])


def name_scope(session: Session, scope: Scope, workspace_id: int) -> Named:
    """What the team and the account are called. Raises NotFound for those of another workspace."""
    team = account = None
    if scope.team_id is not None:
        team = session.scalar(select(Team.name).where(Team.id == scope.team_id, Team.workspace_id == workspace_id))
        if team is None:
            raise NotFound("team")
    if scope.account_id is not None:
        about = select(Account.name).where(Account.id == scope.account_id, Account.workspace_id == workspace_id)
        account = session.scalar(about)
        if account is None:
            raise NotFound("account")
    return Named(team, account)


def load_choices(
    session: Session,
    scope: Scope,
    *,
    by: Actor,
    at: datetime,  # noqa: ARG001  # asked as of now
) -> tuple[Named, tuple[tuple[int, str], ...]]:
    """What the scope's team and account are called, and the teams that can be chosen, as (id, name)."""
    teams = session.execute(
        select(Team.id, Team.name)
        .where(Team.workspace_id == by.workspace_id, Team.archived_at.is_(None))
        .order_by(Team.is_default.desc(), Team.name, Team.id)
        .limit(MOST_TEAMS)
    )
    return name_scope(session, scope, by.workspace_id), tuple((row.id, row.name) for row in teams)


def items_in(scope: Scope, workspace_id: int, at: datetime) -> list[ColumnElement[bool]]:
    """The conditions for the items of a scope at `at`, as ix_voc_items_gather answers them."""
    if scope.days is None:
        found = [VocItem.workspace_id == workspace_id, VocItem.state == "live"]
    else:
        # A pulse counts what is later than its begin; a microsecond is the step of time.
        begin = at - timedelta(days=scope.days) + timedelta(microseconds=1)
        found = live_items(workspace_id, begin, None)
    return [*found, *narrowed(scope)]


def narrowed(scope: Scope) -> list[ColumnElement[bool]]:
    """The conditions of a scope beside the time."""
    found: list[ColumnElement[bool]] = []
    if scope.kind is not None:
        found.append(VocItem.kind == scope.kind)
    if scope.team_id is not None:
        found.append(VocItem.member_id.in_(select(TeamMember.member_id).where(TeamMember.team_id == scope.team_id)))
    if scope.competitor is not None:
        # An earlier release wrote the item, and its key is not made yet.
        unkeyed = and_(VocItem.competitor_key.is_(None), VocItem.competitor == scope.competitor)
        found.append(or_(VocItem.competitor_key == compare_key(scope.competitor), unkeyed))
    if scope.account_id is not None:
        found.append(VocItem.account_id == scope.account_id)
    return found
