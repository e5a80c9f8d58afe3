"""Whose turn it is: a workspace with ten thousand jobs takes its place beside the others, and no more than that."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from storage.jobs import HeldJob, Queue


@dataclass(frozen=True, slots=True)
class Places:
    """How many jobs a process does at once: `all`; of one `kind`; of one kind in one workspace (`queue`).

    `kept` places are left free for kinds that somebody waits for.
    """

    all: int = 16
    kept: int = 4
    kind: int = 8
    queue: int = 4


class Turns:
    """The places of one process, and who has them: by kind and workspace."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.taken: Counter[tuple[str, int]] = Counter()

    def deal(
        self, queues: Iterable[Queue], awaited: Mapping[str, bool], take: Callable[[Queue], HeldJob | None]
    ) -> list[HeldJob]:
        """Take job after job, each from the queue that has the fewest places; of those, what waits longest.

        What somebody waits for goes first. It may be run again, so nothing is counted: `occupy` what was dealt.
        """
        taken = Counter(self.taken)
        line = [
            (not awaited[one.kind], taken[one.kind, one.workspace_id], one.due_at, number, one)
            for number, one in enumerate(queues)
        ]
        heapq.heapify(line)
        dealt: list[HeldJob] = []
        while line:
            behind, count, due_at, number, queue = heapq.heappop(line)
            if not self._room(taken, queue, awaited=awaited[queue.kind]):
                continue
            held = take(queue)
            if held is None:
                continue
            taken[queue.kind, queue.workspace_id] += 1
            dealt.append(held)
            heapq.heappush(line, (behind, count + 1, due_at, number, queue))
        return dealt

    def has_room(self, queue: Queue, *, awaited: bool) -> bool:
        """Whether one more job of that queue may be done just now."""
        return self._room(self.taken, queue, awaited=awaited)

    def occupy(self, held: HeldJob) -> None:
        """A job has its place from now on."""
        self.taken[held.kind, held.workspace_id] += 1

    def leave(self, held: HeldJob) -> None:
        """A job has ended, and its place is free."""
        self.taken[held.kind, held.workspace_id] -= 1
        if not self.taken[held.kind, held.workspace_id]:
            del self.taken[held.kind, held.workspace_id]

    def _room(self, taken: Counter[tuple[str, int]], queue: Queue, *, awaited: bool) -> bool:
        places = self.places
        return (
            taken.total() < places.all - (0 if awaited else places.kept)
            and sum(count for (kind, _), count in taken.items() if kind == queue.kind) < places.kind
            and taken[queue.kind, queue.workspace_id] < places.queue
        )
