"""Notes when sources are heard, and what they sent last: in memory at once, in the database every few seconds."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import structlog

from domain.source_health import Heard, note_heard
from handlers.arrival import Tandem
from handlers.intake.adapter import Sender
from handlers.intake.sample import sample_of

log = structlog.get_logger()

WRITE_SECONDS: Final = 5.0


class HeardSources:
    """One process's notes. A source's last document is masked when it is written, not for each delivery.

    `every`: seconds between writes.
    """

    def __init__(self, tandem: Tandem, *, every: float = WRITE_SECONDS) -> None:
        self._tandem = tandem
        self._every = every
        self._heard: dict[int, Heard] = {}
        self._documents: dict[int, tuple[Any, tuple[str, ...], datetime]] = {}
        self._writing: asyncio.Task[None] | None = None

    def note(self, sender: Sender, document: Any = None) -> None:
        """A proven sender was heard. `document`: what it sent, decoded; None where nothing could be read of it."""
        at = self._tandem.clock.now()
        self._heard[sender.id] = Heard(sender.workspace_id, sender.id, at)
        if document is not None:
            self._documents[sender.id] = document, sender.secrets, at
        if self._writing is None or self._writing.done():
            self._writing = asyncio.get_running_loop().create_task(self._write_soon())

    async def flush(self) -> None:
        """Write what was noted. Where the database fails, it is tried again with what is heard next."""
        heard, self._heard = self._heard, {}
        documents, self._documents = self._documents, {}
        if not heard:
            return
        notes = [replace(one, sample=_sample(documents.get(one.source_id))) for one in heard.values()]
        try:
            await self._tandem.db.run(note_heard, notes)
        except Exception as error:
            log.warning("what was heard could not be noted", error=type(error).__name__, sources=len(heard))
            self._heard = {**heard, **self._heard}
            self._documents = {**documents, **self._documents}

    async def stop(self) -> None:
        """Write what was noted, once and for all."""
        if self._writing is not None:
            self._writing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._writing
        await self.flush()

    async def _write_soon(self) -> None:
        await asyncio.sleep(self._every)
        await self.flush()


def _sample(noted: tuple[Any, tuple[str, ...], datetime] | None) -> Any:
    return sample_of(*noted) if noted is not None else None
