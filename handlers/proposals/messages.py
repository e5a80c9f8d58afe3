"""What marketing is asked once a day: which items belong to which theme. The message is edited as answers come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from domain.batches import BATCH_CARD
from domain.proposals.asked import AskedBatch, load_batch
from domain.proposals.deciding import MOST_AT_ONCE, Proposed
from domain.text import shorten
from handlers import blocks as b
from handlers.answers import Block
from handlers.messages import Messages, Rendering, Subject
from handlers.proposals.views import OPEN, count_words
from handlers.words import counted

messages = Messages()

ROWS: Final = 5
QUOTES: Final = 3
WORDS_SHOWN: Final = 200


@messages.kind(BATCH_CARD)
def theme_batch(session: Session, subject: Subject) -> Rendering | None:
    """The items that wait, grouped by theme; once nothing waits, what became of them."""
    batch = load_batch(session, subject.id, subject.workspace_id)
    if batch is None:
        return None
    if not batch.open:
        return _settled(batch) if subject.standing else None
    text = count_words(batch.open)
    blocks: list[Block] = [b.section(f"*{text}* What do you say?")]
    for number, group in enumerate(batch.groups[:ROWS]):
        blocks += _alone(group[0], number) if len(group) == 1 else _together(group, number)
    left = sum(map(len, batch.groups[ROWS:]))
    if left:
        blocks.append(b.context(f"and {counted(left, 'more item')}: *Open all*"))
    blocks.append(b.actions(b.button("Open all", OPEN), block_id="proposals.open_all"))
    told = [f"{counted(batch.asked - batch.open, 'item')} of this message {_have(batch)} an answer"]
    blocks.append(b.context(*(told if batch.open < batch.asked else ()), WHO))
    return Rendering(text, blocks)


WHO: Final = (
    "Marketers, managers and admins decide. Nothing counts under a theme before, and no item is asked about twice."
)


def _have(batch: AskedBatch) -> str:
    return "has" if batch.asked - batch.open == 1 else "have"


def _settled(batch: AskedBatch) -> Rendering:
    parts = [
        f"{batch.accepted} under a theme by your answer" if batch.accepted else "",
        f"{batch.refused} refused" if batch.refused else "",
        f"{batch.otherwise} seen to otherwise" if batch.otherwise else "",
    ]
    is_one = batch.asked == 1
    heading = "The item that might belong to a theme has" if is_one else f"All {batch.asked} items of this message have"
    text = f"{heading} an answer: {', '.join(filter(None, parts))}."
    return Rendering(text, [b.section(f":white_check_mark: {text}")])


def _alone(one: Proposed, number: int) -> list[Block]:
    about = shorten(one.words, 60)
    return [
        b.divider(),
        b.section(f"*Sounds like #{b.escape(one.theme)}*"),
        b.quote(shorten(one.words, WORDS_SHOWN)),
        b.context(_heard(one)),
        b.actions(
            b.button("Yes", "proposal.accept", one.mark, style="primary", about=about),
            b.button("No", "proposal.refuse", one.mark, about=about),
            b.button("Another theme", "theme.file", f"{one.item_mark}:{one.version}", about=about),
            block_id=f"proposals.row{number}",
        ),
    ]


def _together(group: Sequence[Proposed], number: int) -> list[Block]:
    theme = group[0].theme
    shown = group[:MOST_AT_ONCE]
    marks = ",".join(one.mark for one in shown)
    everyone = f"Yes, all {len(group)}" if len(shown) == len(group) else f"Yes, these {len(shown)}"
    left = len(group) - QUOTES
    quotes = [block for one in group[:QUOTES] for block in (b.quote(shorten(one.words, WORDS_SHOWN)),)]
    return [
        b.divider(),
        b.section(f"*{len(group)} sound like #{b.escape(theme)}*"),
        *quotes,
        *([b.context(f"and {left} more: *Look*")] if left > 0 else []),
        b.actions(
            b.button(everyone, "proposal.accept", marks, style="primary", about=f"#{theme}"),
            b.button("Look", "proposals.look", group[0].theme_mark, about=f"#{theme}"),
            block_id=f"proposals.row{number}",
        ),
    ]


def _heard(one: Proposed) -> str:
    account = f"@{b.escape(shorten(one.account, 60))}" if one.account else ""
    told = [b.escape(shorten(one.author_name, 60)), account, b.date(one.logged_at, "{date_short}")]
    return "  ·  ".join(filter(None, told))
