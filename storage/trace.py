"""The thread through what one cause sets off: a short id, from the arrival (or the tick) to each message it makes.

It travels in a context variable: with the task that handles the arrival, with its transactions into the
database's threads, into the rows of the outbox, and from there to the courier that sends them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Trace:
    """One cause. `facts`: what is to stand in the one line that is logged of it; never the words of people."""

    id: str
    facts: dict[str, Any] = field(default_factory=dict)


_current: ContextVar[Trace | None] = ContextVar("tandem_trace", default=None)


def new_request_id(origin: str) -> str:
    """A fresh id such as `slack-1f0c9a44b2e7`; `origin` tells a reader of the log what began it.

    It guards nothing. The system's own randomness would make the event loop wait for a thread that computes.
    """
    return f"{origin}-{random.getrandbits(48):012x}"


def current_request_id() -> str | None:
    """The id of what is being worked on; None outside of any cause."""
    trace = _current.get()
    return trace.id if trace is not None else None


def note(**facts: Any) -> None:
    """Add facts to the line that will be logged of the present cause; nothing outside of one."""
    trace = _current.get()
    if trace is not None:
        trace.facts.update(facts)


@contextmanager
def traced(request_id: str | None) -> Iterator[Trace | None]:
    """Everything done inside belongs to this cause; with None, to no cause."""
    trace = Trace(request_id) if request_id is not None else None
    token = _current.set(trace)
    try:
        yield trace
    finally:
        _current.reset(token)
