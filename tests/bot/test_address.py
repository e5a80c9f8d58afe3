"""A DATABASE_URL that is wrong: every command says in one sentence what to do, ends with 2, and tells no password."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from psycopg import OperationalError as Refusal
from sqlalchemy.exc import OperationalError

from bot.address import why_not
from bot.cli import main
from bot.settings import Settings, SettingsProblem, read_settings
from storage.engines import driver_url
from tests.postgres import Postgres, running_postgres

SECRET = "hunter2-Correct"
COMMANDS = (
    ("serve",),
    ("web",),
    ("worker",),
    ("migrate",),
    ("doctor",),
    ("config", "show"),
    ("config", "apply", "tandem.toml"),
    ("import", "content", "figures.csv"),
)

Tandem = Callable[..., tuple[int, str]]


@pytest.fixture
def tandem(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Tandem]:
    """Runs a command on that address, in a folder with its files; returns its exit code and all it said."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tandem.toml").write_text('[[policies]]\ntier = "hot"\ncontact = "10m"\n')
    (tmp_path / "figures.csv").write_text("title,week,views,leads,influenced_wins\nROI guide,2026-W46,120,6,1\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "words.db").write_text("words, and more words, and no database at all. " * 40)
    with sqlite3.connect(tmp_path / "theirs.db") as theirs:
        theirs.execute("CREATE TABLE django_migrations (id INTEGER)")
    with sqlite3.connect(tmp_path / "alembic.db") as theirs:
        theirs.execute("CREATE TABLE alembic_version (version_num TEXT)")
        theirs.execute("INSERT INTO alembic_version VALUES ('ae1027a6acf5')")
    for name, value in {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "sign", "PORT": "0"}.items():
        monkeypatch.setenv(name, value)
    root = logging.getLogger()
    before = root.handlers, root.level

    def run(address: str, *words: str) -> tuple[int, str]:
        monkeypatch.setenv("DATABASE_URL", address)
        monkeypatch.setattr("sys.argv", ["tandem", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out + said.err

    yield run
    root.handlers, root.level = before


MALFORMED = {
    f"mysql://tandem:{SECRET}@db/tandem": "begins with mysql://",
    f'"postgresql://tandem:{SECRET}@db/tandem"': "quotation marks",
    f"postgresql://tandem:{SECRET}@more@db/tandem": "an @ too many",
    f"postgresql://tandem:more@{SECRET}/x@db/tandem": "an @ too many",
    f"postgresql://tandem:{SECRET}@db:port/tandem": "port is no number",
    f"postgresql://tandem:{SECRET}@db:99999/tandem": "port is no number",
    f"tandem:{SECRET}": "SQLite or PostgreSQL",
    "tandem.db": "SQLite or PostgreSQL",
    "sqlite://tandem.db": "three slashes",
    "sqlite://": "in memory only",
    "sqlite:///:memory:": "in memory only",
}
UNUSABLE = {
    f"postgres://tandem:{SECRET}@127.0.0.1:1/tandem": "nothing listens",
    f"postgresql+asyncpg://tandem:{SECRET}@127.0.0.1:1/tandem": "nothing listens",
    f"postgresql://tandem:{SECRET}@nowhere.invalid/tandem": "no computer has that name",
    f"postgresql://tandem:{SECRET}@127.0.0.1:1/tandem?schema=public": "Look at: schema.",
}
FILES = {
    "sqlite:///folder": "is a folder",
    "sqlite:///nowhere/tandem.db": "nowhere is not there",
    "sqlite:////proc/tandem.db": "/proc/tandem.db cannot be",
    "sqlite:///words.db": "is no SQLite database",
    "sqlite+aiosqlite:///words.db": "is no SQLite database",
    "sqlite:///theirs.db": "belongs to another program",
    "sqlite:///alembic.db": "belongs to another program",
}


def held(said: str, sign: str) -> bool:
    """Whether it is a sentence with that in it, and no more than that: no traceback, no piece of the password."""
    plain = " ".join(said.split())
    return sign in plain and "Traceback" not in said and not any(piece in said for piece in SECRET.split("-"))


@pytest.mark.parametrize("command", [*COMMANDS, ("manifest",)], ids=" ".join)
def test_an_address_that_can_be_none_is_told(tandem: Tandem, command: tuple[str, ...]) -> None:
    for address, sign in MALFORMED.items():
        code, said = tandem(address, *command)
        assert (code, held(said, sign)) == (2, True), (address, said)
        assert len(said.splitlines()) == 1, said


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_server_that_cannot_be_reached_is_told(tandem: Tandem, command: tuple[str, ...]) -> None:
    for address, sign in UNUSABLE.items():
        code, said = tandem(address, *command)
        assert (code, held(said, sign)) == (2, True), (address, said)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_file_that_is_none_of_ours_is_told_and_left_as_it_is(
    tandem: Tandem, command: tuple[str, ...], tmp_path: Path
) -> None:
    for address, sign in FILES.items():
        code, said = tandem(address, *command)
        sign = "PostgreSQL" if command in (("web",), ("worker",)) else sign
        assert (code, held(said, sign)) == (2, True), (address, said)
    assert (tmp_path / "words.db").read_text().startswith("words, and")
    with sqlite3.connect(tmp_path / "theirs.db") as theirs:
        assert theirs.execute("SELECT name FROM sqlite_master").fetchall() == [("django_migrations",)]


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """A server that asks for passwords."""
    with running_postgres(tcp=True) as server:
        yield server


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_what_a_server_refuses_is_told(tandem: Tandem, command: tuple[str, ...], server: Postgres) -> None:
    here = f"127.0.0.1:{server.port}"
    refused = {
        f"postgresql://postgres:{SECRET}@{here}/postgres": "refuses the user or the password",
        f"postgresql://postgres@{here}/postgres": "refuses the user or the password",
        f"postgresql://postgres:{server.password}@{here}/nothing": "knows no such database",
        f"postgresql://postgres:{server.password}@{here}/postgres?sslmode=require": "offers no TLS",
    }
    for address, sign in refused.items():
        code, said = tandem(address, *command)
        assert (code, held(said, sign), server.password in said) == (2, True, False), said


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.9", user "tandem", database "x", no encryption', "wants TLS"),
        (
            'FATAL:  no pg_hba.conf entry for host "10.0.0.9", user "tandem", database "x", SSL encryption',
            "pg_hba.conf",
        ),
        ('FATAL:  role "tandem" does not exist', "no such user"),
        ("FATAL:  sorry, too many clients already", "no connection left"),
        ("FATAL:  the database system is starting up", "try again"),
        ("SSL error: certificate verify failed", "sslrootcert"),
        ("connection timeout expired", "does not answer"),
        ("received invalid response to SSL negotiation: H", "something else"),
        (f"something never heard of, with {SECRET} in it", "Its own log says why"),
    ],
)
def test_what_only_some_servers_say_is_told_too(said: str, meaning: str) -> None:
    url = driver_url(f"postgresql://tandem:{SECRET}@db.example:6432/tandem")
    sentence = why_not(OperationalError("SELECT 1", None, Refusal(f"connection failed: {said}")), url)
    assert sentence is not None
    assert held(sentence, meaning), sentence
    assert sentence.startswith("The database tandem of PostgreSQL at db.example:6432 ")


def test_a_password_with_signs_reaches_the_server_when_it_is_written_so(server: Postgres, tandem: Tandem) -> None:
    with server._administrator() as administrator:
        administrator.execute("CREATE ROLE signs LOGIN SUPERUSER PASSWORD 'p@ss/w:o%r?d#1'")
    address = f"postgres://signs:p%40ss%2Fw%3Ao%25r%3Fd%231@127.0.0.1:{server.port}/postgres"
    assert tandem(address, "migrate")[0] == 0


def test_a_password_is_a_secret_of_the_log_however_it_is_written() -> None:
    settings = Settings(
        database_url="postgresql://u:p%40ssword1@h/d", tandem_database_direct_url="postgresql://u:password2@h/d"
    )
    assert {"p%40ssword1", "p@ssword1", "password2"} <= set(settings.secrets())


# .env


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name in ("SLACK_BOT_TOKEN", "PORT", "DATABASE_URL", "TANDEM_SECRET_KEY", "SLACK_CLI_XOXB", "SLACK_CLI_XAPP"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path / ".env"


def test_settings_are_read_from_a_file_beside_as_people_write_it(env: Path) -> None:
    env.write_text(
        "\ufeff# Slack\nexport SLACK_BOT_TOKEN='xoxb-1'   # of the app\n\nPORT = 4000\n"
        'DATABASE_URL="postgresql://u:a#b@h/d"\nTANDEM_SECRET_KEY=\nSOMEBODY_ELSES=1\n',
        encoding="utf-8",
    )
    settings = read_settings()
    assert settings.slack_bot_token is not None
    assert settings.slack_bot_token.get_secret_value() == "xoxb-1"
    assert (settings.port, settings.database_url) == (4000, "postgresql://u:a#b@h/d")
    assert settings.tandem_secret_key is None


def test_the_environment_wins_over_the_file(env: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env.write_text("PORT=4000\n")
    monkeypatch.setenv("PORT", "5000")
    assert read_settings().port == 5000


def test_a_file_that_cannot_be_read_is_named(env: Path) -> None:
    env.write_bytes(b"PORT=4000\n\xff\xfe")
    with pytest.raises(SettingsProblem, match=r"\.env cannot be read"):
        read_settings()


def test_the_tokens_of_slack_run_are_taken_where_no_others_are(env: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_CLI_XOXB", "xoxb-cli")
    monkeypatch.setenv("SLACK_CLI_XAPP", "xapp-cli")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-mine")
    settings = read_settings()
    assert settings.slack_bot_token is not None
    assert settings.slack_app_token is not None
    assert settings.slack_bot_token.get_secret_value() == "xoxb-mine"
    assert settings.slack_app_token.get_secret_value() == "xapp-cli"
