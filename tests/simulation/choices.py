"""The one source of a history's decisions: each is made by the seed and its name, and what is not ordinary is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Choice:
    """A decision that was not the ordinary one. `at`: seconds since the history began; `key` names it for good."""

    at: float
    key: str
    chosen: Any

    def __str__(self) -> str:
        return f"{self.at:9.3f} {self.key}: {self.chosen}"


class Choices:
    """Decisions of the same name are a stream of their own: without one of them, those of other names stay the same.

    `silenced`: keys of decisions that are to be ordinary this time, for shortening a history.
    """

    def __init__(self, seed: int, silenced: frozenset[str] = frozenset()) -> None:
        self.seed = seed
        self.silenced = silenced
        self.made: list[Choice] = []
        self.time: Callable[[], float] = lambda: 0.0
        self._streams: dict[str, Random] = {}
        self._counts: Counter[str] = Counter()

    def __call__(self, name: str, options: Sequence[T], /) -> T:
        """One of the options, of which the first is the ordinary one."""
        place = self.stream(name).randrange(len(options))
        self._counts[name] += 1
        key = f"{name} #{self._counts[name]}"
        if options[place] == options[0]:
            return options[0]
        if key in self.silenced:
            return options[0]
        self.made.append(Choice(self.time(), key, options[place]))
        return options[place]

    def strikes(self, name: str, one_in: float) -> bool:
        """Whether something rare happens now, once in so many times."""
        struck = self.stream(name).random() * one_in < 1.0
        self._counts[name] += 1
        key = f"{name} #{self._counts[name]}"
        if not struck or key in self.silenced:
            return False
        self.made.append(Choice(self.time(), key, "yes"))
        return True

    def stream(self, name: str) -> Random:
        """The dice of a name, for what no trace tells of."""
        found = self._streams.get(name)
        if found is None:
            found = self._streams[name] = Random(f"{self.seed} {name}")  # decides a test
        return found
