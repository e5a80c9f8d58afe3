"""A small company for tests of the rules: one workspace, people by name, a team with a channel, and a clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import select

from domain.calendar import WorkingHours
from domain.leads.arriving import NewLead
from domain.leads.receiving import receive_lead
from domain.people import Actor, Profile, actor, default_team, ensure_workspace, sync_members
from storage.database import Database
from storage.models import Delivery, Lane, Member, TeamMember

T = TypeVar("T")

MONDAY_NOON = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)


class World:
    """Workspace T1 with mia (admin and manager of the team), ana and bo (reps), max (marketer).

    The team Sales works around the clock, so that times in tests are plain arithmetic, and has the
    channel C-SALES. `now` is a Monday noon and moves only by `later`.
    """

    def __init__(self, db: Database) -> None:
        self.db = db
        self.now = MONDAY_NOON
        self.workspace_id = self.run(ensure_workspace, "T1", name="Northwind", at=self.now)
        profiles = [
            Profile(
                f"U-{name.upper()}", name, f"{name}@example.com", "Europe/Berlin", name == "mia", False, True, False
            )
            for name in ("mia", "ana", "bo", "max")
        ]
        self.run(sync_members, self.workspace_id, profiles, self.now)
        self.run(self._arrange)

    def _arrange(self, session: Any) -> None:
        team = default_team(session, self.workspace_id)
        team.channel = "C-SALES"
        team.hours = WorkingHours.always().to_json()
        members = {member.name: member for member in session.scalars(select(Member))}
        members["max"].role, members["max"].role_origin = "marketer", "config"
        team.manager_id = members["mia"].id
        session.delete(session.get_one(TeamMember, (team.id, members["max"].id)))

    def run(self, use_case: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Run a use case in one transaction."""
        return self.db.run_sync(use_case, *args, **kwargs)

    def member(self, name: str) -> Actor:
        """A member by name, as they act."""
        return self.run(lambda session: actor(session.scalars(select(Member).where(Member.name == name)).one()))

    def later(self, **duration: float) -> datetime:
        """Move `now` on, and return it."""
        self.now += timedelta(**duration)
        return self.now

    def lead(self, name: str = "Lee Wong", **fields: Any) -> int:
        """Let a lead arrive now; returns its id."""
        fields = {"source": "website", "company": "Northwind", "tier": "hot", **fields}
        return self.run(receive_lead, self.workspace_id, NewLead(name=name, **fields), at=self.now, by=None).lead_id

    def queued(self) -> list[tuple[str, str]]:
        """What waits in the outbox, as (kind, place), in the order in which it would leave each lane."""
        return self.run(
            lambda session: [
                (kind, place)
                for kind, place in session.execute(
                    select(Delivery.kind, Lane.place)
                    .join(Lane, Lane.id == Delivery.lane_id)
                    .where(Delivery.state == "pending")
                    .order_by(Delivery.priority, Delivery.id)
                )
            ]
        )
