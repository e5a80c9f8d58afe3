"""How long a message may be: one bound for all that we send, cards, digests and receipts, attachments counted.

Slack documents no limit for all blocks together. People met `msg_blocks_too_long` from about 11,300 characters on
(https://github.com/slackapi/bolt-js/issues/2509 tells of 13,200), so ours keep well below that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from digests.mrkdwn import cut
from handlers.answers import Block
from handlers.blocks import context

MESSAGE_LIMIT: Final = 9_500
NOTIFICATION_LIMIT: Final = 1_000
"""Of the plain text beside blocks, which only notifications show."""

_LINE_ROOM: Final = 200
_UNSEEN: Final = frozenset({"type", "style", "block_id", "action_id", "value"})


def bounded(
    text: str, blocks: Sequence[Block], extra: Sequence[Block] = (), *, rest: str = ""
) -> tuple[str, list[Block], list[Block]]:
    """The message in at most MESSAGE_LIMIT characters: its text, its blocks, and those beside its bar.

    What goes first is what stands beside the bar, then whole parts from the end: a block with the buttons that follow
    it. The buttons of the message itself stay. A line says how many parts are left out; `rest`: where to read them.
    """
    if not blocks:
        return cut(text, MESSAGE_LIMIT), [], []
    text = cut(text, NOTIFICATION_LIMIT)
    room = MESSAGE_LIMIT - len(text)
    if length([*blocks, *extra]) + (len(text) if extra else 0) <= room:  # the bar's fallback is the text again
        return text, list(blocks), list(extra)
    kept, own = _parts(blocks)
    room -= length(own) + len(rest) + _LINE_ROOM
    left_out = len(extra)
    while len(kept) > 1 and sum(map(length, kept)) > room:
        kept.pop()
        left_out += 1
    shown = [block for part in kept for block in part]
    if left_out:
        parts = "1 part is" if left_out == 1 else f"{left_out} parts are"
        shown.append(context(f"{parts} left out here: Slack takes no longer message. {rest}".strip()))
    return text, [*shown, *own], []


def length(blocks: Sequence[Block]) -> int:
    """Characters of all that is shown in blocks."""
    count = 0
    left: list[Any] = [*blocks]
    while left:
        node = left.pop()
        if isinstance(node, str):
            count += len(node)
        elif isinstance(node, dict):
            left += [value for name, value in node.items() if name not in _UNSEEN]
        elif isinstance(node, list | tuple):
            left += node
    return count


def _parts(blocks: Sequence[Block]) -> tuple[list[list[Block]], list[Block]]:
    """Blocks in the parts that belong together, and the buttons of the message as a whole, if it ends with such."""
    rows = [block for block in blocks if block["type"] == "actions"]
    own = rows if len(rows) == 1 and blocks[-1] is rows[0] else []
    if blocks[-1]["type"] == "context_actions":  # the thumbs below an answer
        own = [blocks[-1]]
    parts: list[list[Block]] = []
    for block in blocks[: len(blocks) - len(own)]:
        if block["type"] == "actions" and parts:
            parts[-1].append(block)
        else:
            parts.append([block])
    return parts, own
