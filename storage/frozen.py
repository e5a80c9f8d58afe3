"""Frozen data: dataclasses that are kept as JSON, read by releases that are older or newer than the one that wrote.

A reader ignores fields that it does not know, and a field that is missing has its default. So a shape may grow while
two releases run side by side. Two rules keep this true: a field that is added has a default, and no field is renamed
or gets another meaning. What each release wrote stands in `tests/facts/<shape>/<version>.json`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final, Generic, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")

SHAPES: Final[dict[str, Shape[Any]]] = {}
"""Every shape that is kept, by its name."""


class Form(Generic[T]):
    """How a frozen dataclass, or a union of some, is kept; fields may be what pydantic knows: times, dates, tuples, …

    The adapter is made when it is first needed, not at a program's start.
    """

    def __init__(self, kind: Any) -> None:
        self.kind = kind

    @cached_property
    def _adapter(self) -> TypeAdapter[T]:
        return TypeAdapter(self.kind)

    def read(self, stored: Mapping[str, Any]) -> T:
        """What was kept. Raises ValueError where a field without default is missing, or holds something else."""
        return self._adapter.validate_python(stored)

    def write(self, value: T) -> dict[str, Any]:
        """The value as JSON keeps it."""
        kept: dict[str, Any] = self._adapter.dump_python(value, mode="json")
        return kept


class Shape(Form[T]):
    """A form that has a name: its folder in `tests/facts`. (Arguments of jobs are named after their kind.)"""

    def __init__(self, name: str, kind: Any) -> None:
        if name in SHAPES:
            raise ValueError(f"two shapes are called {name}")
        super().__init__(kind)
        SHAPES[name] = self
