"""Calendly: whoever books a meeting is a lead, or it is news of the lead that they are; a moved one is not canceled."""

from copy import deepcopy
from typing import Any

import pytest

from domain.leads.lifecycle import contact_lead
from tests.intake.sources.vendor import Vendor, VendorOf

BOOKED = "Booked a meeting: 30 Minute Meeting, 2031-05-08 15:00 (Europe/Amsterdam)"


def moved(vendor: Vendor) -> list[dict[str, Any]]:
    """What comes when the meeting is moved: the old one canceled, the new one created."""
    old, new = deepcopy(vendor.payload()), deepcopy(vendor.payload())
    there = "https://api.calendly.com/scheduled_events/EV2"
    old["event"] = "invitee.canceled"
    old["payload"].update(status="canceled", rescheduled=True, new_invitee=f"{there}/invitees/IN2")
    new["payload"].update(uri=f"{there}/invitees/IN2", event=there, old_invitee=vendor.payload()["payload"]["uri"])
    new["payload"]["scheduled_event"].update(uri=there, start_time="2031-05-09T08:30:00.000000Z")
    return [old, new]


async def test_a_meeting_that_is_booked_is_a_lead_by_the_invitees_own_clock(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("calendly/booked")
    await vendor.post()
    lead = vendor.leads()[0]
    assert (lead.name, lead.email, lead.company, lead.asked) == (
        "Zoë Wong",
        "zoe@northwind.example",
        "Northwind",
        BOOKED,
    )
    assert [touch["what"] for touch in lead.touches] == ["spring · newsletter"]


@pytest.mark.parametrize("settled", [False, True])
async def test_a_meeting_of_somebody_who_is_known_is_news_of_their_lead(vendor_of: VendorOf, settled: bool) -> None:
    vendor = await vendor_of("calendly/booked")
    await vendor.post()
    world = vendor.world
    if settled:
        world.run(contact_lead, vendor.leads()[0].id, by=world.member("mia"), at=world.now)
    later = deepcopy(vendor.payload())
    later["payload"]["uri"] = "https://api.calendly.com/scheduled_events/EV9/invitees/IN9"
    later["payload"]["scheduled_event"]["name"] = "Kick-off"
    assert (await vendor.tell(later)).json()["status"] == "added"
    assert len(vendor.leads()) == 1


@pytest.mark.parametrize("canceled_first", [True, False])
async def test_a_moved_meeting_is_moved_and_never_canceled_in_whatever_order_it_comes(
    vendor_of: VendorOf, canceled_first: bool
) -> None:
    vendor = await vendor_of("calendly/booked")
    await vendor.post()
    told = moved(vendor)
    for one in told if canceled_first else reversed(told):
        assert (await vendor.tell(one)).status_code in (200, 202)
    lead = vendor.leads()[0]
    assert len(vendor.leads()) == 1
    assert lead.asked == "Moved a meeting: 30 Minute Meeting, 2031-05-09 10:30 (Europe/Amsterdam)"


async def test_a_canceled_meeting_is_told_to_who_has_the_lead_and_makes_none(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("calendly/booked")
    off = {**vendor.payload(), "event": "invitee.canceled"}
    off["payload"] = {**off["payload"], "status": "canceled", "rescheduled": False}
    assert (await vendor.tell(off)).json()["status"] == "ignored"
    assert vendor.leads() == []
    await vendor.post()
    assert (await vendor.tell(off)).json() == {"lead_id": vendor.leads()[0].id, "status": "accepted"}
    assert (await vendor.tell(off)).json()["status"] == "duplicate"
    assert len(vendor.leads()) == 1


@pytest.mark.parametrize("event", ["invitee_no_show.created", "routing_form_submission.created", "event_type.created"])
async def test_other_events_are_answered_and_bring_nothing(vendor_of: VendorOf, event: str) -> None:
    vendor = await vendor_of("calendly/booked")
    answer = await vendor.tell({**vendor.payload(), "event": event})
    assert (answer.status_code, answer.json()["status"]) == (200, "ignored")
    assert vendor.leads() == []


async def test_a_payload_of_the_api_that_ended_is_refused_with_the_reason(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("calendly/booked")
    old = {
        "event": "invitee.created",
        "payload": {"event_type": {"name": "x"}, "invitee": {"email": "a@adatum.example"}},
    }
    answer = await vendor.tell(old)
    assert answer.status_code == 422
    assert "old API" in answer.json()["problems"][0]["reason"]


async def test_a_zone_that_nobody_knows_and_a_name_in_two_parts_cost_nothing(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("calendly/booked")
    told = vendor.payload()
    told["payload"].update(timezone="Mars/Olympus", name=None, first_name="Zoë", last_name="Wong")
    await vendor.tell(told)
    lead = vendor.leads()[0]
    assert (lead.name, lead.asked) == ("Zoë Wong", "Booked a meeting: 30 Minute Meeting, 2031-05-08 13:00 (UTC)")


async def test_a_signature_of_two_keys_is_believed_by_either(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("calendly/booked")
    good = vendor.sent["headers"]["calendly-webhook-signature"]
    both = good.replace(",v1=", f",v1={'0' * 64},v1=")
    assert (
        await vendor.post(headers={**vendor.sent["headers"], "calendly-webhook-signature": both})
    ).status_code == 202
