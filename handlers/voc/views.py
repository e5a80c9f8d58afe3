"""What a voc item looks like: the receipt that only its author sees, the list, the help, and what was refused."""

from __future__ import annotations

from collections.abc import Sequence

from digests.mrkdwn import date, escape, link
from domain.marks import mark
from domain.quick_line import QUICK_LINE_LIMIT
from domain.tallies import PULSE_DAYS
from domain.text import shorten
from domain.voc.example import Example
from domain.voc.facts import KIND_NAMES, VocFacts, item_name
from domain.voc.promise import Promise
from domain.voc.receipt import Echo, VocReceipt
from domain.voc.work import STATUS_NAMES
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
    select,
)
from handlers.voc import slips
from handlers.voc.competitors import as_typed
from handlers.voc.known import due_words, mark_words
from handlers.voc.sounding import sounding_blocks
from handlers.voc.worked import worked_line
from handlers.words import listed

TOLD_ONCE = "Whoever raised it is told once, in their working hours."
WITHDRAWN = "Undone. This item is in no count and no digest."
ANSWER_SHOWN = 600
NOTE_SHOWN = 200
SMALL_PRINT_SHOWN = 2_000
VERBATIM_SHOWN = 140


def receipt(logged: VocReceipt, did: str, *, replace: bool = False) -> Receipt:
    """What the author sees after logging; `did` is "logged", "updated", "restored" or "changed meanwhile"."""
    item = logged.item
    text = f"{item_name(item)} {did}: {escape(shorten(item.words, VERBATIM_SHOWN))}"
    return Receipt(text, receipt_blocks(logged, did), replace=replace)


def confirmation(logged: VocReceipt, did: str) -> View:
    """The receipt in the modal itself, for forms that were opened where no message can follow."""
    return modal("voc.done", did.capitalize(), receipt_blocks(logged, did), submit=None, close="Done")


def receipt_blocks(logged: VocReceipt, did: str) -> list[Block]:
    """What was understood, what comes back for it, and the ways to put it right."""
    item = logged.item
    blocks = [_head(item, did)]
    blocks += [quote(item.vote_of), *([context("Your note:")] if item.verbatim else [])] if item.vote_of else []
    if item.verbatim:
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
    blocks += [*slips.questions(logged), *sounding_blocks(logged)]
    blocks += [section(gift) for gift in _gifts(logged) if gift]
    small = _small_print(logged)
    if small:
        blocks.append(context(*small))
    buttons = [button("Undo", "voc.undo", marked)]
    if item.vote_of is None:
        buttons.insert(0, button("Edit", "voc.edit", marked))
    if item.vote_of is None and not item.quote:
        buttons.append(button("Add quote", "voc.quote", marked))
    blocks.append(actions(*buttons, block_id=f"voc:{marked}"))
    return blocks


def _head(item: VocFacts, did: str) -> Block:
    """What was understood; where no person said the kind, a menu to change it by one tap."""
    parts = [f"*{item_name(item)} {did}*", *understood(item, mark_new=True)]
    if item.kind_by == "person" or item.vote_of is not None:
        return section("  ·  ".join(parts))
    marked = mark(item.id, item.created_at)
    kinds = {kind: option(name, f"{marked}:{item.version}:{kind}") for kind, name in KIND_NAMES.items()}
    menu = select("voc.kind", "Kind", list(kinds.values()), initial=kinds[item.kind])
    return section("  ·  ".join(parts), accessory=menu, block_id=f"voc.kind:{marked}")


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
    parts = [f"*{item_name(item)}*", *understood(item), date(item.created_at, "{ago}")]
    words = escape(shorten(" ".join(item.words.split()), VERBATIM_SHOWN))
    marked = mark(item.id, item.created_at)
    edit = [option("Edit", f"{marked}:edit")] if item.vote_of is None else []
    menu = overflow("voc.row", [*edit, option("Undo", f"{marked}:undo")])
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
                f"`{escape(as_typed(example.competitor))}`  a competitor; so is `vs {escape(example.competitor)}`\n"
                "`$40k`  the size of the deal\n"
                '`"we can\'t pay that"`  an exact quote\n'
                "`pain:` `gap:` `lost:` `praise:` `question:` `competitor:`  in front, when it is no objection"
            ),
            section(
                "All of these are optional, in any order. *Log this message* in a message’s menu keeps the link to it."
            ),
            section(
                f"`{command}`  a short form\n"
                f"`{command} list`  your last ten, to edit or undo\n"
                f"`{command} #pricing`  what is known of a theme\n"
                f"`{command} {escape(as_typed(example.competitor))}`  what is known of a competitor\n"
                f"`{command} themes`  all themes, and what marketing does about each\n"
                f"`{command} search security`  what customers said\n"
                f"`{command} quotes #pricing`  their own words, ready to copy"
            ),
        ],
    )


def answered(slug: str) -> Receipt:
    """The answer is set: where it will be read."""
    text = f"Saved. Reps read it when they log #{escape(slug)}, and sales in the next digest. {TOLD_ONCE}"
    return Receipt(text, [section(text)])


def only_markers(typed: str, account: str | None = None, command: str = "/tandem") -> Receipt:
    """Markers without words: what was typed comes back, ready to copy.

    `account`: where the line is nothing else; `command`: how people type `/tandem` here.
    """
    text = (
        "There are only marks like #theme and @account, so nothing was saved. "
        "Say what happened, and send the line again:"
    )
    read = [context(f"All that happened with them: `{command} account {escape(account)}`")] if account else []
    return Receipt(text, [section(text), preformatted(typed), *read])


def too_long(typed: str, length: int) -> Receipt:
    """A line that does not fit comes back whole: in pieces that Slack takes, or, where those are too small, as text."""
    text = (
        f"That is {length:,} characters and {QUICK_LINE_LIMIT:,} fit, so nothing was saved. Please shorten it, or log "
        "it in parts. You typed:"
    )
    if len(typed) > 3 * QUICK_LINE_LIMIT - len(text):
        return Receipt(f"{text}\n{escape(typed)}")
    pieces = [typed[at : at + QUICK_LINE_LIMIT] for at in range(0, len(typed), QUICK_LINE_LIMIT)]
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


def _gifts(logged: VocReceipt) -> list[str]:
    """What pays for logging: the answer and what worked, who looks for an answer, and who else heard it."""
    if slips.is_asked(logged):
        return []  # how often a slip came up is no news
    theme = escape(logged.item.theme or "")
    # Beside the question "Sounds like …", how much one logged is no news.
    is_news = logged.echo is not None and not (logged.sounds is not None and logged.echo.about == "own")
    heard = echo_line(logged.echo, new=logged.item.theme_new) if logged.echo is not None and is_news else ""
    if logged.answer and logged.item.theme:
        words = escape(shorten(" ".join(logged.answer.split()), ANSWER_SHOWN))
        marks = f" ({mark_words(logged.marked, to_check=logged.to_check)})" if logged.marked else ""
        answer = f"*Approved answer to #{theme}*{marks}: {words}"
        worked = worked_line(logged.worked) if logged.worked is not None else ""
        others = logged.echo is not None and logged.echo.pulse.count > 1
        return ["\n".join(filter(None, (answer, worked))), heard if others else ""]
    return ["\n".join(filter(None, (heard, promise_line(logged.promise) if logged.promise else "")))]


def promise_line(promise: Promise) -> str:
    """ "Max Keller looks after it. An answer is promised by 4 Dec." """
    parts = []
    if promise.status != "new":
        note = f" (“{escape(shorten(' '.join(promise.note.split()), NOTE_SHOWN))}”)" if promise.note else ""
        parts.append(f"{STATUS_NAMES[promise.status]}{note}.")
    if promise.owner:
        parts.append(f"{escape(shorten(promise.owner, 60))} looks after it.")
    if promise.due_at is not None:
        parts.append(due_words(promise.due_at, is_late=promise.is_late))
        if not promise.owner:
            parts.append("Nobody looks after it yet.")
    return f"Marketing: {' '.join(parts)}" if parts else ""


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
    if item.kind_by == "words" and item.vote_of is None:
        small.append("Kind guessed from the words: the menu changes it.")
    if line.tags:
        others = listed([f"#{escape(tag)}" for tag in line.tags])
        counts = f"this item counts under #{escape(item.theme)}, not under" if item.theme else "this item has none of"
        small.append(shorten(f"One theme for each item: {counts} {others}.", SMALL_PRINT_SHOWN))
    if line.competitors and item.competitor:
        names = listed([escape(name) for name in line.competitors])
        counts = f"this item counts under {escape(item.competitor)}, not under"
        small.append(shorten(f"One competitor for each item: {counts} {names}.", SMALL_PRINT_SHOWN))
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
