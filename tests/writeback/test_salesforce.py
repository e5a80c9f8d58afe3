"""What happens to a lead of Salesforce's is written there, by the address that the admin gave and no other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from bot.seal import Sealer
from domain.errors import FieldProblems
from domain.leads.lifecycle import claim_lead, contact_lead
from domain.sources import add_source
from handlers.arrival import Tandem
from handlers.setup.write_back_salesforce import soql_text
from handlers.setup.write_back_words import write_back_line
from tests.running import KEY
from tests.webhooks.conftest import HERE, HandClock
from tests.world import World
from tests.writeback.conftest import Crm
from tests.writeback.crm import CLIENT, SECRET, FakeSalesforce, serving
from tests.writeback.test_hubspot import owner

LEAD = "00Q5g000001AbCd"
IDS = {"ana": "005A", "bo": "005B"}


@pytest.fixture
async def force(world: World) -> AsyncIterator[Crm]:
    clock, sealer = HandClock(world.now), Sealer(KEY)
    async with serving(FakeSalesforce()) as hub, aiohttp.ClientSession() as http:
        tandem = Tandem(world.db, clock, seal=sealer.seal, unseal=sealer.unseal, webhook_networks=HERE)
        world.run(add_source, world.workspace_id, "force", auth="salesforce", seal=sealer.seal, at=world.now)
        crm = Crm(world, tandem, clock, http, hub, "force")
        crm.save(address=f"{hub.url}/", client_id=CLIENT, key=SECRET)
        yield crm


async def test_owner_and_status_are_written_and_no_other_address_is_asked(force: Crm) -> None:
    lead = force.lead(LEAD)
    rep = owner(force, lead)
    await force.later()
    force.do(claim_lead, lead, by=rep)
    await force.later()
    force.do(contact_lead, lead, by=rep)
    await force.later()
    assert force.hub.writes == [
        (LEAD, {"OwnerId": IDS[rep], "Status": "Open - Not Contacted"}),
        (LEAD, {"Status": "Working - Contacted"}),
    ]
    assert force.hub.queries == [
        f"SELECT Id FROM User WHERE Email = '{rep}@example.com' AND IsActive = true AND UserType = 'Standard' LIMIT 2"
    ]


@pytest.mark.parametrize("record", ["0035g000001AbCd", "00Q5g000001AbC", "00Q5g000001AbCd?x", "00Q5g000001../..", "7"])
async def test_only_leads_are_written(force: Crm, record: str) -> None:
    force.lead(record)
    await force.later()
    assert (force.hub.asked, force.jobs()) == ([], [])


async def test_a_secret_that_is_refused_is_told_once_and_a_record_that_is_converted_is_none_of_ours(force: Crm) -> None:
    force.hub.secret = "another"
    force.lead(LEAD)
    force.lead("00Q5g000001AbCe", "Other", email="other@example.org")
    await force.later()
    assert force.told() == ["login"]
    assert "client id and secret" in write_back_line(force.load())
    force.hub.secret = SECRET
    force.hub.refuse = (400, "CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
    force.save(key="")
    await force.later()
    assert {state for state, _ in force.jobs()} == {"done"}
    assert force.told() == ["login"]


@pytest.mark.parametrize(
    ("answer", "ends"),
    [
        ((403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), "waiting"),
        ((400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record"), "waiting"),
        ((404, "ENTITY_IS_DELETED", "entity is deleted"), "done"),
        ((403, "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id"), "dead"),
        ((400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "bad value for restricted picklist field: X"), "dead"),
    ],
)
async def test_each_refusal_has_its_consequence(force: Crm, answer: tuple[int, str, str], ends: str) -> None:
    force.hub.refuse = answer
    force.lead(LEAD)
    await force.later()
    ((state, error),) = force.jobs()
    assert state == ends
    assert force.load().state == "on"
    if ends == "dead":
        assert answer[2] in str(error)
    if ends == "waiting":
        force.hub.refuse = None
        await force.later(hours=2)
        assert len(force.hub.writes) == 1


async def test_an_address_inside_is_refused_when_it_is_typed_and_when_it_is_asked(force: Crm) -> None:
    force.tandem = replace(force.tandem, webhook_networks=())
    force.lead(LEAD)
    await force.later()
    assert (force.hub.asked, force.told()) == ([], ["inside"])

    def wrong(address: str) -> Any:
        with pytest.raises(FieldProblems) as found:
            force.save(address=address)
        return found.value.problems["address"].why  # type: ignore[attr-defined]

    assert wrong("https://10.0.0.7") == "inside"
    assert wrong("http://example.my.salesforce.com") == "not_https"
    assert wrong("https://example.my.salesforce.com/services") == "no_address"
    assert wrong("") == "no_address"


def test_what_stands_in_a_query_cannot_end_it() -> None:
    assert soql_text("o'hara\\@example.com\n") == "o\\'hara\\\\@example.com"
