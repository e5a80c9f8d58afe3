"""XML as plain data. A document type is refused before it is read: no entity is ever expanded or fetched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from xml.parsers import expat

from handlers.intake.views import BadBody

DEEPEST: Final = 50
MOST_ELEMENTS: Final = 50_000


@dataclass(slots=True)
class Element:
    """An element. `name` and the names of `attributes` are without prefix and namespace."""

    name: str
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def all(self, name: str) -> Iterator[Element]:
        """The children of that name."""
        return (child for child in self.children if child.name == name)

    def first(self, name: str) -> Element | None:
        """The first child of that name."""
        return next(self.all(name), None)

    @property
    def nil(self) -> bool:
        """Whether it says that it has no value."""
        return self.attributes.get("nil") in ("true", "1")


class _Refused(Exception):
    """What the document holds that is not read."""


def read_xml(body: bytes) -> Element:
    """The outermost element. Raises BadBody."""
    top = Element("", {})
    path, count = [top], 0

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if len(path) > DEEPEST or count > MOST_ELEMENTS:
            raise _Refused("is nested too deeply, or has too many elements")
        found = Element(_local(name), {_local(one): value for one, value in attributes.items()})
        path[-1].children.append(found)
        path.append(found)

    def end(_name: str) -> None:
        path.pop()

    def text(data: str) -> None:
        path[-1].text += data

    def refuse(*_: Any) -> None:
        raise _Refused("has a document type, which is not read")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = begin, end, text
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(body, True)
    except _Refused as refused:
        raise BadBody({"": str(refused)}) from None
    except (expat.ExpatError, ValueError, LookupError) as error:
        where = f"line {getattr(error, 'lineno', 1)}, character {getattr(error, 'offset', 0) + 1}"
        raise BadBody({"": f"is no XML: reading ended at {where}"}) from None
    return top.children[0]


def _local(name: str) -> str:
    return name.rpartition(" ")[2]
