"""Marketo and HubSpot's workflows: templates of an admin's own, broken ones too, and what each vendor reads back."""

import hashlib

import pytest

from domain.config.forms_rules import change_source
from domain.config.overview import load_overview
from domain.errors import FieldProblems
from domain.versions import version_of
from tests.intake.door import SEALER
from tests.intake.sources.signing import headers_for
from tests.intake.sources.vendor import Vendor, VendorOf


async def test_marketo_reads_back_whose_lead_it_is(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("marketo/lead")
    assert (await vendor.post()).json() == {"lead_id": "1", "owner": "ana", "status": "accepted"}
    assert (await vendor.post()).json() == {"lead_id": "1", "owner": "ana", "status": "duplicate"}
    lead = vendor.leads()[0]
    assert (lead.name, lead.email, lead.company, lead.score) == ("Zoë Wong", "zoe@northwind.example", "Northwind", 87)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('{"email": ""zoe@northwind.example"", "name": ""Zoë Wong"", "company": ""}', "quotation marks"),
        ('{"email": "zoe@northwind.example", "name": "Zoë Wong", "score":,"city": }', "may be missing"),
        ('{"email":""zoe@northwind.example"","name":""Zoë Wong"","score":}', "quotation marks"),
    ],
)
async def test_a_template_that_makes_broken_json_is_read_and_the_card_says_what_to_change(
    vendor_of: VendorOf, body: str, says: str
) -> None:
    vendor = await vendor_of("marketo/lead")
    assert (await vendor.post(body.encode())).status_code == 200
    lead = vendor.leads()[0]
    assert (lead.name, lead.email) == ("Zoë Wong", "zoe@northwind.example")
    assert any(says in note for note in lead.notes)


async def test_a_template_beyond_mending_is_refused_with_the_setting_that_mends_it(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("marketo/lead")
    answer = await vendor.post(b'{"name": "Zo"e "W", "email": 1')
    assert answer.status_code == 422
    assert "Request Token Encoding" in answer.json()["problems"][0]["reason"]


async def test_marketos_form_encoding_is_read(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("marketo/lead")
    headers = {**vendor.sent["headers"], "content-type": "application/x-www-form-urlencoded"}
    await vendor.post(b"email=zoe%40northwind.example&company=A%26B&firstName=Zo%C3%AB", headers)
    lead = vendor.leads()[0]
    assert (lead.name, lead.company) == ("Zoë", "A&B")


async def test_hubspots_contact_is_read_without_its_history(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("hubspot_workflow/contact")
    await vendor.post()
    lead = vendor.leads()[0]
    assert (lead.name, lead.email, lead.score, lead.external_id) == (
        "Zoë Wong",
        "zoe@northwind.example",
        88,
        "record:1042",
    )
    assert "versions" not in vendor.kept()
    assert "marketingqualifiedlead" in vendor.kept()


@pytest.mark.parametrize("written", ["?team=a%2Fb%3Fc", "?team=a/b%3Fc", "?team=a/b?c"])
async def test_hubspots_address_may_be_signed_as_it_came_or_written_out(vendor_of: VendorOf, written: str) -> None:
    vendor = await vendor_of("hubspot_workflow/contact")
    body = vendor.sent["body"].encode()
    headers = headers_for("hubspot_workflow", {**vendor.sent, "query": written}, body, vendor.stamp())
    assert (await vendor.post(body, headers)).status_code == 202


async def test_an_address_that_is_not_the_one_that_was_signed_is_refused(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("hubspot_workflow/contact")
    for query in ("", "?team=other", "?team=a%2Fb%3Fc&more=1"):
        vendor.sent["query"] = query
        assert (await vendor.post()).status_code == 401
    vendor.sent["query"] = "?team=a%2Fb%3Fc"
    put = await vendor.http.put(
        "/intake/vendor?team=a%2Fb%3Fc", content=vendor.sent["body"].encode(), headers=vendor.sent["headers"]
    )
    assert put.status_code == 401
    assert vendor.leads() == []


async def test_a_signature_without_a_time_proves_nothing_and_a_signed_one_counts_alone(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("hubspot_workflow/own_body")
    body = vendor.sent["body"].encode()
    old = hashlib.sha256(vendor.sent["secret"].encode() + body).hexdigest()
    v1 = {"content-type": "application/json", "x-hubspot-signature": old, "x-hubspot-signature-version": "v1"}
    assert (await vendor.post(headers=v1)).status_code == 401
    wrong = {
        **vendor.sent["headers"],
        "x-hubspot-signature-v3": "d3Jvbmc=",
        "x-hubspot-request-timestamp": vendor.stamp(),
    }
    assert (await vendor.post(headers=wrong)).status_code == 401
    assert vendor.leads() == []


async def test_a_workflow_of_deals_brings_no_lead(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("hubspot_workflow/own_body")
    for told in ({"dealId": 7, "properties": {"dealname": {"value": "x"}}}, {"is-contact": False, "vid": 7}):
        answer = await vendor.tell(told)
        assert (answer.status_code, answer.json()["status"]) == (200, "ignored")


async def test_the_same_contact_with_anything_changed_is_news(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("hubspot_workflow/contact")
    await vendor.post()
    told = vendor.payload()
    told["properties"]["phone"] = {"value": "+15550000000"}
    assert (await vendor.tell(told)).json()["status"] == "added"
    assert vendor.leads()[0].phone == "+15550000000"


def paste(vendor: Vendor, secret: str) -> None:
    """An admin pastes the secret that the vendor made into the source's form."""
    world = vendor.world
    source = world.run(lambda session: load_overview(session, world.workspace_id)).source("vendor")
    world.run(
        change_source,
        "vendor",
        version_of(source),
        team=None,
        tier=None,
        secret=secret,
        seal=SEALER.seal,
        by=world.member("mia"),
        at=world.now,
    )


async def test_a_secret_that_hubspot_made_is_pasted_and_replaces_tandems(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("hubspot_workflow/own_body")
    theirs = "1f2e3d4c-5b6a-4978-8a9b-0c1d2e3f4a5b"
    paste(vendor, f"  {theirs} ")
    assert (await vendor.post()).status_code == 401
    body = vendor.sent["body"].encode()
    signed = {**vendor.sent, "secret": theirs, "proof": "x-hubspot-signature-v3", "stamp": "ms"}
    stamp = str(int(vendor.clock.at.timestamp()) * 1000)
    headers = headers_for("hubspot_workflow", {**signed, "headers": {}}, body, stamp)
    assert (await vendor.post(body, headers)).status_code == 202


async def test_what_is_no_secret_is_not_kept(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("hubspot_workflow/own_body")
    for wrong in ("short", "with a space in it", "ü" * 30):
        with pytest.raises(FieldProblems) as refused:
            paste(vendor, wrong)
        assert list(refused.value.problems) == ["secret"]
    assert (await vendor.post()).status_code == 202
