"""The team and the policy of leads on their way in, as they were sent: before any rule of the workspace is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from domain.leads.arriving import Arriving
from domain.leads.teams import LeadTeam, named_teams
from domain.leads.terms import COLUMNS, Terms
from storage.models import Policy
from storage.statements import Statement

# Made once: building a statement costs more than running it, and this runs for every lead.
_POLICIES: Final = Statement(select(*COLUMNS, Policy.is_default).where(Policy.workspace_id == bindparam("workspace")))


@dataclass(frozen=True, slots=True)
class Routed:
    """A lead on its way in, and where it goes: to `team` because of `team_by`, until it is decided."""

    arriving: Arriving
    team: LeadTeam
    team_by: str
    terms: Terms
    notes: list[str]


def route_leads(session: Session, workspace_id: int, arriving: Sequence[Arriving]) -> list[Routed]:
    """The leads with their teams and policies; what is unknown is noted and falls back."""
    policies = _POLICIES.all(session, {"workspace": workspace_id})
    terms = {policy.tier: Terms.of(policy) for policy in policies}
    usual = next(policy.tier for policy in policies if policy.is_default)
    names = {(one.lead.team or "").strip() for one in arriving} - {""}
    teams = named_teams(session, workspace_id, names)
    fallback = next(team for team in teams.values() if team.is_default)
    found: list[Routed] = []
    for one in arriving:
        notes = list(one.lead.marks)
        team = teams.get((one.lead.team or "").strip()) if one.lead.team else fallback
        if team is None:
            notes.append(f"Team “{(one.lead.team or '')[:60]}” is unknown, so it went to {fallback.name}.")
        tier = (one.lead.tier or "").strip().casefold() if one.lead.tier else usual
        if tier not in terms:
            notes.append(f"Tier “{(one.lead.tier or '')[:60]}” is unknown, so it counts as {usual}.")
            tier = usual
        by = "lead" if team is not None and one.lead.team else "default"
        found.append(Routed(one, team or fallback, by, terms[tier], notes))
    return found
