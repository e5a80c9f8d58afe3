"""What `/voc #pricing` shows: the approved answer, how often the theme came up, and what customers said."""

from __future__ import annotations

from dataclasses import dataclass

from digests.mrkdwn import date
from domain.tallies import PULSE_DAYS
from domain.text import shorten
from domain.voc.known import KNOWN_DAYS, KnownTheme, Said, UnknownTheme
from handlers.answers import Block, Receipt
from handlers.blocks import Element, actions, button, context, escape, quote, section
from handlers.words import listed

QUOTE_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Commands:
    """How people type Tandem's commands here."""

    voc: str
    tandem: str


def known_view(found: KnownTheme | UnknownTheme, commands: Commands) -> Receipt:
    return _unknown(found, commands) if isinstance(found, UnknownTheme) else _known(found, commands)


def theme_button(slug: str, place: int = 0) -> Element:
    """Shows what is known of a theme; `place`: among such buttons of a message.

    The `#` in its value keeps a theme such as `42-days` from looking like the name of a row.
    """
    return button(f"Show #{slug}", f"voc.known:{place}", f"#{slug}")


def read_theme(value: str) -> str:
    return value.removeprefix("#")


def _known(theme: KnownTheme, commands: Commands) -> Receipt:
    name = f"#{escape(theme.slug)}"
    blocks = [section(f"*{name}*\n{_counts(theme)}"), section(_answer(theme, commands))]
    if theme.said:
        label = "*What customers said last*" if theme.said[0].quoted else "*What reps noted last*, in their own words"
        blocks += [section(label), *(block for said in theme.said for block in _said(said))]
    blocks.append(context(f"To log one, say what happened: `{commands.voc} too expensive {name}`"))
    return Receipt(f"What is known of {name}", blocks)


def _counts(theme: KnownTheme) -> str:
    """ "12 items in 30 days, from 4 reps about 7 accounts  ·  $85k in deals", and items and accounts of 90 days."""
    pulse, heard = theme.pulse, theme.heard
    parts = [f"{_number(pulse.count, 'item')} in {PULSE_DAYS} days"]
    if pulse.count:
        parts[0] += f", from {_number(pulse.reps, 'rep')}{_about(pulse.accounts)}"
    if pulse.deals:
        parts.append(f"{listed([deal.short() for deal in pulse.deals])} in deals")
    least = "at least " if heard.more else ""
    longer = f"In {KNOWN_DAYS} days: {least}{_number(heard.items, 'item')}{_about(heard.accounts, least)}"
    return f"{'  ·  '.join(parts)}\n{longer}"


def _answer(theme: KnownTheme, commands: Commands) -> str:
    if theme.answer is None or theme.answered_at is None:
        how = f" Set one: `{commands.tandem} answer #{escape(theme.slug)}`" if theme.may_answer else ""
        return f"*No approved answer yet.*{how}"
    by = f"{escape(theme.answered_by)}, " if theme.answered_by else ""
    return f"*Approved answer* ({by}since {date(theme.answered_at, '{date_short}')}): {escape(theme.answer)}"


def _said(said: Said) -> list[Block]:
    account = f"{escape(said.account)}, " if said.account else ""
    return [quote(shorten(said.words, QUOTE_SHOWN)), context(f"{account}{date(said.at, '{ago}')}")]


def _unknown(theme: UnknownTheme, commands: Commands) -> Receipt:
    name = f"#{escape(theme.slug)}" if theme.slug else "this theme"
    text = f"Nothing is logged under {name}."
    hint = context(
        f"To be the first, say what happened: `{commands.voc} too expensive #{escape(theme.slug) or 'pricing'}`"
    )
    slugs = theme.near or theme.lately
    if not slugs:
        return Receipt(text, [section(f"*{text}*"), hint])
    ask = "Did you mean one of these?" if theme.near else "These came up lately:"
    return Receipt(
        text,
        [section(f"*{text}* {ask}"), actions(*map(theme_button, slugs, range(len(slugs))), block_id="voc.near"), hint],
    )


def _about(accounts: int, least: str = "") -> str:
    return f" about {least}{_number(accounts, 'account')}" if accounts else ""


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
