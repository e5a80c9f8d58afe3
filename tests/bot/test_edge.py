"""The edge: what is genuine gets through once and whole; everything else is refused with a reason, and never a 500."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot.metrics import Metrics
from bot.web.edge import SlackEdge, make_web
from bot.web.signature import signature_problem
from domain.people import EVERYONE, Actor
from domain.wall import WallClock
from handlers.answers import Answer, OpenModal, Receipt
from handlers.arrival import Arrival, Tandem
from handlers.dispatch import Dispatcher
from handlers.listeners import Listeners
from storage.database import Database

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


def sign(body: bytes, at: float | None = None, secret: str = SECRET) -> dict[str, str]:
    stamp = str(int(at if at is not None else time.time()))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {"x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={digest}"}


class Door:
    """The edge behind real HTTP parsing, with a bot that echoes what it was told."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.heard: list[str] = []

    async def post(self, body: bytes, headers: dict[str, str] | None = None, kind: str = "form") -> httpx.Response:
        content = "application/json" if kind == "json" else "application/x-www-form-urlencoded"
        return await self.http.post(
            "/slack/events",
            content=body,
            headers={"content-type": content, **(sign(body) if headers is None else headers)},
        )

    async def command(self, text: str, trigger: str = "1.2.a") -> httpx.Response:
        fields = {
            "command": "/voc",
            "text": text,
            "team_id": "T1",
            "user_id": "U1",
            "user_name": "ana",
            "trigger_id": trigger,
            "channel_id": "C1",
            "response_url": "http://127.0.0.1:1/none",
        }
        return await self.post(urlencode(fields).encode())


@pytest.fixture
async def door(db: Database) -> AsyncIterator[Door]:
    async def authorize(**_ignored: Any) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-1", bot_id="B1", bot_user_id="UB")

    app = AsyncApp(
        name="tandem",
        authorize=authorize,
        process_before_response=True,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        url_verification_enabled=False,
    )
    metrics = Metrics()

    async def ready() -> dict[str, str]:
        return {}

    web = make_web(SlackEdge(app, SECRET, metrics), ready, metrics, [])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://bot") as http:
        door = Door(http)
        listeners = Listeners()

        @listeners.command("voc", roles=EVERYONE, about="Log what a customer said")
        async def hear(arrival: Arrival) -> Answer:
            def note(_session: object, *, by: Actor, at: object) -> str:
                door.heard.append(arrival.text)
                return f"{by.name}: {arrival.text}"

            return await arrival.answer(note, view=Receipt)

        @listeners.command("voc", "boss", roles=("admin",), help="Boss things")
        async def boss(arrival: Arrival) -> Answer:
            return await arrival.answer(lambda _session, *, by, at: "yes", view=Receipt)

        @listeners.command("voc", "break", roles=EVERYONE)
        async def break_down(arrival: Arrival) -> Answer:
            raise RuntimeError("secret details")

        @listeners.command("voc", "form", roles=EVERYONE)
        async def open_form(arrival: Arrival) -> Answer:
            return OpenModal({"type": "modal"}, otherwise="It did not open.")

        Dispatcher(Tandem(db, WallClock()), listeners.declared).attach(app)
        yield door


async def test_a_genuine_command_with_the_word_payload_gets_through(door: Door) -> None:
    answer = await door.command("our payload is too big payload={}")
    assert answer.status_code == 200
    assert answer.json()["text"] == "ana: our payload is too big payload={}"


async def test_the_same_arrival_twice_takes_effect_once_and_gets_the_same_answer(door: Door) -> None:
    first = await door.command("too dear")
    again = await door.command("too dear")
    assert door.heard == ["too dear"]
    assert again.json() == first.json()


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, "unsigned"),
        ({"x-slack-request-timestamp": "soon", "x-slack-signature": "v0=1"}, "malformed"),
        ({"x-slack-request-timestamp": "1" * 400, "x-slack-signature": "v0=1"}, "malformed"),
        ({"x-slack-request-timestamp": "²", "x-slack-signature": "v0=1"}, "malformed"),
        ({"x-slack-request-timestamp": "1600000000", "x-slack-signature": "v0=1"}, "stale"),
    ],
)
async def test_a_request_that_is_not_slacks_is_refused_with_a_reason(
    door: Door, headers: dict[str, str], reason: str
) -> None:
    body = b"command=/voc&text=x&team_id=T1&user_id=U1"
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    answer = await door.http.post("/slack/events", content=body, headers=raw)
    assert (answer.status_code, answer.json()["error"]) == (401, reason)
    assert door.heard == []


async def test_a_wrong_secret_is_forged_and_a_future_time_is_stale(door: Door) -> None:
    body = b"command=/voc&text=x"
    forged = await door.post(body, sign(body, secret="other"))
    assert forged.json()["error"] == "forged"
    future = await door.post(body, sign(body, at=time.time() + 400))
    assert future.json()["error"] == "stale"


@pytest.mark.parametrize("body", [b"[1,2]", b'"x"', b"nul", b"[" * 200_000, b"\xff\xfe", b"{", b""])
async def test_signed_junk_is_a_422(door: Door, body: bytes) -> None:
    answer = await door.post(body, kind="json")
    assert answer.status_code == 422


async def test_a_body_above_one_megabyte_is_refused(door: Door) -> None:
    answer = await door.post(b"x" * 1_000_001)
    assert answer.status_code == 413


async def test_url_verification_gives_the_challenge_back(door: Door) -> None:
    answer = await door.post(json.dumps({"type": "url_verification", "challenge": "abc"}).encode(), kind="json")
    assert answer.text == "abc"


async def test_a_role_that_may_not_is_told_who_may(door: Door) -> None:
    answer = await door.command("boss")
    assert "Admins can do this" in answer.json()["text"]


async def test_a_bug_is_a_number_and_not_a_traceback(door: Door) -> None:
    answer = await door.command("break")
    assert f"the number `{answer.headers['x-request-id']}`" in answer.json()["text"]
    assert "secret details" not in answer.text


async def test_without_a_trigger_slack_is_not_asked_to_open_a_form(door: Door) -> None:
    answer = await door.command("form", trigger="")
    assert answer.json()["text"] == "It did not open."


async def test_an_unknown_button_is_answered_kindly(door: Door) -> None:
    payload = {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": "U1", "username": "ana"},
        "trigger_id": "1.2.b",
        "actions": [{"action_id": "gone", "block_id": "b", "type": "button"}],
    }
    answer = await door.post(urlencode({"payload": json.dumps(payload)}).encode())
    assert answer.status_code == 200


@given(timestamp=st.text(max_size=20), signature=st.text(max_size=80), body=st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_no_bytes_of_a_stranger_break_the_signature_check(timestamp: str, signature: str, body: bytes) -> None:
    assert signature_problem(SECRET, timestamp, signature, body, 1_700_000_000.0) is not None


@given(body=st.binary(max_size=300), kind=st.sampled_from(["json", "form"]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_no_signed_bytes_are_a_server_error(door: Door, body: bytes, kind: str) -> None:
    answer = await door.post(body, kind=kind)
    assert answer.status_code < 500
