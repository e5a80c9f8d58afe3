"""A Home rests, so that changes that follow each other are published once; what one did oneself is not late."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from domain.home import open_home
from domain.leads.announce import HOME_RESTS
from domain.leads.lifecycle import claim_lead
from domain.voc.form import VocForm
from domain.voc.items import log_form, log_line
from storage import lanes
from storage.held import Held
from storage.models import Delivery, Lane
from tests.world import World


@pytest.fixture
def opened(world: World) -> World:
    """Ana's Home stands; nothing waits."""
    world.run(open_home, by=world.member("ana"), at=world.now)
    assert [one.kind for one in publish(world)] == ["home"]
    return world


def test_lines_that_follow_each_other_publish_the_home_once(opened: World) -> None:
    began = opened.now
    for number in range(5):
        log(opened, f"dear {number}")
        opened.later(milliseconds=50)
    assert homes(opened) == [began + HOME_RESTS]
    assert publish(opened) == []
    opened.later(seconds=3)
    assert [one.kind for one in publish(opened)] == ["home"]
    assert publish(opened) == []


def test_a_form_is_saved_by_who_may_look_at_their_home(opened: World) -> None:
    opened.run(log_form, VocForm("dear"), origin="form", permalink=None, by=opened.member("ana"), at=opened.now)
    assert [one.kind for one in publish(opened)] == ["home"]


def test_a_claim_of_their_own_shows_at_once_though_the_home_rests(opened: World) -> None:
    lead_id = opened.lead()
    log(opened, "dear")
    opened.later(milliseconds=100)
    opened.run(claim_lead, lead_id, by=opened.member("ana"), at=opened.now)
    assert homes(opened) == [opened.now]
    assert "home" in [one.kind for one in publish(opened)]


def test_who_opens_their_home_sees_it_at_once_though_it_rests(opened: World) -> None:
    log(opened, "dear")
    opened.later(milliseconds=100)
    opened.run(open_home, by=opened.member("ana"), at=opened.now)
    assert [one.kind for one in publish(opened)] == ["home"]


def test_a_message_goes_past_a_home_that_rests(opened: World) -> None:
    log(opened, "dear", name="ana")
    opened.lead()
    assert "lead_dm" in [one.kind for one in publish(opened)]
    assert len(homes(opened)) == 1


def test_what_came_from_others_is_shown_after_the_rest(opened: World) -> None:
    opened.lead()
    assert homes(opened) == [opened.now + HOME_RESTS]


def test_a_lane_in_a_courier_s_hand_is_left_until_it_is_let_go(opened: World) -> None:
    log(opened, "dear")
    opened.later(seconds=3)
    [held] = hold(opened)
    log(opened, "dearer")
    opened.run(open_home, by=opened.member("ana"), at=opened.now)
    lease = opened.run(lambda session: session.scalar(select(Lane.due_at).where(Lane.id == held.lane_id)))
    assert lease == opened.now + timedelta(seconds=45)
    record(opened, held)
    assert [one.kind for one in publish(opened)] == ["home"]


def log(world: World, words: str, name: str = "ana") -> None:
    world.run(log_line, words, by=world.member(name), at=world.now)


def homes(world: World) -> list[datetime]:
    """When the Homes that wait are due."""
    waiting = select(Delivery.next_at).where(Delivery.kind == "home", Delivery.state == "pending")
    return world.run(lambda session: list(session.scalars(waiting)))


def hold(world: World) -> list[Held]:
    return world.run(lanes.hold_lanes, holder="c", at=world.now, lease=timedelta(seconds=45), limit=9)


def record(world: World, held: Held) -> None:
    world.run(lanes.record_sent, held, at=world.now, channel="D", ts="1.0", rendering="r", free_at=None)


def publish(world: World) -> list[Held]:
    """Send all that is due in the order of the couriers."""
    sent: list[Held] = []
    while taken := hold(world):
        for held in taken:
            record(world, held)
        sent += taken
    return sent
