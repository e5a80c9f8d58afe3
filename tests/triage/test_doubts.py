"""Leads that may be one person's: marketing is asked, once a day and once a pair, and the answer is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from domain.calendar import WorkingHours
from domain.companies_asked import list_companies
from domain.config.apply import apply_config
from domain.config.schema import parse_config
from domain.errors import NotFound
from domain.home import load_home
from domain.leads.doubted import DoubtFacts, list_doubts
from domain.leads.doubts import (
    decide_same,
    decide_two,
    find_alike,
    is_doubt_late,
    look_for_doubts,
    show_late_doubts,
)
from domain.leads.errors import DoubtMoved
from domain.leads.held import list_held
from domain.leads.lifecycle import claim_lead, contact_lead, reassign_lead
from domain.outcomes.crm import CrmWord, take_words
from domain.people import default_team
from handlers.triage.views import held_list
from storage.models import Doubt, Lead
from tests.leads.shown import labels, render, shown
from tests.world import World


def look(world: World) -> int:
    return world.run(look_for_doubts, world.workspace_id, at=world.now)


def waiting(world: World) -> tuple[DoubtFacts, ...]:
    return world.run(list_doubts, by=world.member("max"), at=world.now).pairs


def decide(world: World, use_case: Any, doubt: int, who: str = "max") -> None:
    world.run(use_case, doubt, by=world.member(who), at=world.now)


def state(world: World, lead: int) -> str:
    return str(world.run(lambda session: session.get_one(Lead, lead).state))


def twice(world: World) -> tuple[int, int]:
    """One name and account, by two addresses."""
    first = world.lead("Lee Wong", email="lee@northwind.example", asked="a demo")
    world.later(minutes=3)
    return first, world.lead("lee  WONG", email="lee@mail.example", source="fair", asked="prices")


def worked(world: World) -> tuple[int, int]:
    """Two leads of contacts that the CRM merged, claimed by two reps."""
    leads = []
    for number, who in enumerate(("ana", "bo")):
        lead = world.lead(f"L{number} Wong", source="hub", external_id=f"record:{number}", email=f"{who}@wong.example")
        if state(world, lead) == "new":
            owner = world.run(lambda session, lead=lead: session.get_one(Lead, lead).owner_id)
            if owner != world.member(who).id:
                world.run(reassign_lead, lead, to_user_id=f"U-{who.upper()}", by=world.member("mia"), at=world.now)
        world.run(claim_lead, lead, by=world.member(who), at=world.now)
        world.later(minutes=2)
        leads.append(lead)
    word = CrmWord("joined", ("record:0", "record:1"), key="merge")
    for _ in range(2):
        world.run(take_words, world.workspace_id, "intake:hub", "hub", [word], at=world.now)
    return leads[0], leads[1]


def test_two_that_two_reps_work_on_are_asked_about_and_joined_by_a_person(world: World) -> None:
    first, other = worked(world)
    (asked,) = waiting(world)
    assert (asked.why, asked.source, asked.due_at) == ("crm", "hub", asked.at + timedelta(hours=8))
    assert [(kind, place) for kind, place in world.queued() if kind == "doubt_card"] == [("doubt_card", "U-MAX")]
    card = render(world, "doubt_card", asked.id, "U-MAX")
    assert labels(card) == ["Same person: make them one", "Two people"]
    assert "hub says that they are one person, and both are worked on" in shown(card)
    assert "Claimed by bo" in shown(card)
    world.later(minutes=5)
    decide(world, decide_same, asked.id)
    assert (state(world, first), state(world, other)) == ("claimed", "joined")
    assert ("lead_lost", "U-BO") in world.queued()
    assert "max says that this is the same person as L0 Wong" in shown(render(world, "lead_card", other))
    card = render(world, "doubt_card", asked.id, "U-MAX", standing=True)
    assert labels(card) == []
    assert "You made them one lead; ana has it" in shown(card)
    assert waiting(world) == ()
    for again in (decide_same, decide_two):
        with pytest.raises(DoubtMoved):
            decide(world, again, asked.id)


def test_what_looks_alike_is_asked_once_and_never_joined_by_rule(world: World) -> None:
    first, other = twice(world)
    world.lead("Zoe Wong", email="zoe@northwind.example")
    world.lead("Lee Wong", email="lee@globex.example", company="Globex")
    assert world.run(find_alike, world.workspace_id)
    assert (look(world), look(world)) == (1, 0)
    assert (state(world, first), state(world, other)) == ("new", "new")
    (asked,) = waiting(world)
    assert asked.why == "name"
    decide(world, decide_two, asked.id)
    assert look(world) == 0
    assert waiting(world) == ()
    card = render(world, "doubt_card", asked.id, "U-MAX", standing=True)
    assert "You said: two people. Nobody is asked again" in shown(card)
    assert labels(card) == ["Same person: make them one"]  # a slip is put right
    decide(world, decide_same, asked.id)
    assert (state(world, first), state(world, other)) == ("new", "joined")


def test_a_number_and_a_surname_in_common_are_asked_about_and_a_switchboard_is_not(world: World) -> None:
    world.lead("Lee Wong", email="lee@northwind.example", phone="+49 30 1234567")
    world.lead("L. Wong", email="wong@mail.example", phone="(030) 123-4567", company=None)
    world.lead("Bo Larsen", email="bo@northwind.example", phone="+49 30 1234567")
    assert look(world) == 1
    (asked,) = waiting(world)
    assert (asked.why, [lead.name for lead in asked.leads]) == ("phone", ["Lee Wong", "L. Wong"])


def test_all_of_a_day_are_one_message_and_the_next_day_has_its_own(world: World) -> None:
    twice(world)
    look(world)
    world.later(hours=1)
    world.lead("Ann Lee", email="ann@northwind.example")
    world.lead("Ann Lee", email="ann@mail.example")
    assert look(world) == 1
    cards = world.run(lambda session: session.scalars(select(Doubt.batch_id).order_by(Doubt.id)).all())
    first = waiting(world)[0].id
    assert cards == [None, first]
    assert world.queued().count(("doubt_card", "U-MAX")) == 1
    card = render(world, "doubt_card", first, "U-MAX")
    assert "2 pairs of leads, to be decided" in shown(card)
    world.later(days=1)
    world.lead("Kim Ray", email="kim@northwind.example")
    world.lead("Kim Ray", email="kim@mail.example")
    look(world)
    assert world.queued().count(("doubt_card", "U-MAX")) == 2


def test_its_clock_is_marketings_working_time_and_late_is_shown(world: World) -> None:
    weekdays = {**WorkingHours.always().to_json(), "week": [[["09:00", "17:00"]]] * 5 + [[], []]}
    world.run(lambda session: setattr(default_team(session, world.workspace_id), "hours", weekdays))
    twice(world)
    look(world)
    assert waiting(world)[0].due_at == world.now + timedelta(days=1)
    assert not world.run(is_doubt_late, world.now)
    world.later(days=1)
    assert world.run(is_doubt_late, world.now)
    assert world.run(show_late_doubts, at=world.now) == 1
    assert not world.run(is_doubt_late, world.now)
    (asked,) = waiting(world)
    assert asked.late
    assert "Late since" in shown(render(world, "doubt_card", asked.id, "U-MAX"))
    home = world.run(load_home, world.member("max").id, world.workspace_id, world.now)
    assert home is not None
    assert (home.doubts.count, home.doubts.late) == (1, 1)


def test_what_ended_meanwhile_is_not_to_be_decided_and_says_so(world: World) -> None:
    first, other = twice(world)
    look(world)
    (asked,) = waiting(world)
    for lead in (first, other):
        world.run(contact_lead, lead, by=world.member("ana"), at=world.now)
    assert waiting(world) == ()
    assert render(world, "doubt_card", asked.id, "U-MAX") is None
    card = render(world, "doubt_card", asked.id, "U-MAX", standing=True)
    assert "Nothing to decide any more" in shown(card)
    with pytest.raises(DoubtMoved):
        decide(world, decide_same, asked.id)


def test_nobody_decides_about_leads_of_another_workspace(world: World) -> None:
    twice(world)
    look(world)
    with pytest.raises(NotFound):
        decide(world, decide_same, waiting(world)[0].id + 1)
    away = replace(world.member("max"), workspace_id=world.workspace_id + 1)
    with pytest.raises(NotFound):
        world.run(decide_two, waiting(world)[0].id, by=away, at=world.now)


def test_the_list_of_what_waits_fits_into_a_message_and_says_what_is_left_out(world: World) -> None:
    for number in range(10):
        for address in ("a", "b"):
            world.lead(f"Lee Wong{number}", email=f"{address}{number}@northwind.example")
    assert look(world) == 10
    config = parse_config('sql_means = "qualified"\ncriteria = "company is given"')
    world.run(apply_config, world.workspace_id, config, by=world.member("mia"), at=world.now)
    for number in range(12):
        world.lead(f"Nobody {number}", email=f"n{number}@northwind.example", company=None)
    held = world.run(list_held, by=world.member("max"), at=world.now)
    accounts = world.run(list_companies, by=world.member("max"), at=world.now)
    listed = held_list(held, world.run(list_doubts, by=world.member("max"), at=world.now), accounts, "")
    assert len(listed.blocks) <= 50
    told = str(listed.blocks)
    assert "*Same person?* · 10" in told
    assert "and 2 more pairs, which came later" in told
    assert "and 2 more, which came later" in told
