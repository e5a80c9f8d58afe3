"""`./tandem leads route --dry-run`: where the leads of a file would go, turn by turn, with nothing changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from typer.testing import CliRunner, Result

import bot.cli
from bot.settings import Settings
from domain.config.apply import apply_config
from domain.config.schema import parse_config
from domain.sources import add_source
from storage.base import Base
from tests.intake.door import SEALER
from tests.world import World

RULES = """
[account_owners]
"Globex" = "U-MAX"

[[teams]]
key = "emea"
name = "EMEA"
members = ["U-MAX"]
most_open = 2

[[routes]]
name = "Germany"
country = "DE"
team = "emea"
"""

CSV = """Name;Company;E-mail;Country;Source
Lee Wong;Northwind;lee@northwind.example;France;website
Kim Roe;Contoso;kim@contoso.example;Germany;
Ada Low;Globex;ada@globex.example;;
Eve Oak;Adatum;eve@adatum.example;Germany;
;;;;
Max Ito;Fabrikam;;;
"""


@pytest.fixture
def tandem(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    settings = Settings(_env_file=None, database_url=world.db.url.render_as_string(hide_password=False))
    monkeypatch.setattr(bot.cli, "read_settings", lambda: settings)
    world.run(apply_config, world.workspace_id, parse_config(RULES), by=None, at=world.now)
    world.run(add_source, world.workspace_id, "website", seal=SEALER.seal, team_key="emea", at=world.now)
    return world


def run(*words: str) -> Result:
    return CliRunner().invoke(bot.cli.app, ["leads", "route", *words])


def everything(session: Session) -> dict[str, list[str]]:
    """All rows of all tables."""
    return {
        name: sorted(str(tuple(row)) for row in session.execute(text(f"SELECT * FROM {name}")))
        for name in Base.metadata.tables
    }


def test_each_row_has_its_team_its_person_and_why_and_nothing_changes(tandem: World, tmp_path: Path) -> None:
    file = tmp_path / "leads.csv"
    file.write_text(CSV)
    before = tandem.run(everything)
    done = run("--dry-run", str(file))
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    heads = [line for line in lines if line.startswith("line ")]
    assert heads == [
        "line 2: Lee Wong, Northwind → EMEA: max",
        "line 3: Kim Roe, Contoso → EMEA: max",
        "line 4: Ada Low, Globex → Sales: ana",
        "line 5: Eve Oak, Adatum → EMEA: nobody",
        "line 7: Max Ito, Fabrikam → Sales: bo",
    ]
    assert "    No rule holds." in lines
    assert "    It was sent for the team EMEA." in lines
    assert "    Globex is the account of max (2 open leads, which is the most)." in lines
    assert "    Not free: max (2 open leads, which is the most)." in lines
    assert "5 leads. EMEA: max 2, Sales: ana 1, EMEA: nobody 1, Sales: bo 1" in lines
    assert "Nothing was changed (--dry-run)." in lines
    assert tandem.run(everything) == before


def test_json_lines_are_read_too_and_what_is_none_is_told(tandem: World, tmp_path: Path) -> None:
    file = tmp_path / "leads.jsonl"
    file.write_text('{"name": "Lee", "country": "DE"}\nno json\n[1]\n{"x": 1}\n')
    done = run("--dry-run", str(file))
    assert "line 1: Lee → EMEA: max" in done.output
    assert "line 2: This line is no JSON" in done.output
    assert "line 3: This line is no JSON object" in done.output
    assert "line 4: A lead needs something to know the person by" in done.output
    assert "1 lead, 3 lines left out." in done.output


def test_who_is_known_already_is_told_of(tandem: World, tmp_path: Path) -> None:
    lead = tandem.lead("Lee Wong", email="lee@northwind.example")
    file = tmp_path / "leads.csv"
    file.write_text("name,email\nLee Wong,LEE@northwind.example\n")
    assert f"The person has an open lead, number {lead}" in run("--dry-run", str(file)).output


def test_without_the_flag_nothing_is_done_and_it_says_so(tandem: World, tmp_path: Path) -> None:
    file = tmp_path / "leads.csv"
    file.write_text("name\nLee\n")
    done = run(str(file))
    assert done.exit_code == 2
    assert "→" not in done.output
