"""Bolt's app: it authorizes nobody (the dispatcher does), verifies nothing (the edge does), and keeps nothing."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator
from typing import Any

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient


def make_bolt(base_url: str, session: aiohttp.ClientSession) -> AsyncApp:
    """The app in front of the dispatcher, which knows who speaks for which workspace. Bolt knows no token."""

    async def authorize(**_ignored: Any) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=None)

    with _environment_without("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_BOT_TOKEN"):
        return AsyncApp(
            name="tandem",  # otherwise Bolt looks for the file that calls it, through the sources of the whole stack
            # Otherwise Bolt's loggers take over the root's level, whatever configure_logs said of them.
            logger=logging.getLogger("slack_bolt"),
            client=AsyncWebClient(base_url=base_url, session=session, retry_handlers=[]),
            authorize=authorize,
            process_before_response=True,
            request_verification_enabled=False,
            ssl_check_enabled=False,
            url_verification_enabled=False,
            # What we posted ourselves is an event, too: it settles what is in doubt.
            ignoring_self_events_enabled=False,
        )


@contextlib.contextmanager
def _environment_without(*names: str) -> Iterator[None]:
    """Hide variables that Bolt would read by itself: with a client id it keeps installations in files."""
    hidden = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(hidden)
