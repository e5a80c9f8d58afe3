"""The page's interface, as `docs/playground.md` promises it to the browser."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from playground import Control, Modal, Playground
from tests.playground.conftest import people_and_places
from tests.playground.manifest import MANIFEST
from tests.playground.tiny_app import TinyApp, button, card

Json = dict[str, Any]


class Page:
    """A member's browser."""

    def __init__(self, slack: Playground, session: aiohttp.ClientSession, name: str) -> None:
        self._url = f"{slack.page_url}page/"
        self._session = session
        self.me = slack.member(name).id

    async def get(self, path: str, **query: str) -> Json:
        async with self._session.get(self._url + path, params={"as": self.me, **query}) as answer:
            shown: Json = await answer.json()
            return shown

    async def post(self, path: str, **body: Any) -> Json:
        async with self._session.post(self._url + path, json={"as": self.me, **body}) as answer:
            shown: Json = await answer.json()
            return shown

    async def live(self) -> aiohttp.ClientWebSocketResponse:
        return await self._session.ws_connect(f"{self._url}live?as={self.me}")


async def until(live: aiohttp.ClientWebSocketResponse, kind: str) -> Json:
    """The next live event of a kind."""
    while True:
        event: Json = await live.receive_json(timeout=2)
        if event["type"] == kind:
            return event


@pytest.fixture
async def slack() -> AsyncIterator[Playground]:
    async def greet(member_id: str) -> str | None:
        return f"hello {member_id}"

    async with Playground(MANIFEST, controls=[Control("greet", "Greet", greet)]) as slack:
        people_and_places(slack)
        yield slack


@pytest.fixture
async def page(slack: Playground) -> AsyncIterator[Page]:
    async with aiohttp.ClientSession() as session:
        yield Page(slack, session, "ana")


@pytest.fixture
async def others(slack: Playground) -> AsyncIterator[Page]:
    async with aiohttp.ClientSession() as session:
        yield Page(slack, session, "ben")


async def test_the_state_shows_what_a_member_can_see(page: Page, others: Page) -> None:
    state = await page.get("state")
    assert [one["name"] for one in state["channels"]] == ["general", "leads", "secret", "elsewhere"]
    assert [one["name"] for one in (await others.get("state"))["channels"]] == ["general", "leads", "elsewhere"]
    assert state["app"]["name"] == "Tiny"
    assert state["commands"][0] == {"command": "/echo", "usage_hint": "words", "description": "Says it back"}
    assert {one["type"] for one in state["shortcuts"]} == {"global", "message"}
    assert state["controls"] == [{"id": "greet", "label": "Greet"}]
    assert {"id", "name", "real_name", "title", "tz", "is_admin", "is_bot", "deleted", "color"} == set(
        state["members"][0]
    )


async def test_a_post_comes_live_and_counts_as_unread(slack: Playground, page: Page, others: Page) -> None:
    live = await others.live()
    channel = slack.channel("#leads").id
    posted = await page.post("post", channel=channel, text="hi *you*")
    event = await until(live, "message")
    assert (event["message"]["ts"], event["message"]["text"]) == (posted["ts"], "hi *you*")
    assert (await until(live, "unread"))["unread"] == 1
    await others.post("read", channel=channel)
    assert (await until(live, "unread"))["unread"] == 0


async def test_messages_come_in_stretches_with_ones_own_ephemerals(
    slack: Playground, client: AsyncWebClient, page: Page, others: Page
) -> None:
    channel = slack.channel("#leads").id
    for text in ("a", "b"):
        await client.chat_postMessage(channel=channel, text=text)
    await client.chat_postEphemeral(channel=channel, user=page.me, text="mine")
    last = await page.get("messages", channel=channel, limit="2")
    assert ([one["text"] for one in last["messages"]], last["has_more"]) == (["b", "mine"], True)
    assert last["messages"][1]["is_ephemeral"] is True
    first = await page.get("messages", channel=channel, before=last["messages"][0]["ts"])
    assert ([one["text"] for one in first["messages"]], first["has_more"]) == (["a"], False)
    assert "mine" not in [one["text"] for one in (await others.get("messages", channel=channel))["messages"]]


async def test_a_thread_starts_with_its_parent(slack: Playground, client: AsyncWebClient, page: Page) -> None:
    posted = await client.chat_postMessage(channel="#leads", text="card")
    await page.post("post", channel=posted["channel"], text="reply", thread_ts=posted["ts"])
    thread = await page.get("thread", channel=posted["channel"], ts=posted["ts"])
    assert [one["text"] for one in thread["messages"]] == ["card", "reply"]
    assert thread["messages"][0]["reply_count"] == 1


async def test_a_commands_answer_comes_live(slack: Playground, socket_app: TinyApp, page: Page) -> None:
    live = await page.live()
    answer = await page.post("command", channel=slack.channel("#leads").id, command="/echo", text="hello")
    assert answer == {"ok": True}
    assert (await until(live, "ephemeral"))["message"]["text"] == "hello"


async def test_a_failed_command_reads_as_in_slack(slack: Playground, page: Page) -> None:
    answer = await page.post("command", channel=slack.channel("#leads").id, command="/echo", text="hello")
    assert answer["message"] == '/echo failed with the error "dispatch_failed"'
    assert answer["ok"] is False


async def test_a_modal_is_opened_filled_and_refused_live(slack: Playground, socket_app: TinyApp, page: Page) -> None:
    live = await page.live()
    await page.post("command", channel=slack.channel("#leads").id, command="/form", text="")
    [view] = (await until(live, "views"))["stack"]
    assert (await page.post("submit", view_id=view["id"], state={}))["errors"]["words"]
    state = {"words": {"words": {"type": "plain_text_input", "value": "bad"}}}
    assert (await page.post("submit", view_id=view["id"], state=state))["errors"] == {"words": "not these words"}
    options = await page.post("options", view_id=view["id"], block_id="account", action_id="account", query="ini")
    assert [one["value"] for one in options["options"]] == ["initech"]
    state["words"]["words"]["value"] = "fine"
    assert await page.post("submit", view_id=view["id"], state=state) == {"ok": True}
    assert (await until(live, "views"))["stack"] == []


async def test_a_click_on_a_message_changes_it_live(
    slack: Playground, socket_app: TinyApp, client: AsyncWebClient, page: Page
) -> None:
    posted = await client.chat_postMessage(channel="#leads", text="x", blocks=card("N", button("Claim", "claim")))
    live = await page.live()
    where = {"channel": posted["channel"], "ts": posted["ts"], "block_id": "actions"}
    assert await page.post("action", **where, action_id="claim", element="button") == {"ok": True}
    changed = await until(live, "message_changed")
    assert changed["message"]["blocks"][0]["text"]["text"] == f"claimed by <@{page.me}>"
    stale = await page.post("action", **where, action_id="claim", element="button")
    assert stale["error"] == "element_not_found"


async def test_home_is_opened_and_published_live(slack: Playground, socket_app: TinyApp, page: Page) -> None:
    live = await page.live()
    assert (await page.post("home"))["view"] is None
    published = await until(live, "home")
    assert published["view"]["type"] == "home"
    assert (await page.post("home"))["view"]["id"] == published["view"]["id"]


async def test_a_private_channel_stays_private(slack: Playground, others: Page) -> None:
    secret = slack.channel("#secret").id
    assert (await others.get("messages", channel=secret))["error"] == "channel_not_found"
    assert (await others.post("post", channel=secret, text="x"))["error"] == "channel_not_found"
    live = await others.live()
    await slack.channel("#secret").post("psst", by="ana")
    await slack.channel("#general").post("loud", by="ana")
    assert (await until(live, "message"))["message"]["text"] == "loud"


async def test_somebody_elses_modal_cannot_be_used(slack: Playground, socket_app: TinyApp, others: Page) -> None:
    modal = await slack.channel("#general").command("/form", by="ana")
    assert isinstance(modal, Modal)
    answer = await others.post("submit", view_id=modal.view.id, state={})
    assert answer["error"] == "view_not_found"


async def test_a_dm_with_the_app_is_opened(slack: Playground, page: Page) -> None:
    opened = await page.post("open_dm", user=slack.workspace.bot.id)
    assert opened["channel"] == slack.dm("ana").id
    shown = next(one for one in (await page.get("state"))["channels"] if one["id"] == opened["channel"])
    assert (shown["is_im"], shown["is_app"], shown["user"]) == (True, True, slack.workspace.bot.id)


async def test_a_file_is_uploaded(slack: Playground, page: Page) -> None:
    form = aiohttp.FormData({"as": page.me, "channel": slack.channel("#leads").id})
    form.add_field("file", b"a,b", filename="list.csv", content_type="text/csv")
    async with aiohttp.ClientSession() as session, session.post(f"{slack.page_url}page/upload", data=form) as answer:
        assert (await answer.json())["ok"]
    assert slack.channel("#leads").messages[0].record.files[0]["name"] == "list.csv"


async def test_a_file_is_given_for_a_form_and_shared_with_nobody(slack: Playground, page: Page) -> None:
    form = aiohttp.FormData({"as": page.me})
    form.add_field("file", b"a,b", filename="list.csv", content_type="text/csv")
    async with aiohttp.ClientSession() as session, session.post(f"{slack.page_url}page/upload", data=form) as answer:
        given = (await answer.json())["file"]
    assert (given["name"], given["size"], given["channels"]) == ("list.csv", 3, [])
    assert slack.channel("#leads").messages == []


async def test_a_control_runs_and_the_clock_is_told(slack: Playground, page: Page) -> None:
    live = await page.live()
    assert await page.post("control/greet") == {"ok": True, "message": f"hello {page.me}"}
    assert (await page.post("control/nope"))["error"] == "control_not_found"
    slack.tick()
    assert (await until(live, "clock"))["now"] > 0


async def test_a_notice_comes_live(slack: Playground, page: Page) -> None:
    live = await page.live()
    await page.post("command", channel=slack.channel("#leads").id, command="/nope", text="")
    assert (await until(live, "notice"))["message"] == "/nope is not a valid command."


@pytest.mark.parametrize("path", ["state", "messages"])
async def test_a_stranger_sees_nothing(slack: Playground, page: Page, path: str) -> None:
    page.me = "U404"
    assert (await page.get(path))["error"] == "user_not_found"
