"""The command line with `--workspace` of one workspace, while files name what another one has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
import typer
from pydantic import SecretStr
from sqlalchemy import URL
from typer.testing import CliRunner, Result

import bot.cli
from bot.settings import Settings
from storage.database import Database
from tests.running import KEY
from tests.tenants.furniture import Tenant
from tests.tenants.rows import changed, rows_of, strays

OF_EVERYBODY: Final = frozenset(
    {
        *("demo", "serve", "web", "worker", "migrate", "manifest", "reseal"),
        *("jobs list", "jobs show", "jobs replay", "jobs drop"),
    }
)
"""Commands for whoever runs the program: about no workspace, or about a job by its number, which says whose it is."""

WEBHOOKS: Final = ("pause", "resume", "rotate", "test", "replay", "remove")
"""What is done with an endpoint by its number."""

ASKED: Final = frozenset(
    {
        *("config apply", "config show", "import content", "import voc", "import leads"),
        *("export voc", "doctor", "leads route"),
        *("webhooks list", "webhooks add", *(f"webhooks {one}" for one in WEBHOOKS)),
    }
)


@pytest.fixture
def settled(db: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The database to which the command line's settings lead; Slack is away."""
    url: URL = db.url
    settings = Settings(
        _env_file=None,
        slack_api_url="http://127.0.0.1:9/api/",
        database_url=url.render_as_string(hide_password=False),
        tandem_secret_key=SecretStr(KEY),
    )
    monkeypatch.setattr(bot.cli, "read_settings", lambda: settings)
    return db


def tandem(*words: str) -> Result:
    return CliRunner().invoke(bot.cli.app, list(words))


def commands(app: typer.Typer, before: str = "") -> Iterator[str]:
    for one in app.registered_commands:
        assert one.callback is not None
        yield f"{before}{one.name or one.callback.__name__}"
    for group in app.registered_groups:
        assert group.typer_instance is not None
        yield from commands(group.typer_instance, f"{group.name} ")


def test_every_command_is_of_everybody_or_asked_here() -> None:
    assert set(commands(bot.cli.app)) == OF_EVERYBODY | ASKED


@pytest.mark.parametrize("words", [["config", "show"], ["export", "voc"], ["doctor"], ["webhooks", "list"]])
def test_what_is_printed_of_a_workspace_tells_nothing_of_another(
    settled: Database, two: tuple[Tenant, Tenant], words: list[str]
) -> None:
    us, them = two
    before = settled.read_sync(rows_of, us.id), settled.read_sync(rows_of, them.id)
    said = tandem(*words, "--workspace", us.team_id).output
    assert us.word in said or us.sales in said
    assert not [one for one in (them.word, them.sales, *them.users.values()) if one.casefold() in said.casefold()]
    assert (settled.read_sync(rows_of, us.id), settled.read_sync(rows_of, them.id)) == before


@pytest.mark.parametrize("whose", ["own", "another's"])
def test_a_settings_file_changes_the_named_workspace_alone(
    settled: Database, two: tuple[Tenant, Tenant], whose: str, tmp_path: Path
) -> None:
    us, them = two
    named = us if whose == "own" else them
    file = tmp_path / "tandem.toml"
    member = f'[[teams]]\nkey = "{named.word}-two"\nname = "Renamed"\nmembers = ["{named.users["ana"]}"]\n'
    file.write_text(f'{member}manager = "{named.users["mona"]}"\nchannel = "{us.sales}"\n')
    theirs, ours = settled.read_sync(rows_of, them.id), settled.read_sync(rows_of, us.id)
    done = tandem("config", "apply", str(file), "--yes", "--workspace", us.team_id)
    if whose == "own":
        assert done.exit_code == 0, done.output
        assert "teams" in changed(ours, settled.read_sync(rows_of, us.id))
    assert them.secret not in done.output
    assert changed(theirs, settled.read_sync(rows_of, them.id)) == []
    assert settled.read_sync(strays, us.id) == []


@pytest.mark.parametrize("whose", ["own", "another's"])
def test_items_are_taken_in_by_the_named_workspace_alone(
    settled: Database, two: tuple[Tenant, Tenant], whose: str, tmp_path: Path
) -> None:
    us, them = two
    file = tmp_path / "voc.csv"
    named = us if whose == "own" else them
    file.write_text(f"text,theme,account\nThe {named.secret} story is too dear,{named.word},{named.word} Inc\n")
    theirs, ours = settled.read_sync(rows_of, them.id), settled.read_sync(rows_of, us.id)
    done = tandem("import", "voc", str(file), "--workspace", us.team_id)
    assert done.exit_code == 0, done.output
    assert "voc_items" in changed(ours, settled.read_sync(rows_of, us.id))
    assert changed(theirs, settled.read_sync(rows_of, them.id)) == []
    assert settled.read_sync(strays, us.id) == []


@pytest.mark.parametrize("whose", ["own", "another's"])
def test_figures_are_taken_in_by_the_named_workspace_alone(
    settled: Database, two: tuple[Tenant, Tenant], whose: str, tmp_path: Path
) -> None:
    us, them = two
    file = tmp_path / "content.csv"
    title = f"The {(us if whose == 'own' else them).secret} story"
    file.write_text(f"title,week,views,leads,influenced wins\n{title},2026-11-09,1800,12,4\n")
    theirs, ours = settled.read_sync(rows_of, them.id), settled.read_sync(rows_of, us.id)
    done = tandem("import", "content", str(file), "--workspace", us.team_id)
    assert done.exit_code == 0, done.output
    assert {"assets"} & set(changed(ours, settled.read_sync(rows_of, us.id))) or whose == "own"
    assert changed(theirs, settled.read_sync(rows_of, them.id)) == []
    assert settled.read_sync(strays, us.id) == []


@pytest.mark.parametrize("what", WEBHOOKS)
def test_an_endpoint_of_another_workspace_cannot_be_named(
    settled: Database, two: tuple[Tenant, Tenant], what: str
) -> None:
    us, them = two
    before = settled.read_sync(rows_of, them.id)
    done = tandem("webhooks", what, str(before["webhook_endpoints"][0][0]), "--workspace", us.team_id)
    assert done.exit_code != 0
    assert them.word not in done.output
    assert settled.read_sync(rows_of, them.id) == before


def test_an_endpoint_is_added_to_the_named_workspace_alone(settled: Database, two: tuple[Tenant, Tenant]) -> None:
    us, them = two
    before = settled.read_sync(rows_of, them.id)
    url = f"https://{them.word}.example/hooks"
    done = tandem("webhooks", "add", url, "--event", "lead", "--workspace", us.team_id)
    assert done.exit_code == 0, done.output
    assert "whsec_" in done.output
    assert settled.read_sync(rows_of, them.id) == before


def test_where_leads_would_go_is_told_by_the_rules_of_the_named_workspace_alone(
    settled: Database, two: tuple[Tenant, Tenant], tmp_path: Path
) -> None:
    us, them = two
    file = tmp_path / "leads.csv"
    file.write_text(f"name,source\nKim Roe,{us.word}-never\nAda Low,{them.word}-never\n")
    before = settled.read_sync(rows_of, us.id), settled.read_sync(rows_of, them.id)
    done = tandem("leads", "route", "--dry-run", str(file), "--workspace", us.team_id)
    assert f"Kim Roe → {us.word} second: nobody" in done.output
    assert f"Ada Low → {us.word} sales: " in done.output
    assert f"{them.word} rule" not in done.output
    assert (settled.read_sync(rows_of, us.id), settled.read_sync(rows_of, them.id)) == before
