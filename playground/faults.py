"""Faults on demand: what a network and a busy Slack do to Web API calls, scripted call by call or at a seeded rate."""

from collections import Counter, deque
from dataclasses import dataclass
from enum import Enum
from random import Random

from playground.records import Json


class FaultKind(Enum):
    """What goes wrong. `stored` in a name means that the call took effect all the same."""

    RATE_LIMITED = "rate limited"
    SERVER_ERROR = "server error"
    SERVER_ERROR_STORED = "server error after storing"
    LOST_REPLY = "lost reply"
    STORED_LATE = "stored late"
    HANG = "hang"
    SLOW = "slow"
    REFUSE = "refuse"
    REFUSE_STORED = "refuse after storing"
    BARE = "answer without its contents"
    PAGE = "page in place of JSON"
    PAGE_STORED = "page in place of JSON after storing"
    CUT_SHORT = "answer cut short"
    EVENT_LOST = "event lost"
    EVENT_LATE = "event late"
    EVENT_TWICE = "event twice"


@dataclass(frozen=True)
class Fault:
    """One fault. Times are in seconds. `held`: for how long the connection is held, unanswered, before it breaks."""

    kind: FaultKind
    seconds: float = 0.0
    error: str = ""
    held: float = 0.0

    def __str__(self) -> str:
        more = [f"{self.seconds:g} s"] if self.seconds else []
        more += [self.error] if self.error else []
        more += [f"held for {self.held:g} s"] if self.held else []
        return f"{self.kind.value} ({', '.join(more)})" if more else self.kind.value

    @classmethod
    def rate_limited(cls, retry_after: int = 1) -> "Fault":
        """HTTP 429 with `Retry-After`; nothing happens."""
        return cls(FaultKind.RATE_LIMITED, seconds=retry_after)

    @classmethod
    def server_error(cls) -> "Fault":
        """HTTP 500; nothing happens."""
        return cls(FaultKind.SERVER_ERROR)

    @classmethod
    def server_error_stored(cls) -> "Fault":
        """HTTP 500, but the call took effect."""
        return cls(FaultKind.SERVER_ERROR_STORED)

    @classmethod
    def lost_reply(cls) -> "Fault":
        """The call takes effect, then the connection breaks without an answer."""
        return cls(FaultKind.LOST_REPLY)

    @classmethod
    def stored_late(cls, seconds: float = 3.0, *, held: float = 0.0) -> "Fault":
        """The connection breaks unanswered (`held` 0: at once), and the call takes effect so long after it was made.

        Who looks before sees nothing.
        """
        return cls(FaultKind.STORED_LATE, seconds=seconds, held=held)

    @classmethod
    def hang(cls, seconds: float = 60.0) -> "Fault":
        """No answer for so long, then a broken connection; nothing happens."""
        return cls(FaultKind.HANG, seconds=seconds)

    @classmethod
    def slow(cls, seconds: float = 1.0) -> "Fault":
        """The call takes effect at once and is answered that much later."""
        return cls(FaultKind.SLOW, seconds=seconds)

    @classmethod
    def refuse(cls, error: str) -> "Fault":
        """`{"ok": false, "error": …}`; nothing happens."""
        return cls(FaultKind.REFUSE, error=error)

    @classmethod
    def refuse_stored(cls, error: str) -> "Fault":
        """`{"ok": false, "error": …}`, but the call took effect, as Slack says of its `fatal_error` that it may."""
        return cls(FaultKind.REFUSE_STORED, error=error)

    @classmethod
    def bare(cls) -> "Fault":
        """The call takes effect, and the answer is `{"ok": true}` and nothing else; a call that is refused is so."""
        return cls(FaultKind.BARE)

    @classmethod
    def page(cls, *, stored: bool = False) -> "Fault":
        """Somebody's HTML page in place of JSON, with status 200; `stored`: the call took effect."""
        return cls(FaultKind.PAGE_STORED if stored else FaultKind.PAGE)

    @classmethod
    def cut_short(cls) -> "Fault":
        """The call takes effect, and the second half of the JSON is missing."""
        return cls(FaultKind.CUT_SHORT)

    @classmethod
    def event_lost(cls) -> "Fault":
        """An event that never comes."""
        return cls(FaultKind.EVENT_LOST)

    @classmethod
    def event_late(cls, seconds: float = 3.0) -> "Fault":
        """An event that comes so long after."""
        return cls(FaultKind.EVENT_LATE, seconds=seconds)

    @classmethod
    def event_twice(cls) -> "Fault":
        """An event that comes, is acknowledged, and comes again."""
        return cls(FaultKind.EVENT_TWICE)


class Faults:
    """The faults to come, of methods (`chat.postMessage`) and of events (`message_metadata_posted`).

    Scripted ones go first, in order; then each rate rolls its dice. `met` counts those met, `late` the calls that are
    still to take effect, after their callers were cut off.
    """

    def __init__(self, seed: int = 0) -> None:
        self._dice = Random(seed)  # noqa: S311 (repeatable, not secret)
        self._scripted: dict[str, deque[Fault | None]] = {}
        self._rates: list[tuple[str, Fault, float]] = []
        self.met: Counter[FaultKind] = Counter()
        self.late = 0

    def next(self, method: str, *faults: Fault | None) -> None:
        """The next calls of this method meet these faults, one each; None lets a call through."""
        self._scripted.setdefault(method, deque()).extend(faults)

    def rate(self, method: str, fault: Fault, probability: float) -> None:
        """Each call of this method (`*`: of any; no event) meets this fault with that probability, 0 to 1."""
        self._rates.append((method, fault, probability))

    def clear(self) -> None:
        """No more faults."""
        self._scripted.clear()
        self._rates.clear()

    def take(self, method: str, _args: Json | None = None) -> Fault | None:
        """The fault that this call, or an event, meets, if any. `_args` of a call: here they decide nothing."""
        fault = self._next(method)
        if fault is not None:
            self.met[fault.kind] += 1
        return fault

    def _next(self, method: str) -> Fault | None:
        if waiting := self._scripted.get(method):
            return waiting.popleft()
        for name, fault, probability in self._rates:
            if (name == method or (name == "*" and "." in method)) and self._dice.random() < probability:
                return fault
        return None
