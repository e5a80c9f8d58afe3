"""What a voc item looks like: the receipt that only its author sees, the list, the help, and what was refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from digests.mrkdwn import date, escape, link
from domain.marks import mark
from domain.quick_line import QUICK_LINE_LIMIT
from domain.tallies import PULSE_DAYS
from domain.text import shorten
from domain.voc.example import Example
from domain.voc.facts import KIND_NAMES, VocFacts
from domain.voc.receipt import Echo, VocReceipt
from handlers.answers import Block, Receipt, View
from handlers.blocks import (
    actions,
    button,
    context,
    divider,
    modal,
    option,
    overflow,
    preformatted,
    quote,
    section,
)
from handlers.words import listed

WITHDRAWN = "Undone. This item is in no count and no digest."
ANSWER_SHOWN = 600
SMALL_PRINT_SHOWN = 2_000
VERBATIM_SHOWN = 140


@dataclass(frozen=True, slots=True)
class Slip:
    """What the buttons under "Did you mean #pricing?" carry: the item's version, and the slug of the theme meant."""

    version: int
    meant: str


def receipt(logged: VocReceipt, did: str, *, replace: bool = False) -> Receipt:
    """What the author sees after logging; `did` is "logged", "updated" or "restored"."""
    item = logged.item
    text = f"{KIND_NAMES[item.kind]} {did}: {escape(shorten(item.verbatim, VERBATIM_SHOWN))}"
    return Receipt(text, receipt_blocks(logged, did), replace=replace)


def confirmation(logged: VocReceipt, did: str) -> View:
    """The receipt in the modal itself, for forms that were opened where no message can follow."""
    return modal("voc.done", did.capitalize(), receipt_blocks(logged, did), submit=None, close="Done")


def receipt_blocks(logged: VocReceipt, did: str) -> list[Block]:
    """What was understood, what comes back for it, and the ways to put it right."""
    item = logged.item
    blocks = [
        section(f"*{KIND_NAMES[item.kind]} {did}*{''.join(f'  ·  {part}' for part in understood(item, mark_new=True))}")
    ]
    blocks.append(quote(item.verbatim))
    if item.quote and item.quote not in item.verbatim:
        blocks += [context("Exact quote:"), quote(item.quote)]
    marked = mark(item.id, item.created_at)
    if item.is_deal_doubtful:
        blocks.append(
            section(
                f"*Really {item.deal}?* The deal is saved and counts in the sums.",
                accessory=button("Correct it", "voc.edit", f"{marked}:deal"),
                block_id=f"voc.deal:{marked}",
            )
        )
    if logged.meant and item.theme:
        blocks += _slip(item, item.theme, logged.meant)
    gift = _gift(logged) if logged.meant is None else ""  # how often a slip came up is no news
    if gift:
        blocks.append(section(gift))
    small = _small_print(logged)
    if small:
        blocks.append(context(*small))
    buttons = [button("Edit", "voc.edit", marked), button("Undo", "voc.undo", marked)]
    if not item.quote:
        buttons.append(button("Add quote", "voc.quote", marked))
    blocks.append(actions(*buttons, block_id=f"voc:{marked}"))
    return blocks


def withdrawn(item: VocFacts) -> Receipt:
    """In place of the receipt of an item that was taken back."""
    return Receipt(WITHDRAWN, withdrawn_blocks(item), replace=True)


def withdrawn_view(item: VocFacts) -> View:
    return modal("voc.done", "Undone", withdrawn_blocks(item), submit=None, close="Done")


def withdrawn_blocks(item: VocFacts, *, came_from: str = "") -> list[Block]:
    """`came_from`: ":list" when the answer to Restore is the list again."""
    marked = mark(item.id, item.created_at)
    return [
        section(WITHDRAWN),
        actions(button("Restore", "voc.restore", f"{marked}{came_from}"), block_id=f"voc:{marked}"),
    ]


def item_list(
    items: Sequence[VocFacts], command: str, *, gone: VocFacts | None = None, replace: bool = False
) -> Receipt:
    """The member's last items, each with a menu; `gone` was taken back from this very list."""
    blocks = [*withdrawn_blocks(gone, came_from=":list"), divider()] if gone else []
    if not items:
        blocks.append(section(f"You have logged nothing yet. `{command} help` shows how: one line is enough."))
        return Receipt("You have logged nothing yet.", blocks, replace=replace)
    head = "*Your last item*" if len(items) == 1 else f"*Your last {len(items)} items*, newest first"
    blocks.append(section(head))
    blocks.extend(item_row(item) for item in items)
    return Receipt("What you logged last", blocks, replace=replace)


def item_row(item: VocFacts) -> Block:
    """One item in two lines: what was understood and its age, then its words, with a menu to change it."""
    parts = [f"*{KIND_NAMES[item.kind]}*", *understood(item), date(item.created_at, "{ago}")]
    words = escape(shorten(" ".join(item.verbatim.split()), VERBATIM_SHOWN))
    marked = mark(item.id, item.created_at)
    menu = overflow("voc.row", [option("Edit", f"{marked}:edit"), option("Undo", f"{marked}:undo")])
    return section(f"{'  ·  '.join(parts)}\n{words}", accessory=menu, block_id=f"voc:{marked}")


def help_text(command: str, example: Example) -> Receipt:
    """How to log in one line."""
    account = escape(example.marked_account)
    return Receipt(
        f"Log what a customer said with {command}",
        [
            section(f"*Log what a customer said, in one line:*\n`{command} {escape(example.line)}`"),
            section(
                "`#pricing`  the theme: you see at once who else heard it\n"
                f"`{account}`  the account; quotes only around several words\n"
                f"`vs {escape(example.competitor)}`  a competitor\n"
                "`$40k`  the size of the deal\n"
                '`"we can\'t pay that"`  an exact quote\n'
                "`pain:` `gap:` `lost:` `praise:` `question:` `competitor:`  in front, when it is no objection"
            ),
            section(
                f"All of these are optional, in any order.\n`{command}` opens a short form · `{command} list` shows "
                f"your last ten, to edit or undo · `{command} #pricing` shows what is known of a theme · *Log this "
                "message* in a message’s menu keeps the link to it"
            ),
        ],
    )


def answered(slug: str) -> Receipt:
    """The answer is set: where it will be read."""
    text = f"Saved. Reps read it when they log #{escape(slug)}, and sales in the next digest."
    return Receipt(text, [section(text)])


def only_markers(typed: str) -> Receipt:
    """Markers without words: what was typed comes back, ready to copy."""
    text = (
        "There are only marks like #theme and @account, so nothing was saved. "
        "Say what happened, and send the line again:"
    )
    return Receipt(text, [section(text), preformatted(typed)])


def too_long(typed: str, length: int) -> Receipt:
    """A line that does not fit: its start comes back, in pieces that Slack takes."""
    text = (
        f"That is {length:,} characters and {QUICK_LINE_LIMIT:,} fit, so nothing was saved. Please shorten it, or log "
        "it in parts. This is how it began:"
    )
    start = shorten(typed, 3 * QUICK_LINE_LIMIT)
    pieces = [start[at : at + QUICK_LINE_LIMIT] for at in range(0, len(start), QUICK_LINE_LIMIT)]
    return Receipt(text, [section(text), *(preformatted(piece) for piece in pieces)])


def understood(item: VocFacts, *, mark_new: bool = False) -> list[str]:
    """What was understood, spelled as it can be typed, so that the receipt teaches the line."""
    parts = []
    if item.theme:
        parts.append(f"#{escape(item.theme)}" + (" (new)" if mark_new and item.theme_new else ""))
    if item.account:
        parts.append(f"@{escape(item.account)}" + (" (new account)" if mark_new and item.account_new else ""))
    if item.competitor:
        parts.append(f"vs {escape(item.competitor)}")
    if item.deal:
        typed = f" (typed: {escape(shorten(item.deal_typed, 60))})" if item.deal_typed else ""
        parts.append(f"{item.deal} deal{typed}")
    return parts


def read_slip(value: str) -> Slip:
    """What such a button carries after the item's mark; 0, which is no item's version, where it carries none."""
    version, _, meant = value.partition(":")[2].partition(":")
    return Slip(int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0, meant)


def _slip(item: VocFacts, theme: str, meant: str) -> list[Block]:
    """Asks about a theme that is spelled nearly like another: the item is saved either way."""
    marked = mark(item.id, item.created_at)
    return [
        section(f"*Did you mean #{escape(meant)}?* Until now, hardly anybody has logged #{escape(theme)}."),
        actions(
            button(f"Use #{meant}", "voc.use_theme", f"{marked}:{item.version}:{meant}"),
            button(f"Keep #{theme}", "voc.keep_theme", f"{marked}:{item.version}"),
            block_id=f"voc.slip:{marked}",
        ),
    ]


def _gift(logged: VocReceipt) -> str:
    """The one line that pays for logging."""
    if logged.answer and logged.item.theme:
        words = escape(shorten(" ".join(logged.answer.split()), ANSWER_SHOWN))
        return f"*Approved answer to #{escape(logged.item.theme)}:* {words}"
    return echo_line(logged.echo, new=logged.item.theme_new) if logged.echo else ""


def echo_line(echo: Echo, *, new: bool = False) -> str:
    """ "#pricing: 3rd time in 30 days · 2 other reps heard it too · $85k in deals" """
    pulse = echo.pulse
    if echo.about == "own":
        return f"Your {ordinal(pulse.count)} item in {PULSE_DAYS} days." if pulse.count > 1 else ""
    name = f"#{escape(echo.name)}" if echo.about == "theme" else f"*{escape(echo.name)}*"
    what, did = ("item", "logged one") if echo.about == "account" else ("time", "heard it")
    if pulse.count <= 1:
        return f"{name}: you are the first to log it." if new else f"{name}: first {what} in {PULSE_DAYS} days."
    parts = [f"{name}: {ordinal(pulse.count)} {what} in {PULSE_DAYS} days"]
    others = pulse.reps - 1
    if others > 0:
        parts.append(f"{others} other {'rep' if others == 1 else 'reps'} {did} too")
    if pulse.deals:
        parts.append(f"{listed([deal.short() for deal in pulse.deals])} in deals")
    return "  ·  ".join(parts)


def _small_print(logged: VocReceipt) -> list[str]:
    item = logged.item
    small = []
    line = logged.line
    if line.tags:
        others = listed([f"#{escape(tag)}" for tag in line.tags])
        counts = f"this item counts under #{escape(item.theme)}, not under" if item.theme else "this item has none of"
        small.append(shorten(f"One theme for each item: {counts} {others}.", SMALL_PRINT_SHOWN))
    if line.colleague and not item.account:
        small.append(f"@{escape(line.colleague)} is a colleague here, so no account was saved. Edit sets the account.")
    if line.amounts and not item.deal:
        said = listed([f"“{escape(shorten(amount, 40))}”" for amount in line.amounts[:3]])
        small.append(f"No deal size was saved from {said}. Edit sets the deal size.")
    if logged.hint is not None:
        small.append(_hint(logged.hint, new=item.theme is not None))
    if item.permalink:
        small.append(link("The message it came from", item.permalink))
    return [text for text in small if text]


def _hint(used: Sequence[str], *, new: bool) -> str:
    names = listed([f"`#{tag}`" for tag in used])
    if new:
        return f"Themes others use: {names}. The same theme adds up." if used else ""
    return f"Tip: add a theme, like {names or '`#pricing`'}, and you see at once who else heard it."


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 22nd."""
    suffix = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"
