"""Typeform, Webflow and Google's lead forms: answers under their questions, ids as their labels, secrets left out."""

import json
from copy import deepcopy
from typing import Any

import pytest

from domain.config.overview import load_overview
from handlers.setup.lists import source_form
from tests.intake.sources.vendor import VendorOf


async def test_typeforms_answers_become_the_leads_fields(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("typeform/response")
    await vendor.post()
    lead = vendor.leads()[0]
    assert (lead.name, lead.email, lead.phone, lead.company) == (
        "Zoë Wong",
        "zoe@northwind.example",
        "+15550000000",
        "Northwind",
    )
    assert (lead.asked, lead.score) == ("We would like to see the reports.\nSoon.", 9)
    assert [touch["what"] for touch in lead.touches] == ["newsletter", "Ask for a demo"]
    assert lead.notes == []


async def test_typeforms_questions_are_kept_as_people_read_them(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("typeform/response")
    await vendor.post()
    kept = vendor.kept()
    assert "{{" not in kept
    for shown in ("Thanks, Zoë Wong! Where may we write to you?", "London", "Basic, Pro, Something else", "abc123456"):
        assert shown in kept


async def test_an_unfinished_typeform_does_not_use_up_the_finished_one(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("typeform/response")
    finished = vendor.payload()
    partial = {**deepcopy(finished), "event_type": "form_response_partial"}
    assert (await vendor.tell(partial)).json()["status"] == "ignored"
    assert (await vendor.tell(finished)).json()["status"] == "accepted"


async def test_the_same_response_under_another_event_is_no_second_lead(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("typeform/response")
    await vendor.post()
    assert (await vendor.tell({**vendor.payload(), "event_id": "another"})).json()["status"] == "duplicate"
    assert len(vendor.leads()) == 1


async def test_a_typeform_without_an_address_or_a_definition_is_still_a_lead(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("typeform/response")
    told = vendor.payload()
    told["form_response"].update(definition=None, answers=told["form_response"]["answers"][:1])
    await vendor.tell(told)
    assert [lead.name for lead in vendor.leads()] == ["Zoë Wong"]


async def test_what_is_no_typeform_is_refused_with_the_reason(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("typeform/response")
    payloads: list[Any] = [{"event_id": "1"}, {"event_type": "form_response", "form_response": []}, []]
    for told in payloads:
        answer = await vendor.tell(told)
        assert answer.status_code == 422
        assert answer.json()["problems"]


async def test_webflows_phone_number_stays_a_number_that_can_be_called(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("webflow/form")
    await vendor.tell({**vendor.payload(), "payload": {**vendor.payload()["payload"], "schema": None}})
    lead = vendor.leads()[0]
    assert (lead.phone, lead.asked, lead.external_id) == (
        "15550000000",
        "Contact Us",
        "submission:6321ca84df3949bfc6752327",
    )


async def test_a_phone_number_with_a_point_is_read_as_a_whole_one(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("webflow/form")
    await vendor.post_signed(vendor.sent["body"].replace("15550000000", "1.5550000000e10").encode())
    assert vendor.leads()[0].phone == "15550000000"


async def test_another_event_of_webflows_is_no_lead(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("webflow/form")
    answer = await vendor.tell({"triggerType": "site_publish", "payload": {"siteId": "1"}})
    assert (answer.status_code, answer.json()["status"]) == (200, "ignored")


async def test_a_secret_in_the_address_does_not_make_up_for_a_wrong_signature(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("webflow/dashboard")
    for headers in ({"x-webflow-signature": "0" * 64}, {"x-webflow-timestamp": vendor.stamp()}):
        assert (await vendor.post(headers={**vendor.sent["headers"], **headers})).status_code == 401
    assert vendor.leads() == []


async def test_googles_work_address_comes_first_and_a_region_is_no_team(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("google_ads/lead")
    await vendor.post()
    lead = vendor.leads()[0]
    assert (lead.email, lead.company, lead.phone) == ("zoe@northwind.example", "Northwind", "+15550000000")
    assert lead.notes == []
    assert [touch["what"] for touch in lead.touches] == ["Google Ads campaign 9007199254740995"]
    assert "What age?" in vendor.kept()
    assert "9007199254740993" in vendor.kept()


async def test_google_reads_200_and_an_empty_object_whatever_came_of_it(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("google_ads/lead")
    for told in (vendor.payload(), vendor.payload(), {**vendor.payload(), "is_test": "TRUE"}):
        answer = await vendor.tell(told)
        assert (answer.status_code, answer.content) == (200, b"{}")


async def test_googles_key_is_nowhere_in_what_is_kept(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("google_ads/lead")
    await vendor.post()
    assert vendor.sent["secret"] not in vendor.kept()
    assert "google_key" not in vendor.kept()


async def test_every_field_of_googles_may_be_missing_but_who_it_is(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("google_ads/lead")
    key = vendor.sent["secret"]
    only = {"google_key": key, "user_column_data": [{"column_id": "EMAIL", "string_value": "a@adatum.example"}]}
    assert (await vendor.tell(only)).status_code == 200
    assert [lead.name for lead in vendor.leads()] == ["a@adatum.example"]
    assert (await vendor.tell({"google_key": key})).status_code == 422


@pytest.mark.parametrize("key", [None, 7, "", [], {}, "ü", "\ud800"])
async def test_a_key_of_any_shape_that_is_not_googles_is_refused(vendor_of: VendorOf, key: Any) -> None:
    vendor = await vendor_of("google_ads/lead")
    body = json.dumps({**vendor.payload(), "google_key": key}).encode()
    assert (await vendor.post(body)).status_code == 401
    assert vendor.leads() == []


async def test_a_test_of_a_vendor_is_told_on_the_sources_screen_and_nowhere_else(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("google_ads/test")
    world = vendor.world

    def screen() -> str:
        overview = world.run(lambda session: load_overview(session, world.workspace_id))
        return str(source_form(overview.source("vendor"), overview, {}, None))

    assert "Test received" not in screen()
    await vendor.post()
    assert "Test received" in screen()
    assert world.queued() == []
    assert vendor.leads() == []
