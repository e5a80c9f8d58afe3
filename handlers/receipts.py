"""Receipts by `response_url`: what follows a click after its acknowledgement. They are never the only copy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import structlog
from slack_sdk.webhook.async_client import AsyncWebhookClient

from digests.mrkdwn import cut
from handlers.answers import Receipt
from handlers.bounds import bounded

log = structlog.get_logger()

SECONDS: Final = 10
TEXT_LIMIT: Final = 39_000
"""Characters of a receipt that is only text: it may hold all that somebody typed. Slack cuts a new message after 40,000
(docs.slack.dev, "chat.postMessage"); an edit may have far fewer, and receipts are never edited."""
_REASON: Final = re.compile(r'([a-z_]{1,40})|\{.*"error": ?"([a-z_]{1,40})".*\}')


def message_of(receipt: Receipt) -> dict[str, Any]:
    """A receipt as Slack takes it, within the bound of all messages, or of TEXT_LIMIT where it is only text."""
    if not receipt.blocks:
        return {"text": cut(receipt.text, TEXT_LIMIT), "response_type": "ephemeral"}
    text, blocks, _ = bounded(receipt.text, receipt.blocks, rest=receipt.rest)
    return {"text": text, "response_type": "ephemeral", "blocks": blocks}


async def respond(body: Mapping[str, Any], message: Mapping[str, Any]) -> None:
    """Send to where the payload says that answers can go, if it says so."""
    url = response_url(body)
    if url is not None:
        await send_to(url, message)


async def send_to(url: str, message: Mapping[str, Any]) -> bool:
    """Send by a response_url (good for 30 minutes and five answers). What Slack refuses stands in the log.

    Whether Slack took the message. Raises what a lost connection raises.
    """
    answer = await AsyncWebhookClient(url, timeout=SECONDS).send_dict(dict(message))
    if answer.status_code == 200:
        return True
    # Slack's own word for it ("expired_url"), and never another text: that might hold somebody's words.
    said = _REASON.fullmatch((answer.body or "").strip())
    log.warning("receipt not delivered", error=said[1] or said[2] if said else f"http_{answer.status_code}")
    return False


def response_url(body: Mapping[str, Any]) -> str | None:
    """Where a receipt can go: the payload's own response_url, or the one a form remembered from its opening."""
    if body.get("response_url"):
        return str(body["response_url"])
    raw = str((body.get("view") or {}).get("private_metadata") or "")
    found = re.search(r'"response_url":"([^"]+)"', raw)
    return found.group(1) if found else None
