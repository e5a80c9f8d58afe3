"""One id tells a story: from a request's arrival to the message in Slack, in the log of a real process."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from handlers.catalog import all_listeners
from handlers.manifest import make_manifest
from playground import Fault, Playground
from storage.database import Database
from tests.bot.test_processes import arrange, run_out
from tests.running import KEY

PATIENCE = 30


@dataclass
class Logged:
    """`tandem serve` with its log as JSON."""

    slack: Playground
    db: Database
    port: int
    secret: str
    log: Path

    async def post(self, number: str, **headers: str) -> httpx.Response:
        body, stamp = json.dumps({"name": f"Lead {number}", "tier": "hot"}), datetime.now(UTC)
        signed = {
            "webhook-id": number,
            "webhook-timestamp": str(int(stamp.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(number, stamp, body),
        }
        async with httpx.AsyncClient() as http:
            url = f"http://127.0.0.1:{self.port}/intake/website"
            return await http.post(url, content=body, headers=signed | headers)

    def lines(self, **having: Any) -> list[dict[str, Any]]:
        """The log's lines that say so, oldest first; each line of the log must be JSON."""
        said = [json.loads(line) for line in self.log.read_text().splitlines() if not line.startswith("Tandem is")]
        return [line for line in said if having.items() <= line.items()]

    async def line(self, **having: Any) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            while not (found := self.lines(**having)):  # noqa: ASYNC110  # a file tells nobody that it grew
                await asyncio.sleep(0.02)
        return found[0]


def port_in(log: Path) -> int | None:
    said = re.search(r"listens on port (\d+)", log.read_text())
    return int(said[1]) if said else None


@asynccontextmanager
async def logging_process(url: str, slack: Playground, secret: str, log: Path, db: Database) -> AsyncIterator[Logged]:
    env = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": url,
        "PORT": "0",
        "LOG_FORMAT": "json",
        "TANDEM_SECRET_KEY": KEY,
        **slack.environment,
    }
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "from bot.cli import main; main()", "serve", env=env, stderr=out
        )
    try:
        async with asyncio.timeout(PATIENCE):
            while (port := port_in(log)) is None:
                assert process.returncode is None, "it ended before it listened"
                await asyncio.sleep(0.05)
        slack.events_url = f"http://127.0.0.1:{port}/slack/events"
        yield Logged(slack, db, port, secret, log)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(60):
                await process.wait()


@pytest.fixture
async def logged(postgres_url: str, tmp_path: Path) -> AsyncIterator[Logged]:
    """On PostgreSQL, so that the test may write to the database beside the process."""
    from storage.migrate import migrate

    async with Playground(make_manifest(all_listeners()), mode="http") as slack:
        slack.add_member("mia", is_admin=True, is_primary_owner=True)
        slack.add_member("ana")
        slack.add_channel("#leads", app=True)
        slack.patience = 15
        db = Database(postgres_url)
        await asyncio.to_thread(migrate, db.engine)
        secret = await db.run(arrange, slack)
        async with logging_process(postgres_url, slack, secret, tmp_path / "log", db) as running:
            yield running
        await asyncio.to_thread(db.close)


async def test_a_leads_story_is_found_by_the_id_that_its_sender_gave(logged: Logged) -> None:
    answer = await logged.post("first", **{"X-Request-Id": "crm-export-0815"})
    assert answer.headers["x-request-id"] == "crm-export-0815"
    card = await logged.slack.channel("#leads").message(containing="Lead first")

    arrived = await logged.line(event="arrived", request_id="crm-export-0815")
    assert (arrived["door"], arrived["status"], arrived["level"]) == ("intake", 202, "info")
    sent = await logged.line(event="delivery sent", request_id="crm-export-0815", kind="lead_card")
    assert sent["ts"] == card.ts
    assert sent["subject"] == arrived["lead"] == answer.json()["lead_id"]
    await logged.line(event="delivery sent", request_id="crm-export-0815", kind="lead_dm")

    # The click has an id of its own, and the change of the card goes by it.
    await card.button("Claim").click(by="ana")
    click = await logged.line(event="arrived", listener="lead.claim")
    assert click["request_id"].startswith("slack-")
    changed = await logged.line(event="delivery sent", request_id=click["request_id"], kind="lead_card")
    assert changed["ts"] == card.ts

    # And the clock's steps have theirs.
    await logged.db.run(run_out)
    rung = await logged.line(event="rung applied", rung="breach")
    assert rung["request_id"].startswith("tick-")
    await logged.line(event="delivery sent", request_id=rung["request_id"], kind="lead_breach")


async def test_a_delivery_that_fails_says_so_under_the_id_of_its_cause(logged: Logged) -> None:
    logged.slack.faults.next("chat.postMessage", Fault.server_error())
    answer = await logged.post("second")
    request_id = answer.headers["x-request-id"]
    assert request_id.startswith("intake-")
    failed = await logged.line(event="delivery not sent", request_id=request_id)
    assert failed["level"] == "warning"
    await logged.line(event="delivery sent", request_id=request_id, kind=failed["kind"])


async def test_an_id_that_is_no_name_is_replaced_and_a_forged_request_has_a_line_of_its_own(logged: Logged) -> None:
    answer = await logged.post("third", **{"X-Request-Id": 'x" ,"level":"critical'})
    assert answer.headers["x-request-id"].startswith("intake-")
    forged = await logged.post("fourth", **{"webhook-signature": "v1,bm90IGl0"})
    line = await logged.line(event="arrived", request_id=forged.headers["x-request-id"])
    assert (line["status"], line["level"]) == (401, "warning")
    assert "Lead" not in logged.log.read_text(), "what people write stands in no log"
