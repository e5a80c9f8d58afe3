"""What "Read all" shows: who heard what, where and when. A rep's words never stand as the customer's."""

from __future__ import annotations

from typing import Final

from digests.mrkdwn import date, link
from domain.marks import mark
from domain.text import shorten
from domain.voc.facts import KIND_NAMES
from domain.voc.reading import Reading, ReadItem
from handlers.answers import Block, View
from handlers.blocks import actions, button, context, divider, escape, modal, quote, section
from handlers.place import Place, go
from handlers.themes.views import counted_words, turning
from handlers.words import counted

WORDS_SHOWN: Final = 2_500


def reading_view(reading: Reading, place: Place, *, done: str = "") -> View:
    """A page of a theme's items. `done`: what was just changed, in mrkdwn."""
    name = f"#{escape(reading.slug)}" if reading.slug else "Without a theme"
    count = f"more than {counted(reading.count, 'item')}" if reading.more else counted(reading.count, "item")
    blocks: list[Block] = [actions(go("← All themes", "board"), block_id="theme.back")]
    if done:
        blocks.append(section(f":white_check_mark: {done}"))
    blocks.append(section(f"*{name}*: {count}, newest first\nCounted: {counted_words(reading.scope, reading.named)}"))
    if not reading.items:
        blocks.append(section("There is nothing here."))
    for item in reading.items:
        blocks += [divider(), *_item(item, reading)]
    blocks += turning("read", reading.page, reading.pages)
    if reading.older:
        blocks.append(actions(go("Show older ones, too", "ever"), block_id="theme.ever"))
    title = shorten(f"#{reading.slug}", 24) if reading.slug else "Without a theme"
    return modal("theme.reading", title, blocks, submit=None, close="Close", context=place.remembered())


def _item(item: ReadItem, reading: Reading) -> list[Block]:
    where = [f"*{KIND_NAMES[item.kind]}*", escape(shorten(item.author, 60))]
    if item.account:
        where.append(f"@{escape(shorten(item.account, 60))}")
    if item.deal is not None:
        where.append(f"{item.deal} deal")
    if item.competitor:
        where.append(f"vs {escape(shorten(item.competitor, 60))}")
    where.append(date(item.created_at))
    if item.permalink:
        where.append(link("message", item.permalink))
    marked = mark(item.id, item.created_at)
    tag = button("Set theme", "theme.file", f"{marked}:{item.version}", about=item.note)
    offered = tag if reading.may_change and reading.slug is None and not item.is_vote else None
    blocks = [section("  ·  ".join(where), accessory=offered, block_id=f"theme.item:{marked}")]
    if item.quote:
        blocks += [context("The customer, word for word:"), quote(shorten(item.quote, WORDS_SHOWN))]
    if item.is_vote:
        noted = f": {escape(shorten(item.note, WORDS_SHOWN))}" if item.note else "."
        blocks.append(section(f"{escape(shorten(item.author, 60))} heard the same as somebody else{noted}"))
    elif not item.quote or item.note.strip('"“” ') != item.quote.strip('"“” '):
        blocks.append(section(f"Noted: {escape(shorten(item.note, WORDS_SHOWN))}"))
    return blocks
