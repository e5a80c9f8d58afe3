"""One workspace of a run: its Slack, its company, what was said there, and what arrives there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.dead_jobs import replay_dead
from domain.people import actor
from handlers.setup.doctor import Examination
from playground.client import Slack
from storage import jobs
from storage.models import IS_WAITING, Audience, Delivery, Installation, Member, Workspace
from tests.chaos.arrivals import Arrivals
from tests.chaos.company import Company
from tests.chaos.errands import Errand
from tests.chaos.ledger import Ledger

MOST_ERRANDS = 4
"""Asked for at once."""


@dataclass
class Tenant:
    """`slowness`: how many times as long the gaps are here. `issued`: the digests that were made due, each as its
    audience and the end of its period. `asked`: the numbers of the errands by their jobs."""

    slack: Slack
    company: Company
    ledger: Ledger
    arrivals: Arrivals
    dice: Random
    slowness: float = 1.0
    issued: list[tuple[int, datetime]] = field(default_factory=list)
    asked: dict[int, int] = field(default_factory=dict)

    # Use cases on the database, beside the program.

    def make_due(self) -> Callable[[Session], list[tuple[int, datetime]]]:
        """A digest falls due."""
        return partial(_make_due, workspace_id=self.company.workspace_id)

    def ask_errands(self) -> Callable[[Session], dict[int, int]]:
        """Some errands are asked for, in one transaction."""
        first = len(self.asked) + 1
        everybody = (*self.company.reps, *self.company.managers)
        told = [self.slack.member(self.dice.choice(everybody)).id for _ in range(MOST_ERRANDS)]
        wanted = [Errand(first + number, one) for number, one in enumerate(told[: self.dice.randint(1, MOST_ERRANDS)])]
        return partial(_ask, workspace_id=self.company.workspace_id, wanted=wanted)

    def try_again(self, session: Session) -> int:
        """The admin lets jobs be done again that are dead; how many."""
        admin = select(Member).where(Member.workspace_id == self.company.workspace_id, Member.role == "admin")
        mia = actor(session.scalars(admin.order_by(Member.id).limit(1)).one())
        at = datetime.now(UTC)
        return sum(replay_dead(session, kind, by=mia, at=at)[1] for kind in (Examination.kind, Errand.kind))

    def standing(self, session: Session) -> tuple[str, int]:
        """Whether the workspace is active or stopped, and how many deliveries wait there."""
        here = Delivery.workspace_id == self.company.workspace_id
        waiting = session.scalar(select(func.count()).select_from(Delivery).where(here, IS_WAITING))
        return session.get_one(Workspace, self.company.workspace_id).state, waiting or 0

    def let_token_end(self, session: Session) -> str | None:
        """The installation's token ends within the hour; the sealed refresh token that it will be renewed with."""
        return let_token_end(session, self.slack.team_id, datetime.now(UTC))


def let_token_end(session: Session, team_id: str, at: datetime) -> str | None:
    """That installation's token ends within the hour; the sealed refresh token that it will be renewed with, if any."""
    row = session.scalars(
        select(Installation).where(Installation.team_id == team_id, Installation.state == "active").with_for_update()
    ).one_or_none()
    if row is None or row.sealed_refresh_token is None:
        return None
    row.token_expires_at = at + timedelta(hours=1)
    return row.sealed_refresh_token


def _make_due(session: Session, workspace_id: int) -> list[tuple[int, datetime]]:
    at = datetime.now(UTC)
    audience = session.scalars(
        select(Audience)
        .where(Audience.workspace_id == workspace_id, Audience.next_at > at + timedelta(hours=1))
        .order_by(func.random())
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if audience is None:
        return []
    audience.next_at = at
    return [(audience.id, at)]


def _ask(session: Session, workspace_id: int, wanted: list[Errand]) -> dict[int, int]:
    at = datetime.now(UTC)
    return {jobs.enqueue(session, workspace_id, one, at=at): one.number for one in wanted}
