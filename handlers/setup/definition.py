"""The definition of a lead that sales gets: the form in which admins set it, and the page that both sides sign."""

from __future__ import annotations

from typing import Final

from domain.config.overview import Overview
from domain.config.values import describe_duration
from domain.leads.definition import AgreedDefinition, Side, Signature, agreed_definition, sign_definition
from domain.marks import mark
from domain.people import EVERYONE, MARKETERS
from domain.text import shorten
from domain.versions import version_of
from handlers import blocks as b
from handlers.answers import Answer, Block, OpenModal, UpdateModal, View
from handlers.arrival import Arrival
from handlers.listeners import Listeners
from handlers.setup.growing import lines_input
from handlers.setup.views import Context, back

FORM: Final = "setup.definition"
SIGN: Final = "definition.sign"
MEANINGS: Final = {
    "handed_over": "What marketing hands over to sales",
    "qualified": "What a rep found worth pursuing",
}
SIDES: Final[dict[Side, str]] = {"marketing": "Marketing", "sales": "Sales"}


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
        return b.modal("definition.page", "Definition of a lead", [b.section(words)], submit=None, close="Close")
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
        b.section("\n".join((_signed("marketing", found.marketing), _signed("sales", found.sales)))),
    ]
    if found.sides:
        marked = mark(found.id, found.at)
        buttons = [b.button(f"Sign for {side}", f"{SIGN}:{side}", marked) for side in found.sides]
        blocks.append(b.actions(*buttons, block_id=f"definition:{marked}"))
    return b.modal("definition.page", "Definition of a lead", blocks, submit=None, close="Close")


def _signed(side: Side, signature: Signature | None) -> str:
    if signature is None:
        return f"{SIDES[side]}: not signed yet"
    return f"{SIDES[side]}: signed by *{b.escape(shorten(signature.name, 60))}*, {b.date(signature.at, '{date_short}')}"


def definition_form(overview: Overview, remembered: Context) -> View:
    """The criteria, how soon marketing looks at what fails them, and what SQL means here."""
    definition = overview.definition
    meanings = {name: b.option(label, name) for name, label in MEANINGS.items()}
    chosen = meanings.get(definition.sql_means or "")
    menu = b.select("value", "Pick what SQL means", list(meanings.values()), initial=chosen)
    blocks: list[Block] = [
        back(),
        b.section("A lead that fails one of these is held: marketing fixes it, passes it anyway or drops it."),
        *lines_input(
            "criteria",
            "Sales gets a lead when",
            definition.criteria,
            hint="One on each line: company is given · email is a work address · employees >= 50 · country = DE, AT",
            placeholder="company is given",
        ),
        b.input_block(
            "triage",
            "Marketing looks at a held lead within",
            b.text_input(initial=definition.triage, placeholder="4h", max_length=20),
            hint="Working time of the default team, for example 4h. Or: never",
            optional=True,
        ),
        b.input_block(
            "sql_means",
            "What does SQL mean here?",
            menu,
            hint="Companies mean two things by it, so choose one. What is handed over is an MQL otherwise.",
            optional=True,
        ),
    ]
    context = {**remembered, "version": version_of(definition)}
    return b.modal(FORM, "Definition of a lead", blocks, context=context)
