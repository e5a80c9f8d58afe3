"""The questions about names that are spelled nearly like others: the item is saved either way, a tap puts it right."""

from __future__ import annotations

from dataclasses import dataclass

from digests.mrkdwn import escape
from domain.marks import mark
from domain.voc.facts import VocFacts
from domain.voc.receipt import VocReceipt
from handlers.answers import Block
from handlers.blocks import actions, button, section


@dataclass(frozen=True, slots=True)
class Slip:
    """What the buttons under such a question carry: the item's version, and what is meant: a slug or a key."""

    version: int
    meant: str


def read_slip(value: str) -> Slip:
    """What such a button carries after the item's mark; 0, which is no item's version, where it carries none."""
    version, _, meant = value.partition(":")[2].partition(":")
    return Slip(int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0, meant)


def questions(logged: VocReceipt) -> list[Block]:
    """A question for each name of the item that is likely a slip."""
    item = logged.item
    blocks: list[Block] = []
    if logged.meant and item.theme:
        asked = f"*Did you mean #{escape(logged.meant)}?* Until now, hardly anybody has logged #{escape(item.theme)}."
        blocks += _question(item, "theme", asked, (f"#{logged.meant}", f"#{item.theme}"), logged.meant)
    if logged.meant_account and item.account:
        name, ours = logged.meant_account.name, item.account
        asked = f"*Did you mean @{escape(name)}?* Until now, hardly anything is logged about @{escape(ours)}."
        blocks += _question(item, "account", asked, (f"@{name}", f"@{ours}"), logged.meant_account.key)
    if logged.meant_competitor and item.competitor:
        name, ours = logged.meant_competitor.name, item.competitor
        asked = f"*Did you mean {escape(name)}?* Until now, hardly anybody has named {escape(ours)}."
        blocks += _question(item, "competitor", asked, (name, ours), logged.meant_competitor.key)
    return blocks


def is_asked(logged: VocReceipt) -> bool:
    """Whether the receipt asks about what its count is of."""
    about = logged.echo.about if logged.echo is not None else "theme"
    meant = {
        "theme": logged.meant,
        "account": logged.meant_account,
        "competitor": logged.meant_competitor,
    }
    return meant.get(about) is not None


def _question(item: VocFacts, about: str, asked: str, names: tuple[str, str], meant: str) -> list[Block]:
    """`names`: of what is likely meant, and of what the item has; `meant`: what the first button carries."""
    marked = mark(item.id, item.created_at)
    return [
        section(asked),
        actions(
            button(f"Use {names[0]}", f"voc.use_{about}", f"{marked}:{item.version}:{meant}"),
            button(f"Keep {names[1]}", f"voc.keep_{about}", f"{marked}:{item.version}"),
            block_id=f"voc.slip.{about}:{marked}",
        ),
    ]
