"""Marketing is asked: what happens in these tests, and what is looked at."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.calendar import WorkingHours, parse_week
from domain.people import Actor, default_team
from domain.proposals.asking import (
    ask_marketing,
    find_maybes,
    workspaces_to_ask,
)
from domain.proposals.deciding import (
    show_proposals,
)
from domain.themes import find_or_add_theme
from domain.voc.items import log_line
from handlers.messages import Rendering, Subject
from handlers.proposals.messages import messages
from playground.blocks import problems_in_message
from storage.models import (
    Card,
    Delivery,
    Lane,
    Theme,
    ThemeBatch,
    VocItem,
    VocProposal,
    Workspace,
)
from tests.world import World

CARD = "theme_batch"
MAYBES = ("the fees came up", "fees were mentioned at the end", "a word on our fees came at the end")
"""Lines that may be about #pricing, none of them surely."""


def open_channel(world: World) -> None:
    """Marketing has a channel, and the workspace a theme."""

    def arrange(session: Session) -> None:
        session.get_one(Workspace, world.workspace_id).marketing_channel = "C-MARKETING"

    world.run(arrange)
    world.run(find_or_add_theme, world.workspace_id, "pricing", at=world.now)


def log(world: World, *lines: str, by: Actor | None = None) -> list[int]:
    """Log these lines, each as ana unless somebody else is named; the items' ids."""
    who = by or world.member("ana")
    return [world.run(log_line, line, by=who, at=world.later(seconds=1)).item.id for line in lines]


def look(world: World) -> int:
    """What the worker does every minute. About how many items was asked."""
    asked = 0
    for workspace_id in world.run(workspaces_to_ask, world.now):
        found = world.run(find_maybes, workspace_id, at=world.now)
        if found is not None:
            asked += world.run(ask_marketing, workspace_id, found, at=world.now)
    return asked


def next_day(world: World) -> int:
    world.now = world.now.replace(hour=9, minute=30) + timedelta(days=1)
    return look(world)


def cards(world: World) -> list[str]:
    """The places of the day's messages that wait to be sent."""
    return [place for kind, place in world.queued() if kind == CARD]


def shown(world: World, *, standing: bool = False) -> Rendering | None:
    """The newest message, as it would be sent now."""
    batch_id = world.run(lambda session: session.scalars(select(ThemeBatch.id).order_by(ThemeBatch.id.desc())).first())
    assert batch_id is not None
    subject = Subject(batch_id, world.workspace_id, "C-MARKETING", {}, world.now, standing=standing)
    return world.run(messages.renderers[CARD], subject)


def texts(world: World) -> str:
    card = shown(world, standing=True)
    assert card is not None
    assert problems_in_message(card.content()["blocks"]) == []
    return str(card.blocks)


def marks(world: World, *items: int) -> list[str]:
    """The marks of the proposals for these items, or of all."""
    page = world.run(show_proposals, by=world.member("max"), at=world.now)
    rows = world.run(lambda session: session.execute(select(VocProposal.id, VocProposal.item_id)).all())
    proposals = {row.id: row.item_id for row in rows}
    return [one.mark for one in page.shown if not items or proposals[int(one.mark.partition("-")[0])] in items]


def decide(world: World, use_case: Any, named: list[str], by: str = "max") -> Any:
    return world.run(use_case, named, 0, by=world.member(by), at=world.later(minutes=1))


def themes_of(world: World, items: list[int]) -> list[str | None]:
    def read(session: Session) -> list[str | None]:
        rows = session.execute(select(VocItem.id, Theme.slug).outerjoin(Theme, Theme.id == VocItem.theme_id))
        found = {row.id: row.slug for row in rows}
        return [found[item_id] for item_id in items]

    return world.run(read)


def office(world: World, week: str) -> None:
    def set_hours(session: Session) -> None:
        default_team(session, world.workspace_id).hours = WorkingHours("Europe/Berlin", parse_week(week)).to_json()

    world.run(set_hours)


def sent(world: World) -> None:
    """What waits was sent, and stands."""

    def post(session: Session) -> None:
        rows = session.execute(
            select(Delivery, Card, Lane.place)
            .join(Card, Card.id == Delivery.card_id)
            .join(Lane, Lane.id == Delivery.lane_id)
            .where(Delivery.state == "pending")
        ).all()
        for row in rows:
            row.Delivery.state, row.Delivery.finished_at = "sent", world.now
            row.Card.state, row.Card.channel, row.Card.ts = "standing", row.place, "1.0"

    world.run(post)
