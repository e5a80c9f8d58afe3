"""Trigger ids: what lets an app open a modal for a person who just did something.

They live three seconds of this computer's time and serve once (https://docs.slack.dev/interactivity/handling-user-interaction).
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from time import monotonic

from playground.errors import SlackError


@dataclass
class Trigger:
    """What a trigger id stands for: who acted, and in which modal (None: not in one)."""

    member: str
    view_id: str | None
    born: float
    used: bool = False


class Triggers:
    """Issues trigger ids and takes them back. `lifetime` is in seconds of `clock`; `mark` as in `Ids`."""

    def __init__(self, lifetime: float = 3.0, mark: str = "PG", clock: Callable[[], float] = monotonic) -> None:
        self.lifetime = lifetime
        self._clock = clock
        self._team = 2_000_000_000_000 + int(mark, 36) * 1_000_000_000
        self._issued: dict[str, Trigger] = {}
        self._numbers = count(1)

    def issue(self, member: str, view_id: str | None = None) -> str:
        """A trigger id for something this member just did, inside this view if it was in one."""
        number = next(self._numbers)
        trigger_id = f"{1_000_000_000_000 + number}.{self._team + number}.{number:032x}"
        self._issued[trigger_id] = Trigger(member, view_id, self._clock())
        return trigger_id

    def knows(self, trigger_id: str) -> bool:
        """Whether it was issued here."""
        return trigger_id in self._issued

    def redeem(self, trigger_id: str) -> Trigger:
        """Use a trigger id up. Refused with Slack's name for why."""
        trigger = self._issued.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self._clock() - trigger.born > self.lifetime:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger
