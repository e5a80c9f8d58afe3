"""The theme of one line, and the board of 200 themes beside a million voc items."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from bench import Row, bench, percentile, sized
from bench.grown import grow, later
from bench.results import ROOT
from bench.stage import ENGINE_NAMES, ENGINES, database
from domain.insight.assign import assigner_of
from domain.people import Actor, actor
from domain.voc.board import load_board
from domain.voc.items import log_line
from domain.voc.scope import Scope
from storage.database import Database
from storage.models import Member

THEMES: Final = 200
OWN: Final = 180
"""Themes of a workspace besides the twenty that are known everywhere."""

CONFIRMED: Final = 1_000
LINE_MS, LIST_MS, BESIDE = 5.0, 10.0, 1.2
ROUNDS, TIMES, LINES = 5, 15, 40
LABELLED: Final = ROOT / "tests" / "eval" / "items.jsonl"


@bench("themes")
def themes() -> list[Row]:
    """The labelled lines of `make eval`, one by one, for a workspace of 200 themes and a thousand confirmed lines. Then
    the board, and lines without a hashtag, whose theme is to be heard, beside a million items; the lines against the
    same beside 5,000. By processor time of the database's thread, medians, in turns.
    """
    rows = [*_assigned()]
    for engine in ENGINES:
        with tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder, database(engine, Path(folder)) as url:
            db = Database(url)
            try:
                rows += _beside_items(db, ENGINE_NAMES[engine])
            finally:
                db.close()
    return rows


def _assigned() -> Iterator[Row]:
    labelled = [json.loads(line) for line in LABELLED.read_text(encoding="utf-8").splitlines()]
    texts = [str(one["text"]) for one in labelled]
    known = sorted({str(one["theme"]) for one in labelled if one["theme"]})
    named: dict[str, tuple[str, ...]] = dict.fromkeys(known, ())
    named |= {f"theme-{n}": (f"matter {n}", f"topic {n}") for n in range(OWN)}
    heard = [(f"{texts[n % len(texts)]} {n}", known[n % len(known)]) for n in range(CONFIRMED)]
    began = time.perf_counter()
    assigner = assigner_of(named, heard)
    made = time.perf_counter() - began
    assigner.assign("to begin with")
    times = [_clocked(partial(assigner.assign, text)) for _ in range(sized(5, quick=1)) for text in texts]
    yield Row.at_most(
        "theme of one line, p99",
        percentile(times, 99),
        "ms",
        LINE_MS,
        size=f"{len(named)} themes, {CONFIRMED:,} confirmed lines",
        absolute=f"median {statistics.median(times):.2f} ms, longest {max(times):.1f} ms; {made:.2f} s to make ready",
    )


def _beside_items(db: Database, engine: str) -> Iterator[Row]:
    items, few = sized(1_000_000, quick=3_000), sized(5_000, quick=500)
    places = {"none": 0, "few": few, "many": items}
    by = {
        name: _rep(db, grow(db, f"T{number}", items=count, themes=THEMES, leads=0).rep)
        for number, (name, count) in enumerate(places.items())
    }
    size, at = f"{items:,} items in {THEMES} themes", later(100)
    for name, days in (("the board", None), ("the board of 90 days", 90)):
        scope = Scope() if days is None else Scope(days=days)
        statements, times = _asked(db, partial(load_board, scope=scope, by=by["many"], at=at))
        told = f"longest {max(times):.1f} ms, {statements} statements"
        taken = statistics.median(times[1:])
        if days is None:
            yield Row.at_most(f"{name}, {engine}", taken, "ms", LIST_MS, size=size, absolute=told)
        else:
            yield Row(f"{name}, {engine}", taken, "ms", size=size, absolute=told)
    took: dict[str, list[float]] = {name: [] for name in places}
    number = 0
    for turn in range(ROUNDS + 1):
        for name, who in by.items():
            for _ in range(sized(LINES, quick=3)):
                number += 1
                line = f"they say the rollout is far too long {number}"
                spent = db.run_sync(partial(_spent, work=partial(log_line, line=line, by=who, at=at)))
                took[name] += [spent] if turn else []  # the first round makes the statements
    none, some, many = (statistics.median(took[name]) for name in places)
    yield Row.at_most(
        f"/voc without a hashtag, {engine}",
        many / some,
        "×",
        BESIDE,
        against=f"beside {few:,} items",
        size=size,
        absolute=f"{many:.2f} ms against {some:.2f} ms of processor time; {none:.2f} ms where nothing was heard yet",
    )


def _rep(db: Database, member_id: int) -> Actor:
    return db.run_sync(lambda session: actor(session.get_one(Member, member_id)))


def _asked(db: Database, work: Callable[..., Any]) -> tuple[int, list[float]]:
    """How many statements it takes, and its milliseconds of processor time, time after time."""
    asked: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        times = [db.read_sync(partial(_spent, work=work)) for _ in range(sized(TIMES, quick=2))]
    finally:
        event.remove(Engine, "before_cursor_execute", listen)
    return len(asked) // len(times), times


def _clocked(work: Callable[[], object]) -> float:
    """Milliseconds from the call to the answer."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def _spent(session: Session, *, work: Callable[..., object]) -> float:
    """Milliseconds of this thread's processor time."""
    began = time.thread_time()
    work(session)
    return (time.thread_time() - began) * 1000
