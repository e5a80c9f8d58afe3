"""How a receipt tells about a theme that nobody typed: filed by its words, with a way back, or asked about."""

from __future__ import annotations

from digests.mrkdwn import escape
from domain.marks import mark
from domain.text import shorten
from domain.themes import AnswerMark
from domain.voc.receipt import VocReceipt
from domain.voc.sounding import BY_RULE
from handlers.answers import Block
from handlers.blocks import actions, button, section
from handlers.voc.known import mark_words

ANSWER_SHOWN = 600


def sounding_blocks(logged: VocReceipt) -> list[Block]:
    """The question "Sounds like #pricing", or "Filed under #pricing"; nothing where a person named the theme."""
    item = logged.item
    marked = mark(item.id, item.created_at)
    if logged.sounds is not None:
        slug = logged.sounds.slug
        words = f"*Sounds like #{escape(slug)}.*"
        if logged.sounds.answer:
            whom = mark_words(AnswerMark(logged.sounds.audience, logged.sounds.until), to_check=False)
            answer = escape(shorten(" ".join(logged.sounds.answer.split()), ANSWER_SHOWN))
            words += f" Approved answer ({whom}): {answer}"
        return [
            section(words),
            actions(
                button("Use it", "voc.use_theme", f"{marked}:{item.version}:{slug}", about=f"#{slug}"),
                button("No", "voc.no_theme", f"{marked}:{item.version}", about=f"not #{slug}"),
                block_id=f"voc.sounds:{marked}",
            ),
        ]
    if item.theme and item.theme_by == BY_RULE:
        return [
            section(f"*Filed under #{escape(item.theme)}*, because of its words."),
            actions(
                button("Change", "voc.edit", f"{marked}:theme", about=f"#{item.theme}"),
                button(f"Not #{item.theme}", "voc.no_theme", f"{marked}:{item.version}"),
                block_id=f"voc.sounds:{marked}",
            ),
        ]
    return []
