"""Counts what the intake refuses: in memory at once, in the database every few seconds, however many come."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import structlog

from domain.refusals import UNKNOWN, Refused, note_refusals
from domain.text import TextEmpty, clean_text, shorten
from handlers.arrival import Tandem

log = structlog.get_logger()

WRITE_SECONDS: Final = 3.0
DETAIL: Final = 120


class Refusals:
    """One process's counts. `watch` hears of each one: the source's name ("unknown" for none) and the reason.

    `only_workspace`: the one there is, whose admins hear of sources that there are none of; None where there are
    several, since nobody can say whose it should have been. `every`: seconds between writes.
    """

    def __init__(
        self,
        tandem: Tandem,
        *,
        only_workspace: Callable[[], int | None] = lambda: None,
        watch: Callable[[str, str], None] | None = None,
        every: float = WRITE_SECONDS,
    ) -> None:
        self._tandem = tandem
        self._only_workspace = only_workspace
        self._watch = watch
        self._every = every
        self._counted: dict[tuple[int, str, str], Refused] = {}
        self._writing: asyncio.Task[None] | None = None

    def count(
        self, reason: str, detail: str = "", *, source: str | None = None, workspace_id: int | None = None
    ) -> None:
        """Note a refusal. `source` None: there is none of the name that `detail` holds. Nothing waits for anything."""
        if self._watch is not None:
            self._watch(source or "unknown", reason)
        workspace = workspace_id if workspace_id is not None else self._only_workspace()
        if workspace is None:
            return
        at, name = self._tandem.clock.now(), source or UNKNOWN
        key = workspace, name, reason
        before = self._counted.get(key)
        now = Refused(name, reason, 1, at, at, _plain(detail))
        self._counted[key] = now if before is None else replace(now, count=before.count + 1, first_at=before.first_at)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.get_running_loop().create_task(self._write_soon())

    async def flush(self) -> None:
        """Write what was counted. A database that fails is tried again with the next refusals."""
        counted, self._counted = self._counted, {}
        for workspace_id in sorted({key[0] for key in counted}):
            here = [one for key, one in counted.items() if key[0] == workspace_id]
            try:
                await self._tandem.db.run(note_refusals, workspace_id, here)
            except Exception as error:
                log.warning("refusals could not be noted", error=type(error).__name__, refusals=len(here))
                for one in here:
                    self._keep(workspace_id, one)

    async def stop(self) -> None:
        """Write what was counted, once and for all."""
        if self._writing is not None:
            self._writing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._writing
        await self.flush()

    async def _write_soon(self) -> None:
        await asyncio.sleep(self._every)
        await self.flush()

    def _keep(self, workspace_id: int, one: Refused) -> None:
        key = workspace_id, one.source, one.reason
        later = self._counted.get(key)
        self._counted[key] = (
            one if later is None else replace(later, count=later.count + one.count, first_at=one.first_at)
        )


def _plain(detail: str) -> str | None:
    try:
        return shorten(" ".join(clean_text(detail, limit=10**9).split()), DETAIL)
    except TextEmpty:
        return None
