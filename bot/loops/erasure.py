"""Erases what is kept of workspaces that left, where TANDEM_ERASE_AFTER_DAYS says after how long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import structlog

from domain.erasing import begin_erasing, erase_piece
from handlers.arrival import Tandem

log = structlog.get_logger()

ERASURE_SECONDS: Final = 600.0


class Erasure:
    """Looks now and then. `after`: how long the data of a workspace is kept that uninstalled the app.

    `fixed`: the workspace of SLACK_BOT_TOKEN, which is never erased.
    """

    def __init__(self, tandem: Tandem, after: timedelta, fixed: Callable[[], int | None] = lambda: None) -> None:
        self.tandem = tandem
        self.after = after
        self.fixed = fixed

    async def look(self) -> None:
        """Give up who left long ago, and erase piece by piece; what a crash leaves is erased at the next look."""
        left = await self.tandem.db.run(begin_erasing, self.tandem.clock.now() - self.after, self.fixed())
        if left:
            log.warning("workspaces that uninstalled Tandem are erased", count=left)
        while await self.tandem.db.run(erase_piece):
            pass
