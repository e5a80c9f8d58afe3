"""The form in which an admin turns write-back on for a source, and says what each step is called in the CRM."""

from __future__ import annotations

from typing import Final

from domain.text import shorten
from domain.writeback.settings import WriteBackSet, written_statuses
from handlers import blocks as b
from handlers.answers import Block, View
from handlers.setup.growing import lines_input
from handlers.setup.views import Context, back
from handlers.setup.write_back_words import write_back_line

SHOW: Final = "setup.write_back"
FORM: Final = "setup.write_back_form"


def write_back_form(one: WriteBackSet, remembered: Context, *, saved: bool = False) -> View:
    """What is set now. `saved`: it was just saved, which is said on top."""
    name, mine = one.crm.name, f"of:{one.source}.{one.version}"
    box = b.option(f"Write the owner and the status of leads into {name}", "on")
    blocks: list[Block] = [back(shorten(one.source, 40), f"source:{one.source}")]
    if saved:
        blocks.append(b.section(":white_check_mark: *Saved.*"))
    blocks += [
        b.context(write_back_line(one)),
        b.input_block(
            "on",
            "Write back",
            b.checkboxes(mine, [box], initial=[box] if one.state != "off" else []),
            optional=True,
            hint="From the next change of each lead on. A change is written some seconds later, the latest alone.",
        ),
        *(_salesforce(one, mine) if one.crm.own_address else [_token(one)]),
        *lines_input(
            "statuses",
            f"What each step is called in {name}",
            written_statuses(one.statuses),
            hint=f"The value of {one.crm.field}, as it is called internally. A step without one is not written.",
            placeholder="contacted = CONNECTED",
            action_id=mine,
        ),
    ]
    context = {**remembered, "source": one.source, "version": one.version}
    return b.modal(FORM, "Write back", blocks, context=context)


def _token(one: WriteBackSet) -> Block:
    told = "There is one. Leave this empty to keep it. " if one.has_key else ""
    return b.input_block(
        "key",
        "Access token of HubSpot",
        b.text_input(placeholder="Paste it here", max_length=2000),
        hint=f"{told}It must be allowed to write contacts and to read owners.",
        optional=True,
    )


def _salesforce(one: WriteBackSet, mine: str) -> list[Block]:
    told = "There is one. Leave this empty to keep it." if one.has_key else "Of the same app: the client secret."
    return [
        b.input_block(
            "address",
            "Your My Domain address",
            b.text_input(mine, initial=one.address, placeholder="https://example.my.salesforce.com", max_length=200),
            optional=True,
        ),
        b.input_block(
            "client_id",
            "Consumer key of your app",
            b.text_input(mine, initial=one.client_id, max_length=512),
            hint="An external client app with the client credentials flow: docs/intake.md tells how.",
            optional=True,
        ),
        b.input_block(
            "key",
            "Consumer secret of your app",
            b.text_input(placeholder="Paste it here", max_length=2000),
            hint=told,
            optional=True,
        ),
    ]
