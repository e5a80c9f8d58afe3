"""Slack's own markup in what people typed or forwarded, turned into the words that they saw.

Nothing here makes text safe to show: views escape it, as they escape everything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

_REFERENCE = re.compile(r"<([@#!]?)([^<>|]{1,3000})(?:\|([^<>]{0,3000}))?>")
_USER = re.compile(r"<@([UW][A-Z0-9]{1,20})(?:\|[^<>]*)?>")
_ENTITIES = re.compile("&(?:amp|lt|gt);")


def line_of_command(text: str) -> str:
    """A command's text as it was typed: a channel's name may be meant as a theme, a colleague is no account."""

    def words(found: re.Match[str]) -> str:
        mark, target, label = found.groups()
        if mark == "#" and label:
            return f"#{label}"
        if mark == "@" and label:
            return label
        return _as_typed(target, label) if not mark and _is_address(target) else found[0]

    return _unescaped(_REFERENCE.sub(words, text))


def words_of_message(text: str, names: Mapping[str, str]) -> str:
    """A message's text as it was read; `names` gives members' names by Slack user id."""

    def words(found: re.Match[str]) -> str:
        mark, target, label = found.groups()
        if mark == "@":
            return f"@{names.get(target) or label or 'someone'}"
        if mark == "#":
            return f"#{label or 'channel'}"
        if mark == "!":
            return label or f"@{target.partition('^')[0]}"
        if not _is_address(target):
            return found[0]
        address = target.removeprefix("mailto:")
        return f"{label} ({address})" if label and label != address and label not in address else address

    return _unescaped(_REFERENCE.sub(words, text))


def mentioned_in(text: str) -> frozenset[str]:
    """The Slack user ids that a message mentions."""
    return frozenset(_USER.findall(text))


def permalink_of(body: Mapping[str, Any]) -> str | None:
    """The address of the message that a shortcut was used on; a reply's names its thread.

    Its form: https://docs.slack.dev/reference/methods/chat.getPermalink (made here, so that the form opens at once).
    """
    message = body.get("message") or {}
    domain = (body.get("team") or {}).get("domain")
    channel = (body.get("channel") or {}).get("id")
    ts, thread_ts = message.get("ts") or body.get("message_ts"), message.get("thread_ts")
    if not (domain and channel and ts):
        return None
    link = f"https://{domain}.slack.com/archives/{channel}/p{str(ts).replace('.', '')}"
    return f"{link}?thread_ts={thread_ts}&cid={channel}" if thread_ts and thread_ts != ts else link


def _as_typed(target: str, label: str | None) -> str:
    """An address as it was typed: Slack writes `globex.com` as `<http://globex.com|globex.com>`.

    Words with an address behind them are kept, with the address.
    """
    bare = re.sub(r"\A(?:https?://|mailto:|tel:)", "", target)
    address = bare if target.startswith(("mailto:", "tel:")) else target
    if not label or label == address:
        return address
    is_same = label.rstrip("/") == bare.rstrip("/")
    is_same |= target.startswith("tel:") and re.sub(r"[^+0-9]", "", label) == bare
    return label if is_same else f"{label} ({address})"


def _is_address(target: str) -> bool:
    return target.startswith(("http://", "https://", "mailto:", "tel:"))


def _unescaped(text: str) -> str:
    return _ENTITIES.sub(lambda found: unescape(found[0]), text)
