"""What Slack calls the failure of a Web API call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slack_sdk.errors import SlackApiError


def error_name(error: BaseException) -> str:
    """Slack's name for the error; `http_502` and the like where there is none; else the type of the error.

    It is never a text that could hold a token or a customer's words.
    """
    if not isinstance(error, SlackApiError):
        return type(error).__name__
    response: Any = error.response
    # Of an answer that is half a JSON, slack_sdk hands on aiohttp's response, which has nothing to look up in.
    said = getattr(response, "data", response)
    name = said.get("error") if isinstance(said, Mapping) else None
    status = getattr(response, "status_code", None) or getattr(response, "status", None)
    return str(name) if name else f"http_{status}"
