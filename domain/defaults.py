"""What holds in a workspace before anything is configured."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from domain.calendar import WorkingHours, parse_week
from storage.models import AUDIENCE_KINDS, Audience, Policy, Team

DEFAULT_HOURS: Final = "mon-fri 09:00-18:00"
MINUTE: Final = 60
HOUR: Final = 3600


def set_defaults(session: Session, workspace_id: int, at: datetime) -> None:
    """Give a new workspace its first team, policies and audiences."""
    session.add(
        Team(
            workspace_id=workspace_id,
            key="sales",
            name="Sales",
            hours=WorkingHours("UTC", parse_week(DEFAULT_HOURS)).to_json(),
            is_default=True,
            created_at=at,
        )
    )
    for position, (tier, seconds, reassign) in enumerate(
        (("hot", 5 * MINUTE, 10 * MINUTE), ("warm", 2 * HOUR, HOUR), ("cool", 24 * HOUR, None))
    ):
        session.add(
            Policy(
                workspace_id=workspace_id,
                tier=tier,
                position=position,
                contact_seconds=seconds,
                reassign_after_seconds=reassign,
                is_default=tier == "warm",
            )
        )
    for kind in AUDIENCE_KINDS:
        session.add(
            Audience(
                workspace_id=workspace_id,
                key=kind,
                kind=kind,
                weekday=0,
                minute=9 * 60,
                zone="UTC",
                created_at=at,
            )
        )
