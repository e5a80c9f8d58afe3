"""Sources say that a person is gone: an erasure takes what tells who they are, a withdrawal ends the open lead."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from domain.leads.arriving import NewLead
from domain.leads.lifecycle import contact_lead
from domain.leads.storing import Posted, store_leads
from domain.outcomes.telling import OutcomeForm, tell_outcome
from storage.models import AuditEvent, Clock, Lead, LeadEvent, Wish
from tests.intake.sources.signing import headers_for
from tests.intake.sources.vendor import Vendor, VendorOf
from tests.world import World

PERSON = {"email": "zoe@northwind.example", "phone": "+49 30 5550123", "job_title": "Head of Ops", "asked": "A demo"}


async def hubspot(vendor: Vendor, kind: str, event: int = 1, contact: int = 1042, proof: str = "") -> Any:
    body = json.dumps(
        [
            {
                "eventId": event,
                "subscriptionId": 1,
                "portalId": 62515,
                "appId": 54321,
                "occurredAt": 1935835200000,
                "subscriptionType": kind,
                "attemptNumber": 0,
                "objectId": contact,
                "changeFlag": "DELETED",
                "changeSource": "CRM_UI",
            }
        ]
    ).encode()
    stamp = str(int(vendor.clock.at.timestamp()) * 1000)
    headers = headers_for("hubspot", vendor.sent, body, stamp)
    return await vendor.post(body, {**headers, "x-hubspot-signature-v3": proof or headers["x-hubspot-signature-v3"]})


def lead(world: World, lead_id: int) -> Lead:
    found: Lead = world.run(lambda session: session.get_one(Lead, lead_id))
    return found


def clocks(world: World, lead_id: int) -> list[str]:
    return world.run(lambda session: list(session.scalars(select(Clock.state).where(Clock.lead_id == lead_id))))


def actions(world: World) -> list[tuple[str, Any]]:
    rows = select(AuditEvent.action, AuditEvent.data).where(AuditEvent.action.in_(("person.erase", "lead.withdraw")))
    return world.run(lambda session: [tuple(row) for row in session.execute(rows)])


async def test_a_contact_deleted_for_privacy_is_erased_and_its_open_lead_ends(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("hubspot/events")
    world = vendor.world
    known = world.lead("Zoë Wong", source="vendor", external_id="record:1042", **PERSON)
    answer = (await hubspot(vendor, "contact.privacyDeletion")).json()
    assert answer == {"lead_id": known, "status": "erased"}
    erased = lead(world, known)
    assert (erased.state, erased.name, erased.company) == ("withdrawn", "Erased person", "Northwind")
    assert [erased.email, erased.phone, erased.job_title, erased.asked, erased.external_id] == [None] * 5
    assert clocks(world, known) == ["stopped"]
    kept = world.run(lambda session: [(one.external_id, one.person, one.sent) for one in session.scalars(select(Wish))])
    assert kept == [(None, None, None)]
    assert ("lead_ended", "U-ANA") in world.queued() or ("lead_ended", "U-BO") in world.queued()
    assert (await hubspot(vendor, "contact.privacyDeletion")).json() == answer
    assert (await hubspot(vendor, "contact.privacyDeletion", 2)).json()["status"] == "ignored"
    assert actions(world) == [("person.erase", {"leads": 1, "origin": "vendor"})]


async def test_an_erasure_reaches_the_same_person_from_elsewhere_and_nobody_else(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("hubspot/events")
    world = vendor.world
    first = world.lead("Zoë Wong", source="vendor", external_id="record:1042", **PERSON)
    world.run(contact_lead, first, by=world.member("ana"), at=world.later(minutes=1))
    again = {**PERSON, "email": "ZOE@northwind.example", "asked": "Prices", "external_id": "7"}
    won = world.lead("Z. Wong", source="webinar", **again)
    other = world.lead("Zoë Wong", source="vendor", external_id="record:1043", email="zoe.wong@contoso.example")
    world.run(contact_lead, won, by=world.member("ana"), at=world.later(minutes=1))
    told = OutcomeForm("won", amount="$40k", note="Zoë signed")
    world.run(tell_outcome, won, told, by=world.member("ana"), at=world.now)
    await hubspot(vendor, "contact.privacyDeletion")
    assert (lead(world, won).state, lead(world, won).name, lead(world, won).source) == (
        "won",
        "Erased person",
        "webinar",
    )
    assert lead(world, other).name == "Zoë Wong"


async def test_a_late_delivery_does_not_bring_an_erased_person_back_and_a_new_one_does(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("segment/track")
    world = vendor.world
    await vendor.post()
    track = vendor.payload()
    gone = {"type": "delete", "messageId": "gone", "userId": track["userId"], "timestamp": track["timestamp"]}
    first, again = await vendor.tell(gone), await vendor.tell(gone)
    assert first.json() == again.json() == {"lead_id": vendor.leads()[0].id, "status": "erased"}
    late = await vendor.tell({**track, "sentAt": "2031-05-06T12:00:09Z"})
    assert late.json() == {"lead_id": vendor.leads()[0].id, "status": "accepted"}  # the answer that it got before
    name = f"event:{track['messageId']}"
    late_lead = NewLead("Zoë Wong", "vendor", email="zoe@northwind.example", external_id=name)
    posted = Posted(world.workspace_id, "intake:another", late_lead, "another delivery of it", world.now)
    assert world.run(store_leads, [posted]) == [{"lead_id": vendor.leads()[0].id, "status": "duplicate"}]
    assert [one.name for one in vendor.leads()] == ["Erased person"]
    anew = await vendor.tell({**track, "messageId": "a-month-later"})
    assert anew.json()["status"] == "accepted"
    assert [one.name for one in vendor.leads()] == ["Erased person", "Zoë Wong"]
    assert world.run(lambda session: session.scalars(select(LeadEvent.kind)).all()).count("erased") == 1


async def test_a_linkedin_response_that_was_deleted_is_erased_also_before_it_came(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("linkedin_leads/deleted")
    number = vendor.payload()["leadGenFormResponse"].removeprefix("urn:li:leadGenFormResponse:")
    known = vendor.world.lead(source="vendor", external_id=f"submission:{number}", **PERSON)
    assert (await vendor.post()).json() == {}
    assert (lead(vendor.world, known).name, lead(vendor.world, known).state) == ("Erased person", "withdrawn")


async def test_a_contact_in_hubspots_recycle_bin_ends_the_open_lead_and_keeps_what_is_known(
    vendor_of: VendorOf,
) -> None:
    vendor = await vendor_of("hubspot/events")
    world = vendor.world
    known = world.lead("Zoë Wong", source="vendor", external_id="record:1042", **PERSON)
    other = world.lead("Bo Berg", source="vendor", external_id="record:1043", email="bo@adatum.example")
    assert world.lead("Bo Berg", source="webinar", email="bo@adatum.example", asked="Prices") == other
    answer = (await hubspot(vendor, "contact.deletion")).json()
    assert answer == {"lead_id": known, "status": "withdrawn"}
    assert (lead(world, known).state, lead(world, known).name) == ("withdrawn", "Zoë Wong")
    assert clocks(world, known) == ["stopped"]
    assert (await hubspot(vendor, "contact.deletion", 4, 1043)).json()["status"] == "ignored"
    assert lead(world, other).state == "new"  # somebody else has sent them, too
    assert (await hubspot(vendor, "contact.deletion", 2)).json()["status"] == "withdrawn"
    assert actions(world) == [("lead.withdraw", {"leads": 1, "origin": "vendor"})]
    assert (await hubspot(vendor, "contact.privacyDeletion", 3)).json()["status"] == "erased"
    assert lead(world, known).email is None


async def test_a_forged_erasure_is_refused_and_nothing_is_erased(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("hubspot/events")
    known = vendor.world.lead("Zoë Wong", source="vendor", external_id="record:1042", **PERSON)
    forged = "Zm9yZ2VkIGZvcmdlZCBmb3JnZWQgZm9yZ2VkIGZvcmc="
    assert (await hubspot(vendor, "contact.privacyDeletion", proof=forged)).status_code == 401
    assert lead(vendor.world, known).name == "Zoë Wong"
