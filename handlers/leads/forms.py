"""The modals of leads: a new one, and what was sent; declining and the brief have files of their own."""

from __future__ import annotations

from typing import Final

from domain.leads.facts import LeadFacts
from domain.leads.news import SentWish
from domain.leads.working import Choices
from domain.text import shorten
from handlers.answers import Block, View
from handlers.blocks import (
    Element,
    escape,
    input_block,
    modal,
    option,
    preformatted,
    section,
    select,
    text_input,
)
from handlers.leads.phrases import moment

ADD_FORM: Final = "lead.add_form"
ADD_FIELDS: Final = ("name", "company", "email", "phone", "asked", "source", "score", "tier", "team")
PIECE: Final = 2900
SENT_SHOWN: Final = 2900
MOST_BLOCKS: Final = 100


def add_form(choices: Choices, response_url: str) -> View:
    """The form of `/lead add`; each field's block id is its name."""
    tiers = [option(label, value) for value, label in choices.tiers]
    teams = [option(label, value) for value, label in choices.teams]
    blocks = [
        input_block("name", "Name", text_input(max_length=200, focus=True)),
        input_block("company", "Company", text_input(max_length=200), optional=True),
        input_block("email", "E-mail", text_input(max_length=254, placeholder="lee@northwind.com"), optional=True),
        input_block("phone", "Phone", text_input(max_length=60), optional=True),
        input_block("asked", "What they asked for", text_input(multiline=True, max_length=3000), optional=True),
        input_block("source", "Where they came from", text_input(max_length=60, placeholder="by hand"), optional=True),
        input_block("score", "Score", text_input(max_length=20), optional=True),
    ]
    if tiers:
        hint = "Decides how soon somebody must make contact."
        element = select("value", "Tier", tiers, initial=tiers[0])
        blocks.append(input_block("tier", "Tier", element, optional=True, hint=hint))
    if len(teams) > 1:
        element = select("value", "Team", teams, initial=teams[0])
        blocks.append(input_block("team", "Team", element, optional=True, hint="One of its reps gets the lead."))
    return modal("lead.add_form", "New lead", blocks, submit="Add", context={"response_url": response_url})


def as_sent(wish: SentWish, lead: LeadFacts) -> list[Block]:
    """What was sent, character for character; the beginning of what is very long."""
    when = moment(wish.at, lead.at, lead.zone, lasting=True)
    title = section(f"*As sent* by {escape(shorten(wish.source, 60))}, {when}")
    return [title, preformatted(shorten(wish.sent or "", SENT_SHOWN))]


def words_block(text: str) -> Block:
    element: Element = {"type": "text", "text": text or " "}
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [element]}]}
