"""The small form behind *I heard this too*: from which account, and a note if there is one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.marks import mark
from domain.quick_line import QUICK_LINE_LIMIT
from domain.text import shorten
from domain.voc.votes import ToAgree
from handlers.answers import View
from handlers.blocks import context, escape, external_select, input_block, modal, quote, text_input

WORDS_SHOWN = 600


def vote_form(item: ToAgree, remembered: Mapping[str, Any]) -> View:
    note = text_input(multiline=True, max_length=QUICK_LINE_LIMIT, placeholder="They said it twice, in both calls")
    whose = f"Logged about {escape(item.account)}" if item.account else "Logged without an account"
    return modal(
        "voc.vote_form",
        "I heard this too",
        [
            quote(shorten(item.words, WORDS_SHOWN)),
            context(f"{whose}. Your vote counts like an item of your own: one more rep, one more account."),
            input_block("account", "From which account?", external_select("voc.account", "Find or add one")),
            input_block("note", "Note", note, optional=True),
        ],
        context={**remembered, "vote": True, "item": mark(item.item_id, item.created_at)},
    )
