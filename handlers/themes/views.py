"""What the board looks like: what is counted, then each theme in four short lines with what can be done about it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from digests.mrkdwn import date
from digests.telling import KIND_WORDS
from domain.marks import mark
from domain.money import sums_in_short
from domain.pulse import Pulse
from domain.text import shorten
from domain.themes import AnswerMark
from domain.voc.board import MOST, Board, BoardTheme
from domain.voc.promise import OPEN, is_late
from domain.voc.scope import Named, Scope
from domain.voc.trend import WEEKS
from domain.voc.work import STATUS_NAMES
from handlers.answers import Block, View
from handlers.blocks import Element, actions, button, context, divider, escape, modal, option, overflow, section
from handlers.place import GO, Place, go
from handlers.voc.known import due_words, mark_words, read_button
from handlers.words import counted

BARS: Final = "▁▂▃▄▅▆▇█"
NOTE_SHOWN: Final = 160
MENU: Final = {
    "asset": "Link content",
    "owner": "Give it to somebody",
    "merge": "Merge into another theme",
    "rename": "Rename",
    "history": "History",
}
"""What is rarely done about a theme, by the name of its form: a menu takes five entries."""

SORTED: Final = "Late for an answer first, then promised one, then most accounts and items. Shipped and won’t do last."


def board_view(board: Board, place: Place, command: str, *, done: str = "", changed: int = 0) -> View:
    """A page of the board. `command`: how people type `/voc` here; `done`: what was just changed, in mrkdwn.

    `changed`: the theme by its id. It stands beside those words, and not where the order has it now: whoever goes on
    with it would press the buttons of another.
    """
    blocks: list[Block] = []
    first = next((theme for theme in board.themes if done and theme.id == changed), None)
    if done:
        blocks += [section(f":white_check_mark: {done}"), *(_theme(first, board) if first else []), divider()]
    blocks.append(section(_head(board), accessory=go("Filter", "filter"), block_id="theme.head"))
    if board.scope.is_narrow:
        blocks.append(actions(go("Show everything", "clear"), block_id="theme.clear"))
    if board.themes:
        blocks.append(context(SORTED))
    elif board.scope.is_narrow:
        blocks.append(section("*Nothing was heard of this.* Choose another filter, or a longer time."))
    else:
        blocks.append(
            section(f"*No theme yet.* A theme begins with a line such as `{command} too expensive #pricing`.")
        )
    for theme in board.themes:
        blocks += _theme(theme, board) if theme is not first else []
    if board.page == board.pages - 1 and board.untagged.count:
        blocks += _untagged(board)
    blocks += turning("page", board.page, board.pages)
    if board.more:
        blocks.append(context(f"These are the {MOST} themes of most accounts. A filter finds the others."))
    return modal("theme.board", "Themes", blocks, submit=None, close="Close", context=place.remembered())


def counted_words(scope: Scope, named: Named) -> str:
    """What is counted: "items of all kinds in 30 days", "objections in 90 days, heard by EMEA, at Globex"."""
    kind = KIND_WORDS[scope.kind][1] if scope.kind else "items of all kinds"
    parts = [f"{kind} in {scope.days} days" if scope.days is not None else f"{kind}, however old"]
    if named.team:
        parts.append(f"heard by {escape(shorten(named.team, 60))}")
    if named.account:
        parts.append(f"at {escape(shorten(named.account, 60))}")
    if scope.competitor:
        parts.append(f"with {escape(shorten(scope.competitor, 60))}")
    return ", ".join(parts)


def pulse_words(pulse: Pulse) -> str:
    """ "12 items  ·  7 accounts  ·  4 reps  ·  $85k in deals" """
    parts = [counted(pulse.count, "item")]
    if pulse.count:
        parts += [counted(pulse.accounts, "account"), counted(pulse.reps, "rep")]
    if pulse.deals:
        parts.append(f"{sums_in_short(pulse.deals)} in deals")
    return "  ·  ".join(parts)


def trend(weeks: tuple[int, ...]) -> str:
    """The weeks as bars, the last one at the right, and in words how the last one was."""
    top = max(weeks, default=0)
    if not top:
        return f"Nothing in {WEEKS} weeks"
    # A week with anything at all is seen: the lowest bar is that of nothing.
    bars = "".join(BARS[-(-count * (len(BARS) - 1) // top)] for count in weeks)
    return f"{bars}  {compared(weeks[-1], weeks[-2], 'item')}"


def compared(last: int, before: int, noun: str) -> str:
    """ "3 items in 7 days, 1 in the 7 days before" """
    return f"{counted(last, noun)} in 7 days, {before:,} in the 7 days before"


def turning(what: str, page: int, pages: int) -> list[Block]:
    """The way to the pages before and after; nothing where there is one page only."""
    if pages <= 1:
        return []
    buttons = [
        *([button("← Before", f"{GO}:before", f"{what}:{page - 1}")] if page > 0 else []),
        *([button("Next →", f"{GO}:after", f"{what}:{page + 1}")] if page < pages - 1 else []),
    ]
    return [context(f"Page {page + 1:,} of {pages:,}"), actions(*buttons, block_id=f"theme.{what}")]


def _head(board: Board) -> str:
    words = counted_words(board.scope, board.named)
    return f"*{counted(board.total, 'theme')}*\nCounted: {words}, without those taken back"


def _lines(theme: BoardTheme, at: datetime) -> list[str]:
    title = [f"*#{escape(theme.slug)}*", STATUS_NAMES[theme.status]]
    title.append(escape(shorten(theme.owner, 40)) if theme.owner else "no owner")
    since = date(theme.created_at, "{date_short_pretty}", fallback=f"{theme.created_at:%d %b %Y}")
    title.append(f"a theme since {since}")
    lines = ["  ·  ".join(title), pulse_words(theme.pulse), trend(theme.weeks)]
    if theme.note:
        lines.append(f"“{escape(shorten(' '.join(theme.note.split()), NOTE_SHOWN))}”")
    return [*lines, answer_line(theme.status, theme.answered_at, theme.mark, theme.due_at, at)]


def answer_line(
    status: str, answered_at: datetime | None, marked: AnswerMark, due_at: datetime | None, at: datetime
) -> str:
    """Since when a theme is answered, and for whom; else that it has no answer, and by when one is promised."""
    if answered_at is None:
        if due_at is None:
            return "*No approved answer*" if status in OPEN else "No approved answer"
        late = is_late(due_at, at)
        return f"{':warning: ' if late else ''}*No approved answer.* {due_words(due_at, is_late=late)}"
    when = date(answered_at, "{date_short_pretty}", fallback=f"{answered_at:%d %b %Y}")
    return f"Answered {when}, {mark_words(marked, to_check=marked.is_to_check(at))}"


def work_buttons(count: int, marked: str, *, is_owned: bool) -> list[Element]:
    """What is often done about a theme; `count`: its items of the last days."""
    return [
        read_button(count, marked),
        button("Answer", "theme.answer", marked),
        *([] if is_owned else [button("Own it", "theme.own", marked)]),
    ]


def _theme(theme: BoardTheme, board: Board) -> list[Block]:
    """A theme and what can be done about it: buttons for what is often done, a menu beside the words for the rest."""
    marked = mark(theme.id, theme.created_at)
    words = "\n".join(_lines(theme, board.at))
    if not board.may_change:
        return [section(words), actions(read_button(theme.pulse.count, marked), block_id=f"theme:{marked}")]
    buttons = work_buttons(theme.pulse.count, marked, is_owned=theme.owner is not None)
    buttons.append(button("Status", "theme.status", marked))
    menu = overflow("theme.more", [option(name, f"{marked}:{what}") for what, name in MENU.items()])
    return [
        section(words, accessory=menu, block_id=f"theme.of:{marked}"),
        actions(*buttons, block_id=f"theme:{marked}"),
    ]


def _untagged(board: Board) -> list[Block]:
    words = f"*Without a theme*\n{pulse_words(board.untagged)}"
    return [divider(), section(words), actions(read_button(board.untagged.count, "0"), block_id="theme.untagged")]
