"""The measurements behind what the product promises; `make bench` fails when one misses what it must reach.

A measurement lives in a module of this package and registers itself with `@bench("its_name")`.
"""

import asyncio
import importlib
import inspect
import pkgutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar


@dataclass(frozen=True)
class Row:
    """One measured figure, in `unit`; `reach` says in words what it must be, and `ok` whether it is."""

    name: str
    value: float
    unit: str
    reach: str = ""
    ok: bool = True
    note: str = ""

    @classmethod
    def at_most(cls, name: str, value: float, unit: str, limit: float, note: str = "") -> "Row":
        """A figure that must not pass `limit`."""
        return cls(name, value, unit, f"at most {limit:,g} {unit}", value <= limit, note)

    @classmethod
    def at_least(cls, name: str, value: float, unit: str, limit: float, note: str = "") -> "Row":
        """A figure that must come to `limit` or more."""
        return cls(name, value, unit, f"at least {limit:,g} {unit}", value >= limit, note)


Rows = Row | Sequence[Row]
Measurement = Callable[[], Rows | Awaitable[Rows]]
M = TypeVar("M", bound=Measurement)

_measurements: dict[str, Measurement] = {}


def bench(name: str) -> Callable[[M], M]:
    """Registers a function, async or not, that measures one thing and returns its row or rows."""

    def register(measure: M) -> M:
        if name in _measurements:
            raise ValueError(f"Two measurements are called {name}.")
        _measurements[name] = measure
        return measure

    return register


def measurements() -> dict[str, Measurement]:
    """Every measurement by name, after importing all modules of this package."""
    for module in pkgutil.iter_modules(__path__):
        if module.name != "__main__":
            importlib.import_module(f"{__name__}.{module.name}")
    return dict(sorted(_measurements.items()))


def take(measure: Measurement) -> list[Row]:
    """Runs one measurement, in an event loop of its own when it is async."""
    measured = measure()
    if inspect.isawaitable(measured):
        measured = asyncio.run(_wait_for(measured))
    return [measured] if isinstance(measured, Row) else list(measured)


async def _wait_for(rows: Awaitable[Rows]) -> Rows:
    return await rows
