"""The page for receivers: its lines check a signature, and it names every event."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook

from domain.wall import local_time
from domain.webhooks.events import EVENT_TYPES, TEST_EVENT
from domain.webhooks.rounds import PAUSES
from handlers.setup.webhook_sending import SECONDS
from tests.webhooks.conftest import Office

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_lines_of_the_page_know_a_genuine_event() -> None:
    known: dict[str, Any] = {}
    exec(block("python"), known)
    genuine, body, at = known["genuine"], '{"type":"lead.claimed"}', local_time()
    signed = Webhook(SECRET).sign("evt_1", at, body)
    headers = {"webhook-id": "evt_1", "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signed}
    assert genuine(SECRET, headers, body.encode())
    assert genuine(SECRET, {**headers, "webhook-signature": f"v1,AAAA {signed}"}, body.encode())
    assert not genuine(SECRET, headers, b'{"type":"lead.declined"}')
    assert not genuine(SECRET, {**headers, "webhook-id": "evt_2"}, body.encode())
    old = {**headers, "webhook-timestamp": str(int(time.time()) - 400)}
    assert not genuine(SECRET, old, body.encode())


def test_the_page_names_each_event_and_each_pause() -> None:
    def is_named(kind: str) -> bool:
        about, _, what = kind.rpartition(".")
        return f"`{kind}`" in PAGE or (about.startswith("voc.") and f"`.{what}`" in PAGE)

    assert [kind for kind in (*EVENT_TYPES, TEST_EVENT) if not is_named(kind)] == []
    shortened = [_short(one.total_seconds()) for one in PAUSES]
    assert f"{', '.join(shortened[:-1])} and {shortened[-1]}" in PAGE
    assert f"within {SECONDS} seconds" in PAGE


async def test_the_example_of_the_page_has_the_fields_of_an_event(office: Office) -> None:
    shown = json.loads(block("json"))
    office.lead()
    await office.deliver()
    sent = office.receiver.got[0].event
    assert sent.keys() == shown.keys()
    assert sent["data"].keys() == shown["data"].keys()
    assert sent["data"]["lead"].keys() == shown["data"]["lead"].keys()


def _short(seconds: float) -> str:
    for unit, size in (("h", 3600), ("min", 60), ("s", 1)):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    raise AssertionError(seconds)
