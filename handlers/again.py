"""A form that could not be saved, shown once more: what was typed stands in it, a sentence on top says why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from handlers import blocks as b
from handlers.answers import Block, View

NOTHING: Final[Mapping[str, Any]] = {}
NOTE: Final = "again.note"
MOST_BLOCKS: Final = 100
LONGEST_CONTEXT: Final = 2900
"""Characters of private_metadata. Slack takes 3,000, and a version may come to it."""

# What `view.state` says of an element, and where the element itself says it.
_INITIAL: Final = {
    "value": "initial_value",
    "selected_option": "initial_option",
    "selected_options": "initial_options",
    "selected_user": "initial_user",
    "selected_users": "initial_users",
    "selected_conversation": "initial_conversation",
    "selected_conversations": "initial_conversations",
    "selected_channel": "initial_channel",
    "selected_time": "initial_time",
    "selected_date": "initial_date",
}


def shown_again(view: Mapping[str, Any], sentence: str, *, remember: Mapping[str, Any] = NOTHING) -> View:
    """The submitted form with what was typed, and the sentence (mrkdwn) on top.

    Slack keeps what stands in fields whose ids stay; they are also begun with it, for clients that do not.
    `remember`: what the form is to know when it is saved once more: the version that it may overwrite, or of what the
    person was warned.
    """
    values = (view.get("state") or {}).get("values") or {}
    kept = [_filled(block, values) for block in view.get("blocks") or () if block.get("block_id") != NOTE]
    note = b.section(f":warning: {sentence}", block_id=NOTE)
    context = _context(view)
    if remember:
        context = json.dumps({**json.loads(context), **remember}, separators=(",", ":"))
    shown: View = {
        "type": "modal",
        "callback_id": view.get("callback_id", ""),
        "title": view.get("title") or b.plain("Form"),  # a payload that is not Slack's may have none
        "close": view.get("close"),
        "blocks": [note, *kept][:MOST_BLOCKS],
        "private_metadata": context,
        "submit": view.get("submit"),
        "notify_on_close": view.get("notify_on_close"),
    }
    return {name: value for name, value in shown.items() if value is not None}


def _context(view: Mapping[str, Any]) -> str:
    """What the form remembers: a JSON object that we wrote; an empty one when it is not."""
    context = str(view.get("private_metadata") or "")
    try:
        ours = len(context) <= LONGEST_CONTEXT and isinstance(json.loads(context), dict)
    except (ValueError, RecursionError):
        ours = False
    return context if ours else "{}"


def _filled(block: Block, values: Mapping[str, Any]) -> Block:
    """The block with what was typed or picked in it."""
    element = block.get("element")
    if not isinstance(element, dict):
        return block
    typed = (values.get(str(block.get("block_id"))) or {}).get(str(element.get("action_id")))
    if not isinstance(typed, dict):
        return block
    begun = {name: value for name, value in element.items() if not name.startswith("initial_")}
    begun |= {_INITIAL[name]: value for name, value in typed.items() if name in _INITIAL and value}
    return {**block, "element": begun}
