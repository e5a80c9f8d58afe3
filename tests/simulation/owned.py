"""What a history owns instead of the computer: time, secrets, random numbers, the process's number, and the log."""

from __future__ import annotations

import gc
import logging
import os
import random
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Final
from unittest.mock import patch

import structlog

from domain import wall
from playground import blocks
from storage import pace
from storage.held import DISTRIBUTED

EPOCH: Final = datetime(2026, 11, 17, 10, 0, tzinfo=UTC)
"""When each history begins: a Tuesday."""

_LOOKS: Final = {
    f"{method}{DISTRIBUTED}": pace.Limit(burst=1, per_minute=60, reserve=0)
    for method in ("conversations.history", "conversations.replies")
}
"""An app that many install looks into a history once a minute. A history loses as many replies as weeks elsewhere."""


class Watch:
    """The time of a history. `seconds` is the loop's; `ahead`: what the computer's clock was put forward or back."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.ahead = timedelta()

    def monotonic(self) -> float:
        return 1000.0 + self.seconds

    def now(self) -> datetime:
        """What the computer's clock says."""
        return EPOCH + timedelta(seconds=self.seconds) + self.ahead

    def outside(self) -> float:
        """Slack's clock, which nobody steps (epoch seconds)."""
        return EPOCH.timestamp() + self.seconds


def _urlsafe(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


@contextmanager
def owned(seed: int, watch: Watch) -> Iterator[None]:
    """Inside, nothing asks the computer for anything that is not the same every time."""
    tokens = Random(f"{seed} tokens")  # these secrets guard nothing
    streams: dict[int, Random] = {}

    def randbytes(length: int) -> bytes:
        """Of a stream for each length: SQLAlchemy takes ten bytes for a statement's name, once for all histories."""
        return streams.setdefault(length, Random(f"{seed} {length} bytes")).randbytes(length)  # nor do these

    state, level = random.getstate(), logging.root.manager.disable
    config = structlog.get_config()
    random.seed(f"{seed} pauses")
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    collected = gc.isenabled()
    gc.disable()
    try:
        with ExitStack() as stack:
            for where, name, instead in (
                (time, "monotonic", watch.monotonic),
                (time, "perf_counter", watch.monotonic),
                (time, "time", lambda: watch.now().timestamp()),
                (wall, "computer_time", watch.now),
                (os, "urandom", randbytes),
                (random, "_urandom", randbytes),
                (secrets, "token_urlsafe", lambda length=16: _urlsafe(tokens.randbytes(length))),
                (secrets, "token_hex", lambda length=16: tokens.randbytes(length).hex()),
                (secrets, "token_bytes", lambda length=16: tokens.randbytes(length)),
                (os, "getpid", lambda: 1),
                (blocks, "_generated", count(1)),
            ):
                stack.enter_context(patch.object(where, name, instead))
            stack.enter_context(patch.dict(pace.LIMITS, _LOOKS))
            yield
    finally:
        random.setstate(state)
        structlog.configure(**config)
        logging.disable(level)
        if collected:
            gc.enable()
