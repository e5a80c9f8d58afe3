"""What changed in the workspace, told to whoever listens: the page's live sockets, waiting tests, the app's events."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from playground.records import Json

T = TypeVar("T")


@dataclass(frozen=True)
class Change:
    """One change. `viewer` is the only member who sees it (None: every member of `channel`, or everyone).

    `kind` is a live event's type of `docs/playground.md`, `body` its other fields.
    """

    kind: str
    body: Json = field(default_factory=dict)
    channel: str | None = None
    viewer: str | None = None
    by_app: bool = False


class Feed:
    """Listeners are called at once, in order; waiters are woken and look again for themselves."""

    def __init__(self) -> None:
        self.count = 0
        self._listeners: list[Callable[[Change], None]] = []
        self._waiters: dict[asyncio.Future[None], None] = {}  # woken in the order in which they came

    @property
    def heard(self) -> bool:
        """Whether anyone listens, so that what only listeners need can be left unbuilt."""
        return bool(self._listeners)

    def listen(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Call `listener` on each change; the answer stops that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def tell(self, change: Change) -> None:
        """Pass a change on."""
        self.count += 1
        for listener in list(self._listeners):
            listener(change)
        self.wake()

    def wake(self) -> None:
        """Let waiters look again, for things that are no change of the workspace (a call, a notice)."""
        waiters, self._waiters = self._waiters, {}
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def until(self, look: Callable[[], T | None], seconds: float) -> T | None:
        """The first thing `look` finds, looking after every change; None when `seconds` pass without one."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while True:
            found = look()
            if found is not None:
                return found
            left = deadline - loop.time()
            if left <= 0:
                return None
            waiter: asyncio.Future[None] = loop.create_future()
            self._waiters[waiter] = None
            try:
                await asyncio.wait_for(waiter, left)
            except TimeoutError:
                return look()
            finally:
                self._waiters.pop(waiter, None)
