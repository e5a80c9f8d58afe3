"""Themes to begin with: the form that offers them, what arrives from it, and what is said afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from domain.people import MARKETERS
from domain.voc.starters import Chosen, Starter, Starters, choose_starters, open_starters
from handlers.answers import Answer, Block, CloseModal, OpenModal, Receipt, UpdateModal, View
from handlers.arrival import Arrival
from handlers.blocks import Element, button, escape, input_block, modal, option, section
from handlers.listeners import Listeners
from handlers.words import counted, listed

CHOOSE_ACTION: Final = "setup.themes"
FORM: Final = "setup.themes_form"
OFFER: Final = "Begin with themes that nearly every sales team meets. Choose those that fit."
PARTS: Final = {"first": slice(0, 10), "more": slice(10, 20)}
"""Slack shows ten boxes in a group."""


def declare(listeners: Listeners) -> None:
    """Declare them on the subject's listeners."""
    listeners.action(CHOOSE_ACTION, roles=MARKETERS)(open_starter_themes)
    listeners.submission(FORM, roles=MARKETERS)(save_starter_themes)


def choose_button(value: str) -> Element:
    """Opens the form."""
    return button("Choose themes", CHOOSE_ACTION, value)


def starters_form(starters: Starters, remembered: Mapping[str, Any]) -> View:
    """A box for each theme: all are ticked the first time, later those that are there."""
    said = (
        "What customers say is filed under themes. Nearly every sales team meets these, and Tandem knows their words "
        "in English, German, French and Spanish. Untick what does not fit; you can change it later in the same list."
    )
    if starters.answered:
        said = "What is ticked is there. Tick to add a theme; untick to take away one that nothing is filed under."
    blocks: list[Block] = [section(said)]
    for block_id, part in PARTS.items():
        themes = starters.themes[part]
        options = [_option(one) for one in themes]
        ticked = [
            each for one, each in zip(themes, options, strict=True) if not starters.answered or one.there is not None
        ]
        boxes: Element = {"type": "checkboxes", "action_id": "value", "options": options}
        if ticked:
            boxes["initial_options"] = ticked
        blocks.append(input_block(block_id, "Themes" if block_id == "first" else "More themes", boxes, optional=True))
    return modal(FORM, "Themes to begin with", blocks, context=remembered)


async def open_starter_themes(arrival: Arrival) -> Answer:
    """In place of the settings where they are open, else in a new modal."""
    url = arrival.body.get("response_url") or arrival.remembered("response_url")
    form = starters_form(await arrival.look(open_starters), {"response_url": url} if url else {})
    is_modal = (arrival.body.get("view") or {}).get("type") == "modal"
    return UpdateModal(form) if is_modal else OpenModal(form)


async def save_starter_themes(arrival: Arrival) -> Answer:
    wanted = [slug for block_id in PARTS for slug in arrival.fields(block_id)]
    return await arrival.answer(choose_starters, wanted, view=lambda chosen: CloseModal(Receipt(chosen_words(chosen))))


def chosen_words(chosen: Chosen) -> str:
    """What came of it, in mrkdwn."""
    done = []
    if chosen.added:
        done.append(f"{counted(len(chosen.added), 'theme')} added: {_named(chosen.added)}.")
    if chosen.removed:
        done.append(f"Taken away: {_named(chosen.removed)}.")
    if chosen.in_use:
        stay = "stays" if len(chosen.in_use) == 1 else "stay"
        done.append(f"{_named(chosen.in_use)} {stay}: something is filed there.")
    if not done:
        return "Nothing changed. Tandem does not offer these themes again."
    if chosen.added:
        done.append("A theme stands on the board once a customer raises it.")
    return " ".join(done)


def _named(slugs: tuple[str, ...]) -> str:
    return listed([f"*#{escape(slug)}*" for slug in slugs], most=8)


def _option(theme: Starter) -> Element:
    words = theme.slug if theme.slug == "in-house" else theme.slug.replace("-", " ")
    other = f"You have it as #{theme.there}" if theme.there not in (None, theme.slug) else None
    return option(words[:1].upper() + words[1:], theme.slug, other)
