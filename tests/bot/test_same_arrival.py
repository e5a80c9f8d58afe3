"""What counts as the same thing arriving again: Slack's own ids, and never what two people have in common."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
import structlog

from handlers.keys import key_of_click, key_of_event, key_of_submission, key_of_trigger
from playground import response_urls
from tests.bot.test_edge import Door
from tests.bot.test_edge import door as door
from tests.voc.conftest import Desk
from tests.voc.conftest import desk as desk

BASE = {"command": "/voc", "team_id": "T1", "channel_id": "C1"}


async def typed(door: Door, text: str, **fields: str) -> str:
    """The answer to a command with only these fields."""
    answer = await door.post(urlencode({**BASE, "text": text, **fields}).encode())
    return str(answer.json()["text"])


async def test_two_people_without_trigger_ids_each_get_their_own_answer(door: Door) -> None:
    ana = await typed(door, "too dear", user_id="U1", user_name="ana")
    bo = await typed(door, "too slow", user_id="U2", user_name="bo")
    assert (ana, bo) == ("ana: too dear", "bo: too slow")
    assert door.heard == ["too dear", "too slow"]


async def test_one_person_without_a_trigger_id_says_two_things(door: Door) -> None:
    for text in ("too dear", "too slow"):
        await typed(door, text, user_id="U1", user_name="ana")
    assert door.heard == ["too dear", "too slow"]


async def test_without_a_trigger_id_the_response_url_tells_a_redelivery(door: Door) -> None:
    for _ in range(2):
        await typed(door, "too dear", user_id="U1", user_name="ana", response_url="http://127.0.0.1:1/one")
    await typed(door, "too dear", user_id="U1", user_name="ana", response_url="http://127.0.0.1:1/two")
    assert door.heard == ["too dear", "too dear"]


async def test_a_stored_answer_is_shown_to_nobody_else(door: Door) -> None:
    ana = await typed(door, "too dear", user_id="U1", user_name="ana", trigger_id="1.2.a")
    bo = await typed(door, "too dear", user_id="U2", user_name="bo", trigger_id="1.2.a")
    assert (ana, bo) == ("ana: too dear", "bo: too dear")


WHO: dict[str, Any] = {"user": {"id": "U1"}, "team": {"id": "T1"}}


@pytest.mark.parametrize("nothing", [None, "", 7, {}])
def test_what_carries_no_id_has_no_key(nothing: Any) -> None:
    assert key_of_trigger({**WHO, "trigger_id": nothing}) == ""
    assert key_of_event({"event_id": nothing}) == ""
    assert key_of_submission(WHO, {"id": nothing, "hash": "h"}) == ""
    assert key_of_click({**WHO, "trigger_id": nothing}, {"action_id": "lead.claim"}) == ""


def test_clicks_without_trigger_ids_are_told_apart_by_place_element_and_time() -> None:
    body = {**WHO, "container": {"message_ts": "1.0", "channel_id": "C1"}}
    click = {"action_id": "lead.claim", "block_id": "lead.1:2", "action_ts": "5.0"}
    others = [
        key_of_click(body, {**click, "action_ts": "6.0"}),
        key_of_click(body, {**click, "block_id": "lead.1:3"}),
        key_of_click({**body, "container": {"message_ts": "2.0"}}, click),
        key_of_click({**body, "user": {"id": "U2"}}, click),
    ]
    assert key_of_click(body, click) == key_of_click(body, dict(click)) != ""
    assert key_of_click(body, click) not in others


async def test_a_receipt_that_slack_takes_no_more_is_a_line_in_the_log(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt = await desk.voc("too dear #pricing")
    monkeypatch.setattr(response_urls, "USES", 0)
    with structlog.testing.capture_logs() as logged:
        await receipt.button("Undo").click(by="ana", answer_within=0.6)
    desk.slack.refusals.clear()  # it is what this test is about
    lines = [line["error"] for line in logged if line["event"] == "receipt not delivered"]
    assert lines == ["used_url"]
