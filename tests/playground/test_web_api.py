"""The Web API answers as Slack's does: tokens, scopes, arguments, and each method's own refusals."""

import copy
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from playground import Playground
from tests.playground.conftest import people_and_places
from tests.playground.manifest import MANIFEST
from tests.playground.tiny_app import section


async def refused(client: AsyncWebClient, method: str, **args: Any) -> dict[str, Any]:
    """The answer to a call that must be refused."""
    with pytest.raises(SlackApiError) as caught:
        await client.api_call(method, json=args)
    answer: dict[str, Any] = dict(caught.value.response.data)
    return answer


async def test_auth_test_says_who_the_bot_is(slack: Playground, client: AsyncWebClient) -> None:
    answer = await client.auth_test()
    assert answer["user_id"] == slack.workspace.bot.id
    assert answer["bot_id"] == "B0PLAYGRND1"


@pytest.mark.parametrize(("token", "error"), [(None, "not_authed"), ("xoxb-wrong", "invalid_auth")])
async def test_a_call_needs_the_right_token(slack: Playground, token: str | None, error: str) -> None:
    async with AsyncWebClientOf(slack, token) as client:
        assert (await refused(client, "auth.test"))["error"] == error


class AsyncWebClientOf:
    """A client with another token, closed at the end."""

    def __init__(self, slack: Playground, token: str | None) -> None:
        self._slack, self._token = slack, token

    async def __aenter__(self) -> AsyncWebClient:
        self._session = aiohttp.ClientSession()
        return AsyncWebClient(token=self._token, base_url=self._slack.api_url, session=self._session, retry_handlers=[])

    async def __aexit__(self, *exc: object) -> None:
        await self._session.close()


async def test_a_socket_needs_the_app_level_token(slack: Playground, client: AsyncWebClient) -> None:
    assert (await refused(client, "apps.connections.open"))["error"] == "not_allowed_token_type"


async def test_an_uninstalled_apps_token_is_of_nobody(slack: Playground, client: AsyncWebClient) -> None:
    slack.uninstall_app()
    assert (await refused(client, "auth.test"))["error"] == "account_inactive"


async def test_a_revoked_token_says_so(slack: Playground, client: AsyncWebClient) -> None:
    await client.auth_revoke()
    assert (await refused(client, "auth.test"))["error"] == "token_revoked"


async def test_a_missing_scope_is_named() -> None:
    manifest = copy.deepcopy(MANIFEST)
    manifest["oauth_config"]["scopes"]["bot"] = ["chat:write"]
    async with Playground(manifest, members=["ana"]) as slack, AsyncWebClientOf(slack, slack.bot_token) as client:
        answer = await refused(client, "users.list")
    assert answer == {"ok": False, "error": "missing_scope", "needed": "users:read", "provided": "chat:write"}


async def test_an_unknown_method_is_refused(client: AsyncWebClient) -> None:
    assert (await refused(client, "chat.shout"))["error"] == "unknown_method"


async def test_a_missing_argument_is_named(client: AsyncWebClient) -> None:
    answer = await refused(client, "chat.delete", channel="#leads")
    assert answer["response_metadata"]["messages"] == ["[ERROR] missing required field: ts"]


@pytest.mark.parametrize(
    ("args", "error"),
    [
        ({"channel": "#nowhere", "text": "x"}, "channel_not_found"),
        ({"channel": "#elsewhere", "text": "x"}, "not_in_channel"),
        ({"channel": "#secret", "text": "x"}, "channel_not_found"),
        ({"channel": "#old", "text": "x"}, "is_archived"),
        ({"channel": "#leads"}, "no_text"),
        ({"channel": "#leads", "text": "  "}, "no_text"),
        ({"channel": "#leads", "blocks": "nonsense"}, "invalid_blocks_format"),
        ({"channel": "#leads", "blocks": [{"type": "section"}]}, "invalid_blocks"),
        ({"channel": "#leads", "blocks": [section("x" * 2900)] * 5}, "msg_blocks_too_long"),
        ({"channel": "#leads", "text": "x", "metadata": {"event_payload": {}}}, "invalid_metadata_format"),
        ({"channel": "#leads", "text": "x", "thread_ts": "1.0"}, "thread_not_found"),
        ({"channel": "#leads", "markdown_text": "x", "text": "y"}, "markdown_text_conflict"),
    ],
)
async def test_a_post_is_refused_by_name(
    slack: Playground, client: AsyncWebClient, args: dict[str, Any], error: str
) -> None:
    slack.add_channel("#old", app=True, archived=True)
    assert (await refused(client, "chat.postMessage", **args))["error"] == error
    assert [one.error for one in slack.refusals] == [error]


async def test_too_much_metadata_is_refused(client: AsyncWebClient) -> None:
    metadata = {"event_type": "x", "event_payload": {"id": "y" * 8000}}
    answer = await refused(client, "chat.postMessage", channel="#leads", text="x", metadata=metadata)
    assert answer["error"] == "metadata_too_large"


async def test_invalid_blocks_say_where(client: AsyncWebClient) -> None:
    answer = await refused(client, "chat.postMessage", channel="#leads", text="x", blocks=[section("y" * 3001)])
    where = "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    assert answer["response_metadata"]["messages"] == [where]


async def test_form_encoded_calls_work_like_json(slack: Playground, client: AsyncWebClient) -> None:
    await client.api_call("chat.postMessage", data={"channel": "#leads", "text": "formed", "blocks": "[]"})
    assert [one.text for one in slack.channel("#leads").messages] == ["formed"]


async def test_a_post_to_a_member_lands_in_their_dm(slack: Playground, client: AsyncWebClient) -> None:
    answer = await client.chat_postMessage(channel=slack.member("ana").id, text="hello")
    opened = await client.conversations_open(users=[slack.member("ana").id])
    assert answer["channel"] == opened["channel"]["id"] == slack.dm("ana").id
    assert [one.text for one in slack.dm("ana").messages] == ["hello"]


async def test_a_dm_with_a_bot_or_someone_who_left_is_refused(slack: Playground, client: AsyncWebClient) -> None:
    left = slack.add_member("cal", deleted=True)
    assert (await refused(client, "conversations.open", users=slack.workspace.bot.id))["error"] == "cannot_dm_bot"
    assert (await refused(client, "conversations.open", users=left.id))["error"] == "user_disabled"
    assert (await refused(client, "conversations.open", users="U404"))["error"] == "user_not_found"


async def test_only_own_messages_can_be_edited(slack: Playground, client: AsyncWebClient) -> None:
    said = await slack.channel("#leads").post("mine", by="ana")
    args = {"channel": slack.channel("#leads").id, "ts": said.ts, "text": "yours"}
    assert (await refused(client, "chat.update", **args))["error"] == "cant_update_message"
    assert (await refused(client, "chat.delete", **args))["error"] == "cant_delete_message"
    assert (await refused(client, "chat.update", **(args | {"ts": "1.0"})))["error"] == "message_not_found"


async def test_an_edit_keeps_what_it_does_not_name(slack: Playground, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="#leads", text="a", blocks=[section("block")])
    await client.chat_update(channel=posted["channel"], ts=posted["ts"], text="b")
    found = slack.channel("#leads").messages[0]
    assert (found.text, found.notification) == ("block", "b")
    assert found.record.edited_at


async def test_an_edit_is_too_long_above_four_thousand(client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="#leads", text="a")
    args = {"channel": posted["channel"], "ts": posted["ts"], "text": "x" * 4001}
    assert (await refused(client, "chat.update", **args))["error"] == "msg_too_long"


async def test_an_ephemeral_message_reaches_its_viewer_only(slack: Playground, client: AsyncWebClient) -> None:
    await client.chat_postEphemeral(channel="#leads", user=slack.member("ana").id, text="psst")
    assert [one.text for one in slack.channel("#leads").ephemerals("ana")] == ["psst"]
    assert slack.channel("#leads").messages == slack.channel("#leads").ephemerals("ben") == []
    outsider = {"channel": "#leads", "user": slack.add_member("zoe").id, "text": "psst"}
    assert (await refused(client, "chat.postEphemeral", **outsider))["error"] == "user_not_in_channel"


async def test_timestamps_are_unique_while_the_clock_stands_still() -> None:
    async with Playground(MANIFEST, now=lambda: 1_700_000_000.0) as slack:
        people_and_places(slack)
        async with AsyncWebClientOf(slack, slack.bot_token) as client:
            stamps = [(await client.chat_postMessage(channel="#leads", text="x"))["ts"] for _ in range(3)]
    assert stamps == ["1700000000.000000", "1700000000.000001", "1700000000.000002"]


async def test_users_are_listed_in_pages(slack: Playground, client: AsyncWebClient) -> None:
    names: list[str] = []
    cursor = ""
    for _ in range(3):
        answer = await client.users_list(limit=1, cursor=cursor)
        names += [one["name"] for one in answer["members"]]
        cursor = answer["response_metadata"]["next_cursor"]
    assert (names, cursor) == (["tiny", "ana", "ben"], "")


async def test_a_member_is_found_by_email(slack: Playground, client: AsyncWebClient) -> None:
    found = await client.users_lookupByEmail(email="ana@playground.example")
    assert found["user"]["id"] == slack.member("ana").id
    assert found["user"]["tz"] == "Europe/Madrid"
    assert (await refused(client, "users.lookupByEmail", email="no@body.example"))["error"] == "users_not_found"


async def test_every_answer_is_logged(slack: Playground, client: AsyncWebClient) -> None:
    await client.chat_postMessage(channel="#leads", text="x")
    [call] = slack.calls_of("chat.postMessage")
    assert (call.args["text"], call.answer["ok"], call.status) == ("x", True, 200)
    assert "token" not in call.args
