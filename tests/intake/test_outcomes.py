"""A CRM says what came of a lead: the lead that it means is told, once, and nobody else's."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from handlers.intake.outcomes import lost_reason, outcome_kind
from storage.models import Clock, Lead, LeadEvent, Outcome
from tests.intake.door import HEADER_SECRET, LEE, Door
from tests.leads.shown import render, shown
from tests.world import World

CRM = {"X-Tandem-Secret": HEADER_SECRET}


async def say(door: Door, body: Any, source: str = "crm") -> tuple[int, dict[str, Any]]:
    answer = await door.post(body, source=source, **({"headers": CRM} if source == "crm" else {}))
    return answer.status_code, answer.json()


def outcomes(world: World) -> list[tuple[str, str, str | None, str | None]]:
    rows = world.run(lambda session: list(session.scalars(select(Outcome).order_by(Outcome.id))))
    return [(one.kind, one.state, one.reason, one.origin) for one in rows]


async def test_a_lead_is_won_by_the_id_that_it_was_sent_with_and_what_is_sent_again_is_told_once(door: Door) -> None:
    await say(door, {**LEE, "id": "L-7"})
    won = {"id": "L-7", "outcome": "Closed Won", "amount": "48,000", "currency": "EUR"}
    [lead] = door.leads()
    assert await say(door, won) == (202, {"lead_id": lead.id, "status": "accepted"})
    assert await say(door, won) == (200, {"lead_id": lead.id, "status": "duplicate"})
    assert outcomes(door.world) == [("won", "stands", None, "crm")]
    assert "Won, says crm · €48,000" in shown(render(door.world, "lead_card", lead.id))
    assert ("lead_won", "C-SALES") in door.world.queued()
    assert len(door.leads()) == 1


async def test_what_another_system_says_is_known_by_the_persons_address(door: Door) -> None:
    await say(door, LEE, source="website")
    told = {"email": "LEE@northwind.com", "outcome": "lost", "reason": "Too expensive", "competitor": "Rivalsoft"}
    assert (await say(door, told))[0] == 202
    [lead] = door.leads()
    card = shown(render(door.world, "lead_card", lead.id))
    assert "Lost, says crm: too expensive, to Rivalsoft" in card


async def test_contact_by_the_crms_word_stops_the_clock(door: Door) -> None:
    await say(door, {**LEE, "id": 7})
    assert (await say(door, {"id": 7, "outcome": "connected"}))[0] == 202
    assert (await say(door, {"id": 7, "outcome": "contacted"})) == (200, {"lead_id": 1, "status": "duplicate"})
    world = door.world
    assert world.run(lambda session: session.scalars(select(Clock.state)).all()) == ["stopped"]
    event = world.run(lambda session: session.scalars(select(LeadEvent).where(LeadEvent.kind == "contacted")).one())
    assert (event.by_id, event.data) == (None, {"origin": "crm"})
    card = shown(render(world, "lead_card", 1))
    assert "Contacted, says crm, at once · in time" in card


async def test_who_is_no_lead_here_costs_nothing_and_the_answer_says_so(door: Door) -> None:
    nobody = {"status": "ignored", "reason": "no lead here has that id or e-mail address"}
    assert await say(door, {"id": "L-9", "outcome": "won"}) == (200, nobody)
    await say(door, {**LEE, "id": "L-9"})
    # What nobody was there for is no redelivery later.
    assert (await say(door, {"id": "L-9", "outcome": "won"}))[0] == 202


async def test_a_word_about_nobody_is_refused_and_the_answer_says_what_to_send(door: Door) -> None:
    status, body = await say(door, {"outcome": "won", "amount": 5})
    assert (status, [one["field"] for one in body["problems"]]) == (422, ["id"])


async def test_the_word_may_stand_in_an_envelope(door: Door) -> None:
    await say(door, {"type": "lead.created", "data": {**LEE, "id": 7}}, source="website")
    told = {"type": "lead.updated", "data": {"id": 7, "outcome": "won"}}
    assert (await say(door, told, source="website"))[0] == 202
    assert outcomes(door.world) == [("won", "stands", None, "website")]


@pytest.mark.parametrize("answer", ["Grow faster", "", None, 7, ["won"], {"kind": "won"}])
async def test_a_form_that_asks_for_an_outcome_is_still_a_lead(door: Door, answer: Any) -> None:
    assert (await say(door, {**LEE, "outcome": answer}))[0] == 202
    assert [lead.name for lead in door.leads()] == ["Lee Wong"]
    assert outcomes(door.world) == []


async def test_a_sum_that_cannot_be_read_costs_no_win(door: Door) -> None:
    await say(door, {**LEE, "id": 7})
    assert (await say(door, {"id": 7, "outcome": "won", "amount": "a lot"}))[0] == 202
    assert outcomes(door.world) == [("won", "stands", None, "crm")]


@pytest.mark.parametrize(
    ("amount", "written"),
    [(48000, "48,000"), (1.234, "1.23"), (48000.5, "48,000.50"), ("1.234", "1.23"), ("1.25E7", "12,500,000")],
)
async def test_a_number_is_the_sum_that_it_is(door: Door, amount: Any, written: str) -> None:
    await say(door, {**LEE, "id": 7})
    await say(door, {"id": 7, "outcome": "won", "amount": amount, "currency": "EUR"})
    assert f"Won, says crm · €{written}" in shown(render(door.world, "lead_card", 1))


async def test_whoever_calls_people_for_us_may_say_that_they_reached_a_new_lead(door: Door) -> None:
    assert (await say(door, {**LEE, "outcome": "Contacted"}))[1]["status"] == "accepted"
    assert [(lead.name, lead.state) for lead in door.leads()] == [("Lee Wong", "new")]


async def test_words_of_the_crms_own_are_kept_beside_another_reason(door: Door) -> None:
    await say(door, {**LEE, "id": 7})
    await say(door, {"id": 7, "outcome": "Closed Lost", "reason": "The board said no"})
    card = shown(render(door.world, "lead_card", 1))
    assert "Lost, says crm: another reason" in card
    assert "“The board said no”" in card


async def test_a_lead_that_marketing_holds_is_nobodys_to_win(door: Door) -> None:
    await say(door, {**LEE, "id": 7})
    door.world.run(lambda session: setattr(session.get_one(Lead, 1), "state", "nurture"))
    assert await say(door, {"id": 7, "outcome": "won"}) == (200, {"lead_id": 1, "status": "duplicate"})
    assert outcomes(door.world) == []


def test_stages_are_known_by_the_words_that_crms_have() -> None:
    assert [outcome_kind(one) for one in ("Closed Won", "closedwon", "CLOSED_WON", "Customer", "Won!")] == ["won"] * 5
    assert [outcome_kind(one) for one in ("Closed - Converted", "Open deal", "Qualified")] == ["qualified"] * 3
    others = ("Proposal", "Working", "not won", "SQL", "Unqualified", "", None, 3)
    assert [outcome_kind(one) for one in others] == [None] * len(others)
    assert [lost_reason(one) for one in ("no_decision", "Bad timing", "The board", "")] == [
        "no_decision",
        "timing",
        "other",
        None,
    ]
