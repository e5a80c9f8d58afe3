"""Errors of Web API calls as they come over HTTP: Slack's own, a proxy's, and what is no answer at all."""

from __future__ import annotations

import aiohttp
import pytest
from aiohttp import web

from bot.slack import Fault, Outcome, make_client, sort_error


@pytest.mark.parametrize(
    ("status", "body", "kind", "expected"),
    [
        (502, "<html>bad gateway", "text/html", Outcome(Fault.UNSURE, "http_502", cut=True)),
        (502, "{broken", "application/json", Outcome(Fault.UNSURE, "http_502", cut=True)),
        (502, "[1]", "application/json", Outcome(Fault.UNSURE, "http_502", cut=True)),
        (503, "", "application/json", Outcome(Fault.UNSURE, "http_503")),
        (200, "<html>log in to the proxy", "text/html", Outcome(Fault.UNSURE, "http_200", cut=True)),
        (429, "slow down", "text/plain", Outcome(Fault.LIMITED, "ratelimited", retry_after=30.0)),
        (429, "", "application/json", Outcome(Fault.LIMITED, "ratelimited", retry_after=30.0)),
        (
            200,
            '{"ok": false, "error": "team_added_to_org"}',
            "application/json",
            Outcome(Fault.UNSURE, "team_added_to_org"),
        ),
        (200, '{"ok": false, "error": "no_permission"}', "application/json", Outcome(Fault.PERMANENT, "no_permission")),
        (200, '{"ok": false, "error": "brand_new"}', "application/json", Outcome(Fault.STRANGE, "brand_new")),
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
    assert (found.fault, found.name, found.retry_after, found.cut) == (
        expected.fault,
        expected.name,
        expected.retry_after,
        expected.cut,
    )
