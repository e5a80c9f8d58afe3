"""A run of one of the app's functions, as Workflow Builder sees it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from playground.records import Json


@dataclass
class Run:
    """One run of a function. `state`: running, completed (with `outputs`) or failed (with `error`)."""

    id: str
    callback_id: str
    inputs: Json
    state: str = "running"
    outputs: Json = field(default_factory=dict)
    error: str = ""
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def done(self, seconds: float = 15.0) -> Run:
        """Wait until the app has ended it. Raises AssertionError when it does not."""
        try:
            async with asyncio.timeout(seconds):
                await self.ended.wait()
        except TimeoutError:
            raise AssertionError(f"the app did not end the run of {self.callback_id}") from None
        return self

    def end(self, *, outputs: Json | None = None, error: str = "") -> None:
        """It is completed with outputs, or failed."""
        self.state = "failed" if outputs is None else "completed"
        self.outputs, self.error = outputs or {}, error
        self.ended.set()
