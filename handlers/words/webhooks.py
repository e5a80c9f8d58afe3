"""Sentences about outgoing webhooks: what is wrong with an endpoint, and why nothing reaches it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from domain.webhooks.addresses import WebhookWrong
from handlers.words.saying import Say, in_mrkdwn

TROUBLES: Final[Mapping[str, str]] = {
    "timeout": "it did not answer in time",
    "certificate": "its certificate is not valid",
    "tls": "no encrypted connection could be made",
    "no_such_host": "its name is not known (DNS)",
    "not_reached": "it could not be reached",
    "inside": "its name leads into a private network, where webhooks do not go",
    "not_http": "what it answered is not HTTP",
    "no_secret": "its secret cannot be read: TANDEM_SECRET_KEY was changed",
    "http_401": "it answered 401: it does not let us in",
    "http_403": "it answered 403: it does not let us in",
    "http_404": "it answered 404: nothing is at that address",
    "http_410": "it answered 410: it is gone for good",
    "http_429": "it answered 429: too many at once",
}


def trouble_words(error: str | None, say: Say = in_mrkdwn) -> str:
    """Why a delivery failed, as the end of a sentence."""
    code = error or "not_reached"
    status = code.removeprefix("http_")
    if code in TROUBLES:
        return TROUBLES[code]
    if status.isdigit():
        redirect = ": redirects are not followed" if status.startswith("3") else ""
        return f"it answered {status}{redirect}"
    return say(code)


def webhook_sentence(error: Exception, say: Say) -> str | None:
    """None for an error of another subject."""
    if not isinstance(error, WebhookWrong):
        return None
    given = ", ".join(map(say, error.given))
    match error.why:
        case "no_address":
            return "That is no address that a webhook can go to. It looks like https://example.com/tandem."
        case "not_https":
            return "Webhooks go only to addresses that begin with https://."
        case "with_password":
            return "Leave the name and password out of the address: the signature proves that Tandem sent it."
        case "inside":
            return f"{given} is in a private network, where webhooks do not go. Give an address of the internet."
        case "taken":
            return "There is already an endpoint with this address. Change that one."
        case "too_many":
            return f"There are {given} endpoints already, and no more fit. Remove one first."
        case "no_events":
            return "Pick at least one kind of event."
        case "unknown_events":
            return f"Tandem has no such events: {given}. docs/webhooks.md lists them."
        case "no_time":
            return f"{given} is no time. Write one like 2026-11-16 or 2026-11-16T09:30, in UTC."
        case "paused":
            return "This endpoint is paused, so nothing is sent. Resume it first."
        case "no_secret_key":
            return "Secrets cannot be kept safe yet: set TANDEM_SECRET_KEY, then try again."
    return None
