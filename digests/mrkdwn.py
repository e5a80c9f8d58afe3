"""Slack's markup: the one escape for text that came from outside, and the tokens we write ourselves."""

from __future__ import annotations

import re
from datetime import datetime

from domain.text import ELLIPSIS, shorten

_LIKENESS = {"*": "\u2217", "_": "\u02cd", "~": "\u223c", "`": "\u02cb"}
_FORMATTING = re.compile(r"`|(?<![^\W_])[*_~]|[*_~](?![^\W_])")
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_WHOLE = re.compile(r"<[^<>\n]*>|&(?:amp|lt|gt);|:[a-z0-9_+'-]{1,100}:|`[^`\n]+`")
_LINKABLE = re.compile(r"https?://[^\s<>|]{1,1900}")


def escape(text: str) -> str:
    """Text as mrkdwn that means nothing but itself: Slack's three control characters, and no formatting.

    Slack has no escape for `*`, `_`, `~` and backticks, so where they could format they become characters that
    look the same. Within a word they cannot, and stay: "john_doe" can still be copied. What is written from
    right to left is isolated, or it would pull the numbers beside it out of their order.
    """
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    safe = _FORMATTING.sub(lambda found: _LIKENESS[found[0]], safe)
    return f"\u2068{safe}\u2069" if _RIGHT_TO_LEFT.search(safe) else safe


def date(at: datetime, form: str = "{date_short_pretty} {time}", *, fallback: str | None = None) -> str:
    """A moment in each reader's own zone; `form` is Slack's token string and may hold words of ours.

    `fallback` is read where tokens do not work; without one it is the time, with the day where `form` has it.
    """
    if fallback is None:
        fallback = at.strftime("%d %b %H:%M UTC" if "{date" in form else "%H:%M UTC")
    return f"<!date^{int(at.timestamp())}^{form}|{fallback}>"


def cut(markup: str, limit: int) -> str:
    """Our own mrkdwn in at most `limit` characters, ending with `…` when something was cut.

    Never within an escape, a date, a link, an emoji or code: half of one would be read as something else.
    """
    if len(markup) <= limit:
        return markup
    kept = shorten(markup, limit).removesuffix(ELLIPSIS)
    if kept.count("\u2068") > kept.count("\u2069"):  # the mark that ends what is isolated needs room, too
        kept = shorten(markup, limit - 1).removesuffix(ELLIPSIS)
    for found in _WHOLE.finditer(markup):
        if found.start() < len(kept) < found.end():
            kept = kept[: found.start()]
            break
    kept = kept.rstrip()
    return kept + "\u2069" * (kept.count("\u2068") > kept.count("\u2069")) + ELLIPSIS


def link(label: str, url: str | None) -> str:
    """The label, escaped, as a link where `url` is a plain web address; anything else is not made clickable."""
    if url is None or not _LINKABLE.fullmatch(url):
        return escape(label)
    return f"<{url.replace('&', '&amp;')}|{escape(label)}>"
