"""Two transactions at once on PostgreSQL: nothing is lost between them, and neither waits for the other in a circle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.leads.arriving import Arriving, NewLead
from domain.leads.clocks import stop_clock
from domain.leads.lifecycle import claim_lead, lead_for_update
from domain.leads.receiving import receive_lead, receive_leads
from domain.leads.rungs import apply_due_rungs
from storage import lanes, outbox
from storage.held import Held
from storage.models import Lead
from storage.outbox import Priority
from tests.world import World

LEASE = timedelta(seconds=30)


@pytest.fixture
def engine_name() -> str:
    """Only PostgreSQL has several writers; SQLite has one thread."""
    return "postgresql"


class Beside:
    """A transaction that another one runs beside, step by step."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.session = Session(world.db.engine, expire_on_commit=False)
        self.pool = ThreadPoolExecutor(1)

    def start(self, use_case: Callable[..., Any], *args: Any, **kwargs: Any) -> Future[Any]:
        """Begin a use case in a transaction of its own, and give it the time to meet our locks."""

        def work() -> Any:
            with Session(self.world.db.engine, expire_on_commit=False) as session, session.begin():
                result = use_case(session, *args, **kwargs)
                session.flush()
                outbox.settle_outbox(session)
                return result

        future = self.pool.submit(work)
        with suppress(TimeoutError):
            future.exception(timeout=0.2)
        return future

    def commit(self) -> None:
        self.session.flush()
        outbox.settle_outbox(self.session)
        self.session.commit()


@pytest.fixture
def beside(world: World) -> Iterator[Beside]:
    beside = Beside(world)
    yield beside
    beside.session.close()
    beside.pool.shutdown()


def hold(world: World) -> list[Held]:
    return world.run(lanes.hold_lanes, holder="one", at=world.now, lease=LEASE, limit=10)


def test_what_is_queued_while_the_lane_is_let_go_comes_due(world: World, beside: Beside) -> None:
    about = {"at": world.now, "priority": Priority.CARD}
    world.run(outbox.put_notice, world.workspace_id, "note", 1, "C1", **about)
    (held,) = hold(world)
    outbox.put_notice(beside.session, world.workspace_id, "note", 2, "C1", at=world.now, priority=Priority.CARD)
    beside.session.flush()
    outbox.settle_outbox(beside.session)
    letting_go = beside.start(
        lanes.record_sent, held, at=world.now, channel="C1", ts="1.0", rendering=None, free_at=None
    )
    beside.session.commit()
    assert letting_go.result(timeout=60)
    assert [one.subject_id for one in hold(world)] == [2]


def test_a_card_that_changes_while_it_is_taken_waits_for_nobody_in_a_circle(world: World, beside: Beside) -> None:
    world.run(outbox.put_card, world.workspace_id, "lead_card", 1, "C1", at=world.now)
    outbox.put_card(beside.session, world.workspace_id, "lead_card", 1, "C1", at=world.now)
    taking = beside.start(lanes.hold_lanes, holder="one", at=world.now, lease=LEASE, limit=10)
    beside.commit()
    assert len(taking.result(timeout=60)) <= 1


def test_a_click_and_a_rung_at_the_same_moment_do_not_wait_for_each_other_in_a_circle(
    world: World, beside: Beside
) -> None:
    lead_id = world.lead()
    at = world.later(minutes=5)
    lead = lead_for_update(beside.session, lead_id, world.workspace_id)
    ticking = beside.start(apply_due_rungs, at=at)
    stop_clock(beside.session, lead, at)
    beside.commit()
    ticking.result(timeout=60)


def test_two_leads_at_the_same_moment_go_to_two_reps(world: World, beside: Beside) -> None:
    arriving = NewLead(name="Lee Wong", source="website")
    receive_lead(beside.session, world.workspace_id, arriving, at=world.now, by=None)
    other = beside.start(receive_lead, world.workspace_id, arriving, at=world.now, by=None)
    beside.commit()
    other.result(timeout=60)
    owners = world.run(lambda session: set(session.scalars(select(Lead.owner_id))))
    assert len(owners) == 2


def test_two_wishes_of_one_person_at_the_same_moment_are_one_lead(world: World, beside: Beside) -> None:
    """Two processes: the second waits for the first, and finds the person known."""

    def wish(asked: str) -> list[Arriving]:
        lead = NewLead(name="Lee Wong", source="website", email="lee@northwind.com", asked=asked, said=asked)
        return [Arriving(lead, world.now)]

    receive_leads(beside.session, world.workspace_id, wish("E-book"))
    other = beside.start(receive_leads, world.workspace_id, wish("Demo"))
    beside.commit()
    [received] = other.result(timeout=60)
    assert received.news
    assert world.run(lambda session: list(session.scalars(select(Lead.asked)))) == ["Demo"]


def test_news_and_a_click_at_the_same_moment_do_not_wait_in_a_circle(world: World, beside: Beside) -> None:
    lead = NewLead(name="Lee Wong", source="website", email="lee@northwind.com", asked="E-book", said="1")
    [received] = world.run(receive_leads, world.workspace_id, [Arriving(lead, world.now)])
    lead_for_update(beside.session, received.lead_id, world.workspace_id)
    news = replace(lead, asked="Demo", said="2", tier="hot")
    other = beside.start(receive_leads, world.workspace_id, [Arriving(news, world.now)])
    claim_lead(beside.session, received.lead_id, by=world.member("ana"), at=world.now)
    beside.commit()
    assert other.result(timeout=60)[0].news


def test_many_leads_at_the_same_moment_are_given_out_evenly(world: World, beside: Beside) -> None:
    lead = NewLead(name="Lee Wong", source="website")
    first, second, third, fourth = (Arriving(lead, world.now + timedelta(seconds=number)) for number in range(4))
    receive_leads(beside.session, world.workspace_id, [first, second])
    other = beside.start(receive_leads, world.workspace_id, [third, fourth])
    beside.commit()
    other.result(timeout=60)
    owners = world.run(lambda session: Counter(session.scalars(select(Lead.owner_id))))
    assert sum(owners.values()) == 4
    assert max(owners.values()) <= 2
