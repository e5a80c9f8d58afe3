"""A delivery in the hand of a courier: what it needs to know to send it, and to prove that it may."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

DISTRIBUTED: Final = " of a distributed app"
"""Behind the name of a method whose limit is another one for apps that are distributed outside Slack's Marketplace."""


@dataclass(frozen=True, slots=True)
class StandingCard:
    """The card a delivery is about. `channel` and `ts` are None until it stands somewhere."""

    id: int
    channel: str | None
    ts: str | None
    rendering: str | None


@dataclass(frozen=True, slots=True)
class Held:
    """A delivery in the hand of a courier, with the lane and fence that prove it, `until` the lease runs out.

    `channel`: where it goes (None: a DM that was never opened). `unsure`: an earlier attempt to post it may have
    reached Slack, which may still store it until `late_until`. `error`: why it was not sent the last time.
    `alone_since`: when it met an error that nobody foresaw; since then the others of its place go past. `standing`: the
    channel and ts of the message, where Slack has told us that an earlier attempt reached it. `distributed`: the app
    came to the workspace by OAuth, and may hardly ask for histories.
    """

    id: int
    workspace_id: int
    lane_id: int
    fence: int
    place: str
    channel: str | None
    kind: str
    subject_id: int
    data: dict[str, Any]
    priority: int
    token: str
    unsure: bool
    late_until: datetime | None
    attempts: int
    error: str | None
    request_id: str | None
    due_at: datetime
    created_at: datetime
    first_tried_at: datetime
    until: datetime
    card: StandingCard | None
    thread: StandingCard | None
    alone_since: datetime | None = None
    standing: tuple[str, str] | None = None
    distributed: bool = False

    @property
    def is_found(self) -> bool:
        """Whether the message of an earlier attempt stands, whatever came of its reply: nothing is asked or sent."""
        return self.standing is not None and self.method == "chat.postMessage"

    @property
    def method(self) -> str:
        """The Web API method that says it."""
        if self.kind == "home":
            return "views.publish"
        return "chat.update" if self.card is not None and self.card.ts is not None else "chat.postMessage"

    @property
    def calls(self) -> tuple[str, ...]:
        """The methods that are called for it now; while in doubt, Slack is only asked what stands."""
        if self.is_found:
            return ()
        method = self.method
        if self.unsure:
            method = "conversations.replies" if self.thread and self.thread.ts else "conversations.history"
            method += DISTRIBUTED if self.distributed else ""
        opens = self.channel is None and method not in ("chat.update", "views.publish")
        return ("conversations.open", method) if opens else (method,)


@dataclass(frozen=True, slots=True)
class End:
    """How a delivery ends without being sent: `dropped` (nothing is left to say) or `failed` (with its reason).

    `waits`: it does not end; it was set aside (`storage.heads.set_aside`).
    """

    state: str
    error: str | None = None
    waits: bool = False
