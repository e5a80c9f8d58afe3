"""What came of a lead after contact: by the rep's click, by the CRM's word, replaced, taken back, and posted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from domain.config.apply import apply_config
from domain.config.schema import parse_config
from domain.errors import FieldProblems
from domain.leads.errors import OutcomeRefused, StepRefused
from domain.leads.lifecycle import contact_lead
from domain.leads.returning import return_nurtured
from domain.money import Money
from domain.outcomes.telling import OutcomeForm, Told, hear_outcome, tell_outcome, undo_outcome
from domain.voc.competitors import KnownCompetitor, show_competitor
from domain.webhooks.events import LEAD_EVENTS
from playground import Message
from storage.models import Clock, Lead, LeadEvent, Nurture, Outcome, VocItem
from tests.leads.shown import labels, render, shown
from tests.running import Running, running
from tests.world import World

WON = ("lead_won", "C-SALES")


def contacted(world: World, **fields: Any) -> int:
    lead = world.lead(**fields)
    world.later(minutes=4)
    world.run(contact_lead, lead, by=world.member("ana"), at=world.now)
    return lead


def tell(world: World, lead: int, kind: str, who: str = "ana", **given: str) -> Told:
    world.later(minutes=1)
    return world.run(tell_outcome, lead, form=OutcomeForm(kind, **given), by=world.member(who), at=world.now)


def undo(world: World, lead: int, told: Told) -> None:
    world.later(seconds=10)
    world.run(undo_outcome, lead, outcome_id=told.id or 0, by=world.member("ana"), at=world.now)


def state(world: World, lead: int) -> str:
    return str(world.run(lambda session: session.get_one(Lead, lead).state))


def test_nothing_comes_of_a_lead_before_contact(world: World) -> None:
    lead = world.lead()
    with pytest.raises(OutcomeRefused):
        tell(world, lead, "won")
    assert labels(render(world, "lead_card", lead)) == ["Claim", "Contacted", "Brief", "Decline", "Mute reminders…"]


def test_a_win_is_posted_once_for_all_and_credits_the_rep_and_what_reached_them(world: World) -> None:
    from domain.leads.arriving import Touch

    lead = contacted(world, touches=(Touch("webinar", None), Touch("pricing page", None)))
    assert labels(render(world, "lead_card", lead)) == ["Outcome", "Brief"]
    told = tell(world, lead, "won", amount="48k", note="They want to start in May.")
    assert told.amount == Money(4_800_000, "USD")
    assert ("lead_won", "C-SALES") in world.queued()
    post = shown(render(world, "lead_won", told.id or 0, "C-SALES"))
    assert "We won Northwind · $48,000" in post
    assert "ana of Sales brought it home" in post
    assert "Marketing paved the way with 2 touches: pricing page, webinar." in post
    card = shown(render(world, "lead_card", lead))
    assert "Won by ana · $48,000" in card
    assert "Contacted by ana 4 min after arrival" in card


def test_a_win_that_is_taken_back_is_edited_and_one_that_had_not_left_is_not_told(world: World) -> None:
    lead = contacted(world)
    told = tell(world, lead, "won")
    undo(world, lead, told)
    assert state(world, lead) == "contacted"
    assert render(world, "lead_won", told.id or 0) is None
    assert "Not won after all: Northwind. This was taken back by ana." in shown(
        render(world, "lead_won", told.id or 0, standing=True)
    )
    with pytest.raises(StepRefused):
        undo(world, lead, told)


def test_a_later_word_replaces_an_earlier_one_and_taking_it_back_brings_that_back(world: World) -> None:
    lead = contacted(world)
    first = tell(world, lead, "qualified")
    second = tell(world, lead, "won")
    with pytest.raises(StepRefused):
        undo(world, lead, first)
    undo(world, lead, second)
    assert state(world, lead) == "qualified"
    undo(world, lead, first)
    assert state(world, lead) == "contacted"
    kinds = world.run(lambda session: session.scalars(select(LeadEvent.kind).order_by(LeadEvent.id)).all())
    assert kinds[-4:] == ["qualified", "won", "outcome_undone", "outcome_undone"]
    assert set(kinds) <= set(LEAD_EVENTS)


def test_a_loss_wants_a_reason_and_an_amount_that_can_be_read(world: World) -> None:
    lead = contacted(world)
    with pytest.raises(FieldProblems) as refused:
        tell(world, lead, "lost", amount="a lot")
    assert set(refused.value.problems) == {"reason", "amount"}
    assert state(world, lead) == "contacted"


def test_a_loss_to_a_competitor_counts_on_its_card_until_it_is_taken_back(world: World) -> None:
    world.run(apply_config, world.workspace_id, parse_config('competitors = ["Rivalsoft"]'), by=None, at=world.now)
    lead = contacted(world)
    told = tell(
        world, lead, "lost", reason="competitor", competitor="Rivalsoft", amount="12k", note="They were faster."
    )
    assert "Lost by ana: chose a competitor, to Rivalsoft · $12,000" in shown(render(world, "lead_card", lead))
    item = world.run(lambda session: session.scalars(select(VocItem)).one())
    assert (item.kind, item.competitor, item.state) == ("lost_reason", "Rivalsoft", "live")
    known = world.run(show_competitor, "Rivalsoft", by=world.member("ana"), at=world.now)
    assert isinstance(known, KnownCompetitor)
    assert known.deals.lost == 1
    undo(world, lead, told)
    assert world.run(lambda session: session.scalars(select(VocItem)).one()).state == "withdrawn"


def test_nurture_after_contact_comes_back_by_itself_and_no_decline_is_undone_for_it(world: World) -> None:
    lead = contacted(world)
    day = (world.now + timedelta(days=30)).date().isoformat()
    told = tell(world, lead, "nurture", until=day)
    assert state(world, lead) == "nurture"
    assert "In nurture by ana · comes back by itself" in shown(render(world, "lead_card", lead))
    undo(world, lead, told)
    assert (state(world, lead), world.run(lambda session: session.scalars(select(Nurture)).one()).state) == (
        "contacted",
        "undone",
    )
    told = tell(world, lead, "nurture", until=day)
    world.later(days=31)
    world.run(return_nurtured, at=world.now)
    assert state(world, lead) == "new"
    with pytest.raises(StepRefused):
        undo(world, lead, told)


def test_the_crms_word_counts_like_a_click_and_what_it_says_twice_counts_once(world: World) -> None:
    lead = world.lead()

    def hear(kind: str, **more: Any) -> Told | None:
        world.later(minutes=1)
        return world.run(hear_outcome, world.workspace_id, lead, kind, origin="hubspot", at=world.now, **more)

    assert hear("won", amount=Money(500_000, "EUR")) is not None
    assert hear("won") is None
    assert hear("qualified") is None
    assert state(world, lead) == "won"
    assert world.run(lambda session: session.scalars(select(Clock.state)).all()) == ["stopped"]
    assert "Won, says hubspot · €5,000" in shown(render(world, "lead_card", lead))
    assert hear("lost", reason="price") is not None
    states = world.run(lambda session: session.scalars(select(Outcome.state).order_by(Outcome.id)).all())
    assert states == ["replaced", "stands"]


def test_who_bought_while_the_lead_rested_is_won_and_does_not_come_back_to_be_called(world: World) -> None:
    lead = contacted(world)
    tell(world, lead, "nurture", until="2026-12-14")
    world.later(days=3)
    won = world.run(hear_outcome, world.workspace_id, lead, "won", origin="hub", at=world.now)
    assert won is not None
    assert world.run(lambda session: session.scalars(select(Nurture.state)).all()) == ["overtaken"]
    world.later(days=60)
    world.run(return_nurtured, at=world.now)
    assert (state(world, lead), [one for one in world.queued() if one[0] == "lead_won"]) == ("won", [WON])
    undo(world, lead, won)
    assert state(world, lead) == "contacted"


@pytest.fixture
async def tandem(migrated_url: str) -> AsyncIterator[Running]:
    async with running(migrated_url) as program:
        yield program
        assert program.slack.refusals == []
        assert program.slack.pings == []


async def test_a_rep_says_on_the_card_what_came_of_it_and_takes_it_back(tandem: Running) -> None:
    await tandem.lead_arrives(touches=[{"what": "pricing page"}])
    card: Message = await tandem.slack.channel("#leads").message(containing="Northwind")
    await card.button("Contacted").click(by="ana")
    await card.changed(containing="Contacted by Ana Ruiz")
    assert card.buttons == ["Outcome", "Brief"]
    form = await card.button("Outcome").click(by="ana")
    await form.select("What came of it?", "Lost")
    assert {"Why?", "To which competitor?", "Amount"} <= set(form.fields)
    await form.select("What came of it?", "Won")
    assert "Why?" not in form.fields
    form.fill({"Amount": "48k"})
    done = await form.submit()
    assert "Won: Lee Wong, Northwind · $48,000." in done.answer.text
    post = await tandem.slack.channel("#leads").message(containing="We won Northwind")
    assert "Ana Ruiz of Sales brought it home" in post.text
    await card.changed(containing="Won by Ana Ruiz")
    await done.answer.button("Undo").click(by="ana")
    await post.changed(containing="Not won after all: Northwind")
    await card.changed(containing="Contacted by Ana Ruiz")
