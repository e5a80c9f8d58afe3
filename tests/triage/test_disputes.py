"""A dispute goes by the definition that was agreed on, and its ruling may propose another."""

from __future__ import annotations

from sqlalchemy import select

from domain.leads.declining import decline_lead
from domain.leads.definition import agreed_definition, sign_definition
from domain.leads.disputes import dispute_decline, rule_decline
from domain.leads.triage import pass_lead
from handlers.triage.definition import definition_page
from storage.models import Decline
from tests.leads.shown import render, shown
from tests.triage.test_holding import CRITERIA, come, configure, hold_of
from tests.world import World


def test_a_dispute_begins_with_what_both_sides_had_signed(world: World) -> None:
    configure(world, CRITERIA)
    agreed = world.run(agreed_definition, by=world.member("max"), at=world.now)
    assert agreed is not None
    world.run(sign_definition, agreed.id, side="marketing", by=world.member("max"), at=world.now)
    lead = come(world)
    world.run(pass_lead, hold_of(world, lead), reason="They called us", by=world.member("max"), at=world.now)
    configure(world, 'criteria = ["company is given"]')  # a later version is not what this lead was judged by
    world.later(minutes=5)
    ana = world.member("ana")
    world.run(decline_lead, lead, reason="too_small", note="Two people", then="marketing", by=ana, at=world.now)
    decline = int(world.run(lambda session: session.scalars(select(Decline.id)).one()))
    assert "version 1 of the definition" not in shown(render(world, "decline_card", decline, "C-MARKETING"))
    world.run(dispute_decline, decline, words="They grow.", by=world.member("max"), at=world.now)
    thread = shown(render(world, "dispute_opened", decline, "C-MARKETING"))
    said = (
        "MQL, version 1 of the definition · Marketing: signed by max, ",
        ":white_check_mark:  company is given",
        ":x:  email is a work address",
        "passed it on, though not: ",
        "means:",
        "They grow.",
    )
    places = [thread.find(one) for one in said]
    assert min(places) >= 0
    assert places == sorted(places)
    assert "Sales: not signed yet" in thread
    assert ":x:  email is a work address" in shown(render(world, "ruling_wanted", decline, "U-MIA"))


def test_what_a_ruling_proposes_stands_beside_the_definition_until_a_new_version(world: World) -> None:
    configure(world, CRITERIA)
    lead = come(world, email="lee@northwind.com", fields=(("employees", "60"),))
    world.later(minutes=5)
    ana, max_, mia = (world.member(name) for name in ("ana", "max", "mia"))
    world.run(decline_lead, lead, reason="too_small", note="Two people", then="marketing", by=ana, at=world.now)
    decline = int(world.run(lambda session: session.scalars(select(Decline.id)).one()))
    world.run(dispute_decline, decline, words="They grow.", by=max_, at=world.now)
    words = {"words": "Sixty is a few too few.", "proposed": "employees >= 100"}
    world.run(rule_decline, decline, verdict="stands", by=mia, at=world.later(minutes=1), **words)

    def proposed() -> list[str]:
        found = world.run(agreed_definition, by=ana, at=world.now)
        return [f"{one.words} {one.by} {one.lead}" for one in found.proposed] if found is not None else []

    assert proposed() == ["employees >= 100 mia Lee Wong"]
    page = definition_page(world.run(agreed_definition, by=ana, at=world.now))
    assert "“employees &gt;= 100” (mia, about Lee Wong, " in str(page)
    card = shown(render(world, "decline_card", decline, "C-MARKETING"))
    assert "Proposed for the definition:\n“employees >= 100”" in card
    world.later(days=1)
    configure(world, 'criteria = ["company is given", "employees >= 100"]')
    assert proposed() == []
