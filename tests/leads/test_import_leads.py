"""`./tandem import leads`: a file of leads comes in as if a source had sent them, and no row twice."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from typer.testing import CliRunner, Result

import bot.cli
from bot.settings import Settings
from domain.leads.definition import write_definition
from domain.leads.mapping import SourceMapping, write_mapping
from domain.sources import add_source
from storage.models import Lead, Source, Workspace
from tests.intake.door import SEALER
from tests.world import World

GOOD = 'Name;Company;E-mail;Phone;Message\nLee Wong;Northwind;lee@northwind.example;="0045 1";Demo\n'


@pytest.fixture
def tandem(world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    settings = Settings(_env_file=None, database_url=world.db.url.render_as_string(hide_password=False))
    monkeypatch.setattr(bot.cli, "read_settings", lambda: settings)
    monkeypatch.chdir(tmp_path)
    return world


def take(data: bytes | str, *words: str) -> Result:
    Path("fair.csv").write_bytes(data if isinstance(data, bytes) else data.encode())
    return CliRunner().invoke(bot.cli.app, ["import", "leads", "fair.csv", *words])


def leads(world: World) -> list[Lead]:
    return world.run(lambda session: list(session.scalars(select(Lead).order_by(Lead.id))))


def test_nothing_is_stored_before_somebody_says_so(tandem: World) -> None:
    shown = take(GOOD, "--dry-run").output
    for words in ("E-mail → email", "Message → asked", "1 lead, 0 lines left out.", "Nothing was stored (--dry-run)."):
        assert words in shown, words
    asked = take(GOOD)
    assert asked.exit_code != 0
    assert leads(tandem) == []


def test_good_rows_come_in_once_however_often_and_bad_ones_go_to_a_file(tandem: World) -> None:
    table = GOOD + ';;;;\n;;;;only words\nKim Roe;Contoso;kim@contoso.example;\'+49 30 1;"two\nlines"\na;b;c;d;e;f;g\n'
    first = take(table, "--yes", "--source", "fair-2026")
    assert "Stored 2 new, 0 written on leads that there were, 0 known already." in first.output, first.output
    found = [(one.name, one.phone, one.asked, one.source) for one in leads(tandem)]
    assert found == [
        ("Lee Wong", "0045 1", "Demo", "fair-2026"),
        ("Kim Roe", "+49 30 1", "two\nlines", "fair-2026"),
    ]
    bad = list(csv.reader(Path("fair.bad.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [row[0] for row in bad] == ["line", "4", "7"]
    assert all(row[1] for row in bad)
    again = take(table, "--yes", "--source", "fair-2026")
    assert "Stored 0 new, 0 written on leads that there were, 2 known already." in again.output, again.output
    assert len(leads(tandem)) == 2


# Columns as these systems export them; the people are ours.
EXPORTS = {
    "HubSpot": (
        """\
"Record ID","First Name","Last Name","Email","Phone Number","Contact owner","Associated Company","Lead Status"
"51","Lee","Wong","lee@northwind.example","","","Northwind","New"
""",
        ("Lee Wong", "Northwind", None, None, "record:51"),
    ),
    "Salesforce": (
        """\
"Lead ID","Salutation","First Name","Last Name","Title","Company / Account","Phone","Email","Lead Source"
"00Q5e00000abc","Mr.","Lee","Wong","CEO","Northwind","(408) 555-0100","lee@northwind.example","Web"
""",
        ("Lee Wong", "Northwind", "CEO", "(408) 555-0100", "00Q5e00000abc"),
    ),
    "Meta": (
        """\
id\tcreated_time\tform_name\tplatform\twork_email\tfull_name\tphone_number\tcompany_name
l:12\t2024-05-12T10:33:00+02:00\tDemo\tfb\tlee@northwind.example\tLee Wong\tp:+4915112345678\tNorthwind
""",
        ("Lee Wong", "Northwind", None, "+4915112345678", "l:12"),
    ),
    "Apollo": (
        """\
First Name,Last Name,Title,Company,Email,Work Direct Phone,Corporate Phone,# Employees
Lee,Wong,Head of Ops,Northwind,lee@northwind.example,,'+1 512 555 0101,250
""",
        ("Lee Wong", "Northwind", "Head of Ops", "+1 512 555 0101", None),
    ),
    "Outlook": (
        """\
Anrede;Title;Vorname;Nachname;Firma;"E-Mail-Adresse";Notizen
Herr;Dr.;Lee;Wong;Northwind;lee@northwind.example;Hi
""",
        ("Lee Wong", "Northwind", None, None, None),
    ),
}


@pytest.mark.parametrize("system", EXPORTS)
def test_what_other_systems_export_is_read(tandem: World, system: str) -> None:
    table, expected = EXPORTS[system]
    assert "Stored 1 new" in take(table, "--yes").output
    [lead] = leads(tandem)
    named = lead.external_id if not (lead.external_id or "").startswith("row:") else None
    assert (lead.name, lead.company, lead.job_title, lead.phone, named) == expected


def test_rows_that_are_tests_are_left_out(tandem: World) -> None:
    rows = (
        "Lead ID,Test Lead,First name,Last name,Email",
        "urn:1,Yes,Tess,Ting,t@x.example",
        "urn:2,No,Lee,Wong,l@x.example",
    )
    table = "\n".join(rows)
    assert "line 2: This is a test, the file says." in take(table, "--yes").output
    assert [one.name for one in leads(tandem)] == ["Lee Wong"]


def test_what_salesforce_writes_below_a_report_is_no_lead(tandem: World) -> None:
    table = (
        "First Name,Last Name,Email\nLee,Wong,lee@x.example\nMadonna,,\n\nGrand Totals (2 records)\n\n"
        '"Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved."\n'
        "Confidential Information - Do Not Distribute\nGenerated By:  Mia Stone  11/17/2026 10:00 AM\nNorthwind Inc.\n"
    )
    shown = take(table, "--yes").output
    assert "From line 5 on stands what Salesforce writes below a report" in " ".join(shown.split())
    assert [one.name for one in leads(tandem)] == ["Lee Wong", "Madonna"]


def test_the_first_lead_of_a_file_without_a_header_is_not_lost(tandem: World) -> None:
    shown = take("Lee Wong,lee@x.example\nKim Roe,kim@x.example\n", "--yes")
    assert "The first row must name the columns" in str(shown.exception)
    assert leads(tandem) == []
    take("Name,E-mail (such as ana@x.example)\nLee Wong,lee@x.example\n", "--yes")
    assert [one.email for one in leads(tandem)] == ["lee@x.example"]


def test_the_look_counts_a_person_who_stands_in_the_file_several_times_once(tandem: World) -> None:
    lee = "Lee,lee@x.example,"
    table = f"Name,Email,Message\n{lee}Demo\n{lee}Demo\n{lee.upper()}Price\nBo,b@x.example,Hi\n"
    shown = take(table, "--dry-run").output
    assert "2 of people who stand further up in the file: written on their lead" in shown
    assert "Stored 2 new, 1 written on leads that there were, 1 known already." in take(table, "--yes").output, shown


def test_a_source_lends_its_fields_its_team_and_its_tier(tandem: World) -> None:
    tandem.run(add_source, tandem.workspace_id, "fair", seal=SEALER.seal, tier="hot", at=tandem.now)
    mapping = write_mapping(SourceMapping({"email": ("Spalte 7",)}, {"asked": {"3": "A demo"}}))
    tandem.run(lambda session: session.execute(update(Source).values(mapping=mapping)))
    take("Name,Spalte 7,Message\nLee,lee@northwind.example,3\n", "--yes", "--source", "fair")
    lead = leads(tandem)[0]
    assert (lead.email, lead.asked, lead.tier) == ("lee@northwind.example", "A demo", "hot")


@pytest.mark.parametrize(
    "data",
    [
        ("\ufeff" + GOOD).encode(),
        GOOD.encode("utf-16"),
        GOOD.replace(";", "\t").encode("utf-16"),
        GOOD.replace("\n", "\r\n").encode(),
        GOOD.replace("\n", "\r").encode(),
        ("sep=;\r\n" + GOOD).encode(),
        GOOD.replace("Message", '"Mess\nage"').encode(),
        GOOD.replace("\nLee", "\n\n\nLee").encode(),
        GOOD.replace("Message", "Message;;").replace("Demo", "Demo;;").encode(),
        GOOD.replace("Name;", ";Name;").replace("Lee Wong;", ";Lee Wong;").encode(),
        GOOD.replace("Company;E-mail", "E-mail;E-mail").replace("Northwind;lee", ";lee").encode(),
        GOOD.replace("Lee", "Lée").replace("lée@", "lee@").encode("cp1252"),
    ],
)
def test_files_as_spreadsheets_write_them(tandem: World, data: bytes) -> None:
    done = take(data, "--yes")
    assert done.exit_code == 0, done.output
    lead = leads(tandem)[0]
    assert (lead.email, lead.phone, lead.asked) == ("lee@northwind.example", "0045 1", "Demo")


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 a workbook", b"Name\n", b"Name,Company\n,\n"])
def test_what_is_no_table_of_leads_is_refused_and_nothing_stored(tandem: World, data: bytes) -> None:
    assert take(data, "--yes").exit_code != 0
    assert leads(tandem) == []


def test_the_look_says_which_leads_the_definition_would_hold(tandem: World) -> None:
    def define(session: Session) -> None:
        workspace = session.get_one(Workspace, tandem.workspace_id)
        write_definition(session, workspace, ["phone contains 0045"], None, by=None, at=tandem.now)

    tandem.run(define)
    table = GOOD + "Kim Roe;Contoso;kim@contoso.example;1;Demo\n"
    assert "1 held for marketing" in take(table, "--dry-run").output
    assert "Stored 2 new" in take(table, "--yes").output
    assert [one.state for one in leads(tandem)] == ["new", "held"]
