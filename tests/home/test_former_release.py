"""A Home of the former release stays as it is until it is opened or something in it changes; then it is made anew."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.courier.errands import make_words
from domain.home import load_home, open_home
from domain.leads.announce import HOME_RESTS
from handlers.catalog import all_renderers
from handlers.home.views import home_view
from handlers.messages import Rendering
from storage import lanes
from storage.held import End
from storage.models import Card
from tests.world import World


@pytest.fixture
def stands(world: World) -> World:
    """Ana's Home stands as the former release made it: without the mark of the workspace."""
    world.run(open_home, by=world.member("ana"), at=world.now)
    published(world)
    world.run(_as_it_was, world)
    return world


def test_a_home_of_the_former_release_is_published_anew_when_it_is_opened(stands: World) -> None:
    stands.run(open_home, by=stands.member("ana"), at=stands.now)
    assert marks(published(stands)) == ['{"shown_in":"T1"}']


def test_a_home_of_the_former_release_is_published_anew_with_the_next_change(stands: World) -> None:
    stands.lead()
    stands.now += HOME_RESTS
    assert marks(published(stands)) == ['{"shown_in":"T1"}']


def published(world: World) -> list[Rendering | End]:
    """What a courier makes of every Home that is due, which then counts as sent."""
    made: list[Rendering | End] = []
    while held := world.run(lanes.hold_lanes, holder="c", at=world.now, lease=timedelta(seconds=45), limit=9):
        for one in held:
            words = world.run(make_words, one, all_renderers(), at=world.now, prefix="")
            if one.kind == "home":
                made.append(words)
            shape = words.fingerprint() if isinstance(words, Rendering) else None
            world.run(lanes.record_sent, one, at=world.now, channel=one.place, ts="1.0", rendering=shape, free_at=None)
    return made


def marks(made: list[Rendering | End]) -> list[str | None]:
    return [one.view["private_metadata"] if isinstance(one, Rendering) and one.view else None for one in made]


def _as_it_was(session: Session, world: World) -> None:
    card = session.scalars(select(Card).where(Card.kind == "home")).one()
    home = load_home(session, card.subject_id, world.workspace_id, world.now)
    assert home is not None
    former = Rendering(text="", view=home_view(home, "")).fingerprint()
    session.execute(update(Card).where(Card.id == card.id).values(rendering=former))
