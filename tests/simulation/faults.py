"""What goes wrong between Slack and the product, chosen call by call and event by event."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol, TypeVar

from playground.faults import Fault, Faults
from tests.simulation.wire import NO_ANSWER, Wire

T = TypeVar("T")


class Choose(Protocol):
    """Decides what happens where more than one thing may: the first of the options is the ordinary one."""

    def __call__(self, name: str, options: Sequence[T], /) -> T:
        """One of the options. `name` stands in the trace, before what was chosen."""


FINE: Final = "as it should"

WEATHERS: Final[dict[str, float]] = {"fair": 0.08, "changeable": 0.25, "foul": 0.45}
"""How large a share of Slack's calls and events meets a fault, in one history."""

STORED_UNANSWERED: Final = "stored, and never answered"
UNREACHABLE: Final = "no connection"

_READS: Final[dict[str, Sequence[Fault]]] = {
    "too many calls": [Fault.rate_limited(seconds) for seconds in (1, 5, 30)],
    "server error": [Fault.server_error()],
    "lost reply": [Fault.lost_reply()],
    "never answered": [Fault.hang(NO_ANSWER)],
    "slow answer": [Fault.slow(seconds) for seconds in (1.0, 4.0, 8.0)],
    "page in place of JSON": [Fault.page()],
    "answer cut short": [Fault.cut_short()],
    "fatal error": [Fault.refuse("fatal_error")],
    "unknown error": [Fault.refuse("an_error_of_next_year")],
}
_WRITES: Final[dict[str, Sequence[Fault]]] = _READS | {
    "server error after storing": [Fault.server_error_stored()],
    STORED_UNANSWERED: [Fault.stored_late(0.0, held=NO_ANSWER)],
    "stored late, cut off": [Fault.stored_late(seconds) for seconds in (1.0, 5.0, 12.0)],
    "stored late, never answered": [Fault.stored_late(seconds, held=NO_ANSWER) for seconds in (5.0, 11.0, 12.0)],
    "page in place of JSON after storing": [Fault.page(stored=True)],
    "fatal error after storing": [Fault.refuse_stored("fatal_error")],
    "answer without its contents": [Fault.bare()],
}
"""Faults by their names. What is stored late is so within the fifteen seconds that the courier goes on looking."""

_DOUBTFUL: Final = tuple(one for one in _WRITES if one not in _READS)
"""Twice as frequent as the others: what took effect though the answer does not say so."""

_FREQUENT: Final[dict[str, Sequence[str]]] = {
    "chat.postMessage": ["too many calls"] * 6,
    "chat.update": [*["stored late, cut off", "stored late, never answered"] * 3, *["server error after storing"] * 6],
    "views.publish": ["server error after storing"] * 6,
}
"""What a call meets so many times more often: what Slack says to who posts much, what undoes a newer edit, and what
leaves other words standing than those that were recorded last."""

_EVENTS: Final[dict[str, Sequence[Fault]]] = {
    "late": [Fault.event_late(seconds) for seconds in (2.0, 12.0, 40.0)],
    "twice": [Fault.event_twice()],
}
_LOST_EVENTS: Final[dict[str, Sequence[Fault]]] = {"never": [Fault.event_lost()]}

MAY_LOSE: Final = frozenset({"message_metadata_posted", "app_home_opened"})
"""Events that a history may do without for good."""

_READING: Final = frozenset(
    {"auth.test", "conversations.history", "conversations.replies", "conversations.info", "users.info", "users.list"}
)

FAULT_NAMES: Final = (*_WRITES, *(f"event {name}" for name in (*_EVENTS, *_LOST_EVENTS)), UNREACHABLE)
"""Everything that can go wrong, for whoever counts in how many histories it did."""

STRANGE_ERROR: Final = "an_error_of_this_message"
STRANGE_MESSAGE: Final = "a message answered strangely"
_STRANGE_FOR: Final = (1200.0, 1200.0, 1200.0, 300.0)
"""Seconds: for longer than the courier tries the same edit, and for less."""

_USUAL: Final = Wire(0.02, 0.02)
_WIRES: Final = (_USUAL, _USUAL, _USUAL, Wire(0.3, 0.02), Wire(0.02, 0.3), Wire(1.2, 0.02), Wire(0.02, 1.2))
_TO_APP: Final = (Wire(0.1, 0.02), Wire(0.1, 0.02), Wire(0.0, 0.02), Wire(1.0, 0.02), Wire(0.1, 1.0))
"""Events travel for as long as answers do, or less: some arrive before the answer to the call that caused them."""


class StrangeMessages:
    """Messages whose edits Slack answers with an error that nobody foresaw, for a while; only the first is stored.

    What began goes on when all other faults have ended. `now`: Slack's time in seconds.
    """

    def __init__(self, choose: Choose, now: Callable[[], float]) -> None:
        self._choose = choose
        self._now = now
        self._until: dict[tuple[str, str], float] = {}
        self._comes = False

    def come(self) -> None:
        """The next message that is edited to say only how a lead was settled is such a one.

        It told of a rep who had the lead before, or of an alarm. What it said comes back word for word when somebody
        takes that back; the words of a lead's own card have the minute in them.
        """
        self._comes = True

    def take(self, args: Mapping[str, Any]) -> Fault | None:
        """The fault that an edit meets for this reason."""
        message = str(args.get("channel")), str(args.get("ts"))
        if self._comes and message not in self._until and _only_tells_the_end(args):
            self._comes = False
            self._until[message] = self._now() + self._choose("for how long it is strange", _STRANGE_FOR)
            return Fault.refuse_stored(STRANGE_ERROR)
        return Fault.refuse(STRANGE_ERROR) if self._now() < self._until.get(message, 0.0) else None


def _only_tells_the_end(args: Mapping[str, Any]) -> bool:
    said = str(args.get("blocks"))
    return str(args.get("attachments") or "[]") == "[]" and any(word in said for word in ("*Contacted*", "*Declined*"))


class ChosenFaults(Faults):
    """The faults of one history. `calm`: from now on nothing goes wrong. `struck` counts faults by their names.

    `spoiled`: when something that a person was to see at once was lost on its way (Slack's time in seconds).
    """

    def __init__(self, choose: Choose, now: Callable[[], float], *, may_lose: frozenset[str] = MAY_LOSE) -> None:
        super().__init__()
        self._choose = choose
        self.strange = StrangeMessages(choose, now)
        self._may_lose = may_lose
        self.weather = choose("slack's weather", tuple(WEATHERS))
        self.calm = False
        self.struck: dict[str, int] = {}
        self._now = now
        self.spoiled: list[float] = []

    def take(self, method: str, args: Mapping[str, Any] | None = None) -> Fault | None:
        """The fault that a call, or an event (which has no dot in its name), meets."""
        if scripted := self._scripted.get(method):
            return scripted.popleft()
        if method == "chat.update" and (fault := self.strange.take(args or {})):
            self._count(STRANGE_MESSAGE)
            return fault
        if self.calm:
            return None
        if "." in method:
            if method in _READING:
                return self._one_of(f"slack {method}", "", _READS)
            fault = self._one_of(f"slack {method}", "", _WRITES, (*_DOUBTFUL, *_FREQUENT.get(method, ())))
            if fault is not None and method.startswith("views."):
                self.spoiled.append(self._now())
            return fault
        known = _EVENTS | (_LOST_EVENTS if method in self._may_lose else {})
        return self._one_of(f"slack event {method}", "event ", known)

    def wire(self, path: str) -> Wire:
        """How a call travels."""
        what = {"api": path.rpartition("/")[2], "files": "a file"}.get(path.split("/")[1], "response_url")
        if self.calm:
            return _USUAL
        if self._choose(f"slack {what}: network", _shares(self.weather, (UNREACHABLE,), rarer=8)) == UNREACHABLE:
            self._count(UNREACHABLE)
            self.spoiled.append(self._now())
            return Wire(0.02, 0.0, connects=False)
        return self._choose(f"slack {what}: on the wire", _WIRES)

    def to_app(self, what: str) -> Wire:
        """How a request of Slack's travels to the app."""
        return _TO_APP[0] if self.calm else self._choose(f"slack to the app: {what}", _TO_APP)

    def _one_of(
        self, what: str, prefix: str, known: dict[str, Sequence[Fault]], more: tuple[str, ...] = ()
    ) -> Fault | None:
        name = self._choose(what, _shares(self.weather, (*known, *more)))
        if name == FINE:
            return None
        self._count(prefix + name)
        faults = known[name]
        fault = faults[0] if len(faults) == 1 else self._choose(f"{what}: which", faults)
        self.met[fault.kind] += 1
        return fault

    def _count(self, name: str) -> None:
        self.struck[name] = self.struck.get(name, 0) + 1


_made: dict[tuple[Any, ...], tuple[str, ...]] = {}


def _shares(weather: str, names: tuple[str, ...], *, rarer: int = 1) -> tuple[str, ...]:
    """The names, behind so many times FINE that their share is the weather's."""
    key = weather, names, rarer
    if key not in _made:
        share = WEATHERS[weather] / rarer
        _made[key] = (FINE,) * round(len(names) * (1 - share) / share) + names
    return _made[key]


def usual(_name: str, options: Sequence[T]) -> T:
    """Chooses what is ordinary."""
    return options[0]
