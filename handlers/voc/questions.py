"""What `/tandem ask` shows of a question: how much there is, by whom and about what, and customers' own words."""

from __future__ import annotations

from digests.mrkdwn import date
from digests.telling import KIND_WORDS
from domain.text import shorten
from domain.voc.ask import Reply
from domain.voc.query import LONGEST_QUERY
from handlers.answers import Block, Receipt
from handlers.blocks import actions, context, escape, section
from handlers.voc.found import hits_blocks, unknown_sentence, waiting_sentence
from handlers.voc.known import Commands, theme_button
from handlers.words import counted, listed

QUESTION_SHOWN = 150


def reply_view(reply: Reply, commands: Commands, *, below: bool = False) -> Receipt:
    """The whole answer; `below`: what stands below the question, so without it, and without buttons."""
    question = escape(shorten(" ".join(reply.query.text.split()), QUESTION_SHOWN))
    if not reply.items:
        told = " ".join(unknown_sentence(one, commands.voc) for one in reply.query.unknown)
        told = told or "No customer’s words and no note of a rep match this question."
        hint = f"Name what it is about: `{commands.tandem} ask what do CFOs say about security?`"
        blocks = [section(told if below else f"*{question}*\n{told}"), *small_print(reply), context(hint)]
        return Receipt(f"{question}: {told}", blocks)
    blocks = [section(counts(reply) if below else f"*{question}*\n{counts(reply)}"), *small_print(reply)]
    blocks += hits_blocks(reply.hits)
    if reply.themes and not below:
        buttons = (theme_button(slug, place) for place, (slug, _) in enumerate(reply.themes))
        blocks.append(actions(*buttons, block_id="voc.near"))
    return Receipt(f"{question}: {reply.items} items", blocks)


def how_to_ask(commands: Commands) -> Receipt:
    text = f"Ask about what customers said: `{commands.tandem} ask what do CFOs say about security?`"
    return Receipt(text, [section(text)])


def too_long(length: int) -> Receipt:
    text = f"{length:,} characters are too long for a question: {LONGEST_QUERY} are the most."
    return Receipt(text, refusal=True)


def counts(reply: Reply) -> str:
    """ "17 items from 9 accounts and 4 reps since 3 Aug: 9 objections …" """
    least = "More than " if reply.more else ""
    parts = [counted(reply.accounts, "account")] if reply.accounts else []
    parts.append(counted(reply.reps, "rep"))
    since = f" since {date(reply.since, '{date_short}')}" if reply.since is not None else ""
    told = f"{least}{counted(reply.items, 'item')} from {listed(parts)}{since}"
    if reply.items == 1:
        return f"{told}."  # its kind and theme stand below
    kinds = listed([counted(count, *KIND_WORDS[kind]) for kind, count in reply.kinds])
    told += f": {kinds}."
    if reply.themes:
        told += f" Mostly under {listed([f'#{escape(slug)} ({count})' for slug, count in reply.themes])}."
    return told


def small_print(reply: Reply) -> list[Block]:
    """What was not looked for, and what cannot be found yet."""
    small = []
    if reply.items and reply.left_out and reply.looked_for:
        others = listed([f"“{escape(word)}”" for word in reply.left_out])
        words = listed([f"“{escape(word)}”" for word in reply.looked_for])
        small.append(f"Looked for {words}; no item has {others} beside that.")
    if reply.waiting:
        small.append(waiting_sentence(reply.waiting))
    return [context(*small)] if small else []
