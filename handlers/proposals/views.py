"""What marketers see of proposed themes: a list in a modal, each item with its theme, Accept and Refuse; a receipt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from digests.mrkdwn import link
from domain.proposals.deciding import COUNTED, MOST_AT_ONCE, Decision, Proposals, Proposed
from domain.text import shorten
from domain.voc.facts import KIND_NAMES
from handlers import blocks as b
from handlers.answers import Block, Receipt, View

WORDS_SHOWN: Final = 500
OPEN: Final = "proposals.open"
ALL: Final = "all"
"""The value of the button that leads from one theme's proposals to all."""

Context = Mapping[str, Any]


def proposals_modal(page: Proposals, decision: Decision | None = None) -> View:
    """The list. `decision`: what was just decided, said on top, with the way back."""
    blocks: list[Block] = [*_decided(decision)]
    if not page.shown:
        blocks.append(b.section(f"No proposal waits for you{f' under #{b.escape(page.of.slug)}' if page.of else ''}."))
        blocks.append(
            b.context(
                "Each morning Tandem looks at what was logged without a theme. Where a language model is set, it looks "
                "every few minutes."
            )
        )
        if page.of:
            blocks.append(b.actions(_all(), block_id="proposals.below"))
        return _modal(blocks, page)
    head = count_words(page.total, f"#{b.escape(page.of.slug)}" if page.of else "a theme")
    blocks.append(b.section(f"*{head}* What do you say?"))
    for one in page.shown:
        blocks += [b.divider(), *_proposed(one)]
    blocks += [b.divider(), b.actions(*_below(page), block_id="proposals.below")]
    if page.model:
        blocks.append(b.context(f"Proposed by {b.escape(page.model)}. A proposal counts nowhere until you accept it."))
    return _modal(blocks, page)


def count_words(total: int, theme: str = "a theme") -> str:
    """ "12 items may belong to a theme." """
    if total > COUNTED:
        return f"More than {COUNTED:,} items may belong to {theme}."
    return f"1 item may belong to {theme}." if total == 1 else f"{total:,} items may belong to {theme}."


def decided_receipt(decision: Decision, *, replace: bool) -> Receipt:
    """What a click on the day's message did, for whoever clicked, with the way back."""
    lines = _lines(decision)
    return Receipt("\n".join(lines), [b.section("\n".join(lines), accessory=_undo(decision))], replace=replace)


def proposals_button(label: str = "Look through") -> b.Element:
    """Opens the list, from wherever a marketer is told of it."""
    return b.button(label, OPEN)


def read_marks(value: str) -> tuple[str, ...]:
    """The marks that a button carries."""
    return tuple(value.split(",")[:MOST_AT_ONCE])


def _modal(blocks: Sequence[Block], page: Proposals) -> View:
    context = {"start": page.start} | ({"theme": page.of.mark} if page.of else {})
    return b.modal("proposals.list", "Proposed themes", blocks, submit=None, close="Close", context=context)


def _proposed(one: Proposed) -> list[Block]:
    reason = f": {b.escape(one.reason)}" if one.reason else ""
    told = [b.mention(one.author), b.escape(one.account) if one.account else "", b.date(one.logged_at, "{date_short}")]
    if one.permalink:
        told.append(link("message", one.permalink))
    if one.kind is not None:
        told.append(f"the model reads it as: {KIND_NAMES[one.kind].lower()}")
    if one.model is None:
        told.append("because of its words")
    if one.confidence is not None:
        told.append(f"{one.confidence} % sure")
    about = shorten(one.words, 60)
    return [
        b.quote(shorten(one.words, WORDS_SHOWN)),
        b.section(f"*#{b.escape(one.theme)}*{reason}"),
        b.actions(
            b.button("Accept", "proposal.accept", one.mark, style="primary", about=about),
            b.button("Refuse", "proposal.refuse", one.mark, about=about),
            block_id=f"proposal:{one.mark}",
        ),
        b.context("  ·  ".join(filter(None, told))),
    ]


def _below(page: Proposals) -> list[b.Element]:
    elements = []
    if len(page.shown) > 1:
        number = len(page.shown)
        ask = b.confirm(
            "Accept them all?", f"The {number} items on this page go under the themes that stand with them.", "Accept"
        )
        marks = ",".join(one.mark for one in page.shown)
        elements.append(b.button(f"Accept these {number}", "proposals.accept_shown", marks, confirm=ask))
    if page.newer is not None:
        elements.append(b.button("← Newer", "proposals.page:newer", page.newer))
    if page.older is not None:
        elements.append(b.button("Older →", "proposals.page:older", page.older))
    if page.of:
        elements.append(_all())
    return elements or [b.button("Look again", "proposals.page:again", page.start)]


def _all() -> b.Element:
    return b.button("All themes", "proposals.page:all", ALL)


def _decided(decision: Decision | None) -> list[Block]:
    if decision is None:
        return []
    return [b.section("\n".join(_lines(decision)), accessory=_undo(decision)), b.divider()]


def _lines(decision: Decision) -> list[str]:
    lines = []
    if decision.marks:
        lines.append(_done(decision))
    if decision.passed_by:
        number = decision.passed_by
        what = "1 proposal was" if number == 1 else f"{number} proposals were"
        lines.append(f"{what} decided before, or the item was changed: left as it is.")
    if not lines:
        lines.append("That proposal is gone, so nothing was changed.")
    return lines


def _undo(decision: Decision) -> b.Element | None:
    if not decision.marks or decision.undone:
        return None
    return b.button("Undo", "proposals.undo", ",".join(decision.marks))


def _done(decision: Decision) -> str:
    number = len(decision.marks)
    items = "1 item" if number == 1 else f"{number} items"
    if decision.undone:
        return f":leftwards_arrow_with_hook: Taken back: {items} may belong to a theme again."
    if not decision.accepted:
        return f":heavy_multiplication_x: Refused for {items}. None is proposed there again."
    themes = ", ".join(f"#{b.escape(slug)}" for slug in decision.themes)
    return f":white_check_mark: {items} {'stands' if number == 1 else 'stand'} under {themes} now."
