"""Warnings before something is saved: what should not be kept stands in it, or the same was logged a moment ago."""

from __future__ import annotations

from domain.quick_line import QUICK_LINE_LIMIT
from domain.voc.errors import LoggedJustNow, SensitiveText
from handlers.answers import Receipt
from handlers.blocks import actions, button, context, preformatted, quote, section
from handlers.voc.asking import carried
from handlers.words import ago
from handlers.words.listening import looks_like


def question(error: SensitiveText, token: str) -> Receipt:
    """Asks what to do with a line; `token` as token_of_question makes it. The line is shown without what was found."""
    asked = f"*{looks_like(error)}* Nothing is saved yet. What stands here is read by your whole company."
    blocks = [section(asked), *([quote(error.without)] if error.without else [])]
    without = carried(token, error.without) if error.without else None
    anyway = carried(token, error.text)
    buttons = [
        *([button("Log without it", "voc.log_without", without, style="primary")] if without else []),
        *([button("Log anyway", "voc.log_it", anyway), button("Edit", "voc.fill", anyway)] if anyway else []),
    ]
    if anyway is None:
        # The line is too long for buttons to carry it, so it comes back to be copied.
        blocks.append(context("Take it out and send the line again:"))
        pieces = range(0, len(error.text), QUICK_LINE_LIMIT)
        blocks += [preformatted(error.text[at : at + QUICK_LINE_LIMIT]) for at in pieces]
    if buttons:
        blocks.append(actions(*buttons, block_id="voc.warned"))
    return Receipt(asked, blocks)


def again(error: LoggedJustNow, token: str) -> Receipt:
    """Asks about a line that the same person logged a moment ago."""
    text = f"You logged this {ago(error.ago)}."
    value = carried(token, error.line)
    blocks = [section(f"*{text}* It is saved once."), quote(error.line)]
    if value is None:
        blocks.append(context("Did another customer say the same? Wait a minute and send the line again."))
    else:
        blocks.append(context("Did another customer say the same?"))
        blocks.append(actions(button("Log again", "voc.log_it", value), block_id="voc.again"))
    return Receipt(text, blocks)
