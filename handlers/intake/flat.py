"""Everything that a document says, by where it stands: what an admin picks a field from, and where it is found again.

An answer in a list is known by its label and not by its number, since forms leave out what nobody filled in.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, Final

from domain.leads.mapping import Path
from handlers.intake.reading import DEEPEST, LABELS, is_answer, is_valued, opened, value_of

MOST_LEAVES: Final = 1_000
MOST_ALIKE: Final = 10
"""Objects of a list that is no list of answers."""
LONGEST_STEP: Final = 80


def flat(document: Any) -> dict[Path, Any]:
    """The values of a document by their paths, the outermost first. A document that is a list of one is that one."""
    if isinstance(document, list) and len(document) == 1 and not is_answer(document[0]):
        document = document[0]
    found: dict[Path, Any] = {}
    todo: deque[tuple[Path, Any]] = deque([((), document)])
    while todo:
        path, node = todo.popleft()
        for step, value in _inside(node):
            if len(found) >= MOST_LEAVES:
                return found
            there = (*path, step[:LONGEST_STEP])
            if isinstance(value, Mapping) and is_valued(value):
                value = value_of(value)
            value = opened(step, value)
            if _has_parts(value):
                if len(there) < DEEPEST:
                    todo.append((there, value))
            else:
                found[_free(found, there)] = value
    return found


def _inside(node: Any) -> list[tuple[str, Any]]:
    if isinstance(node, Mapping):
        return [(str(name), value) for name, value in node.items()]
    if not isinstance(node, list):
        return []
    if any(is_answer(one) for one in node):
        return [(_label(one), value_of(one)) for one in node if is_answer(one)]
    return [(str(number), one) for number, one in enumerate(node[:MOST_ALIKE], start=1)]


def _has_parts(value: Any) -> bool:
    return isinstance(value, Mapping) or (
        isinstance(value, list) and any(isinstance(one, dict | list) for one in value)
    )


def _label(answer: Mapping[str, Any]) -> str:
    """What an answer says that it answers: its question before its id, since that is what people know it by."""
    words = (answer.get(name) for name in ("question", "label", "title", "column_name", *LABELS))
    return next((str(word) for word in words if isinstance(word, str | int) and str(word).strip()), "")


def _free(found: Mapping[Path, Any], path: Path) -> Path:
    """The path, with a number where it is taken: forms have two fields of one name."""
    if path not in found:
        return path
    return next(
        free for number in range(2, MOST_LEAVES + 2) if (free := (*path[:-1], f"{path[-1]} ({number})")) not in found
    )
