"""The voc form keeps what is typed into it, so that a closed form loses nothing.

`view_closed` comes without the form's values (`view.state.values` is empty in Slack's own samples of it), so the fields
in which people write tell of each change (`dispatch_action_config`, "on_character_entered"):
https://docs.slack.dev/reference/block-kit/composition-objects
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from digests.mrkdwn import date
from domain.people import EVERYONE
from domain.quick_line import QUICK_LINE_LIMIT
from domain.text import shorten
from domain.voc.drafts import Draft, Typed, drop_draft, find_draft, keep_draft
from domain.voc.example import Example, show_example
from handlers.answers import NOTHING, Answer, Block, OpenModal, UpdateModal, View
from handlers.arrival import Arrival
from handlers.blocks import button, context, option, section
from handlers.listeners import Listeners
from handlers.voc import forms

TELLING: Final = ("text", "quote")
"""The fields that tell of each change: what is tedious to type again."""

WRITTEN: Final = ("text", "deal", "quote")
PICKED: Final = ("kind", "theme", "account", "competitor")
LONGEST_OPTION: Final = 75
DRAFTED: Final = "draft"
"""What such a form remembers: its submission does away with the draft."""


def declare(listeners: Listeners) -> None:
    """Declare them on the subject's listeners."""
    listeners.action("voc.draft", roles=EVERYONE)(on_typed)
    listeners.action("voc.fresh", roles=EVERYONE)(on_fresh)


async def open_form(
    arrival: Arrival, remembered: Mapping[str, Any], example: Example, *, otherwise: str | None = None
) -> OpenModal:
    """The empty form, or what the member had begun."""
    draft = await arrival.look(find_draft)
    form = telling(forms.new_form({**remembered, DRAFTED: True}, example))
    opened = OpenModal(restored(form, draft) if draft is not None else form)
    return replace(opened, otherwise=otherwise) if otherwise is not None else opened


async def on_typed(arrival: Arrival) -> Answer:
    """Keep what stands in the form. Nothing answers it, so no redelivery is told apart: the newest counts."""
    view = arrival.body.get("view") or {}
    moment = str(arrival.action.get("action_ts") or "")
    if view.get("callback_id") == "voc.form" and moment:
        await replace(arrival, key="").run(keep_draft, Typed(typed_in(view), str(view.get("id") or ""), moment))
    return NOTHING


async def on_fresh(arrival: Arrival) -> Answer:
    """Forget the draft, and show the form empty.

    A view that is updated keeps what stands in elements of the same ids; so these get other ones.
    """
    await arrival.run(drop_draft, "")
    form = telling(forms.new_form(arrival.context, await arrival.look(show_example)), anew=True)
    return UpdateModal(form)


def form_of(arrival: Arrival) -> str | None:
    """The id of a form that keeps a draft, None for any other."""
    view = arrival.body.get("view") or {}
    return str(view.get("id") or "") if arrival.context.get(DRAFTED) else None


def telling(form: View, *, anew: bool = False) -> View:
    """The form with fields that tell of each change. `anew`: with other ids than before."""
    return {**form, "blocks": [_telling(block, ":anew" if anew else "") for block in form["blocks"]]}


def restored(form: View, draft: Draft) -> View:
    """The form filled with a draft, and a line on top that says so."""
    begun = context(f"You began this {date(draft.typed_at, '{ago}')} and did not send it.")
    afresh = section("*Your draft*", accessory=button("Start afresh", "voc.fresh"), block_id="voc.draft")
    return {**form, "blocks": [afresh, begun, *(_filled(block, draft.fields) for block in form["blocks"])]}


def typed_in(view: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in the form, by block: a text, or label and value of what was picked. Empty: nothing is written."""
    values = (view.get("state") or {}).get("values") or {}
    found: dict[str, Any] = {}
    for block_id in (*WRITTEN, *PICKED):
        for element in (values.get(block_id) or {}).values():
            picked = element.get("selected_option") or {}
            label = (picked.get("text") or {}).get("text") if isinstance(picked.get("text"), Mapping) else None
            if block_id in WRITTEN and element.get("value"):
                found[block_id] = str(element["value"])[:QUICK_LINE_LIMIT]
            elif block_id in PICKED and picked.get("value") and label:
                found[block_id] = [str(label)[:LONGEST_OPTION], str(picked["value"])[:LONGEST_OPTION]]
    return found if any(str(found.get(block_id, "")).strip() for block_id in WRITTEN) else {}


def _telling(block: Block, ending: str) -> Block:
    if block.get("type") != "input":
        return block
    element = dict(block["element"])
    if ending:
        element["action_id"] += ending
    if block["block_id"] not in TELLING:
        return {**block, "element": element}
    element |= {
        "action_id": f"voc.draft:{block['block_id']}{ending}",
        "dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]},
    }
    return {**block, "element": element, "dispatch_action": True}


def _filled(block: Block, fields: Mapping[str, Any]) -> Block:
    kept = fields.get(str(block.get("block_id")))
    if block.get("type") != "input" or kept is None:
        return block
    element = dict(block["element"])
    if element["type"] == "plain_text_input":
        element["initial_value"] = shorten(str(kept), element.get("max_length") or QUICK_LINE_LIMIT)
    elif isinstance(kept, list) and len(kept) == 2:
        label, value = map(str, kept)
        offered = [one for one in element.get("options", ()) if one["value"] == value]
        if offered or "options" not in element:
            element["initial_option"] = offered[0] if offered else option(label, value)
    return {**block, "element": element}
