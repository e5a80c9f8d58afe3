"""A long import beside people: `tandem import content` while `tandem serve` runs on the same SQLite file."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from standardwebhooks import Webhook

from domain.people import ensure_workspace
from handlers.catalog import all_listeners
from handlers.manifest import make_manifest
from playground import Playground
from storage.database import Database
from storage.models import AssetFigures, Lead
from tests.bot.test_processes import arrange
from tests.processes import running
from tests.running import KEY

ROWS = int(os.environ.get("TANDEM_TEST_ROWS", "6000"))


@pytest.fixture
def engine_name() -> str:
    """PostgreSQL locks rows, not the file."""
    return "sqlite"


def write_figures(file: Path, rows: int) -> None:
    lines = (f"Guide {number},https://x.example/{number},2026-W46,{number},1,0\n" for number in range(rows))
    file.write_text("title,url,week,views,leads,influenced_wins\n" + "".join(lines))


async def post_leads(port: int, secret: str, ended: asyncio.Event) -> list[tuple[int, float]]:
    """A lead every 50 ms until then: each answer's status, and the seconds it took."""
    answers: list[tuple[int, float]] = []
    async with httpx.AsyncClient(timeout=60) as http:
        while not ended.is_set():
            name, stamp = f"lead-{len(answers)}", datetime.now(UTC)
            body = json.dumps({"name": name, "tier": "warm"})
            headers = {
                "webhook-id": name,
                "webhook-timestamp": str(int(stamp.timestamp())),
                "webhook-signature": Webhook(secret).sign(name, stamp, body),
            }
            began = time.monotonic()
            answer = await http.post(f"http://127.0.0.1:{port}/intake/website", content=body, headers=headers)
            answers.append((answer.status_code, time.monotonic() - began))
            await asyncio.sleep(0.05)
    return answers


async def start_import(file: Path, env: dict[str, str]) -> asyncio.subprocess.Process:
    """`tandem import content FILE`, as a process that can be interrupted, also where these tests cannot: what is
    started in the background of a script inherits that SIGINT is ignored."""
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    program = f"{heard}; from bot.cli import main; main()"
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, "import", "content", str(file), env=env, stdout=pipe, stderr=pipe
    )


def rows_taken(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(AssetFigures)) or 0


async def test_leads_are_taken_while_thousands_of_rows_are_imported(migrated_url: str, tmp_path: Path) -> None:
    file = tmp_path / "figures.csv"
    write_figures(file, ROWS)
    async with Playground(make_manifest(all_listeners()), mode="http") as slack:
        slack.add_member("mia", is_admin=True, is_primary_owner=True)
        slack.add_member("ana")
        slack.add_channel("#leads", app=True)
        db = Database(migrated_url)
        secret = await db.run(arrange, slack)
        await asyncio.to_thread(db.close)
        env = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": migrated_url,
            "PORT": "0",
            "TANDEM_SECRET_KEY": KEY,
            **slack.environment,
        }
        async with running("serve", env) as (_, port):
            assert port is not None
            ended = asyncio.Event()
            posting = asyncio.create_task(post_leads(port, secret, ended))
            importing = await start_import(file, env)
            printed, _ = await importing.communicate()
            ended.set()
            answers = await posting
        assert importing.returncode == 0
        assert f"Imported {ROWS:,} rows of figures.csv: {ROWS} new assets" in printed.decode()
        db = Database(migrated_url)
        rows = await db.read(rows_taken)
        leads = await db.read(lambda session: session.scalar(select(func.count()).select_from(Lead)))
        await asyncio.to_thread(db.close)
    refused = [status for status, _ in answers if status not in (200, 202)]
    assert refused == []
    assert (rows, leads) == (ROWS, len(answers))
    assert max(seconds for _, seconds in answers) < 2.5


async def test_an_import_that_is_interrupted_says_so_and_goes_on_next_time(migrated_url: str, tmp_path: Path) -> None:
    file = tmp_path / "figures.csv"
    write_figures(file, 10_000)
    db = Database(migrated_url)
    await db.run(ensure_workspace, "T1", name="Test", at=datetime.now(UTC))
    env = {"PATH": os.environ["PATH"], "DATABASE_URL": migrated_url, "TANDEM_SECRET_KEY": KEY}
    importing = await start_import(file, env)
    async with asyncio.timeout(30):
        while not await db.read(rows_taken):  # noqa: ASYNC110  # only the database knows
            await asyncio.sleep(0.01)
    importing.send_signal(signal.SIGINT)
    _, said = await importing.communicate()
    assert importing.returncode == 2
    assert "rows, which stay. The same command goes on with the others." in said.decode()
    assert 0 < await db.read(rows_taken) < 10_000
    again = await start_import(file, env)
    printed, _ = await again.communicate()
    assert again.returncode == 0
    assert "Imported 10,000 rows of figures.csv" in printed.decode()
    assert await db.read(rows_taken) == 10_000
    await asyncio.to_thread(db.close)
