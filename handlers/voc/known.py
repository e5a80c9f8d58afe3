"""What `/voc #pricing` shows: the approved answer, how often the theme came up, and what customers said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from digests.mrkdwn import date as moment
from digests.periods import short_date
from domain.marks import mark
from domain.pulse import Pulse
from domain.tallies import PULSE_DAYS
from domain.text import shorten
from domain.themes import AnswerMark
from domain.voc.agreed import Votes
from domain.voc.known import KNOWN_DAYS, KnownTheme, Said, UnknownTheme
from domain.voc.work import STATUS_NAMES
from handlers.answers import Block, Receipt
from handlers.blocks import Element, actions, button, context, escape, quote, section
from handlers.voc.worked import asset_link, verdicts_line
from handlers.words import listed

QUOTE_SHOWN = 500
NOTE_SHOWN = 300


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


def read_button(count: int, marked: str) -> Element:
    """Opens all items of a theme: the `count` of the last days, or where there are none, those of all time."""
    if count:
        return button("Read it" if count == 1 else f"Read all {count:,}", "theme.read", marked)
    return button("Read all", "theme.read", f"{marked}:ever")


def read_theme(value: str) -> str:
    return value.removeprefix("#")


def _known(theme: KnownTheme, commands: Commands) -> Receipt:
    name = f"#{escape(theme.slug)}"
    blocks = [section(f"*{name}*{_work(theme)}\n{_counts(theme)}"), section(_answer(theme))]
    if theme.said:
        label = "*What customers said last*" if theme.said[0].quoted else "*What reps noted last*, in their own words"
        blocks += [section(label), *said_blocks(theme.said)]
    buttons = [read_button(theme.pulse.count, theme.marked)] if theme.said else []
    if theme.may_answer:
        buttons += [button("Answer", "theme.answer", theme.marked), button("Status", "theme.status", theme.marked)]
    if buttons:
        blocks.append(actions(*buttons, block_id=f"theme:{theme.marked}"))
    if theme.may_answer:
        blocks += [*_alike(theme), actions(*_regrouping(theme), block_id="voc.regroup")]
    blocks.append(context(f"To log one, say what happened: `{commands.voc} what they said {name}`"))
    return Receipt(f"What is known of {name}", blocks)


def _work(theme: KnownTheme) -> str:
    """What marketing does about it: "  ·  Planned  ·  Max Keller looks after it", with the note below."""
    parts = [""]
    if theme.status != "new":
        parts.append(STATUS_NAMES[theme.status])
    if theme.owner:
        parts.append(f"{escape(shorten(theme.owner, 60))} looks after it")
    note = f"\n“{escape(shorten(' '.join(theme.note.split()), NOTE_SHOWN))}”" if theme.note else ""
    return "  ·  ".join(parts) + note


def _alike(theme: KnownTheme) -> list[Block]:
    """The offer to merge two themes that are spelled nearly alike; nobody does it by itself."""
    if theme.alike is None:
        return []
    younger, older = theme.alike
    other = next(each for each in theme.alike if each != theme.slug)
    pair = f"#{younger} into #{older}"
    return [
        section(f"*Looks like #{escape(other)}.* Are they one theme?"),
        actions(
            button(f"Merge into #{older}", "regrouping.merge:alike", pair),
            button("They differ", "regrouping.differ", f"#{younger} #{theme.slug}"),
            block_id="voc.alike",
        ),
    ]


def _regrouping(theme: KnownTheme) -> list[Element]:
    """What marketing does with a theme; see handlers/regrouping."""
    value = f"#{theme.slug}"
    return [
        button("Merge into…", "regrouping.merge", value),
        button("Rename", "regrouping.rename", value),
        button("Split", "regrouping.split", value),
        *([button("History", "regrouping.history", value)] if theme.regrouped else []),
    ]


def _counts(theme: KnownTheme) -> str:
    """ "12 items in 30 days, from 4 reps about 7 accounts  ·  $85k in deals", and items and accounts of 90 days."""
    heard = theme.heard
    least = "at least " if heard.more else ""
    longer = f"In {KNOWN_DAYS} days: {least}{number(heard.items, 'item')}{_about(heard.accounts, least)}"
    return f"{pulse_line(theme.pulse)}\n{longer}"


def pulse_line(pulse: Pulse) -> str:
    """ "12 items in 30 days, from 4 reps about 7 accounts  ·  $85k in deals" """
    parts = [f"{number(pulse.count, 'item')} in {PULSE_DAYS} days"]
    if pulse.count:
        parts[0] += f", from {number(pulse.reps, 'rep')}{_about(pulse.accounts)}"
    if pulse.deals:
        parts.append(f"{listed([deal.short() for deal in pulse.deals])} in deals")
    return "  ·  ".join(parts)


def _answer(theme: KnownTheme) -> str:
    """The answer or that there is none, the best asset, and what came back."""
    best, said = asset_link(theme.worked), verdicts_line(theme.worked.verdicts)
    more = (f"*Best asset:* {best}" if best else "", f"*Did it help?* {said}" if said else "")
    return "\n".join(filter(None, (_answer_itself(theme), *more)))


def _answer_itself(theme: KnownTheme) -> str:
    if theme.answer is None or theme.answered_at is None:
        due = f" {due_words(theme.due_at, is_late=theme.is_late)}" if theme.due_at is not None else ""
        return f"*No approved answer yet.*{due}"
    by = f"{escape(theme.answered_by)}, " if theme.answered_by else ""
    marks = mark_words(theme.answer_mark, to_check=theme.to_check)
    since = moment(theme.answered_at, "{date_short}")
    return f"*Approved answer* ({by}since {since}; {marks}): {escape(theme.answer)}"


def mark_words(marked: AnswerMark, *, to_check: bool) -> str:
    """ "internal", "safe to send, verified until 9 Nov 2026", "internal, *to be checked since 10 Nov 2026*"."""
    words = "safe to send" if marked.audience == "safe" else "internal"
    if marked.until is None:
        return words
    if to_check:
        return f"{words}, *to be checked since {_day(marked.until + timedelta(days=1))}*"
    return f"{words}, verified until {_day(marked.until)}"


def due_words(due_at: datetime, *, is_late: bool) -> str:
    """ "An answer is promised by Friday.", "An answer was promised by Nov 20, and is late." """
    # A day that ends at midnight is that day.
    last = due_at - timedelta(seconds=1)
    when = moment(last, "{date_short_pretty}", fallback=f"{short_date(last.date())} {last.year}")
    return f"An answer was promised by {when}, and is late." if is_late else f"An answer is promised by {when}."


def _day(day: date) -> str:
    return f"{short_date(day)} {day.year}"


def said_blocks(said: Sequence[Said]) -> list[Block]:
    """Words with the account that they come from, and how long ago."""
    return [block for one in said for block in _said(one)]


def _said(said: Said) -> list[Block]:
    marked = mark(said.item_id, said.at)
    account = f"{escape(said.account)}, " if said.account else ""
    where = f"{account}{moment(said.at, '{ago}')}{_also_heard(said.votes)}"
    heard = button("I heard this too", "voc.heard", marked, about=said.words)
    return [quote(shorten(said.words, QUOTE_SHOWN)), section(where, accessory=heard, block_id=f"voc.said:{marked}")]


def _also_heard(votes: Votes) -> str:
    """ "  ·  also heard by Ana at Globex and 2 others" """
    named = [f"{escape(member)} at {escape(account)}" if account else escape(member) for member, account in votes.named]
    left = votes.count - len(named)
    more = [f"{left:,} {'other' if left == 1 else 'others'}"] if left else []
    return f"  ·  also heard by {listed([*named, *more])}" if named else ""


def _unknown(theme: UnknownTheme, commands: Commands) -> Receipt:
    name = f"#{escape(theme.slug)}" if theme.slug else "this theme"
    text = f"Nothing is logged under {name}."
    hint = context(
        f"To be the first, say what happened: `{commands.voc} what they said #{escape(theme.slug) or 'pricing'}`"
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
    return f" about {least}{number(accounts, 'account')}" if accounts else ""


def number(count: int, what: str) -> str:
    """ "1 item", "1,200 items" """
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
