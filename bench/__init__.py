"""The measurements behind what the product promises; `make bench` fails when one misses what it must reach.

A measurement lives in a module of this package and registers itself with `@bench("its_name")`:

    @bench("intake")
    async def intake() -> list[Row | Chart]:
        '''What the page says of how it is measured: the function's docstring, whole.'''
        leads = sized(20_000, quick=200)
        ...
        return [
            Row.at_least(
                "intake, SQLite",                  # what was measured
                0.47,                              # the figure; a ratio within one run wherever there is one
                "×",                               # its unit; "×" for a ratio
                0.4,                               # what it must reach
                note="one commit a group of 12: fsync",           # what bounds it; why out of reach, if it is
                against="bare Starlette + one INSERT",            # the other side of the ratio
                size="20,000 leads, 32 connections",              # of what, how many
                absolute="412 /s against 880 /s",                 # the figures behind the ratio, with units
            ),
            Chart("intake by connections", "connections", "requests a second", (
                Line("Tandem", ((1, 300), (32, 412))),
                Line("bare Starlette", ((1, 510), (32, 880)), against=True),
            ), log_x=True),
        ]

`Row(name, value, unit)` is a figure without a promise. What a measurement returned is kept in `docs/performance.json`,
with the date, the commit and the machine, and `docs/performance.md` and its charts are made from that: one
measurement may be taken again (`python -m bench NAME`) without the others. With `--quick`, `sized` answers the small
sizes, nothing is kept and no target counts: it shows that a measurement works. `percentile` and `Line.distribution`
are for lateness and latency. Medians are of five or more; growth is shown over three sizes.
"""

import asyncio
import importlib
import inspect
import math
import pkgutil
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar


@dataclass(frozen=True)
class Row:
    """One measured figure, in `unit`; `reach` says in words what it must be, and `ok` whether it is.

    `note`: what bounds it, and why it is out of reach if it is. `against`, `size`, `absolute`: as in this package's
    example; empty where there is nothing to say.
    """

    name: str
    value: float
    unit: str
    reach: str = ""
    ok: bool = True
    note: str = ""
    against: str = ""
    size: str = ""
    absolute: str = ""

    @classmethod
    def at_most(
        cls,
        name: str,
        value: float,
        unit: str,
        limit: float,
        note: str = "",
        *,
        against: str = "",
        size: str = "",
        absolute: str = "",
    ) -> "Row":
        """A figure that must not pass `limit`."""
        return cls(name, value, unit, f"at most {limit:,g} {unit}", value <= limit, note, against, size, absolute)

    @classmethod
    def at_least(
        cls,
        name: str,
        value: float,
        unit: str,
        limit: float,
        note: str = "",
        *,
        against: str = "",
        size: str = "",
        absolute: str = "",
    ) -> "Row":
        """A figure that must come to `limit` or more."""
        return cls(name, value, unit, f"at least {limit:,g} {unit}", value >= limit, note, against, size, absolute)

    @property
    def measured(self) -> str:
        """The figure with its unit, in four digits."""
        number = f"{self.value:,.0f}" if abs(self.value) >= 1000 else f"{self.value:.3g}"
        return f"{number} {self.unit}".strip()


@dataclass(frozen=True)
class Line:
    """A line of a chart through `points` (x, y). `against`: it is what ours is compared with, and drawn back."""

    name: str
    points: tuple[tuple[float, float], ...]
    against: bool = False

    @classmethod
    def distribution(cls, name: str, values: Iterable[float], *, against: bool = False) -> "Line":
        """For each percent from 1 to 99, and 99.9 %, the value that so many of `values` do not pass: x value, y %."""
        ordered = sorted(values)
        shares = (*range(1, 100), 99.9)
        return cls(name, tuple((percentile(ordered, share), float(share)) for share in shares), against)


@dataclass(frozen=True)
class Chart:
    """A chart of lines. `title` is unique within its measurement; `limit`: what y must reach or not pass."""

    title: str
    x: str
    y: str
    lines: tuple[Line, ...]
    log_x: bool = False
    log_y: bool = False
    limit: float | None = None


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest of `values` that `share` percent of them do not pass; raises ValueError when there are none."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values")
    return ordered[max(0, math.ceil(len(ordered) * share / 100) - 1)]


Measured = Row | Chart | Sequence[Row | Chart]
Measurement = Callable[[], Measured | Awaitable[Measured]]
M = TypeVar("M", bound=Measurement)

_measurements: dict[str, Measurement] = {}
_quick = False


def bench(name: str) -> Callable[[M], M]:
    """Registers a function, async or not, that measures one thing and returns its rows and charts."""

    def register(measure: M) -> M:
        if name in _measurements:
            raise ValueError(f"Two measurements are called {name}.")
        _measurements[name] = measure
        return measure

    return register


def sized(full: float, *, quick: float) -> int:
    """How many of something this run is about: `full`, or `quick` when it only shows that a measurement works."""
    return int(quick if _quick else full)


def set_quick(quick: bool) -> None:
    """Whether `sized` answers the small sizes."""
    global _quick
    _quick = quick


def measurements() -> dict[str, Measurement]:
    """Every measurement by name, after importing all modules of this package."""
    for module in pkgutil.iter_modules(__path__):
        if module.name not in ("__main__", "charts"):  # which takes long to load
            importlib.import_module(f"{__name__}.{module.name}")
    return dict(sorted(_measurements.items()))


def take(measure: Measurement) -> list[Row | Chart]:
    """Runs one measurement, in an event loop of its own when it is async."""
    measured = measure()
    if inspect.isawaitable(measured):
        measured = asyncio.run(_wait_for(measured))
    return [measured] if isinstance(measured, Row | Chart) else list(measured)


async def _wait_for(measured: Awaitable[Measured]) -> Measured:
    return await measured
