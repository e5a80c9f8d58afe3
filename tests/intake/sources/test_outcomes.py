"""HubSpot's stages and Salesforce's opportunities say what came of a lead: the lead that they mean is told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from domain.leads.lifecycle import contact_lead
from domain.money import Money
from domain.outcomes.telling import OutcomeForm, tell_outcome, undo_outcome
from storage.models import Lead, Outcome
from tests.intake.sources.signing import headers_for
from tests.intake.sources.vendor import Vendor, VendorOf
from tests.world import World


def outcomes(world: World) -> list[Outcome]:
    return world.run(lambda session: list(session.scalars(select(Outcome).order_by(Outcome.id))))


async def hubspot(vendor: Vendor, *events: dict[str, Any]) -> Any:
    every = [
        {"eventId": number, "subscriptionId": 1, "portalId": 62515, "appId": 54321, "objectId": 1042, **one}
        for number, one in enumerate(events, start=1)
    ]
    body = json.dumps(every).encode()
    stamp = str(int(vendor.clock.at.timestamp()) * 1000)
    return (await vendor.post(body, headers_for("hubspot", vendor.sent, body, stamp))).json()


def changed(name: str, value: str, **more: Any) -> dict[str, Any]:
    return {"subscriptionType": "contact.propertyChange", "propertyName": name, "propertyValue": value, **more}


def known(vendor: Vendor, record: str) -> int:
    """A lead that the source had told."""
    return vendor.world.lead(source="vendor", external_id=record)


async def test_hubspots_stages_and_lead_status_tell_what_came_of_a_contact(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("hubspot/events")
    lead = known(vendor, "record:1042")
    found = await hubspot(
        vendor,
        changed("hs_lead_status", "CONNECTED"),
        changed("lifecyclestage", "opportunity"),
        changed("lifecyclestage", "customer"),
        changed("lifecyclestage", "customer", objectId=77),
        changed("hs_lead_status", "IN_PROGRESS"),
        changed("hs_lead_status", "UNQUALIFIED"),
    )
    assert [one["status"] for one in found["results"]] == ["accepted"] * 3 + ["ignored"] * 3
    assert [(one.kind, one.state) for one in outcomes(vendor.world)] == [("qualified", "replaced"), ("won", "stands")]
    assert vendor.world.run(lambda session: session.get_one(Lead, lead).state) == "won"


async def test_what_a_rep_takes_back_stays_so_when_hubspot_sends_its_word_again(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("hubspot/events")
    lead = known(vendor, "record:1042")
    world = vendor.world
    world.later(minutes=1)
    world.run(contact_lead, lead, by=world.member("ana"), at=world.now)
    world.run(tell_outcome, lead, form=OutcomeForm("qualified"), by=world.member("ana"), at=world.now)
    won = changed("lifecyclestage", "customer")
    await hubspot(vendor, won)
    [_, standing] = outcomes(world)
    world.run(undo_outcome, lead, outcome_id=standing.id, by=world.member("ana"), at=world.now)
    again = await hubspot(vendor, won)
    assert again["status"] == "duplicate"
    assert world.run(lambda session: session.get_one(Lead, lead).state) == "qualified"


DEAL = "<sf:Name>Northwind, 40 seats</sf:Name><sf:StageName>Closed Won</sf:StageName>"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("<sf:StageName>Closed Won</sf:StageName><sf:Lead_Id__c>00QSB0000000009AAA</sf:Lead_Id__c>", ["won"]),
        (
            "<sf:IsWon>true</sf:IsWon><sf:StageName>Signed</sf:StageName><sf:Email__c>zoe@x.example</sf:Email__c>",
            ["won"],
        ),
        (
            "<sf:IsClosed>true</sf:IsClosed><sf:StageName>Dead</sf:StageName><sf:LeadId__c>00QSB0000000009</sf:LeadId__c>",
            ["lost"],
        ),
        ("<sf:StageName>Proposal</sf:StageName><sf:LeadId__c>00QSB0000000009</sf:LeadId__c>", []),
        ("<sf:StageName>Closed Won</sf:StageName><sf:LeadSource>Web</sf:LeadSource>", []),
        ("<sf:StageName>Closed Won</sf:StageName><sf:ContactId>003SB0000000099AAA</sf:ContactId>", []),
    ],
)
async def test_a_closed_opportunity_of_salesforce_ends_the_lead_that_it_names(
    vendor_of: VendorOf, fields: str, expected: list[str]
) -> None:
    vendor = await vendor_of("salesforce/message")
    vendor.world.lead(source="vendor", external_id="record:00QSB0000000009", email="zoe@x.example")
    amount = "<sf:Amount>48000.0</sf:Amount><sf:CurrencyIsoCode>EUR</sf:CurrencyIsoCode>"
    body = vendor.sent["body"]
    assert DEAL in body
    answer = await vendor.post(body.replace(DEAL, fields + amount).encode())
    assert "<Ack>true</Ack>" in answer.text
    rows = outcomes(vendor.world)
    assert [one.kind for one in rows] == expected
    assert all(Money(one.amount_minor or 0, one.currency or "") == Money(4_800_000, "EUR") for one in rows)


async def test_a_converted_lead_of_salesforce_is_qualified_and_no_new_lead(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("salesforce/message")
    await vendor.post()
    before = len(vendor.leads())
    converted = ("<sf:LeadSource>Web</sf:LeadSource>", "<sf:IsConverted>true</sf:IsConverted>")
    await vendor.post(vendor.sent["body"].replace(*converted).encode())
    assert len(vendor.leads()) == before
    assert [one.kind for one in outcomes(vendor.world)] == ["qualified"]
