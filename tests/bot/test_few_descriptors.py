"""A program that may open few files, and strangers who hold connections open: who works gets an answer all the same."""

from __future__ import annotations

import asyncio
import re
import socket
import sys
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

import httpx

from handlers.catalog import all_listeners
from handlers.manifest import make_manifest
from playground import Playground
from tests.running import KEY

SILENT = 120
DESCRIPTORS = 128
PROGRAM = f"""
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, ({DESCRIPTORS}, {DESCRIPTORS}))
from bot.cli import main
main()
"""


async def test_silent_connections_do_not_stop_a_program_with_few_descriptors(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(Playground(make_manifest(all_listeners()), mode="http"))
        slack.add_member("mia", real_name="Mia Stone", is_admin=True, is_primary_owner=True)
        slack.add_channel("#general")
        env = {"DATABASE_URL": f"sqlite:///{tmp_path}/tandem.db", "PORT": "0", "TANDEM_SECRET_KEY": KEY}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", PROGRAM, "serve", env={**env, **slack.environment}, stderr=asyncio.subprocess.PIPE
        )
        assert process.stderr is not None
        said = b""
        async with asyncio.timeout(40):
            while b"listens on port" not in said:
                line = await process.stderr.readline()
                assert line, said
                said += line
        found = re.search(rb"listens on port (\d+)", said)
        assert found is not None
        log = asyncio.create_task(process.stderr.read())
        address = f"http://127.0.0.1:{int(found[1])}"
        slack.events_url = f"{address}/slack/events"
        with ExitStack() as strangers:
            for _ in range(3):
                for _ in range(SILENT):
                    strangers.enter_context(socket.create_connection(("127.0.0.1", int(found[1]))))
                async with httpx.AsyncClient() as http:
                    answer = await http.get(f"{address}/healthz", timeout=30)
                assert answer.status_code == 200
                receipt = await slack.channel("#general").command("/voc too expensive next to Rivalsoft", by="mia")
                assert "Rivalsoft" in receipt.text or "ogged" in receipt.text
        process.terminate()
        async with asyncio.timeout(60):
            await process.wait()
        written = said + await log
        assert len(written.splitlines()) < 60, written.decode()[-4000:]
