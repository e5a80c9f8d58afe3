"""Links to a CRM's records: which are understood, and which lead stands behind one."""

from __future__ import annotations

import pytest

from bot.seal import Sealer
from domain.leads.links import leads_behind, read_link
from domain.sources import add_source
from tests.running import KEY
from tests.world import World

LEAD = "00Q5g00000ABcDe"
LEAD_CHECKED = "00Q5g00000ABcDeEAL"


def records(url: str) -> tuple[str, ...]:
    found = read_link(url)
    return found.records if found is not None else ()


@pytest.mark.parametrize(
    "url",
    [
        "https://app.hubspot.com/contacts/62515/record/0-1/1042",
        "https://app-eu1.hubspot.com/contacts/62515/record/0-1/1042/?eschref=%2Fcontacts",
        "https://app.hubspot.com/contacts/62515/contact/1042",
        "https://app.hubspot.com/contacts/62515/contact/1042/#note",
        "https://APP.HubSpot.com/contacts/62515/record/0-1/1042/view/1",
    ],
)
def test_links_to_a_contact_of_hubspot(url: str) -> None:
    assert records(url) == ("1042",)


@pytest.mark.parametrize(
    "url",
    [
        f"https://acme.lightning.force.com/lightning/r/Lead/{LEAD_CHECKED}/view",
        f"https://acme.my.salesforce.com/lightning/r/{LEAD_CHECKED}/view?ws=1",
        f"https://acme--test.sandbox.lightning.force.com/lightning/r/Lead/{LEAD_CHECKED}/edit",
        f"https://eu5.salesforce.com/{LEAD}",
        f"https://acme.my.salesforce.com/{LEAD_CHECKED}",
    ],
)
def test_links_to_a_lead_of_salesforce_by_either_length_of_its_id(url: str) -> None:
    assert records(url) == (LEAD, LEAD_CHECKED)


def test_the_last_three_characters_say_which_letters_are_capitals() -> None:
    # Q and D are the third and fourth of five, 4 + 8; B and D the second and fourth, 2 + 8: signs 12, 0 and 10.
    assert records("https://eu5.salesforce.com/00QD000000aBcDe")[1][15:] == "MAK"


@pytest.mark.parametrize(
    ("url", "record"),
    [
        (
            "https://brella--qa.sandbox.lightning.force.com/lightning/r/Lead/00QQL00000G25aT2AR/view",
            "00QQL00000G25aT2AR",
        ),
        ("https://acme.lightning.force.com/one/one.app?source=aloha#/sObject/00Q4B000004xeARUAY", "00Q4B000004xeARUAY"),
        ("https://acme.lightning.force.com/one/one.app#/sObject/00QC100000FhybOMAR/view", "00QC100000FhybOMAR"),
        ("https://acme.lightning.force.com/lightning/r/00QC100000FhybO/view", "00QC100000FhybOMAR"),
        ("https://app.hubspot.com/contacts/48460805/record/0-1/151?interaction=note#x", "151"),
    ],
)
def test_links_and_ids_as_others_have_them(url: str, record: str) -> None:
    assert records(url)[-1] == record


@pytest.mark.parametrize(
    "url",
    [
        "https://app.hubspot.com/contacts/62515/record/0-2/1042",  # a company
        "https://app.hubspot.com/contacts/62515/deal/1042",
        "https://app.hubspot.com.evil.example/contacts/62515/record/0-1/1042",
        "https://evilhubspot.com/contacts/62515/record/0-1/1042",
        "https://hubspot.com/contacts/62515/record/0-1/1042",
        "ftp://app.hubspot.com/contacts/62515/record/0-1/1042",
        f"https://acme.lightning.force.com/lightning/r/Account/001{LEAD[3:]}/view",
        f"https://acme.lightning.force.com/lightning/r/Lead/{LEAD}x/view",
        "https://app.hubspot.com/contacts/62515/record/0-1/" + "9" * 21,
        "https://app.hubspot.com/contacts/62515/record/0-1/١٢",
        "https://[app.hubspot.com/contacts/62515/record/0-1/1042",
        "",
    ],
)
def test_what_is_no_link_to_a_lead(url: str) -> None:
    assert read_link(url) is None


def test_the_lead_behind_a_link_is_the_one_that_its_record_was_sent_for(world: World) -> None:
    seal = Sealer(KEY).seal
    world.run(add_source, world.workspace_id, "hub", auth="hubspot", seal=seal, at=world.now)
    world.run(add_source, world.workspace_id, "force", auth="salesforce", seal=seal, at=world.now)
    mine = world.lead("Lee Wong", source="hub", external_id="record:1042")
    theirs = world.lead("Kim Park", source="force", external_id=f"record:{LEAD_CHECKED}")
    world.lead("Sam Roe", source="website", external_id="record:77")  # a form's own ids are no records
    urls = [
        "https://app.hubspot.com/contacts/62515/contact/1042",
        f"https://acme.lightning.force.com/lightning/r/Lead/{LEAD}/view",
        "https://app.hubspot.com/contacts/62515/contact/77",
        "https://app.hubspot.com/contacts/62515/contact/9999",
    ]
    links = [found for url in urls if (found := read_link(url)) is not None]
    assert len(links) == 4
    assert world.run(leads_behind, world.workspace_id, links) == {urls[0]: mine, urls[1]: theirs}
    assert world.run(leads_behind, world.workspace_id + 1, links) == {}
    assert world.run(leads_behind, world.workspace_id, []) == {}
