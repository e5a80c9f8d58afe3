"""Who signed the definition of a lead, in words."""

from __future__ import annotations

from typing import Final

from domain.leads.definition import Side, Signature
from domain.text import shorten
from handlers.blocks import date, escape

SIDES: Final[dict[Side, str]] = {"marketing": "Marketing", "sales": "Sales"}


def signature_line(side: Side, signature: Signature | None) -> str:
    """ "Marketing: signed by *Mona*, Mar 3", or that nobody has yet, in mrkdwn."""
    if signature is None:
        return f"{SIDES[side]}: not signed yet"
    return f"{SIDES[side]}: signed by *{escape(shorten(signature.name, 60))}*, {date(signature.at, '{date_short}')}"
