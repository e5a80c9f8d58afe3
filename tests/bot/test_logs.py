"""The log as a machine reads it: one JSON object a line whoever wrote it, and no secret however deep it stands."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from bot.settings import Settings
from tests.running import KEY

BEGIN = "from bot.logs import configure_logs; configure_logs('json', ['a-very-secret-value'])\n"

FORGOTTEN_TASK = """
import asyncio, gc
async def fail(): 1 / 0
async def main():
    task = asyncio.create_task(fail())
    await asyncio.sleep(0)
    del task
    gc.collect()
asyncio.run(main())
"""


def lines(program: str) -> list[dict[str, Any]]:
    """What a process that logs as JSON and runs this wrote: every line must be an object."""
    ended = subprocess.run([sys.executable, "-c", BEGIN + program], capture_output=True, text=True, timeout=60)
    assert ended.stderr, ended.stdout
    return [json.loads(line) for line in ended.stderr.splitlines()]


def test_our_lines_name_their_module_their_time_and_their_request() -> None:
    program = """
import structlog
from storage.trace import traced
with traced("slack-1234"):
    structlog.get_logger().info("delivery sent", lead=7)
"""
    (line,) = lines(program)
    assert line["timestamp"].endswith("Z")
    del line["timestamp"]
    assert line == {
        "event": "delivery sent",
        "lead": 7,
        "request_id": "slack-1234",
        "level": "info",
        "logger": "__main__",
    }


@pytest.mark.parametrize(
    ("program", "logger"),
    [
        ("import structlog\ntry: 1 / 0\nexcept ArithmeticError: structlog.get_logger().exception('broke')", "__main__"),
        (
            "import logging\ntry: 1 / 0\nexcept ArithmeticError: logging.getLogger('uvicorn.error').exception('broke')",
            "uvicorn.error",
        ),
        ("1 / 0", "tandem"),
        ("import threading; t = threading.Thread(target=lambda: 1 / 0); t.start(); t.join()", "tandem"),
        (FORGOTTEN_TASK, "asyncio"),
    ],
)
def test_a_traceback_is_one_line_with_the_whole_of_it(program: str, logger: str) -> None:
    (line,) = lines(program)
    assert line["logger"] == logger
    assert line["level"] in ("error", "critical")
    assert "ZeroDivisionError" in line["exception"]
    assert "Traceback" in line["exception"]


def test_warnings_of_libraries_are_lines_too() -> None:
    (line,) = lines("import warnings; warnings.warn('this will go', UserWarning)")
    assert line["logger"] == "py.warnings"
    assert "this will go" in line["event"]


def test_no_secret_stands_in_a_line_however_deep() -> None:
    program = """
import logging, structlog
log = structlog.get_logger()
log.info("nested", one={"two": ["xoxb-1234-abcdef", {"three": "a-very-secret-value"}]})
log.info("url", at="postgresql://tandem:hunter22@db.example.com/tandem", then="a@b.example")
logging.getLogger("lib").warning("said %s", "a-very-secret-value")
class Odd:
    def __repr__(self): return "whsec_c2VjcmV0"
log.info("odd", thing=Odd())
log.info("socket", at="wss://wss.slack.example/link/?ticket=0a1b-2c3d&app_id=A1")
"""
    nested, url, lib, odd, socket = lines(program)
    assert nested["one"] == {"two": ["***", {"three": "***"}]}
    assert url["at"] == "postgresql://***@db.example.com/tandem"
    assert url["then"] == "a@b.example"
    assert lib["event"] == "said ***"
    assert odd["thing"] == "***"
    assert socket["at"] == "wss://wss.slack.example/link/?ticket=***&app_id=A1"


def test_every_secret_of_the_settings_is_known_and_each_of_two_keys_by_itself() -> None:
    settings = Settings(slack_bot_token="xoxb-1", slack_signing_secret="sign", tandem_secret_key=f"{KEY},{KEY[::-1]}")
    assert {"xoxb-1", "sign", KEY, KEY[::-1]} <= set(settings.secrets())


def test_a_trouble_that_lasts_is_told_once_a_minute_with_how_often_it_came() -> None:
    program = """
import logging, structlog
from unittest.mock import patch
now = [0.0]
patch("bot.logs.time.monotonic", lambda: now[0]).start()
configure_logs('json')
ours, theirs = structlog.get_logger(), logging.getLogger("asyncio")
def trouble():
    for _ in range(1000):
        ours.warning("wake-ups interrupted", error="OperationalError")
        try: raise OSError(24, "Too many open files")
        except OSError: theirs.error("socket.accept() out of system resource", exc_info=True)
trouble()
now[0] = 61.0
trouble()
ours.warning("wake-ups interrupted", error="InterfaceError")
"""
    told = lines(program)
    assert [(line["event"], line.get("repeated")) for line in told] == [
        ("wake-ups interrupted", None),
        ("socket.accept() out of system resource", None),
        ("wake-ups interrupted", 999),
        ("socket.accept() out of system resource (and 999 times in between)", None),
        ("wake-ups interrupted", None),
    ]


def test_what_befell_each_arrival_is_told_however_alike() -> None:
    program = """
import structlog
from storage.trace import traced
for number in range(3):
    with traced(f"slack-{number}"):
        structlog.get_logger().warning("arrived", status=401)
"""
    assert len(lines(program)) == 3
