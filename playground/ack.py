"""What came back from the app for something sent to it."""

from dataclasses import dataclass
from typing import Literal

from playground.records import Json

_NAMES = {"ok": None, "timeout": "operation_timeout", "failed": "dispatch_failed"}


@dataclass(frozen=True)
class Ack:
    """The app's answer. `timeout`: nothing within the deadline; `failed`: unreachable, or not a 200."""

    outcome: Literal["ok", "timeout", "failed"]
    body: Json | None = None
    no_retry: bool = False

    @property
    def error(self) -> str | None:
        """Slack's name for what went wrong."""
        return _NAMES[self.outcome]


TIMED_OUT = Ack("timeout")
FAILED = Ack("failed")
