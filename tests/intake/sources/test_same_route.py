"""The same lead goes to the same person for the same reason, through whichever source it comes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from domain.config.apply import apply_config
from domain.config.schema import parse_config
from domain.leads.explaining import explain_lead
from handlers.leads.why import IN_TERMINAL, why_lines
from tests.intake.sources.vendor import VendorOf

RULES = """
[[teams]]
key = "emea"
members = ["U-MIA", "U-BO"]

[[routes]]
name = "Swiss"
country = "CH"
team = "sales"

[[routes]]
name = "Large in Germany"
country = "DE"
accounts = "northwind.example"
where = ["employees >= 1000"]
team = "emea"
person = "U-BO"
"""

EXPECTED = [
    (
        "The rule “Large in Germany” holds: country is DE and the account is northwind.example and employees is at "
        "least 1000. So it went to the team emea."
    ),
    "The rule names bo. It takes no turn.",
    "The rule “Swiss” does not hold: it asks that country is CH; the lead says “Germany”.",
]


def flat(lead: dict[str, Any]) -> dict[str, Any]:
    return lead | {"company": "Northwind", "country": "Germany", "employees": "1,200"}


def traits(lead: dict[str, Any]) -> dict[str, Any]:
    lead["context"]["traits"] |= {"country": "Germany", "number_of_employees": 1200}
    return lead


def form(lead: dict[str, Any]) -> dict[str, Any]:
    lead["payload"]["data"] |= {"Company": "Northwind", "Country": "Germany", "Company size": "1,001-5,000"}
    return lead


def columns(lead: dict[str, Any]) -> dict[str, Any]:
    lead["user_column_data"] = [one for one in lead["user_column_data"] if one["string_value"] != "zoe@home.example"]
    lead["user_column_data"] += [
        {"column_name": "Country", "string_value": "Germany", "column_id": "COUNTRY"},
        {"column_name": "Company size", "string_value": "1001-5000", "column_id": "COMPANY_SIZE"},
    ]
    return lead


def properties(lead: dict[str, Any]) -> dict[str, Any]:
    lead["properties"] |= {"country": {"value": "Germany"}, "numberofemployees": {"value": "1200"}}
    return lead


def answers(lead: dict[str, Any]) -> dict[str, Any]:
    response = lead["form_response"]
    for number, (title, said) in enumerate((("Country", "Germany"), ("Number of employees", "1.200"))):
        field = {"id": f"F{number}bbbbbbbbbb", "title": title, "type": "short_text", "ref": f"b-{number}"}
        response["definition"]["fields"].append(field)
        answer = {"id": field["id"], "type": "short_text", "ref": field["ref"]}
        response["answers"].append({"type": "text", "text": said, "field": answer})
    return lead


SHAPES: dict[str, Callable[[Any], Any]] = {
    "header/lead": flat,
    "marketo/lead": flat,
    "rudderstack/identify": traits,
    "segment/track": traits,
    "webflow/form": form,
    "google_ads/lead": columns,
    "hubspot_workflow/contact": properties,
    "typeform/response": answers,
}


@pytest.mark.parametrize("source", SHAPES)
async def test_the_same_lead_goes_to_the_same_person_for_the_same_reason(vendor_of: VendorOf, source: str) -> None:
    vendor = await vendor_of(source)
    world = vendor.world
    world.run(apply_config, world.workspace_id, parse_config(RULES), by=None, at=world.now)
    answer = await vendor.tell(SHAPES[source](vendor.payload()))
    assert answer.status_code in (200, 202), answer.text
    lead = vendor.leads()[0]
    found = world.run(explain_lead, str(lead.id), by=world.member("mia"), at=world.now)
    (move,) = found.moves
    assert move.to == "bo"
    assert move.why is not None
    assert why_lines(move.why, move.to, IN_TERMINAL) == EXPECTED


async def test_salesforce_says_it_in_xml(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("salesforce/message")
    world = vendor.world
    world.run(apply_config, world.workspace_id, parse_config(RULES), by=None, at=world.now)
    body = vendor.sent["body"].replace("120.0", "1200.0")
    body = re.sub(r"(<sf:LeadSource>)", r"<sf:Country>Germany</sf:Country>\1", body, count=1)
    assert (await vendor.post_signed(body.encode())).status_code == 200
    lead = vendor.leads()[0]
    (move,) = world.run(explain_lead, str(lead.id), by=world.member("mia"), at=world.now).moves
    assert move.why is not None
    assert (move.to, why_lines(move.why, move.to, IN_TERMINAL)) == ("bo", EXPECTED)
