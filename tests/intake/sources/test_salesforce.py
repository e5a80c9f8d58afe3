"""Salesforce: an answer that says whether all were taken, and XML that expands and fetches nothing."""

import pytest

from tests.intake.sources.vendor import Vendor, VendorOf

ACK = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    '<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>'
    "</soapenv:Body></soapenv:Envelope>"
)
LEAD = "<sf:LastName>Wong</sf:LastName>"


async def post(vendor: Vendor, *changes: tuple[str, str]) -> tuple[int, str]:
    body = vendor.sent["body"]
    for old, new in changes:
        assert old in body
        body = body.replace(old, new)
    answer = await vendor.post(body.encode())
    return answer.status_code, answer.text


async def test_what_was_taken_is_acknowledged_word_for_word_also_when_it_comes_again(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("salesforce/message")
    for _ in range(2):
        answer = await vendor.post()
        assert (answer.status_code, answer.text) == (200, ACK)
        assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    lead = vendor.leads()[0]
    assert (lead.name, lead.company, lead.job_title, lead.external_id) == (
        "Zoë Wong",
        "Wong & Söhne",
        "CTO",
        "record:00QSB0000000001",
    )
    assert [touch["what"] for touch in lead.touches] == ["Web"]


async def test_a_sessions_id_is_nowhere_in_what_is_kept(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("salesforce/message")
    await vendor.post()
    assert "a-live-session" not in vendor.kept()
    assert "120.0" in vendor.kept()


async def test_where_one_notification_names_nobody_the_others_are_kept_and_it_is_asked_for_again(
    vendor_of: VendorOf,
) -> None:
    vendor = await vendor_of("salesforce/message")
    nobody = (
        "<sf:Email>ana@adatum.example</sf:Email><sf:FirstName>Ana</sf:FirstName><sf:LastName>Silva</sf:LastName>",
        "",
    )
    assert await post(vendor, nobody) == (200, ACK.replace("true", "false"))
    assert [lead.name for lead in vendor.leads()] == ["Zoë Wong"]
    assert await post(vendor) == (200, ACK)
    assert [lead.name for lead in vendor.leads()] == ["Zoë Wong", "Ana Silva"]


@pytest.mark.parametrize(
    "organization",
    ["00DXX0000009zzzMAA", "", "00DSB0000001ABCMAA"],
)
async def test_a_message_of_another_organization_is_refused(vendor_of: VendorOf, organization: str) -> None:
    vendor = await vendor_of("salesforce/message")
    status, _ = await post(vendor, ("<OrganizationId>00DSB0000001abcMAA<", f"<OrganizationId>{organization}<"))
    assert status == 401
    assert vendor.leads() == []


async def test_an_address_that_names_no_organization_takes_nothing(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("salesforce/message")
    for query in (f"?token={vendor.sent['secret']}", f"?token={vendor.sent['secret']}&org="):
        vendor.sent["query"] = query
        assert (await vendor.post()).status_code == 401
    assert vendor.leads() == []


@pytest.mark.parametrize(
    "head",
    [
        "<!DOCTYPE x>",
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">',
    ],
)
async def test_a_document_type_is_refused_before_anything_of_it_is_read(vendor_of: VendorOf, head: str) -> None:
    vendor = await vendor_of("salesforce/message")
    status, text = await post(vendor, ("\n<soapenv:Envelope", f"\n{head}<soapenv:Envelope"))
    assert status == 422
    assert "document type" in text
    assert vendor.leads() == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('encoding="UTF-8"', 'encoding="UTF-16"'),
        ('encoding="UTF-8"', 'encoding="no-such"'),
        (LEAD, "<sf:LastName>&nobody;</sf:LastName>"),
        (LEAD, "<sf:LastName>Wong"),
        ("soapenv:Body", "soapenv:Head"),
        (LEAD, "<a>" * 100 + "</a>" * 100),
    ],
)
async def test_broken_xml_is_refused_with_the_reason(vendor_of: VendorOf, old: str, new: str) -> None:
    vendor = await vendor_of("salesforce/message")
    status, text = await post(vendor, (old, new))
    assert status == 422
    assert "reason" in text
    assert vendor.leads() == []


async def test_more_than_a_hundred_notifications_are_refused(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("salesforce/message")
    one = "<Notification><Id>04l</Id></Notification>"
    status, text = await post(vendor, ("\n  </notifications>", one * 98 + "</notifications>"))
    assert (status, "101" in text) == (422, True)


async def test_another_prefix_an_empty_field_and_a_nil_one_are_read_alike(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("salesforce/message")
    changes = (
        ("sf:", "q1:"),
        (":sf=", ":q1="),
        ("<q1:LeadSource>Web</q1:LeadSource>", '<q1:Phone/><q1:LeadSource xsi:nil="true"/>'),
    )
    assert await post(vendor, *changes) == (200, ACK)
    assert [lead.name for lead in vendor.leads()] == ["Zoë Wong", "Ana Silva"]
    assert vendor.leads()[0].touches == []


async def test_utf_16_with_its_mark_is_read(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("salesforce/message")
    body = vendor.sent["body"].replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16")
    assert (await vendor.post(body)).text == ACK


async def test_a_record_of_the_companys_own_kind_may_be_a_lead(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("salesforce/message")
    await post(
        vendor,
        ('"sf:Opportunity"', '"sf:Demo__c"'),
        ("<sf:StageName>Closed Won</sf:StageName>", "<sf:Email__c>jo@litware.example</sf:Email__c>"),
    )
    assert vendor.leads()[-1].email == "jo@litware.example"
