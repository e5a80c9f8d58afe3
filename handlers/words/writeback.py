"""Sentences about write-back: what stands in the way of it, and what cannot be set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from domain.writeback.settings import WriteBackWrong
from handlers.words.saying import Say

REASONS: Final[Mapping[str, tuple[str, str]]] = {
    "http_401": ("it does not accept our access (401)", "Make a new token or secret there, and give it here."),
    "http_403": (
        "our access may not do that (403)",
        "Give it the rights that docs/intake.md lists, then save this again here.",
    ),
    "no_key": ("there is no access token", "Give one here."),
    "no_secret_key": (
        "our access cannot be read: TANDEM_SECRET_KEY was changed",
        "Set the key that it was sealed with, or give the access token again here.",
    ),
    "inside": ("its address leads into a private network", "Give its address on the internet."),
    "no_address": ("its address is missing", "Give it here."),
    "login": ("it does not accept the client id and secret", "See that both are right, and give them here."),
}
"""By code: why the CRM lets us in no more, as the end of a sentence, and what to do."""

_AWAY: Final[Mapping[str, str]] = {
    "timeout": "it did not answer in time",
    "not_reached": "it could not be reached",
    "http_429": "it was asked too often",
    "locked": "somebody else was writing the record",
    "limit": "its limit of requests is used up",
}


def away_words(code: str) -> str:
    """Why the CRM takes nothing just now, as the end of a sentence."""
    return _AWAY.get(code) or f"it answered {code.removeprefix('http_')}"


def writeback_sentence(error: Exception, say: Say) -> str | None:
    """None for an error of another subject."""
    if not isinstance(error, WriteBackWrong):
        return None
    given = tuple(say(one, 200) for one in error.given)
    match error.why:
        case "no_state":
            return f"“{given[0]}” is no step of a lead. Write lines such as: contacted = CONNECTED. Steps: {given[1]}."
        case "no_status":
            return f"“{given[0]}” cannot be read. Write the step, an equals sign, and the status: contacted = CONNECTED"
        case "no_key":
            return f"Without it, nothing can be written into {given[0]}. Paste it here."
        case "no_client":
            return "This is the consumer key of your app in Salesforce: letters, digits and dots, without blanks."
        case "no_address":
            return "This is your My Domain address, such as https://example.my.salesforce.com, and nothing behind it."
        case "no_secret_key":
            return "Secrets cannot be kept safe yet: set TANDEM_SECRET_KEY, then try again."
    return None
