"""Planted secrets: the real program is driven through good and bad, and nothing that it says holds one of them."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Literal

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from handlers.catalog import all_listeners
from handlers.manifest import make_manifest
from playground import Fault, Playground
from storage.database import Database
from storage.migrate import migrate
from tests.hostile.asked import Asked, Seen
from tests.hostile.bodies import Bodies
from tests.hostile.company import found, people
from tests.hostile.door import Door
from tests.hostile.process import served

KEY = "planted key that seals what sources prove themselves with"
OPENAI = "sk-planted-0123456789-0123456789"
PASSWORD = "planted-word-of-the-database"
CLIENT = "planted-secret-of-the-client"
WORDS = "planted words of a customer"


@pytest.mark.parametrize("form", ["json", "console"])
async def test_no_secret_is_told(database_url: str, form: Literal["json", "console"]) -> None:
    heard: list[str] = []
    async with Playground(make_manifest(all_listeners()), mode="http") as slack:
        people(slack)
        url = database_url
        if url.startswith("postgresql"):  # which trusts whoever comes by its socket, with any password
            url = make_url(url).set(password=PASSWORD).render_as_string(hide_password=False)
        env = {
            **slack.environment,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_CLIENT_SECRET": CLIENT,
            "DATABASE_URL": url,
            "TANDEM_SECRET_KEY": KEY,
            "OPENAI_API_KEY": OPENAI,
            "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
            "LOG_FORMAT": form,
        }
        db = Database(url)
        migrate(db.engine)
        company = db.run_sync(found, slack, datetime.now(UTC))
        secrets = [
            slack.bot_token,
            slack.app_token,
            slack.signing_secret,
            KEY,
            OPENAI,
            PASSWORD,
            CLIENT,
            WORDS,
            *(one.secret for one in company.senders),
        ]
        async with served(env, heard.append) as program:
            door = Door(slack, company, program.port)
            try:
                heard += [answer async for answer in _answers(door, slack, db)]
            finally:
                await door.close()
        db.close()
        heard += [await _command(env, *words) for words in (("doctor",), ("config", "export"), ("manifest",))]
        nowhere = f"postgresql://tandem:{PASSWORD}@127.0.0.1:1/nowhere"
        for words in (("doctor",), ("migrate",), ("serve",)):
            heard.append(await _command({**env, "DATABASE_URL": nowhere}, *words))
        broken = {**env, "SLACK_BOT_TOKEN": slack.app_token, "DATABASE_URL": f"no://{PASSWORD}", "PORT": KEY}
        heard.append(await _command(broken, "serve"))
        said = "\n".join([*heard, *(str(one.args) for one in slack.calls), *_shown(slack)])
    assert "listener failed" in said, "an error that nobody foresaw was to be among it"
    assert "Traceback" in said
    told = [secret for secret in secrets if secret in said]
    assert told == [], [line[:2000] for line in said.splitlines() if any(one in line for one in told)][:3]


async def _answers(door: Door, slack: Playground, db: Database) -> AsyncIterator[str]:
    """What people, senders and whoever watches over the program read, in good times and bad."""
    make = Bodies(Seen(), door.company, slack.workspace.team_id)
    good = Asked("command", "voc", "command", make.command_body("voc", "too dear #pricing @Globex $40k", "ana"), "ana")
    lead = Asked("webhook", "website", "json", {"name": "Lee"}, sender="website")
    yield (await door.send(good)).body
    yield (await door.send(lead)).body
    yield (await door.send(Asked("webhook", "crm", "json", {"name": "Kim"}, sender="crm"))).body
    signed = {"X-Slack-Request-Timestamp": "1", "X-Slack-Signature": f"v0={slack.signing_secret}"}
    yield (await door.post("/slack/events", b"command=/voc", signed)).body
    yield (await door.post("/intake/crm", b"{}", {"X-Tandem-Secret": door.secrets["crm"].secret[:-1]})).body
    yield (await door.post("/intake/crm", b"{", {"X-Tandem-Secret": door.secrets["crm"].secret})).body
    yield (await door.post("/intake/website", b"{}", {"webhook-id": "1", "webhook-signature": "v1,x"})).body
    slack.faults.next("chat.postMessage", Fault.server_error(), Fault.refuse("channel_not_found"), Fault.lost_reply())
    slack.faults.next("chat.update", Fault.refuse("missing_scope"), Fault.rate_limited(1))
    yield (await door.send(lead)).body
    for path in ("/metrics", "/readyz", "/healthz", "/nowhere"):
        yield (await door.get(path)).body
    if not db.is_sqlite:  # where the server tells of the whole row
        refuse = text("ALTER TABLE voc_items ADD CONSTRAINT nothing_more CHECK (false) NOT VALID")
        db.run_sync(lambda session: session.execute(refuse))
        asked = Asked("command", "voc", "command", make.command_body("voc", f"{WORDS} #pricing", "ana"), "ana")
        yield (await door.send(asked)).body
    db.run_sync(lambda session: session.execute(text("ALTER TABLE personas RENAME TO gone")))
    yield (
        await door.send(Asked("command", "persona", "command", make.command_body("persona", "list", "ana"), "ana"))
    ).body
    db.run_sync(lambda session: session.execute(text("ALTER TABLE leads RENAME TO went")))
    yield (await door.send(lead)).body
    yield (await door.get("/readyz")).body
    slack.faults.rate("*", Fault.refuse("token_revoked"), 1.0)
    yield (await door.send(good)).body
    yield (await door.get("/metrics")).body


def _shown(slack: Playground) -> list[str]:
    """Everything that stands in the workspace."""
    channels = slack.workspace.channels.values()
    messages = [message for one in channels for message in (*one.log.everything(), *one.ephemerals)]
    return [f"{one.text} {one.blocks} {one.attachments}" for one in messages]


async def _command(env: dict[str, str], *words: str) -> str:
    """What a command of the program prints, on both streams; ended after a while when it does not end by itself."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from bot.cli import main; main()",
        *words,
        env={"PATH": os.environ["PATH"], "PORT": "0", **env},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with _ended(process):
        out, _ = await process.communicate()
    return out.decode(errors="replace")


@asynccontextmanager
async def _ended(process: asyncio.subprocess.Process) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(30):
            yield
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
