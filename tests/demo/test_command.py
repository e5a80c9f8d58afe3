"""`tandem demo` as somebody types it: its address, its end, its folder, and what stands in its way."""

import asyncio
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.demo import has_screen, read_port
from bot.demo.opening import open_demo
from bot.settings import SettingsProblem

FOREIGN = {
    "SLACK_BOT_TOKEN": "xoxb-somebody-elses",
    "SLACK_APP_TOKEN": "not even a token",
    "SLACK_API_URL": "https://slack.example/api/",
    "DATABASE_URL": "no database at all",
    "TANDEM_SECRET_KEY": "short",
    "TANDEM_COMMAND_PREFIX": "UPPER",
}
"""What stands in the environment of somebody who runs the real program; the demo must not touch any of it."""


@asynccontextmanager
async def demo_running(*args: str, **environment: str) -> AsyncIterator[asyncio.subprocess.Process]:
    env = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from bot.cli import main; main()",
        "demo",
        *args,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**env, **FOREIGN, **environment},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def address_of(process: asyncio.subprocess.Process) -> str:
    """The address that the demo prints."""
    assert process.stdout is not None
    async with asyncio.timeout(60):
        while line := (await process.stdout.readline()).decode():
            if found := re.search(r"http://127\.0\.0\.1:\d+/", line):
                return found[0]
    raise AssertionError(f"no address was printed: {await rest_of(process)}")


async def rest_of(process: asyncio.subprocess.Process) -> str:
    out, err = await process.communicate()
    return (out + err).decode()


async def test_it_serves_the_page_stops_at_ctrl_c_and_goes_on_from_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    async with demo_running("--keep", str(folder), PORT="0") as process:
        address = await address_of(process)
        async with httpx.AsyncClient(base_url=address, timeout=30) as page:
            assert "<html" in (await page.get("/")).text
            viewer = (await page.get("/page/state", params={"as": "U0PLAYGRBOT"})).json()["members"][1]["id"]
            arrived = await page.post("/page/control/lead", json={"as": viewer})
            skipped = await page.post("/page/control/skip-5m", json={"as": viewer})
        assert "Noor Haddad" in arrived.json()["message"]
        assert "10:05" in skipped.json()["message"]
        process.send_signal(signal.SIGINT)
        assert "go on" in " ".join((await rest_of(process)).split())  # a long path wraps the line
        assert process.returncode == 0

    async with open_demo(folder, 0) as demo:
        slack = demo.stage.slack
        assert demo.now.startswith("Tuesday, 10:0")
        card = await slack.channel("#leads-emea").message(containing="Noor Haddad")
        asked = await card.button("Claim").click(by="priya")  # a colleague has it
        assert not await asked.submit()
        await card.changed(containing="Claimed by Priya Nair")
        assert "Stefan Ionescu" in str(await controls_say(demo, "lead"))
        assert slack.refusals == []


async def test_it_prints_its_eight_lines_and_nothing_else() -> None:
    async with demo_running(PORT="0") as process:
        address = await address_of(process)
        async with httpx.AsyncClient(base_url=address, timeout=30) as page:
            viewer = (await page.get("/page/state", params={"as": "U0PLAYGRBOT"})).json()["members"][1]["id"]
            await page.post("/page/control/lead", json={"as": viewer})
        process.send_signal(signal.SIGINT)
        out, err = await process.communicate()
    assert err == b""
    # Four lines were read on the way to the address.
    assert [line for line in out.decode().splitlines() if line] == [
        "It is Tuesday, 10:00 there. You act as Priya Nair; switch at the bottom left.",
        "Let leads arrive and skip time with the buttons at the top.",
        "What you do is gone afterwards; --keep DIR keeps it. Ctrl-C stops it.",
        "Stopped.",
    ]


async def controls_say(demo: Any, control: str) -> str:
    slack = demo.stage.slack
    answer = await slack.page.control({"as": slack.member("priya").id, "id": control})
    return str(answer["message"])


async def test_a_port_in_use_is_said_and_ends_with_2() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        async with demo_running(PORT=str(port)) as process:
            said = await rest_of(process)
    assert f"Port {port} cannot be used" in said
    assert "Set PORT" in said
    assert "Traceback" not in said
    assert process.returncode == 2


async def test_a_folder_with_half_a_demo_is_said_and_ends_with_2(tmp_path: Path) -> None:
    (tmp_path / "demo.db").write_bytes(b"")
    with pytest.raises(SettingsProblem, match="Empty the folder"):
        async with open_demo(tmp_path, 0):
            pass


@pytest.mark.parametrize("given", ["abc", "-1", "65536", "8 0", "٣"])
def test_a_port_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(SettingsProblem, match="PORT"):
        read_port(given)


def test_the_port_is_8333_unless_it_is_set() -> None:
    assert (read_port(""), read_port(" 9000 "), read_port("0")) == (8333, 9000, 0)


def test_a_browser_opens_only_where_there_is_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert not has_screen()
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert has_screen()
    monkeypatch.delenv("WAYLAND_DISPLAY")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert has_screen()
