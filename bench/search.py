"""`/voc` and `/voc search` beside a million voc items that can be found."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

from bench import Row, bench, percentile, sized
from bench.grown import Grown, grow, later
from bench.stage import ENGINE_NAMES, ENGINES, Engine, database
from bench.worded import check_words, keep_all_words
from domain.people import Actor, actor
from domain.voc.items import log_line
from domain.voc.search import Found, search_items
from domain.voc.wording import catch_up, word_items
from storage.database import Database
from storage.models import Member

BESIDE: Final = 1.1
P95_MS: Final = 100.0
ROUNDS: Final = 6
LINES: Final = 60
TIMES: Final = 20
KNOWN: Final = 7
"""Accounts of the lines: so few that the first round knows all, also where there was none."""
QUERIES: Final = {
    "a word of every item": "rollout",
    "its beginning": "rollo",
    "two words of every item": "rollout longer",
    "a phrase of every item": '"takes too long"',
    "a word of one item": "number 1234",
    "a theme": "rollout #theme-3",
    "a theme and an account": "#theme-3 @Account 77",
    "a competitor": 'rollout competitor:"Rival 8"',
    "a kind, lately": "long kind:praise last 14 days",
    "a kind, long ago": "long kind:praise before:2026-10-25",
    "a rep": "rollout by:me",
    "a word that no item has": "rollout zebra",
    "quotes, of which there are none": "rollout",
}
"""What is searched for, by what it is; the last for quotes alone."""


@bench("search")
def search() -> list[Row]:
    """A line of `/voc`, from its transaction to the commit: beside a million items whose words are kept, against the
    same in a database of its own without any, in turns, medians. Words are kept afterwards by the worker, which is left
    out. A search: whatever waits is kept, then the page is found, beside the writers; twenty of each query, in turns.
    The items and their words are made in the database itself (`bench/grown.py`, `bench/worded.py`), and a sample is
    compared with what the program makes.
    """
    rows: list[Row] = []
    for engine in ENGINES:
        with (
            tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder,
            database(engine, Path(folder), "many") as url,
            database(engine, Path(folder), "none") as other_url,
        ):
            many, none = Database(url), Database(other_url)
            try:
                rows += _Measured(many, none, engine).rows()
            finally:
                many.close()
                none.close()
    return rows


class _Measured:
    def __init__(self, many: Database, none: Database, engine: Engine) -> None:
        self.many, self.none, self.engine = many, none, ENGINE_NAMES[engine]
        self.items = sized(1_000_000, quick=3_000)
        began = time.perf_counter()
        self.grown = grow(many, "T1", items=self.items, themes=20, leads=0)
        keep_all_words(many, self.grown.workspace_id)
        self.seeding = time.perf_counter() - began
        self.empty = grow(none, "T1", items=0, themes=20, leads=0)
        check_words(many, self.grown.workspace_id)
        self.logged = 0

    def rows(self) -> Iterator[Row]:
        size = f"{self.items:,} items"
        yield Row(f"seeding items and their words, {self.engine}", self.seeding, "s", size=size)
        yield self._lines(size)
        yield from self._searches(size)

    def _lines(self, size: str) -> Row:
        took: dict[str, list[float]] = {"many": [], "none": []}
        for number in range(ROUNDS + 1):
            for name, db, grown in (("many", self.many, self.grown), ("none", self.none, self.empty)):
                by = _actor(db, grown)
                times = [_clocked(partial(self._log, db, by)) for _ in range(sized(LINES, quick=5))]
                took[name] += times if number else []  # the first round makes the statements
                while db.run_sync(word_items, grown.workspace_id, limit=64):  # as the worker does
                    pass
        beside, alone = statistics.median(took["many"]), statistics.median(took["none"])
        return Row.at_most(
            f"/voc beside many items that can be found, {self.engine}",
            beside / alone,
            "×",
            BESIDE,
            against="a database without items",
            size=size,
            absolute=f"{beside:.2f} ms against {alone:.2f} ms with the commit",
        )

    def _searches(self, size: str) -> Iterator[Row]:
        by = _actor(self.many, self.grown)
        took: dict[str, list[float]] = {name: [] for name in QUERIES}
        for number in range(sized(TIMES, quick=2) + 1):
            for name, typed in QUERIES.items():
                quotes = name.startswith("quotes")
                times = [_clocked(partial(self._find, by, typed, quotes=quotes))]
                took[name] += times if number else []
        everything = [each for times in took.values() for each in times]
        slowest = max(took, key=lambda name: percentile(took[name], 95))
        yield Row.at_most(
            f"/voc search, p95 of all queries, {self.engine}",
            percentile(everything, 95),
            "ms",
            P95_MS,
            size=size,
            absolute=f"median {statistics.median(everything):.1f} ms",
        )
        yield Row.at_most(
            f"/voc search, p95 of the slowest query, {self.engine}",
            percentile(took[slowest], 95),
            "ms",
            P95_MS,
            note=", ".join(f"{name}: {statistics.median(times):.1f} ms" for name, times in took.items()),
            size=size,
            absolute=slowest,
        )

    def _log(self, db: Database, by: Actor) -> None:
        self.logged += 1
        line = f'the price is too high {self.logged} #theme-0 @"Account {self.logged % KNOWN}" $40k'
        db.run_sync(log_line, line, by=by, at=later(self.logged / 1000))

    def _find(self, by: Actor, typed: str, *, quotes: bool) -> Found:
        at = later(1000)
        who = self.many.run_sync(catch_up, by=by, at=at)
        return self.many.read_sync(search_items, typed, quotes=quotes, by=who, at=at)


def _clocked(work: Callable[[], object]) -> float:
    """Milliseconds from the call to the answer."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def _actor(db: Database, grown: Grown) -> Actor:
    return db.run_sync(lambda session: actor(session.get_one(Member, grown.rep)))
