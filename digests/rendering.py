"""Turns frozen facts into a message: Jinja2 templates for the words, Block Kit for the shape.

A digest is a folder of templates, like a mail: `text.jinja` is the plain form for notifications, `empty.jinja`
the line of a week without news, the others one entry of a section each. The same facts give the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from digests.kinds import KINDS
from digests.sales import content_parts
from digests.sections import Facts
from digests.telling import MESSAGE_BUDGET, Part, lay_out, render, section
from digests.told import ToldContent
from domain.performance import ContentWeek


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished message: `text` for notifications, and blocks."""

    text: str
    blocks: tuple[dict[str, Any], ...]


def render_edition(facts: Facts) -> Rendered:
    """The message of an edition: at most 50 blocks and MESSAGE_BUDGET characters, cut with a line that says so."""
    kind = KINDS[facts.kind]
    if facts.is_empty:
        line = render(f"{kind.name}/empty.jinja", facts=facts)
        if facts.untold is not None:
            line += f" {render('untold.jinja', untold=facts.untold)}"
        return Rendered(line, (section(line),))
    parts = [part for each in kind.sections for part in each.parts(facts)]
    if facts.untold is not None:
        parts.append(Part([render("untold.jinja", untold=facts.untold)]))
    title = f"{kind.headline(facts)}, {facts.period.days()}"
    header = {"type": "header", "text": {"type": "plain_text", "text": title}}
    text = render(f"{kind.name}/text.jinja", facts=facts, title=title)
    return Rendered(text, (header, *lay_out(parts, MESSAGE_BUDGET - len(title) - len(text))))


def render_content(week: ContentWeek) -> list[dict[str, Any]]:
    """The sections that tell of a week's content, for whoever shows it outside a digest."""
    return lay_out(content_parts(ToldContent.of(week)), MESSAGE_BUDGET)
