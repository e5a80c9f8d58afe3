"""The form in which admins set the definition of a lead that sales gets; `/tandem definition` shows it to all."""

from __future__ import annotations

from typing import Final

from domain.config.overview import Overview
from domain.versions import version_of
from handlers import blocks as b
from handlers.answers import Block, View
from handlers.setup.growing import lines_input
from handlers.setup.views import Context, back

FORM: Final = "setup.definition"
MEANINGS: Final = {
    "handed_over": "What marketing hands over to sales",
    "qualified": "What a rep found worth pursuing",
}


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
