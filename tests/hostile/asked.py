"""A request as it is asked for, and what the program has shown of itself.

A body holds placeholders (`{{trigger}}`, `{{url}}`, `{{unique}}`) that are filled in when it is sent, so that the same
request can be sent again while it is made smaller.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from playground.blocks import interactive_elements, leaf_blocks

Json = dict[str, Any]
Path = tuple[Any, ...]

TRIGGER, URL, UNIQUE, CHANNEL = "{{trigger}}", "{{url}}", "{{unique}}", "{{channel}}"
GONE = "{{gone}}"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `form`: "command" (fields), "payload" (an interaction), "json", or "raw" (bytes as they are).

    `by`: who acts, by name; `sender`: the intake's source, whose secret proves it; `doubled`: keys come twice.
    """

    kind: str
    name: str
    form: str
    body: Any
    by: str = "mia"
    content_type: str = ""
    sender: str = ""
    doubled: bool = False
    odd: bool = False


MOST_OF_ONE = 40
"""How many elements of one action are remembered; the settings' links share one action."""


@dataclass(slots=True)
class Seen:
    """What the program has shown so far: elements by action id (block id with it), modals by callback id."""

    elements: dict[str, dict[str, Json]] = field(default_factory=dict)
    views: dict[str, Json] = field(default_factory=dict)

    def note_blocks(self, blocks: Any) -> bool:
        """Remember the elements in these blocks; whether one of them is new."""
        new = False
        for block in leaf_blocks(blocks) if isinstance(blocks, list) else ():
            for element in interactive_elements(block):
                base = str(element.get("action_id", "")).partition(":")[0]
                known = self.elements.setdefault(base, {})
                key = f"{element.get('type')} {str(element.get('value', ''))[:10]}"
                if key not in known and len(known) < MOST_OF_ONE:
                    known[key] = {**element, "block_id": block.get("block_id", "b")}
                    new = True
        return new

    def note_view(self, view: Any) -> bool:
        """Remember a modal or Home, and its elements."""
        if not isinstance(view, dict):
            return False
        name = str(view.get("callback_id") or view.get("type"))
        new = name not in self.views
        self.views.setdefault(name, view)
        return self.note_blocks(view.get("blocks")) or new


def paths_in(node: Any, here: Path = ()) -> list[Path]:
    """Every place in a document, outermost first."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    found: list[Path] = []
    for key, value in inner:
        found += [(*here, key), *paths_in(value, (*here, key))]
    return found


def put(node: Any, path: Path, value: Any) -> None:
    """Replace what stands at a path; GONE takes it out."""
    for key in path[:-1]:
        node = node[key]
    if value == GONE:
        del node[path[-1]]
    else:
        node[path[-1]] = copy.deepcopy(value)  # it is one of many: a later change must not reach the others
