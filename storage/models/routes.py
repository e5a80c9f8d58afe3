"""Rules that say which team, and perhaps which person, gets a lead."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base

DISTRIBUTIONS = ("turns", "weighted", "longest")
"""How a team's leads are shared out: one each in turn, by weights, or to who has had none for the longest."""


class Route(Base):
    """A rule for leads that arrive; the first by `position` whose `conditions` all hold decides.

    `conditions`: as the settings file has them (domain/leads/conditions.py). `member_id`: who of the team gets the
    lead, None: the team's turns say. `distribution`: in place of the team's; None: the team's.
    """

    __tablename__ = "routes"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    name: Mapped[str]
    position: Mapped[int]
    conditions: Mapped[dict[str, Any]]
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    distribution: Mapped[str | None]
