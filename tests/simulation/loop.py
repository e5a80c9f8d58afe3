"""An event loop under virtual time, on which several processes of the product live, stand still and die.

The callbacks of one process keep their order, as asyncio promises; whose next one runs is chosen. Time goes on when
nobody has anything to do. A callback belongs to the process in whose context it was scheduled.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import warnings
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context, ContextVar, copy_context
from typing import Any, TypeVar

from tests.simulation.owned import Watch

T = TypeVar("T")

_owner: ContextVar[Owner | None] = ContextVar("owner", default=None)


class Died(BaseException):
    """A simulated process ended here, as by SIGKILL."""


class Standstill(Exception):
    """Nothing is left that could ever happen, or far too much happens while no time passes."""


class Owner:
    """Whom callbacks belong to. `frozen_until`: it stands still until then (loop time), as a stopped process does."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.dead = False
        self.frozen_until = 0.0
        self.parked: list[asyncio.Handle] = []
        self.context = copy_context()
        self.context.run(_owner.set, self)


def current_owner() -> Owner | None:
    """Whose code runs now; None outside of histories."""
    return _owner.get()


class VirtualLoop(asyncio.BaseEventLoop):
    """`pick` says which of so many owners runs its next callback. `most`: callbacks without any time passing."""

    def __init__(self, pick: Callable[[int], int], watch: Watch, *, most: int = 20_000) -> None:
        super().__init__()
        self._watch = watch
        self._pick = pick
        self._most = most
        self._now = 0.0
        self._since = 0
        self._frozen: dict[Owner, None] = {}
        self.tasks: list[asyncio.Task[Any]] = []
        self.steps = 0
        self.set_task_factory(self._make_task)

    def time(self) -> float:
        """Seconds since the history began."""
        return self._now

    def freeze(self, owner: Owner, seconds: float) -> None:
        """Let somebody stand still from the next callback on."""
        owner.frozen_until = self._now + seconds
        self._frozen[owner] = None

    def run_in_executor(self, _executor: Any, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:  # type: ignore[override]
        """There are no threads: it is done at once."""
        future: asyncio.Future[T] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:
            future.set_exception(error)
        return future

    def call_soon_threadsafe(self, callback: Callable[..., object], *args: Any, context: Any = None) -> asyncio.Handle:  # type: ignore[override]
        return self.call_soon(callback, *args, context=context)

    def forget(self) -> None:
        """End what still waits, in the order in which it began, and close."""
        for task in self.tasks:
            if not task.done():
                task._log_destroy_pending = False  # type: ignore[attr-defined]  # nobody waits for it any more
                with contextlib.suppress(BaseException), warnings.catch_warnings():
                    warnings.simplefilter("ignore", RuntimeWarning)  # what was never begun never will be
                    task.get_coro().close()
            elif not task.cancelled():
                task.exception()  # heard
        self.tasks.clear()
        self.close()

    def _make_task(
        self, loop: asyncio.AbstractEventLoop, work: Generator[Any, None, T] | Coroutine[Any, Any, T], **more: Any
    ) -> asyncio.Task[T]:
        """A task, kept until the end: what is collected earlier would be so at moments that no seed decides."""
        context: Context = more.pop("context", None) or copy_context()
        if context.get(_owner) is None and (owner := current_owner()) is not None:
            context.run(_owner.set, owner)  # a context of its own does not make it anybody else's
        task: asyncio.Task[T] = asyncio.Task(work, loop=loop, context=context, **more)
        self.tasks.append(task)
        return task

    def _run_once(self) -> None:
        queue: Any = self
        scheduled, ready = queue._scheduled, queue._ready
        while scheduled and scheduled[0]._cancelled:
            heapq.heappop(scheduled)._scheduled = False
        if not ready:
            self._move_on()
        while scheduled and scheduled[0]._when <= self._now:
            timer = heapq.heappop(scheduled)
            timer._scheduled = False
            if not timer._cancelled:
                ready.append(timer)
        if self._frozen:
            for owner in [one for one in self._frozen if one.frozen_until <= self._now]:
                del self._frozen[owner]
                ready.extendleft(reversed(owner.parked))
                owner.parked = []
        if ready and (handle := self._next(ready)) is not None:
            self.steps += 1
            if self.steps - self._since > self._most:
                raise Standstill(f"{self._most} callbacks at {self._now:g} s, then {handle}")
            handle._run()

    def _move_on(self) -> None:
        queue: Any = self
        moments = [one.frozen_until for one in self._frozen if not one.dead]
        if queue._scheduled:
            moments.append(queue._scheduled[0]._when)
        if not moments:
            raise Standstill("nobody waits for anything any more")
        if min(moments) > self._now:
            self._now, self._since = min(moments), self.steps
            self._watch.seconds = self._now

    def _next(self, ready: Any) -> Any:
        """The next callback of one of the owners that have any; None for one that comes to nothing."""
        first: dict[Owner | None, int] = {}
        for place, handle in enumerate(ready):
            owner = handle._context.get(_owner)
            if owner not in first:
                first[owner] = place
        owner = next(iter(first)) if len(first) == 1 else list(first)[self._pick(len(first))]
        handle = ready[first[owner]]
        del ready[first[owner]]
        if handle._cancelled or (owner is not None and owner.dead):
            return None
        if owner is not None and owner.frozen_until > self._now:
            owner.parked.append(handle)
            return None
        return handle

    def _write_to_self(self) -> None:
        """There is no other thread to be woken by."""

    def _process_events(self, event_list: Any) -> None:
        """There are no sockets."""
