"""Renders what the outbox would say of leads, checks it against Slack's limits, and reads it like a person."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from domain.brief import load_brief
from handlers.answers import View
from handlers.catalog import all_renderers
from handlers.leads.brief import brief_view
from handlers.messages import Overtaken, Rendering, Subject
from playground.blocks import interactive_elements, problems_in_message, problems_in_view, text_length
from playground.markup import Reader
from storage.models import LeadEvent
from tests.world import World

RENDERERS = all_renderers()
HOSTILE = (
    "<!channel>",
    "<@U-MIA> <!here> <#C1|x> <https://evil.example|bank>",
    "*bold* _it_ ~no~ `code` ```block``` & <b>",
    "😀👩‍👩‍👧‍👦🇩🇪" * 400,
    "שלום עולם " * 900,
    "a\u200bb\u202ec",
    "line\n" * 2000,
    "x" * 10_000,
    "|>^{ago}<!date^0^{time}|x>",
)
"""Texts that must be stored or refused, and shown inert."""


def brief_of(world: World, lead_id: int, reader: str = "ana") -> View:
    """What *Brief* opens for a rep now."""
    return brief_view(world.run(load_brief, lead_id, by=world.member(reader), at=world.now))


def render(
    world: World, kind: str, subject_id: int, place: str = "C-SALES", *, standing: bool = False
) -> Rendering | None:
    """What the courier would send of this kind now; fails when Slack would refuse it."""
    subject = Subject(subject_id, world.workspace_id, place, {}, world.now, standing)
    try:
        rendering = world.run(RENDERERS[kind], subject)
    except Overtaken:
        return None
    if rendering is not None:
        content = rendering.content()
        attached = [block for each in content["attachments"] for block in each["blocks"]]
        assert problems_in_message(content["blocks"]) == []
        assert problems_in_message(attached) == []
        assert len(content["blocks"]) + len(attached) <= 50
        shown = [content["text"], *(each["fallback"] for each in content["attachments"])]
        assert text_length([*content["blocks"], *attached]) + sum(map(len, shown)) <= 9_500
    return rendering


def shown(rendering: Rendering | None) -> str:
    """All that a person reads of a message."""
    assert rendering is not None, "nothing was to be said"
    content = rendering.content()
    return Reader(lambda member: member).message(rendering.text, content["blocks"], content["attachments"])


def labels(rendering: Rendering | None) -> list[str]:
    """The labels of the buttons, and the placeholders of the selects."""
    assert rendering is not None
    elements = [one for block in rendering.blocks for one in interactive_elements(block)]
    return [str((one.get("text") or one["placeholder"])["text"]) for one in elements]


def spoken(blocks: Any) -> list[str]:
    """What a screen reader says of the buttons."""
    elements = [one for block in blocks for one in interactive_elements(block)]
    return [one["accessibility_label"] for one in elements if one["type"] == "button"]


def options(rendering: Rendering | None, placeholder: str) -> list[str]:
    """What a select of the message offers."""
    assert rendering is not None
    for block in rendering.blocks:
        for one in interactive_elements(block):
            if (one.get("placeholder") or {}).get("text") == placeholder:
                return [str(option["text"]["text"]) for option in one.get("options", ())]
    return []


def event(world: World, lead_id: int, kind: str) -> int:
    """The latest event of this kind in the lead's timeline."""
    found = world.run(
        lambda session: session.scalar(
            select(LeadEvent.id)
            .where(LeadEvent.lead_id == lead_id, LeadEvent.kind == kind)
            .order_by(LeadEvent.id.desc())
            .limit(1)
        )
    )
    assert isinstance(found, int), f"no event {kind}"
    return found


def markup_of(node: Any) -> list[str]:
    """Every mrkdwn text in blocks: the only place where text could become markup."""
    if isinstance(node, dict):
        own = [node["text"]] if node.get("type") == "mrkdwn" else []
        return own + [text for value in node.values() for text in markup_of(value)]
    if isinstance(node, list | tuple):
        return [text for value in node for text in markup_of(value)]
    return []


def fits_modal(view: dict[str, Any]) -> bool:
    """Whether Slack would open this modal."""
    assert problems_in_view(view, kind="modal") == []
    return len(json.dumps(view)) < 250_000


def nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object of a message."""
    if isinstance(tree, dict):
        yield tree
    for inner in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list | tuple) else ():
        yield from nodes(inner)
