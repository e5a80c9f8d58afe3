"""What people start Tandem with besides a shell: the Slack CLI's hooks, the Procfile, containers, systemd."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.cli import app
from bot.settings import Settings
from handlers.catalog import all_listeners
from handlers.manifest import make_manifest
from playground import Playground
from tests.running import KEY

ROOT = Path(__file__).parent.parent
PLAIN = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
COMMANDS = {one.name or one.callback.__name__ for one in app.registered_commands if one.callback is not None}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project's folder as the Slack CLI works in it, without a developer's own .env."""
    for name in ("tandem", ".slack"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


@pytest.fixture
def hooks(project: Path) -> dict[str, str]:
    """The hooks as the CLI finds them out: by running `get-hooks`, and reading its standard output as JSON."""
    first = json.loads((project / ".slack" / "hooks.json").read_text())["hooks"]["get-hooks"]
    answer = json.loads(run_hook(first, project))
    assert answer["config"]["sdk-managed-connection-enabled"] is True
    found: dict[str, str] = answer["hooks"]
    return found


def run_hook(command: str, project: Path, **env: str) -> str:
    """As the CLI does: by the shell, in the project's folder; exit code 0, and the whole of its standard output."""
    done = subprocess.run(["sh", "-c", command], cwd=project, env=PLAIN | env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@asynccontextmanager
async def started(command: str, project: Path, env: Mapping[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """A command that goes on, once it says on standard error that it is running; Ctrl-C at the end."""
    process = await asyncio.create_subprocess_exec(
        "sh",
        "-c",
        f"exec {command}",
        cwd=project,
        env={**PLAIN, **env},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        said = ""
        async with asyncio.timeout(40):
            while "is running" not in said:
                line = await process.stderr.readline()
                assert line, said
                said += line.decode()
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
            async with asyncio.timeout(60):
                await process.wait()


def test_the_manifest_hook_gives_the_manifest_for_socket_mode_and_nothing_else(
    hooks: dict[str, str], project: Path
) -> None:
    given = json.loads(run_hook(hooks["get-manifest"], project, PUBLIC_URL="https://tandem.example.com"))
    assert given == make_manifest(all_listeners())
    assert given["settings"]["socket_mode_enabled"] is True


async def test_the_start_hook_runs_on_the_tokens_of_the_slack_cli(
    hooks: dict[str, str], project: Path, tmp_path: Path
) -> None:
    async with Playground(make_manifest(all_listeners()), mode="socket") as slack:
        slack.patience = 15.0
        slack.add_member("mia", real_name="Mia Stone", is_admin=True, is_primary_owner=True)
        slack.add_channel("#general")
        env = {
            "SLACK_CLI_XOXB": slack.bot_token,
            "SLACK_CLI_XAPP": slack.app_token,
            "SLACK_API_URL": slack.api_url,
            "DATABASE_URL": f"sqlite:///{tmp_path}/tandem.db",
            "PORT": "0",
        }
        async with started(hooks["start"], project, env) as process:
            await slack.app_connected()
            receipt = await slack.channel("#general").command("/voc too expensive next to Rivalsoft", by="mia")
            assert "logged" in receipt.text.lower()
        assert process.stdout is not None
        assert await process.stdout.read() == b""
        assert process.returncode == 0


@pytest.mark.parametrize("engine_name", ["postgresql"])
async def test_the_lines_of_the_procfile_run_beside_each_other_on_an_empty_database(
    database_url: str, project: Path
) -> None:
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    assert set(lines) == {"web", "worker"}, "a line that ends would end the others with it"
    async with Playground(make_manifest(all_listeners()), mode="http") as slack:
        slack.add_member("mia", real_name="Mia Stone", is_admin=True, is_primary_owner=True)
        env = {**slack.environment, "DATABASE_URL": database_url, "TANDEM_SECRET_KEY": KEY, "PORT": "0"}
        env |= {"TANDEM_METRICS_PORT": "0"}
        async with (
            started(f"sh -c '{lines['web']}'", project, env) as web,
            started(f"sh -c '{lines['worker']}'", project, env) as worker,
        ):
            assert (web.returncode, worker.returncode) == (None, None)


def test_whoever_calls_the_launcher_from_elsewhere_reaches_the_same_program(tmp_path: Path) -> None:
    link = tmp_path / "anything"
    link.symlink_to(ROOT / "tandem")
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "__init__.py").write_text("raise SystemExit('the wrong one')")
    assert json.loads(run_hook(f"{link} manifest", tmp_path))["features"]


def test_containers_copy_files_that_are_there_and_run_commands_that_exist() -> None:
    dockerfile, compose = (ROOT / "Dockerfile").read_text(), (ROOT / "compose.yaml").read_text()
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {name for line in re.findall(r"^COPY (.+) \S+$", dockerfile, re.MULTILINE) for name in line.split()}
    assert copied == let_in
    assert [name for name in copied if not (ROOT / name).exists()] == []
    ran = set(re.findall(r"command: \[(\w+)", compose)) | set(re.findall(r'^CMD \["(\w+)"\]', dockerfile, re.MULTILINE))
    assert ran == {"migrate", "web", "worker", "serve"}
    assert ran <= COMMANDS


def test_each_setting_of_the_examples_exists() -> None:
    known = {name.upper() for name in Settings.model_fields} | {"POSTGRES_PASSWORD", "POSTGRES_USER", "POSTGRES_DB"}
    for name in (".env.example", "compose.yaml", "deploy/tandem.service"):
        text = (ROOT / name).read_text()
        used = set(re.findall(r"^(?:\s*|#|Environment=)([A-Z][A-Z_]{3,})[:=]", text, re.MULTILINE))
        assert used
        assert used <= known, name


def test_the_command_is_written_everywhere_as_it_is_typed() -> None:
    """`tandem serve` is on nobody's path: in a clone and in a container it is `./tandem serve`."""
    bare = re.compile(rf"(?<![\w/.}}\-])tandem (?:{'|'.join(sorted(COMMANDS | {'config', 'import'}))})\b")
    rooms = [ROOT / room for room in ("bot", "handlers", "domain", "storage", "digests")]
    files = [file for room in rooms for end in ("*.py", "*.toml") for file in room.rglob(end)]
    docs = [file for file in (ROOT / "docs").glob("*.md") if file.name != "performance.md"]  # made by the bench
    for file in [*files, *docs, ROOT / "README.md", ROOT / "tandem.example.toml", ROOT / "compose.yaml"]:
        assert (file.name, bare.findall(file.read_text())) == (file.name, [])
