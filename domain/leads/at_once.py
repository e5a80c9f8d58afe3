"""Leads that a rep settled within seconds of being given them: nobody calls that fast, so a manager is shown them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from domain.leads.hands import last_handing
from storage.models import Lead, LeadEvent, Member

WITHIN: Final = timedelta(seconds=10)
SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class AtOnce:
    """A lead that was contacted or declined (`kind`) by that name, `seconds` after they were given it."""

    name: str
    company: str | None
    kind: str
    by: str
    seconds: int


def settled_after(session: Session, lead_id: int, kind: str, by_id: int | None, at: datetime) -> int | None:
    """How many seconds after being given the lead the rep settles it; None where there is nothing to show.

    Whoever took a lead by a click of their own may well have called before.
    """
    if kind not in ("contacted", "declined") or by_id is None:
        return None
    last = last_handing(session, lead_id)
    if last is None or last.kind not in ("given", "reassigned") or last.data.get("to") != by_id:
        return None
    passed = at - last.at
    return int(passed.total_seconds()) if timedelta() <= passed <= WITHIN else None


def settled_at_once(
    session: Session, workspace_id: int, since: Mapping[int, datetime], at: datetime
) -> dict[int, list[AtOnce]]:
    """By team, the latest SHOWN of those that were settled since then (aware UTC) and not opened again."""
    if not since:
        return {}
    again = aliased(LeadEvent)
    reopened = select(again.id).where(
        again.lead_id == LeadEvent.lead_id, again.id > LeadEvent.id, again.kind == "reopened"
    )
    rows = session.execute(
        select(
            Lead.team_id, Lead.name, Lead.company, LeadEvent.kind, Member.name, LeadEvent.settled_after, LeadEvent.at
        )
        .select_from(LeadEvent)
        .join(Lead, Lead.id == LeadEvent.lead_id)
        .join(Member, Member.id == LeadEvent.by_id)
        .where(
            LeadEvent.workspace_id == workspace_id,
            LeadEvent.settled_after.is_not(None),
            LeadEvent.at >= min(since.values()),
            LeadEvent.at <= at,
            Lead.team_id.in_(since),
            ~reopened.exists(),
        )
        .order_by(LeadEvent.at.desc(), LeadEvent.id.desc())
        .limit(SHOWN * len(since) * 4)
    ).all()
    found: dict[int, list[AtOnce]] = {}
    for team_id, name, company, kind, by, seconds, moment in rows:
        here = found.setdefault(team_id, [])
        if moment >= since[team_id] and len(here) < SHOWN:
            here.append(AtOnce(name, company, kind, by, seconds or 0))
    return found
