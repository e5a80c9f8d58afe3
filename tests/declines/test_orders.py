"""No order of steps leaves a lead in a state that cannot be: neither one after the other, nor at once."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.leads.declining import decline_lead
from storage.models import Decline
from tests.declines.orders import ACTS, STEPS, Tried, end, on_lead, take, try_orders, wrong_with
from tests.world import World

ORDERS = 120
"""On each database. `make orders` tries ten thousand."""


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(sorted(STEPS)), min_size=8, max_size=30))
def test_no_order_of_steps_leaves_an_impossible_state(world: World, names: list[str]) -> None:
    lead = world.lead(f"Lead {world.now}", email=f"lee{world.now.timestamp()}@northwind.example")
    for number, name in enumerate(names):
        world.later(seconds=1)
        take(world, lead, STEPS[name])
        assert world.run(wrong_with, lead) == [], names[: number + 1]
    end(world, lead)  # so that nothing of this lead is due in the next example


def test_steps_at_once_in_random_orders_leave_no_impossible_state(world: World) -> None:
    tried = Tried()
    try_orders(world, range(ORDERS), tried)
    assert tried.wrong == []
    assert len(tried.ends) > 3, "several ends came about"


def test_steps_of_a_dispute_at_once_leave_no_impossible_state(world: World) -> None:
    chosen = random.Random(11)  # no secret
    done: set[str] = set()
    for number in range(16):
        lead = world.lead(f"Lead {number}", email=f"lee{number}@northwind.example")
        take(world, lead, on_lead(decline_lead, "ana", reason="too_small", note=""))
        if number % 2:
            take(world, lead, ACTS["dispute"])
        names = ["accept", "dispute", "undo ana", "rule sales", "rule stands", "rule nurture", "claim bo", "come back"]
        chosen.shuffle(names)
        with ThreadPoolExecutor(len(names)) as people:
            list(people.map(lambda name, lead=lead: take(world, lead, ACTS[name]), names))
        assert world.run(wrong_with, lead) == [], names
        done.add(world.run(lambda session, lead=lead: session.get_one(Decline, latest_in(session, lead)).state))
        world.later(minutes=1)
    assert len(done) > 1, "several orders came about"


def latest_in(session: Session, lead: int) -> int:
    return session.scalars(select(Decline.id).where(Decline.lead_id == lead).order_by(Decline.id.desc())).first() or 0
