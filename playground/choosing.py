"""Finds what a person means on a message, modal or Home: the button with that label, the menu with that placeholder,
the option with that text; and turns a choice into the value Slack sends.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playground.blocks import interactive_elements, leaf_blocks
from playground.markup import Reader
from playground.records import Json
from playground.views import value_key
from playground.workspace import Workspace


@dataclass(frozen=True)
class Control:
    """An element a person can use, with the block it stands in and the words around it."""

    element: Json
    block: Json
    label: str
    nearby: str

    @property
    def block_id(self) -> str:
        """The id of its block."""
        return str(self.block["block_id"])

    @property
    def action_id(self) -> str:
        """The element's own id."""
        return str(self.element["action_id"])

    @property
    def kind(self) -> str:
        """The element's type."""
        return str(self.element["type"])

    @property
    def names(self) -> tuple[str, ...]:
        """What it may be called, the best name first: label, placeholder, action id, block id."""
        placeholder = self.element.get("placeholder", {}).get("text", "")
        return tuple(name for name in (self.label, placeholder, self.action_id, self.block_id) if name)


def plain_label(node: object) -> str:
    """The words of a text object; "" when there is none."""
    return str(node.get("text", "")) if isinstance(node, Mapping) else ""


def controls(blocks: Sequence[Json], reader: Reader) -> list[Control]:
    """All controls of some blocks in reading order. What stands nearby runs from the controls before it."""
    found: list[Control] = []
    read: list[str] = []
    for block in leaf_blocks(blocks):
        read.append(reader.blocks([block]))
        elements = interactive_elements(block)
        for element in each_button(elements):
            label = plain_label(block.get("label")) if block["type"] == "input" else plain_label(element.get("text"))
            found.append(Control(element, block, label, "\n".join(read)))
        if elements:
            read = []
    return found


def each_button(elements: Sequence[Json]) -> Iterator[Json]:
    """The elements, with the two thumbs of feedback buttons as one each."""
    for element in elements:
        if element["type"] == "feedback_buttons":
            for thumb in ("positive_button", "negative_button"):
                yield {"type": element["type"], "action_id": element["action_id"], **element[thumb]}
        else:
            yield element


def find_control(
    among: Sequence[Control], name: str, *, near: str | None, index: int | None, what: str, where: str
) -> Control:
    """The one control called `name`; AssertionError says what there is when none or several are."""
    fitting = [one for one in among if near is None or near in one.nearby]
    for rank in range(4):
        named = [one for one in fitting if len(one.names) > rank and _same(one.names[rank], name)]
        if len(named) == 1 or (named and index is not None):
            return named[index or 0]
        if named:
            raise AssertionError(f"{len(named)} {what}s are called {name!r}; say which by near=… or index=…\n{where}")
    there = ", ".join(repr(one.names[0]) for one in among) or "none"
    raise AssertionError(f"there is no {what} {name!r}{f' near {near!r}' if near else ''}; there are: {there}\n{where}")


def _same(one: str, other: str) -> bool:
    return one == other or one.casefold().replace("_", " ") == other.casefold().replace("_", " ")


def all_options(element: Json) -> list[Json]:
    """An element's own options, groups flattened."""
    groups = [one for group in element.get("option_groups", []) for one in group["options"]]
    return [*element.get("options", []), *groups]


def find_option(options: Sequence[Json], wanted: str) -> Json:
    """The option with this text or value; AssertionError lists them."""
    by_text = [one for one in options if plain_label(one["text"]) == wanted]
    named = by_text or [one for one in options if str(one["value"]) == wanted]
    if named:
        return named[0]
    texts = ", ".join(repr(plain_label(one["text"])) for one in options) or "none"
    raise AssertionError(f"there is no option {wanted!r}; there are: {texts}")


def value_of(control: Control, wanted: Any, options: Sequence[Json], workspace: Workspace) -> Json:
    """What the element sends for a person's choice, as in `state.values` without `type`.

    `wanted`: text of an option, name of a member or channel, a date, a typed text; a sequence of them for elements
    that take several; None clears.
    """
    key = value_key(control.kind)
    if wanted is None:
        return {key: [] if key.endswith("s") else None}
    match key:
        case "selected_option":
            return {key: find_option(options, str(wanted))}
        case "selected_options":
            return {key: [find_option(options, one) for one in _many(wanted)]}
        case "selected_user":
            return {key: workspace.member(str(wanted)).id}
        case "selected_users":
            return {key: [workspace.member(one).id for one in _many(wanted)]}
        case "selected_channel" | "selected_conversation":
            return {key: workspace.channel(str(wanted)).id}
        case "selected_channels" | "selected_conversations":
            return {key: [workspace.channel(one).id for one in _many(wanted)]}
        case "selected_date_time":
            return {key: int(wanted)}
        case _:
            return {key: str(wanted)}


def _many(wanted: Any) -> list[str]:
    return [wanted] if isinstance(wanted, str) else [str(one) for one in wanted]
