"""Slack's markup: the one escape for text that came from outside, and the tokens we write ourselves."""

from __future__ import annotations

import re
from datetime import datetime

_LINKABLE = re.compile(r"https?://[^\s<>|]{1,1900}")


def escape(text: str) -> str:
    """Text as mrkdwn that means nothing but itself: Slack's three control characters, and no formatting.

    A word joiner after each formatting character keeps `*`, `_`, `~` and backticks from pairing up.
    """
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for mark in "*_~`":
        safe = safe.replace(mark, mark + "\u2060")
    return safe


def date(at: datetime, form: str = "{date_short_pretty} {time}", *, fallback: str | None = None) -> str:
    """A moment in each reader's own zone; `form` is Slack's token string and may hold words of ours.

    `fallback` is read where tokens do not work; without one it is the time, with the day where `form` has it.
    """
    if fallback is None:
        fallback = at.strftime("%d %b %H:%M UTC" if "{date" in form else "%H:%M UTC")
    return f"<!date^{int(at.timestamp())}^{form}|{fallback}>"


def link(label: str, url: str | None) -> str:
    """The label, escaped, as a link where `url` is a plain web address; anything else is not made clickable."""
    if url is None or not _LINKABLE.fullmatch(url):
        return escape(label)
    return f"<{url.replace('&', '&amp;')}|{escape(label)}>"
