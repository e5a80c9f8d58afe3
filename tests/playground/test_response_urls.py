"""Response URLs: five uses, thirty minutes, and whom they reach."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from playground import Playground
from tests.playground.conftest import people_and_places
from tests.playground.manifest import MANIFEST
from tests.playground.tiny_app import TinyApp, section


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def slack(clock: Clock) -> AsyncIterator[Playground]:
    async with Playground(MANIFEST, now=clock) as slack:
        people_and_places(slack)
        yield slack


@pytest.fixture
def url(slack: Playground) -> str:
    workspace = slack.workspace
    return slack.installation.response_urls.issue(workspace.channel("#leads"), workspace.member("ana"))


async def respond(url: str, **body: Any) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.post(url, json=body) as answer:
        return answer.status, await answer.text()


async def test_an_answer_is_for_the_person_only(slack: Playground, url: str) -> None:
    assert await respond(url, text="yours") == (200, "ok")
    assert [one.text for one in slack.channel("#leads").ephemerals("ana")] == ["yours"]
    assert slack.channel("#leads").messages == []


async def test_an_answer_can_be_for_the_channel(slack: Playground, url: str) -> None:
    await respond(url, text="all", response_type="in_channel")
    assert [one.text for one in slack.channel("#leads").messages] == ["all"]


async def test_a_sixth_answer_is_refused(slack: Playground, url: str) -> None:
    for _ in range(5):
        assert (await respond(url, text="x"))[0] == 200
    status, body = await respond(url, text="x")
    assert (status, "used_url" in body) == (404, True)


async def test_after_thirty_minutes_it_has_expired(slack: Playground, url: str, clock: Clock) -> None:
    clock.now += 30 * 60 + 1
    status, body = await respond(url, text="x")
    assert (status, "expired_url" in body) == (404, True)


async def test_its_blocks_are_checked(slack: Playground, url: str) -> None:
    status, body = await respond(url, blocks=[section("")])
    assert (status, "invalid_blocks" in body) == (400, True)
    assert [(one.method, one.error) for one in slack.refusals] == [("response_url", "invalid_blocks")]


async def test_bolt_answers_a_command_through_it(slack: Playground, socket_app: TinyApp) -> None:
    assert (await slack.channel("#general").command("/later", by="ana")).text == "now"
