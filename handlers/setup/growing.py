"""Lists that grow: texts too long for one field, and lists of which only the first entries are shown.

A form must open however long they are: a field takes 3,000 characters, a select 100 options, a modal 100 blocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from handlers import blocks as b
from handlers.answers import Block
from handlers.arrival import Arrival
from handlers.blocks import Element

LONGEST_INPUT: Final = 3000
FILLED_TO: Final = 2000
"""Characters that a field begins with at most: the rest is room to add some."""

MOST_FIELDS: Final = 40
ROWS_SHOWN: Final = 20
OPTIONS_SHOWN: Final = 100
NOBODY: Final = "none"


def lines_input(
    block_id: str, label: str, lines: Sequence[str], *, hint: str, placeholder: str, action_id: str = "value"
) -> list[Block]:
    """A text with one entry on each line; where one field is too short for them, as many fields as they need."""
    pieces = [""]
    for line in lines:
        if pieces[-1] and len(pieces[-1]) + len(line) >= FILLED_TO:
            pieces.append("")
        pieces[-1] += f"{line}\n"
    return [
        b.input_block(
            _piece(block_id, number),
            label if number == 0 else f"{label} ({number + 1})",
            b.text_input(
                action_id,
                initial=piece.rstrip("\n"),
                multiline=True,
                max_length=LONGEST_INPUT,
                placeholder=placeholder if number == 0 else None,
            ),
            optional=True,
            hint=hint if number == 0 else None,
        )
        for number, piece in enumerate(pieces[:MOST_FIELDS])
    ]


def typed_lines(arrival: Arrival, block_id: str) -> str:
    """What was typed in all fields of a `lines_input`."""
    return "\n".join(arrival.field(_piece(block_id, number)) or "" for number in range(MOST_FIELDS))


def _piece(block_id: str, number: int) -> str:
    return block_id if number == 0 else f"{block_id}.{number + 1}"


def rows(entries: Sequence[tuple[str, str, str]], find: str, found: str) -> list[Block]:
    """The first entries, each with a Change button: (words in mrkdwn, button's value, block id); the rest is found.

    `find`: the action id of the menu that finds any of them, `found`: what it says.
    """
    blocks = [
        b.section(words, accessory=b.button("Change", f"setup.go:{value}", value), block_id=block_id)
        for words, value, block_id in entries[:ROWS_SHOWN]
    ]
    left = len(entries) - ROWS_SHOWN
    if left > 0:
        blocks.append(b.context(f"and {left} more"))
        blocks.append(b.actions(b.external_select(find, found), block_id=f"{find}.row"))
    return blocks


def picked(action_id: str, placeholder: str, initial: tuple[str, str]) -> Element:
    """A select over a list that may be long: the options are asked for as the person types. `initial`: label, value."""
    return b.external_select(action_id, placeholder, initial=b.option(*initial))


def matching(choices: Sequence[tuple[str, str]], typed: str) -> list[tuple[str, str]]:
    """The choices, (label, value), that hold what was typed."""
    wanted = typed.strip().casefold()
    return [choice for choice in choices if wanted in choice[0].casefold()][:OPTIONS_SHOWN]


def picked_value(arrival: Arrival, block_id: str) -> str | None:
    """What was picked in a `picked` select; None for its first entry, which stands for none."""
    found = arrival.field(block_id)
    return None if found == NOBODY else found
