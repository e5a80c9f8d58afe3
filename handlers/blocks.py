"""Block Kit, in the few shapes that our views use. Untrusted text goes through `plain` or `escape`, nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from digests.mrkdwn import cut
from digests.mrkdwn import date as date
from digests.mrkdwn import escape as escape
from domain.text import shorten
from handlers.answers import Block, View

Element = dict[str, Any]

_CHANNEL: Final = re.compile(r"\b[CG][A-Z0-9]{7,}\b")


def mention(user_id: str) -> str:
    """A member's name as Slack shows it. In a message that is edited, or ephemeral, it pings nobody."""
    return f"<@{user_id}>"


def channels_named(text: str) -> str:
    """Our own words, escaped, with the ids of channels as Slack shows them."""
    return _CHANNEL.sub(lambda found: f"<#{found[0]}>", escape(text))


def plain(text: str, *, limit: int = 3000) -> Element:
    """plain_text: shown as it is, whatever it holds."""
    return {"type": "plain_text", "text": shorten(text, limit) or " ", "emoji": True}


def mrkdwn(text: str) -> Element:
    """Our own mrkdwn. `verbatim`: Slack makes no links or mentions of what only looks like one, as in a name."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def section(text: str, *, accessory: Element | None = None, block_id: str | None = None) -> Block:
    """A section of our own mrkdwn (3,000 characters at most)."""
    return _with({"type": "section", "text": mrkdwn(cut(text, 3000))}, accessory=accessory, block_id=block_id)


def fields(pairs: Iterable[tuple[str, str]]) -> Block:
    """Up to ten short labelled values side by side; values are mrkdwn, already escaped."""
    return {"type": "section", "fields": [mrkdwn(f"*{label}*\n{value}") for label, value in pairs][:10]}


def context(*texts: str) -> Block:
    """Small print: up to ten pieces of our own mrkdwn."""
    return {"type": "context", "elements": [mrkdwn(text) for text in texts if text][:10]}


def header(text: str) -> Block:
    return {"type": "header", "text": plain(text, limit=150)}


def divider() -> Block:
    return {"type": "divider"}


def quote(text: str) -> Block:
    """Somebody's words, set apart; shown as they are."""
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_quote", "elements": [{"type": "text", "text": text or " "}]}],
    }


def preformatted(text: str) -> Block:
    """Somebody's words, ready to be copied; shown as they are."""
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text or " "}]}],
    }


def actions(*elements: Element, block_id: str | None = None) -> Block:
    return _with({"type": "actions", "elements": list(elements)}, block_id=block_id)


def button(
    label: str,
    action_id: str,
    value: str | int = "",
    *,
    style: str | None = None,
    confirm: Element | None = None,
    url: str | None = None,
    about: str = "",
) -> Element:
    """A button; `style` is "primary" or "danger". `about`: whom or what it is about, for those who hear the page."""
    return _with(
        {"type": "button", "text": plain(label, limit=75), "action_id": action_id},
        value=str(value) or None,
        style=style,
        confirm=confirm,
        url=url,
        accessibility_label=shorten(f"{label}: {' '.join(about.split())}", 75) if about.strip() else None,
    )


def confirm(title: str, text: str, yes: str, no: str = "Cancel") -> Element:
    """Ask before something that cannot be taken back."""
    return {
        "title": plain(title, limit=100),
        "text": plain(text, limit=300),
        "confirm": plain(yes, limit=30),
        "deny": plain(no, limit=30),
    }


def option(label: str, value: str | int, description: str | None = None) -> Element:
    return _with(
        {"text": plain(label, limit=75), "value": str(value)[:150]},
        description=plain(description, limit=75) if description else None,
    )


def select(
    action_id: str,
    placeholder: str,
    options: Sequence[Element],
    *,
    initial: Element | None = None,
    confirm: Element | None = None,
) -> Element:
    """A static select of up to 100 options."""
    return _with(
        {
            "type": "static_select",
            "action_id": action_id,
            "placeholder": plain(placeholder, limit=150),
            "options": list(options)[:100],
        },
        initial_option=initial,
        confirm=confirm,
    )


def external_select(
    action_id: str, placeholder: str, *, initial: Element | None = None, min_query: int = 0, focus: bool = False
) -> Element:
    """A select whose options we are asked for as the person types."""
    return _with(
        {
            "type": "external_select",
            "action_id": action_id,
            "placeholder": plain(placeholder, limit=150),
            "min_query_length": min_query,
        },
        initial_option=initial,
        focus_on_load=focus or None,
    )


def overflow(action_id: str, options: Sequence[Element]) -> Element:
    """A menu of up to five options behind three dots."""
    return {"type": "overflow", "action_id": action_id, "options": list(options)[:5]}


def checkboxes(action_id: str, options: Sequence[Element], *, initial: Sequence[Element] = ()) -> Element:
    """Up to ten boxes to tick."""
    return _with(
        {"type": "checkboxes", "action_id": action_id, "options": list(options)[:10]},
        initial_options=list(initial) or None,
    )


def text_input(
    action_id: str = "value",
    *,
    initial: str | None = None,
    placeholder: str | None = None,
    multiline: bool = False,
    max_length: int | None = None,
    focus: bool = False,
) -> Element:
    return _with(
        {"type": "plain_text_input", "action_id": action_id, "multiline": multiline},
        initial_value=initial or None,
        placeholder=plain(placeholder, limit=150) if placeholder else None,
        max_length=max_length,
        focus_on_load=True if focus else None,
    )


def input_block(
    block_id: str, label: str, element: Element, *, optional: bool = False, hint: str | None = None
) -> Block:
    """A labelled field of a modal; its errors are answered under `block_id`."""
    return _with(
        {
            "type": "input",
            "block_id": block_id,
            "label": plain(label, limit=150),
            "element": element,
            "optional": optional,
        },
        hint=plain(hint, limit=150) if hint else None,
    )


def modal(
    callback_id: str,
    title: str,
    blocks: Sequence[Block],
    *,
    submit: str | None = "Save",
    close: str = "Cancel",
    context: Mapping[str, Any] | None = None,
) -> View:
    """A modal; `context` comes back with every click and the submission."""
    return _with(
        {
            "type": "modal",
            "callback_id": callback_id,
            "title": plain(title, limit=24),
            "close": plain(close, limit=24),
            "blocks": list(blocks),
            "private_metadata": json.dumps(context or {}, separators=(",", ":")),
        },
        submit=plain(submit, limit=24) if submit else None,
    )


def _with(base: dict[str, Any], **extra: Any) -> dict[str, Any]:
    return base | {name: value for name, value in extra.items() if value is not None}
