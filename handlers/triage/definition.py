"""The definition of a lead that sales gets, as everybody reads it and both sides sign it."""

from __future__ import annotations

from typing import Final

from domain.config.values import describe_duration
from domain.leads.definition import AgreedDefinition, Proposed, agreed_definition, sign_definition
from domain.marks import mark
from domain.people import EVERYONE, MARKETERS
from domain.text import shorten
from handlers import blocks as b
from handlers.answers import Answer, Block, OpenModal, UpdateModal, View
from handlers.arrival import Arrival
from handlers.leads.entries import cut
from handlers.listeners import Listeners
from handlers.words.definition import signature_line

SIGN: Final = "triage.sign"


def declare(listeners: Listeners) -> None:
    """Declare them on the subject's listeners."""
    listeners.command(
        "tandem", "definition", roles=EVERYONE, usage="definition", help="What a lead must be before sales gets it"
    )(on_page)
    listeners.action(SIGN, roles=MARKETERS)(on_sign)


async def on_page(arrival: Arrival) -> Answer:
    """Open to everyone: it is what both sides go by."""
    return OpenModal(definition_page(await arrival.look(agreed_definition)))


async def on_sign(arrival: Arrival) -> Answer:
    side = str(arrival.action.get("action_id", "")).partition(":")[2]
    return await arrival.answer(
        sign_definition, arrival.subject_id, side=side, view=lambda found: UpdateModal(definition_page(found))
    )


def definition_page(found: AgreedDefinition | None) -> View:
    """The criteria in words, what becomes of a lead that fails one, and who signed them."""
    if found is None:
        words = "No criteria are set: sales gets every lead. An admin sets them with `/tandem setup`."
        return b.modal("triage.definition", "Definition of a lead", [b.section(words)], submit=None, close="Close")
    lines = "\n".join(f"•  {b.escape(shorten(one, 200))}" for one in found.criteria)
    triage = f" within {describe_duration(found.triage_seconds)} of working time" if found.triage_seconds else ""
    by = f" by {b.escape(shorten(found.by, 60))}" if found.by else ""
    set_at = b.date(found.at, "{date_short}")
    blocks: list[Block] = [
        b.section(f"*{found.stage}, version {found.version}* · set{by} {set_at}"),
        b.section(f"Sales gets a lead when\n{lines}"),
        b.section(
            f"A lead that fails one of these is held, and marketing looks at it{triage}: fix, pass anyway, drop."
        ),
        b.section("\n".join((signature_line("marketing", found.marketing), signature_line("sales", found.sales)))),
    ]
    if found.proposed:
        blocks.append(b.section("\n".join(("*Proposed by rulings since then*", *map(_proposed, found.proposed)))))
    if found.sides:
        marked = mark(found.id, found.at)
        buttons = [b.button(f"Sign for {side}", f"{SIGN}:{side}", marked) for side in found.sides]
        blocks.append(b.actions(*buttons, block_id=f"definition:{marked}"))
    return b.modal("triage.definition", "Definition of a lead", blocks, submit=None, close="Close")


def _proposed(one: Proposed) -> str:
    said = f"{cut(one.by, 60)}, about {cut(one.lead, 60)}, {b.date(one.at, '{date_short}')}"
    return f"•  “{cut(one.words, 300)}” ({said})"
