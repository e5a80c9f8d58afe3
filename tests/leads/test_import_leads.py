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
