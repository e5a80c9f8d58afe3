"""The message to whoever looks after an account of which several people came within days."""

from __future__ import annotations

from typing import Final

from domain.leads.committees import WITHIN, Committee, OfCommittee
from domain.text import shorten
from handlers.blocks import actions, escape, section
from handlers.leads.entries import NAME_SHOWN, account_button, cut
from handlers.leads.phrases import moment, named
from handlers.messages import Rendering

SHOWN: Final = 6
WISH_SHOWN: Final = 80


def committee_message(told: Committee, reader: str) -> Rendering:
    """Who came, with what they asked for and who has them, and all that is known of the account behind a button."""
    name = escape(shorten(told.account, NAME_SHOWN))
    many = f"{'More than ' if told.more else ''}{len(told.people)} people"
    head = f"{many} of {name} came within {WITHIN.days} days"
    lines = [_line(one, told, reader) for one in told.people[:SHOWN]]
    left = len(told.people) - SHOWN
    lines += [f"and {left} more"] if left > 0 else []
    return Rendering(
        text=f"{head}: {', '.join(cut(one.name, 40) for one in told.people[:3])}.",
        blocks=(
            section(
                f":busts_in_silhouette: *{head}*\nThey may decide together, so one of you should know of all of them."
            ),
            section("\n".join(lines)),
            actions(account_button("Account", shorten(told.account, NAME_SHOWN)), block_id="account.near"),
        ),
    )


def _line(one: OfCommittee, told: Committee, reader: str) -> str:
    who = f"*{cut(one.name, 80)}*{f', {cut(one.job_title, 60)}' if one.job_title else ''}"
    asked = f"“{cut(one.asked, WISH_SHOWN)}”" if one.asked else ""
    came = moment(one.arrived_at, told.at, "UTC", lasting=True)
    keeper = f"with {named(one.owner, reader)}" if one.owner else "nobody has it"
    return " · ".join(filter(None, (who, asked, came, keeper)))
