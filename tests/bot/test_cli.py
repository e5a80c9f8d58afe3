"""The command line as an admin meets it: what is wrong is said, with how to mend it, and ends with 2."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.cli import main
from domain.people import Profile, actor, ensure_workspace, sync_members
from domain.voc.items import log_line
from storage.database import Database
from storage.migrate import head_revision, migrate
from storage.models import AssetFigures, Member, Policy, Source, Team

AT = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
CSV = "title,week,views,leads,influenced_wins\nROI guide,2026-W46,120,6,1\n"


@dataclass
class Shell:
    """Types `tandem …` and reads what came back."""

    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *words: str) -> tuple[int, str, str]:
        self.monkeypatch.setattr("sys.argv", ["tandem", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = self.capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "TANDEM_SECRET_KEY", "PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'tandem.db'}")
    return Shell(monkeypatch, capsys)


@pytest.fixture
def company(shell: Shell, tmp_path: Path) -> Database:
    db = Database(f"sqlite:///{tmp_path / 'tandem.db'}")
    migrate(db.engine)
    workspace = db.run_sync(lambda session: ensure_workspace(session, "T1", name="Test", at=AT))
    mia = Profile("U0MIA00001", "mia", "mia@example.com", "Europe/Berlin", True, True, True, False)
    db.run_sync(lambda session: sync_members(session, workspace, [mia], AT))
    db.close()
    return db


def read(tmp_path: Path) -> Database:
    return Database(f"sqlite:///{tmp_path / 'tandem.db'}")


def test_serving_without_a_token_says_which_and_how_to_get_it(shell: Shell) -> None:
    code, _, said = shell("serve")
    assert code == 2
    assert "SLACK_BOT_TOKEN is not set" in said
    assert "api.slack.com/apps" in said


def test_the_wrong_kind_of_token_is_noticed_and_not_printed(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xapp-secret-thing")
    code, _, said = shell("serve")
    assert code == 2
    assert "SLACK_BOT_TOKEN is not usable" in said
    assert "secret-thing" not in said


@pytest.mark.parametrize(("name", "value"), [("PORT", "many"), ("LOG_FORMAT", "xml"), ("DATABASE_URL", "???")])
def test_settings_that_make_no_sense_are_named(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    code, _, said = shell("serve")
    assert (code, f"{name} is not usable" in said) == (2, True)


def test_http_needs_the_signing_secret(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    code, _, said = shell("serve")
    assert (code, "SLACK_SIGNING_SECRET is not set" in said) == (2, True)


@pytest.mark.parametrize("part", ["web", "worker"])
def test_several_processes_on_a_sqlite_file_are_refused_with_the_way_out(shell: Shell, part: str) -> None:
    code, _, said = shell(part)
    assert (code, "PostgreSQL" in said) == (2, True)


def test_the_manifest_is_json_and_takes_a_prefix(shell: Shell) -> None:
    code, printed, _ = shell("manifest", "--prefix", "acme-")
    commands = [one["command"] for one in json.loads(printed)["features"]["slash_commands"]]
    assert code == 0
    assert "/acme-voc" in commands


def test_migrating_makes_the_database(shell: Shell) -> None:
    code, printed, _ = shell("migrate")
    assert (code, head_revision() in printed) == (0, True)


def test_figures_are_imported_once(shell: Shell, company: Database, tmp_path: Path) -> None:
    file = tmp_path / "figures.csv"
    file.write_text(CSV)
    code, printed, _ = shell("import", "content", str(file))
    assert (code, "Imported 1 rows of figures.csv: 1 new assets" in printed) == (0, True)
    code, _, said = shell("import", "content", str(file))
    assert (code, "already imported" in said) == (2, True)


def test_an_address_whose_host_cannot_be_read_is_a_sentence_with_its_line(
    shell: Shell, company: Database, tmp_path: Path
) -> None:
    file = tmp_path / "figures.csv"
    file.write_text("title,url,week,views\nA,http://[::1,2026-11-09,3\n")
    code, _, said = shell("import", "content", str(file))
    assert code == 2
    assert "line 2, url: URL “http://[::1” is not a web address: its host cannot be read." in said


def test_a_file_with_bad_rows_imports_nothing_unless_asked(shell: Shell, company: Database, tmp_path: Path) -> None:
    file = tmp_path / "figures.csv"
    file.write_text(CSV + "Webinar,someday,5,1,0\nPodcast,2026-W46,minus,0,0\n")
    code, _, said = shell("import", "content", str(file))
    assert code == 2
    assert "line 3" in said
    assert "line 4" in said
    assert "--skip-bad-rows" in said
    assert _figures(tmp_path) == 0
    code, _, _ = shell("import", "content", str(file), "--skip-bad-rows")
    assert (code, _figures(tmp_path)) == (0, 1)


def test_a_dry_run_changes_nothing(shell: Shell, company: Database, tmp_path: Path) -> None:
    file = tmp_path / "figures.csv"
    file.write_text(CSV)
    code, printed, _ = shell("import", "content", str(file), "--dry-run")
    assert (code, "Would import" in printed, _figures(tmp_path)) == (0, True, 0)


def test_a_file_that_is_not_there_is_named(shell: Shell, company: Database) -> None:
    code, _, said = shell("import", "content", "nowhere.csv")
    assert (code, "nowhere.csv cannot be read" in said) == (2, True)


def test_figures_before_the_first_start_say_what_to_do(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "figures.csv"
    file.write_text(CSV)
    code, _, said = shell("import", "content", str(file))
    assert (code, "Start `./tandem serve` once" in said) == (2, True)


def test_settings_are_shown_then_applied_and_shown_again(
    shell: Shell, company: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANDEM_SECRET_KEY", "k" * 40)
    file = tmp_path / "tandem.toml"
    file.write_text(
        '[[teams]]\nkey = "emea"\nname = "EMEA"\nzone = "Europe/Berlin"\nhours = "mon-fri 09:00-17:00"\n'
        '[[policies]]\ntier = "hot"\ncontact = "10m"\n[[sources]]\nname = "website"\n'
    )
    code, printed, _ = shell("config", "apply", str(file), "--dry-run")
    assert (code, "EMEA" in printed, "Nothing was changed" in printed) == (0, True, True)
    code, printed, _ = shell("config", "apply", str(file), "--yes")
    assert code == 0
    assert "whsec_" in printed
    db = read(tmp_path)
    seconds = db.run_sync(
        lambda session: session.scalars(select(Policy.contact_seconds).where(Policy.tier == "hot")).one()
    )
    sealed = db.run_sync(lambda session: session.scalars(select(Source.sealed_secret)).one())
    teams = db.run_sync(lambda session: set(session.scalars(select(Team.key))))
    db.close()
    assert seconds == 600
    assert "whsec_" not in sealed
    assert "emea" in teams
    code, printed, _ = shell("config", "apply", str(file), "--yes")
    assert (code, "Nothing changes" in printed) == (0, True)
    code, shown, _ = shell("config", "show")
    assert (code, 'name = "EMEA"' in shown) == (0, True)


def test_a_settings_file_with_mistakes_names_each(shell: Shell, company: Database, tmp_path: Path) -> None:
    file = tmp_path / "tandem.toml"
    file.write_text(
        '[[teams]]\nkey = "emea"\nname = "EMEA"\ntimezone = "Europe/Berln"\n'
        '[[policies]]\ntier = "hot"\ncontact = "soon"\n'
    )
    code, _, said = shell("config", "apply", str(file), "--yes")
    assert code == 2
    assert "timezone" in said
    assert "contact" in said


def _figures(tmp_path: Path) -> int:
    db = read(tmp_path)
    count = db.run_sync(lambda session: len(session.scalars(select(AssetFigures.asset_id)).all()))
    db.close()
    return count


@pytest.fixture
def logged(shell: Shell, company: Database, tmp_path: Path) -> None:
    db = read(tmp_path)
    mia = db.run_sync(lambda session: actor(session.scalars(select(Member)).one()))
    for line in ("=1+1 is what they typed #pricing", "Grüße aus Köln @Globex $40k"):
        db.run_sync(log_line, line, by=mia, at=AT)
    db.close()


def test_a_csv_has_a_heading_and_harmless_cells(shell: Shell, logged: None, tmp_path: Path) -> None:
    code, _, told = shell("export", "voc", str(tmp_path / "voc.csv"), "--excel")
    assert (code, told) == (0, "2 items written.\n")
    data = (tmp_path / "voc.csv").read_bytes()
    assert data.startswith(b'\xef\xbb\xbf"id",')
    rows = list(csv.DictReader(data.decode("utf-8-sig").splitlines()))
    assert [row["text"] for row in rows] == ["'=1+1 is what they typed", "Grüße aus Köln"]
    assert (rows[1]["deal"], rows[1]["account"]) == ("40000.00", "Globex")
    assert (tmp_path / "voc.csv").stat().st_mode & 0o077 == 0
    assert not (tmp_path / "voc.csv.part").exists()


def test_json_lines_hold_every_text_as_it_is(shell: Shell, logged: None, tmp_path: Path) -> None:
    assert shell("export", "voc", str(tmp_path / "voc.jsonl"), "--theme", "#pricing")[0] == 0
    (line,) = (tmp_path / "voc.jsonl").read_text().splitlines()
    assert json.loads(line)["text"] == "=1+1 is what they typed"


def test_without_a_file_it_goes_to_standard_output(shell: Shell, logged: None) -> None:
    code, said, told = shell("export", "voc", "--since", "2026-11", "--format", "jsonl")
    assert (code, len(said.splitlines()), told) == (0, 2, "2 items written.\n")
    assert shell("export", "voc", "--since", "2026-12", "--format", "jsonl")[1] == ""


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--since", "soon"], "--since soon is no date"),
        (["--theme", "nothing"], "There is no theme #nothing."),
        (["--workspace", "T9"], "There is no workspace T9."),
        (["/nowhere/voc.csv"], "/nowhere/voc.csv cannot be written"),
    ],
)
def test_what_cannot_be_exported_is_a_sentence(shell: Shell, company: Database, options: list[str], told: str) -> None:
    code, _, said = shell("export", "voc", *options)
    assert code == 2
    assert told in said
