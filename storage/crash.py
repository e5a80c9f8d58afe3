"""Named points at which a test can kill the process, to prove that nothing is lost or doubled.

`TANDEM_CRASH_AT=name` (or `name:3` for the third time it is reached) makes the process end there at
once, as SIGKILL would: no handlers, no flushes. Unset, a point costs two comparisons.
"""

from __future__ import annotations

import os
from collections.abc import Callable

POINTS = (
    "arrival.before_commit",
    "arrival.committed",
    "ticker.before_commit",
    "ticker.committed",
    "edition.before_commit",
    "edition.committed",
    "courier.claim.before_commit",
    "courier.claimed",
    "courier.before_send",
    "courier.sent",
    "courier.failed",
    "courier.record.before_commit",
    "courier.recorded",
    "jobs.claim.before_commit",
    "jobs.claimed",
    "jobs.before_record",
    "jobs.record.before_commit",
    "jobs.recorded",
    "webhooks.sent",
    "webhooks.recorded",
    "imports.piece",
    "crm.began",
    "crm.written",
    "oauth.exchanged",
    "oauth.renewed",
)

Hook = Callable[[str], None]
hook: Hook | None = None
"""For simulations, which run several processes in one: called with the name of each point that is reached."""

_armed, _, _count = os.environ.get("TANDEM_CRASH_AT", "").partition(":")
_left = int(_count) if _count.isdigit() else 1


def crash_point(name: str) -> None:
    """End the process here when the environment asks for it (exit code 137)."""
    global _left
    if hook is not None:
        hook(name)
    if name != _armed:
        return
    _left -= 1
    if _left <= 0:
        os._exit(137)
