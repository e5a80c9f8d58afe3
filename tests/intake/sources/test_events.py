"""Segment and RudderStack: events that name a person are leads; of a batch only the first event is signed."""

import json
from datetime import timedelta
from typing import Any

from tests.intake.sources.signing import headers_for
from tests.intake.sources.vendor import Vendor, VendorOf


def compact(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def first_signed(vendor: Vendor, events: list[Any]) -> dict[str, str]:
    """The headers of a batch, as Segment signs it: by its first event, and without the secret."""
    headers = headers_for("segment", vendor.sent, compact(events[0]), "")
    return {name: value for name, value in headers.items() if name != "x-tandem-secret"}


async def test_a_track_of_somebody_known_is_a_lead_and_a_products_name_is_not_theirs(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("segment/track")
    await vendor.post()
    lead = vendor.leads()[0]
    assert (lead.name, lead.email, lead.company, lead.asked) == (
        "Zoë Wong",
        "zoe@northwind.example",
        "Northwind",
        "Demo Requested",
    )
    assert [touch["what"] for touch in lead.touches] == ["spring · newsletter · email"]


async def test_a_batch_that_only_its_first_event_signs_is_refused(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("segment/batch")
    events = vendor.payload()
    assert (await vendor.post(compact(events), first_signed(vendor, events))).status_code == 401
    assert (await vendor.post(compact(events[:1] * 2), first_signed(vendor, events))).status_code == 401
    assert vendor.leads() == []


async def test_a_batch_of_one_is_signed_whole(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("segment/batch")
    events = vendor.payload()[:1]
    assert (await vendor.post(compact(events), first_signed(vendor, events))).status_code == 202
    spaced = b"[ " + compact(events[0]) + b" ]"
    assert (await vendor.post(spaced, first_signed(vendor, events))).status_code == 401
    assert [lead.name for lead in vendor.leads()] == ["Zoë Wong"]


async def test_the_signature_of_a_whole_batch_is_not_segments(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("segment/batch")
    assert (await vendor.post_signed(vendor.sent["body"].encode())).status_code == 401


async def test_the_good_events_of_a_batch_are_kept_and_each_of_the_others_is_listed(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("segment/batch")
    answer = await vendor.post()
    results = answer.json()["results"]
    assert [one["status"] for one in results] == ["accepted", "accepted", "ignored", "ignored", "erased"]
    assert [lead.name for lead in vendor.leads()] == ["Erased person", "Ana Silva"]
    assert "nobody" in results[2]["reason"]


async def test_events_of_nobody_are_answered_and_leave_nothing(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("segment/track")
    track = vendor.payload()
    others: list[dict[str, Any]] = [
        {"type": "page", "messageId": "1", "properties": {"email": "a@adatum.example"}},
        {"type": "alias", "Previous ID": "x", "User ID": "y"},
        {"type": "group", "groupId": "g", "traits": {"name": "Northwind", "employees": 40}},
        {"type": "track", "event": "Viewed", "userId": None, "anonymousId": None, "properties": {"name": "A product"}},
        {**track, "messageId": "segment-test-message-7cn29"},
    ]
    for event in others:
        answer = await vendor.tell(event)
        assert (answer.status_code, answer.json()["status"]) == (200, "ignored"), event
    assert vendor.leads() == []


async def test_a_user_id_that_is_an_address_will_do(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("segment/track")
    await vendor.tell({"type": "track", "event": "Demo Requested", "messageId": "m", "userId": "a@adatum.example"})
    assert vendor.leads()[0].email == "a@adatum.example"


async def test_the_same_words_months_later_are_a_new_wish(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("segment/track")
    await vendor.post()
    vendor.clock.at += timedelta(days=90)
    assert (await vendor.tell({**vendor.payload(), "messageId": "later"})).json()["status"] == "added"


async def test_rudderstack_puts_and_patches_too(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("rudderstack/identify")
    for method in ("PUT", "PATCH", "POST"):
        answer = await vendor.http.request(
            method, "/intake/vendor", content=vendor.sent["body"].encode(), headers=vendor.sent["headers"]
        )
        assert answer.status_code == 202
    lead = vendor.leads()[0]
    assert (lead.name, lead.email, lead.company) == ("Zoë Wong", "zoe@northwind.example", "Northwind")


async def test_rudderstacks_batch_is_read_event_by_event(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("rudderstack/identify")
    one = vendor.payload()
    answer = await vendor.tell({"batch": [one, {"type": 7}, {**one, "messageId": "2", "context": {}}]})
    assert [each["status"] for each in answer.json()["results"]] == ["accepted", "ignored", "ignored"]
