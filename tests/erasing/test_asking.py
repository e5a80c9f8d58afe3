"""An erasure ends whatever is open about a person, leaves others alone, and may be asked for twice."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from domain.errors import Refused
from domain.leads.declining import decline_lead
from domain.leads.disputes import dispute_decline
from domain.leads.doubts import look_for_doubts
from domain.leads.lifecycle import claim_lead, contact_lead
from domain.outcomes.telling import OutcomeForm, tell_outcome
from domain.persons.asking import ask_erasure, preview_erasure
from domain.persons.sweeping import clean_names, clean_rows, find_traces, swept_tables
from domain.persons.traces import Traces
from domain.voc.items import log_line
from storage.models import Account, AuditEvent, Clock, Decline, Doubt, Job, Lead, Nurture, VocItem
from tests.world import World

EMAIL = "lee@wong.example"


def erase(world: World, email: str = EMAIL) -> list[int]:
    found: list[int] = world.run(
        ask_erasure,
        world.workspace_id,
        (),
        email,
        origin=None,
        by=world.member("mia"),
        at=world.now,
        close=lambda text: f"plain:{text}",
    )
    return found


def swept(world: World) -> int:
    """What the job would do, for the latest that was asked for."""
    secret = world.run(lambda session: session.scalars(select(Job.secret).order_by(Job.id.desc())).first())
    traces = Traces.from_text(str(secret).removeprefix("plain:"))
    count = world.run(clean_names, world.workspace_id, traces, at=world.now)
    for table in swept_tables():
        found = world.run(find_traces, world.workspace_id, table, traces)
        count += world.run(clean_rows, world.workspace_id, table, found, traces, at=world.now)
    return int(count)


def one(world: World, entity: Any, row_id: int) -> Any:
    return world.run(lambda session: session.get_one(entity, row_id))


def test_a_dispute_is_settled_and_a_lead_in_nurture_does_not_come_back(world: World) -> None:
    disputed = world.lead(email=EMAIL, asked="A demo")
    world.run(decline_lead, disputed, reason="not_a_fit", note="Lee Wong is odd", by=world.member("ana"), at=world.now)
    decline = world.run(lambda session: session.scalars(select(Decline.id)).one())
    world.run(dispute_decline, decline, words="Lee Wong is not", by=world.member("max"), at=world.later(minutes=1))
    resting = world.lead(email=EMAIL, asked="Prices", external_id="2")
    world.run(contact_lead, resting, by=world.member("ana"), at=world.later(minutes=1))
    form = OutcomeForm("nurture", until="2027-01-11")
    world.run(tell_outcome, resting, form, by=world.member("ana"), at=world.later(minutes=1))
    assert erase(world) == [disputed, resting]
    settled = one(world, Decline, decline)
    assert (settled.state, settled.note, settled.dispute) == ("settled", None, "(erased)")
    assert (one(world, Lead, disputed).state, one(world, Lead, resting).state) == ("declined", "withdrawn")
    assert world.run(lambda session: session.scalars(select(Nurture.state)).all()) == ["overtaken"]
    assert set(world.run(lambda session: session.scalars(select(Clock.state)).all())) == {"stopped"}


def test_nothing_can_be_done_with_the_lead_any_more(world: World) -> None:
    lead = world.lead(email=EMAIL)
    erase(world)
    with pytest.raises(Refused):
        world.run(claim_lead, lead, by=world.member("ana"), at=world.now)


def test_somebody_else_of_the_same_name_stays_and_a_quote_keeps_its_words(world: World) -> None:
    mine, other = world.lead(email=EMAIL), world.lead(email="lee.wong@contoso.example", company="Contoso")
    line = f"Lee Wong ({EMAIL}) finds it too dear #pricing"
    world.run(log_line, line, by=world.member("ana"), at=world.now)
    preview = world.run(preview_erasure, EMAIL, by=world.member("mia"), at=world.now)
    assert (preview.leads, preview.open, preview.sources, preview.quotes) == (1, 1, ("website",), 1)
    assert erase(world) == [mine]
    assert swept(world) > 0
    assert one(world, Lead, other).name == "Lee Wong"
    item = world.run(lambda session: session.scalars(select(VocItem)).one())
    assert item.verbatim == "(erased) ((erased)) finds it too dear"


def test_a_company_that_bears_the_person_s_own_name_loses_it(world: World) -> None:
    lead = world.lead(email=EMAIL, company="Lee Wong")
    kept = world.lead("Bo Berg", email="bo@adatum.example")
    erase(world)
    names = set(world.run(lambda session: session.scalars(select(Account.name)).all()))
    assert names == {"Erased person", "Northwind"}
    assert (one(world, Lead, lead).company, one(world, Lead, kept).company) == (None, "Northwind")


def test_asked_twice_it_erases_once_and_the_audit_names_nobody(world: World) -> None:
    world.lead(email=EMAIL)
    erase(world)
    swept(world)
    assert erase(world) == []
    assert swept(world) == 0
    told = world.run(
        lambda session: session.scalars(select(AuditEvent).where(AuditEvent.action == "person.erase")).all()
    )
    assert [(row.by_id is not None, row.data) for row in told] == [
        (True, {"leads": 1, "origin": None}),
        (True, {"leads": 0, "origin": None}),
    ]


def test_two_people_who_were_pairs_are_erased_one_after_the_other(world: World) -> None:
    """Each had two addresses: nothing is left of what named the pairs, and yet no two are named alike."""
    people = [(name, f"{number}@{name}.example") for name in ("lee", "kim") for number in (1, 2)]
    for name, email in people:
        world.lead(f"{name} Wong", email=email, asked=email, external_id=email)
    assert world.run(look_for_doubts, world.workspace_id, at=world.now) == 2
    for _, email in people:
        erase(world, email)
        swept(world)
    left = world.run(lambda session: session.scalars(select(Doubt.pair)).all())
    assert len(set(left)) == 2
    assert "@" not in "".join(left)
