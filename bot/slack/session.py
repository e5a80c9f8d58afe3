"""The HTTP sessions that Slack is called by."""

from __future__ import annotations

from typing import Any

import aiohttp

from bot.slack.client import CALL_SECONDS


def make_session(**more: Any) -> aiohttp.ClientSession:
    """A session whose calls end in TimeoutError after CALL_SECONDS: slack_sdk leaves that to a session it is given.

    `more`: what else aiohttp.ClientSession takes.
    """
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=CALL_SECONDS), **more)
