"""A competitor's card, which `/voc !rivalsoft` shows: how often we met it, how the deals went, what to say.

Whatever the card says of a competitor in words, a customer said. Below five deals that ended nothing is said of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from digests.mrkdwn import link
from domain.text import shorten
from domain.voc.competitors import FEWEST_OUTCOMES, Deal, Deals, KnownCompetitor, Raised, UnknownCompetitor
from domain.voc.known import KNOWN_DAYS
from handlers.answers import Block, Receipt
from handlers.blocks import Element, actions, button, context, divider, escape, section
from handlers.voc.known import Commands, mark_words, number, pulse_line, said_blocks, theme_button
from handlers.words import listed

ANSWER_SHOWN = 400
TITLE_SHOWN = 120


def competitor_view(found: KnownCompetitor | UnknownCompetitor, commands: Commands) -> Receipt:
    return _unknown(found, commands) if isinstance(found, UnknownCompetitor) else _known(found, commands)


def competitor_button(name: str, place: int = 0) -> Element:
    """Shows what is known of a competitor; `place`: among such buttons of a message.

    The `!` in its value keeps a name such as `42-days` from looking like the name of a row.
    """
    return button(f"Show {name}", f"voc.competitor_known:{place}", f"!{name}")


def read_competitor(value: str) -> str:
    return value.removeprefix("!")


def as_typed(name: str) -> str:
    """A competitor as it can be typed: `!Rivalsoft`, `!"Rival Soft"`."""
    return f"!{name}" if name.isalnum() else f'!"{name}"'


def _known(rival: KnownCompetitor, commands: Commands) -> Receipt:
    name = escape(rival.name)
    blocks = [section(f"*{name}*\n{_counts(rival)}"), section(_deals(rival.deals))]
    if rival.raised:
        blocks += [divider(), section(_raised(rival.raised)), *_what_to_say(rival.raised)]
    blocks.append(divider())
    if rival.said:
        blocks += [section(f"*What customers said last, with {name} in it*"), *said_blocks(rival.said)]
    else:
        none = f"No customer’s own words with {name} yet. Put words in quotes when you log, and they stand here."
        blocks.append(context(none))
    if rival.raised:
        blocks.append(actions(*(theme_button(one.slug, place) for place, one in enumerate(rival.raised))))
    example = f"{commands.voc} they prefer {escape(as_typed(rival.name))} for the price #pricing"
    blocks.append(context(f"To log one: `{example}`"))
    return Receipt(f"What is known of {name}", blocks)


def _counts(rival: KnownCompetitor) -> str:
    """ "12 items in 30 days, from 4 reps about 7 accounts  ·  $85k in deals", and the same of 90 days."""
    met = rival.met
    least = "at least " if met.more else ""
    longer = f"In {KNOWN_DAYS} days: {least}{number(met.items, 'item')}"
    if met.items:
        about = f" about {number(met.accounts, 'account')}" if met.accounts else ""
        longer += f", from {number(met.reps, 'rep')}{about}"
    return f"{pulse_line(rival.pulse)}\n{longer}"


def _deals(deals: Deals) -> str:
    if not deals.last:
        return "*Deals*  No item names an account, so no deal is known in which it came up."
    counts = f"{deals.open:,} open, {deals.won:,} won, {deals.lost:,} lost"
    ended = number(deals.ended, "deal")
    if deals.ended < FEWEST_OUTCOMES:
        verdict = f"Too few to say how we do: {ended} ended, and it takes {FEWEST_OUTCOMES}."
    else:
        verdict = f"We won {deals.won:,} of {ended} that ended."
    return f"*Deals in the last 12 months*  {counts}. {verdict}\nLast: {listed([_deal(deal) for deal in deals.last])}"


def _deal(deal: Deal) -> str:
    size = f", {deal.size.short()}" if deal.size else ""
    return f"{escape(deal.account)} ({deal.outcome}{size})"


def _raised(raised: Sequence[Raised]) -> str:
    lines = []
    for one in raised:
        parts = [f"#{escape(one.slug)}  {number(one.items, 'item')}"]
        if one.accounts:
            parts[0] += f" about {number(one.accounts, 'account')}"
        parts.append(f"{one.quoted:,} in customers’ words" if one.quoted else "no customer’s words yet")
        lines.append("  ·  ".join(parts))
    return f"*What stands against us when it comes up*, in {KNOWN_DAYS} days\n" + "\n".join(lines)


def _what_to_say(raised: Sequence[Raised]) -> list[Block]:
    lines = []
    for one in raised:
        name = f"*#{escape(one.slug)}*"
        if one.answer:
            marks = f" ({mark_words(one.marked, to_check=one.to_check)})" if one.marked else ""
            lines.append(f"{name}{marks}  {escape(shorten(' '.join(one.answer.split()), ANSWER_SHOWN))}")
        if one.asset:
            wins = f", part of {number(one.wins, 'won deal')}" if one.wins else ""
            title = link(shorten(one.asset, TITLE_SHOWN), one.asset_url)
            lines.append(f"{name}  {title}{wins}")
    if not lines:
        return [context("Marketing has no approved answer and no content for these themes yet.")]
    return [section("*What to say and to send*\n" + "\n".join(lines))]


def _unknown(rival: UnknownCompetitor, commands: Commands) -> Receipt:
    name = escape(shorten(rival.name, TITLE_SHOWN))
    text = f"Nothing is logged that names {name} as a competitor." if name else "No name of a competitor was typed."
    example = escape(as_typed(rival.name)) if name else "!Rivalsoft"
    hint = context(f"To be the first, say what happened: `{commands.voc} they prefer {example} for the price #pricing`")
    names = rival.near or rival.lately
    if not names:
        return Receipt(text, [section(f"*{text}*"), hint])
    ask = "Did you mean one of these?" if rival.near else "These came up lately:"
    buttons = actions(*map(competitor_button, names, range(len(names))), block_id="voc.near_competitors")
    return Receipt(text, [section(f"*{text}* {ask}"), buttons, hint])
