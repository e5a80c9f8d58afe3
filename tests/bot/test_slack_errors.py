"""Errors of Web API calls as they come over HTTP: Slack's own, a proxy's, and what is no answer at all."""

from __future__ import annotations

import json
import re
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.errors import SlackApiError

import bot.slack.client
from bot.slack.client import Meaning, Outcome, make_client, sort_error


@pytest.mark.parametrize(
    ("status", "body", "kind", "expected"),
    [
        (502, "<html>bad gateway", "text/html", Outcome(Meaning.UNSURE, "http_502", cut=True)),
        (502, "{broken", "application/json", Outcome(Meaning.UNSURE, "http_502", cut=True)),
        (502, "[1]", "application/json", Outcome(Meaning.UNSURE, "http_502", cut=True)),
        (503, "", "application/json", Outcome(Meaning.UNSURE, "http_503")),
        (200, "<html>log in to the proxy", "text/html", Outcome(Meaning.UNSURE, "http_200", cut=True)),
        (429, "slow down", "text/plain", Outcome(Meaning.LIMITED, "ratelimited", retry_after=30.0)),
        (429, "", "application/json", Outcome(Meaning.LIMITED, "ratelimited", retry_after=30.0)),
        (
            200,
            '{"ok": false, "error": "team_added_to_org"}',
            "application/json",
            Outcome(Meaning.UNSURE, "team_added_to_org"),
        ),
        (
            200,
            '{"ok": false, "error": "no_permission"}',
            "application/json",
            Outcome(Meaning.PERMANENT, "no_permission"),
        ),
        (200, '{"ok": false, "error": "brand_new"}', "application/json", Outcome(Meaning.STRANGE, "brand_new")),
    ],
)
async def test_every_answer_is_sorted(status: int, body: str, kind: str, expected: Outcome) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, text=body, content_type=kind, headers={"Retry-After": "30"})

    app = web.Application()
    app.router.add_route("*", "/api/{method}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        async with aiohttp.ClientSession() as session:
            client = make_client("xoxb-1", f"http://127.0.0.1:{runner.addresses[0][1]}/api/", session)
            with pytest.raises(Exception) as met:  # noqa: PT011  # which one is slack_sdk's own affair
                await client.auth_test()
    finally:
        await runner.cleanup()
    found = sort_error(met.value)
    assert (found.meaning, found.name, found.retry_after, found.cut) == (
        expected.meaning,
        expected.name,
        expected.retry_after,
        expected.cut,
    )


LISTED: dict[str, list[str]] = json.loads((Path(__file__).parent / "slack_errors.json").read_text())
"""What Slack's reference says that each method can answer; what is common to all methods is left out there."""

FAMILIES = ("chat", "conversations", "views", "users", "auth", "apps", "files", "reactions")
KNOWN = (
    bot.slack.client.PERMANENT
    | bot.slack.client.TOKEN
    | bot.slack.client.GONE
    | bot.slack.client.HICCUPS
    | bot.slack.client.PASSING
)


def test_every_method_that_we_call_is_looked_up() -> None:
    root = Path(bot.slack.client.__file__).parents[2]
    called = set()
    for path in (*(root / "bot").rglob("*.py"), *(root / "handlers").rglob("*.py")):
        for name in re.findall(
            r"\bclient\.((?:chat|conversations|views|users|auth|apps|files|reactions)_\w+)", path.read_text()
        ):
            head, _, rest = name.partition("_")
            called.add(f"{head}.{re.sub('^(connections|teams)_', lambda one: one[1] + '.', rest)}")
    assert called - LISTED.keys() == set()


@pytest.mark.parametrize("method", sorted(LISTED))
def test_no_error_that_slack_lists_is_a_strange_one(method: str) -> None:
    unsorted = [name for name in LISTED[method] if name not in KNOWN and sorted_as(name) is Meaning.STRANGE]
    assert unsorted == []


def test_no_error_is_sorted_twice() -> None:
    sets = (
        bot.slack.client.OF_THE_PLACE,
        bot.slack.client.OF_THE_MESSAGE,
        bot.slack.client.NEVER_OURS,
        bot.slack.client.OF_STREAMS,
        bot.slack.client.OF_LINKS,
        bot.slack.client.TOKEN,
        bot.slack.client.GONE,
        bot.slack.client.HICCUPS,
        bot.slack.client.PASSING,
    )
    assert sum(map(len, sets)) == len(frozenset().union(*sets))


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("edit_window_closed", Meaning.GONE),
        ("is_inactive", Meaning.PERMANENT),
        ("posting_to_channel_denied", Meaning.PERMANENT),
        ("cannot_reply_to_message", Meaning.PERMANENT),
        ("external_channel_migrating", Meaning.TRANSIENT),
        ("restricted_action_of_next_year", Meaning.PERMANENT),
        ("invalid_thing_of_next_year", Meaning.PERMANENT),
        ("error_of_next_year", Meaning.STRANGE),
    ],
)
def test_errors_mean_what_follows_from_them(name: str, meaning: Meaning) -> None:
    assert sorted_as(name) is meaning


def sorted_as(name: str) -> Meaning:
    return sort_error(SlackApiError("", {"ok": False, "error": name})).meaning  # type: ignore[no-untyped-call]
