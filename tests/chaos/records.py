"""What the database knows of a workspace at the end of a run, and what the renderers say now of every card."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ScalarResult, func, select
from sqlalchemy.orm import Session

from handlers.catalog import all_renderers
from handlers.messages import Subject
from storage.models import (
    AgentQuestion,
    Audience,
    Card,
    Clock,
    Decline,
    Delivery,
    Edition,
    Gathered,
    Job,
    Lane,
    Lead,
    LeadEvent,
    Member,
    Nurture,
    Team,
    TeamMember,
    VocItem,
)

T = TypeVar(
    "T",
    AgentQuestion,
    Audience,
    Card,
    Clock,
    Decline,
    Delivery,
    Edition,
    Job,
    Lane,
    Lead,
    LeadEvent,
    Member,
    Nurture,
    Team,
)
RENDERED = (
    "lead_card",
    "lead_dm",
    "lead_reminder",
    "lead_breach",
    "decline_card",
    "ruling_wanted",
    "lead_import",
    "home",
)
"""Cards that say how it is. What is kept as a card to be erased one day says how it was (storage/standing.py)."""


@dataclass(frozen=True, slots=True)
class Records:
    """All rows that matter. `truth`: content by card id, made of the database now, for the time it was last looked at.

    `reps`: the ids of the members of each team. `gathered`: by the event and the place, the events by which messages
    are named that tell of the event beside others. `lanes`: the places of the lanes by their ids.

    Times are told by the day they are read on: a card that says "since 23:52" is no lie because midnight has passed.
    """

    deliveries: dict[str, Delivery]
    cards: dict[int, Card]
    leads: dict[int, Lead]
    events: dict[int, list[LeadEvent]]
    clocks: list[Clock]
    editions: list[Edition]
    voc: dict[str, int]
    members: dict[int, Member]
    teams: dict[int, Team]
    truth: dict[int, dict[str, Any] | None]
    jobs: list[Job]
    audiences: dict[int, Audience] = field(default_factory=dict)
    reps: dict[int, list[int]] = field(default_factory=dict)
    gathered: dict[tuple[int, str], list[int]] = field(default_factory=dict)
    declines: list[Decline] = field(default_factory=list)
    nurtures: list[Nurture] = field(default_factory=list)
    questions: list[AgentQuestion] = field(default_factory=list)
    lanes: dict[int, str] = field(default_factory=dict)

    def lateness(self) -> list[float]:
        """How late each breach was applied, in seconds."""
        breaches = [event for events in self.events.values() for event in events if event.kind == "breached"]
        return [(event.at - datetime.fromisoformat(event.data["due_at"])).total_seconds() for event in breaches]


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that is not as it should be. `kind` is its row in the table of figures."""

    kind: str
    what: str
    tokens: tuple[str, ...] = ()


def read_records(session: Session, workspace_id: int, at: datetime) -> Records:
    """Everything of a workspace, as of now; a card that no delivery was ever about is rendered for `at`."""

    def here(model: type[T]) -> ScalarResult[T]:
        return session.scalars(select(model).where(model.workspace_id == workspace_id).order_by(model.id))

    events: dict[int, list[LeadEvent]] = defaultdict(list)
    for event in here(LeadEvent):
        events[event.lead_id].append(event)
    voc: dict[str, int] = defaultdict(int)
    for line in session.scalars(select(VocItem.line).where(VocItem.workspace_id == workspace_id)):
        voc[line] += 1
    cards = {one.id: one for one in here(Card)}
    renderers = all_renderers()
    last_looks = (
        select(Delivery.card_id, func.max(Delivery.finished_at))
        .where(Delivery.workspace_id == workspace_id, Delivery.state != "failed")
        .group_by(Delivery.card_id)
    )
    looked_at = {row[0]: row[1] for row in session.execute(last_looks)}
    truth: dict[int, dict[str, Any] | None] = {}
    for card in cards.values():
        if card.kind in RENDERED and card.state == "standing":
            last = looked_at.get(card.id) or at
            subject = Subject(card.subject_id, card.workspace_id, card.place, {}, last, standing=True)
            rendering = renderers[card.kind](session, subject)
            truth[card.id] = (rendering.view or rendering.content()) if rendering else None
    reps: dict[int, list[int]] = defaultdict(list)
    for team_id, member_id in session.execute(select(TeamMember.team_id, TeamMember.member_id)):
        reps[team_id].append(member_id)
    gathered: dict[tuple[int, str], list[int]] = defaultdict(list)
    for row in session.scalars(select(Gathered).where(Gathered.workspace_id == workspace_id)):
        gathered[row.subject_id, cards[row.card_id].place].append(cards[row.card_id].subject_id)
    return Records(
        deliveries={one.token: one for one in here(Delivery)},
        cards=cards,
        leads={one.id: one for one in here(Lead)},
        events=events,
        clocks=list(here(Clock)),
        editions=list(here(Edition)),
        voc=dict(voc),
        members={one.id: one for one in here(Member)},
        teams={one.id: one for one in here(Team)},
        truth=truth,
        jobs=list(here(Job)),
        audiences={one.id: one for one in here(Audience)},
        reps=dict(reps),
        gathered=dict(gathered),
        declines=list(here(Decline)),
        nurtures=list(here(Nurture)),
        questions=list(here(AgentQuestion)),
        lanes={one.id: one.place for one in here(Lane)},
    )
