"""The playground in a process or a thread of its own."""

import asyncio
import json
import sys
from pathlib import Path

import httpx
from slack_sdk import WebClient

from playground import Playground
from tests.playground.manifest import MANIFEST


async def test_as_a_program_it_prints_a_bots_environment_and_stops_when_told(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps(MANIFEST))
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "playground",
        "--manifest",
        str(manifest),
        "--port",
        "0",
        "--channel",
        "leads",
        stdout=asyncio.subprocess.PIPE,
    )
    assert program.stdout is not None
    environment: dict[str, str] = {}
    while (line := (await program.stdout.readline()).decode().strip()) != "READY":
        name, _, value = line.partition("=")
        environment[name] = value
    try:
        async with httpx.AsyncClient(base_url=environment["SLACK_API_URL"]) as client:
            headers = {"Authorization": f"Bearer {environment['SLACK_BOT_TOKEN']}"}
            listed = (await client.post("conversations.list", headers=headers)).json()
        assert [one["name"] for one in listed["channels"]] == ["leads"]
    finally:
        program.terminate()
    assert await asyncio.wait_for(program.wait(), 5) == 0


def test_in_a_thread_it_serves_programs_without_a_loop() -> None:
    slack = Playground(MANIFEST, members=["ana"])
    slack.add_channel("#leads", app=True)
    with slack.in_thread():
        client = WebClient(token=slack.bot_token, base_url=slack.api_url)
        assert client.chat_postMessage(channel="#leads", text="sync")["ok"]
    assert [one.text for one in slack.channel("#leads").messages] == ["sync"]
