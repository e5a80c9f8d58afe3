"""What an admin sees of an erasure: what would go, the question, and what was done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from domain.persons.asking import Preview
from handlers.answers import Block, Receipt, View
from handlers.blocks import context, escape, input_block, modal, section, text_input
from handlers.messages import Rendering
from handlers.words import counted

FORM: Final = "erase.person"
WORD: Final = "erase"

_STAYS: Final = (
    "*What stays*, so that what is counted does not change: that a lead came, when and from which source, its tier, "
    "whose it was, how it went and for how much, and the company. A quote stays as a customer’s words, without the "
    "person’s address, number and full name."
)
_ELSEWHERE: Final = (
    "Erase the person in the systems that send you leads as well: what they send again a week from now counts as new. "
    "Backups keep the person until they are deleted."
)


def how_to(prefix: str) -> Receipt:
    """What to type."""
    text = f"Say whom: `/{prefix}tandem erase person ana@example.com`. You see what would go before anything does."
    return Receipt(text, [section(text)], refusal=True)


def erase_form(email: str, found: Preview) -> View:
    """What is known of the person, what stays, and the word that confirms."""
    blocks: list[Block] = [
        section(f"*{escape(email)}*\n{_found(found)}"),
        section(
            "*What goes*, at once and for good: name, address, phone number, job title, what they asked and were sent, "
            "notes about them, and their ids in other systems. Messages in Slack are edited. An open lead ends, its "
            "clock stops, and its rep is told."
        ),
        section(_STAYS),
        input_block(
            "also",
            "Also known as",
            text_input("also", multiline=True, max_length=1000),
            optional=True,
            hint="Other addresses, phone numbers and full names, one in a line. Those of their leads are known.",
        ),
        input_block(
            "confirm",
            f"Type “{WORD}” to confirm",
            text_input("confirm", max_length=40),
            hint="This cannot be undone.",
        ),
        context(_ELSEWHERE),
    ]
    return modal(FORM, "Erase a person", blocks, submit="Erase", close="Keep", context={"email": email})


def begun(leads: int) -> View:
    """What was done at once, and what is under way."""
    what = f"{counted(leads, 'lead')} {'is' if leads == 1 else 'are'} erased." if leads else "There was no lead."
    lines = [
        section(f"{what} Tandem now takes the person out of everything else. A message tells you when it is done."),
        context(_ELSEWHERE),
    ]
    return modal(FORM, "Erase a person", lines, submit=None, close="Close")


def erased_message(leads: int, rows: Mapping[str, int]) -> Rendering:
    """The DM to the admin who asked."""
    quotes = rows.get("voc_items", 0)
    others = sum(count for name, count in rows.items() if name != "voc_items")
    parts = [(leads, "lead"), (quotes, "quote"), (others, "other text")]
    what = ", ".join(counted(count, name) for count, name in parts if count) or "nothing was left of them"
    text = f"The person whom you asked to erase is erased: {what}."
    return Rendering(text=text, blocks=(section(text), context(_ELSEWHERE)))


def _found(found: Preview) -> str:
    if not found.leads and not found.quotes:
        return "Tandem knows no lead and no quote with this address. Texts without it are looked through all the same."
    parts = []
    if found.leads:
        still = f", {'open' if found.leads == 1 else f'{found.open} of them open'}" if found.open else ""
        parts.append(f"{counted(found.leads, 'lead')} from {escape(', '.join(found.sources))}{still}")
    if found.quotes:
        parts.append(f"{counted(found.quotes, 'quote')} with the person’s address, number or full name")
    return "\n".join(f"•  {one}" for one in parts)
