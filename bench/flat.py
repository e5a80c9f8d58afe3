"""What a person waits for beside a million voc items and 10,000 open leads, against the same in an empty workspace."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session

from bench import Chart, Row, bench, sized
from bench.grown import Grown, grow, later
from bench.stage import ENGINE_NAMES, ENGINES, database
from domain.home import load_home, open_home
from domain.leads.listing import list_open_leads
from domain.people import Actor, actor
from domain.pulse import recount, take_pulse
from domain.themes import find_answerable
from domain.voc.facts import list_own_items
from domain.voc.items import log_line
from domain.voc.suggestions import suggest_accounts, suggest_competitors, suggest_themes
from handlers.home.messages import render_home
from handlers.messages import Subject
from storage import lanes
from storage.database import Database
from storage.models import Member

ROUNDS, LINES, TIMES = 5, 60, 15
PER_SECOND: Final = 20
BESIDE, AT_MOST_MS, HOME_MS, OPENED = 1.2, 10.0, 20.0, 2.5
KNOWN: Final = 7
"""Accounts of the lines: so few that each was heard of in the first round, also in the empty workspace."""
Work = Callable[[Session], Any]


@bench("flat")
def flat() -> list[Row | Chart]:
    """Use cases in the writer's thread, by its processor time: medians, in turns.

    The workspaces are seeded in the database itself, tallies included (`bench/grown.py`); each pulse is compared with a
    count of the items first. `/voc` lines name a theme, an account and a deal, and count some of the items that wait,
    as they do in use. On PostgreSQL the server's own processor time is not part of the figure. A Home is put into words
    as for Slack, and published in the time of the lines (20 a second); the call to Slack is left out.
    """
    rows: list[Row | Chart] = []
    for engine in ENGINES:
        with tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder, database(engine, Path(folder)) as url:
            db = Database(url)
            try:
                rows += _Measured(db, ENGINE_NAMES[engine]).rows()
            finally:
                db.close()
    return rows


class _Measured:
    def __init__(self, db: Database, engine: str) -> None:
        self.db, self.engine = db, engine
        self.items, self.leads = sized(1_000_000, quick=2_000), sized(10_000, quick=400)
        began = time.perf_counter()
        self.empty = grow(db, "T0", items=0, themes=1, leads=0)
        self.many = grow(db, "T1", items=self.items, themes=20, leads=self.leads)
        self.one = grow(db, "T2", items=self.items, themes=1, leads=0)
        self.seeding = time.perf_counter() - began
        self.logged = 0

    def rows(self) -> Iterator[Row]:
        for grown in (self.many, self.one):
            self._check(grown)
        yield Row(
            f"seeding, {self.engine}", self.seeding, "s", size=f"2 × {self.items:,} items, {self.leads:,} open leads"
        )
        yield from self._lines()
        yield from self._looks()
        yield self._opened()

    def _check(self, grown: Grown) -> None:
        """What is measured must be right."""
        for about, which in (("theme", grown.theme), ("account", grown.account), ("own", grown.rep)):
            asked: Any = (grown.workspace_id, later(0), about, which)
            assert self.db.run_sync(take_pulse, *asked) == self.db.run_sync(recount, *asked), about

    def _lines(self) -> Iterator[Row]:
        took: dict[int, list[float]] = {one.workspace_id: [] for one in (self.empty, self.many, self.one)}
        for number in range(ROUNDS + 1):
            for grown in (self.empty, self.many, self.one):
                by = self._actor(grown.rep)
                times = [self._clocked(partial(self._log, by=by)) for _ in range(LINES)]
                took[grown.workspace_id] += times if number else []  # the first round makes the statements
        empty = statistics.median(took[self.empty.workspace_id])
        for grown, themes in ((self.many, "20 themes"), (self.one, "one theme")):
            beside = statistics.median(took[grown.workspace_id])
            yield Row.at_most(
                f"/voc beside what was logged in four weeks, {self.engine}, {themes}",
                beside / empty,
                "×",
                BESIDE,
                against="an empty workspace",
                size=f"{self.items:,} items in {themes}",
                absolute=f"{beside:.2f} ms against {empty:.2f} ms of processor time",
            )

    def _looks(self) -> Iterator[Row]:
        at = later(100)
        rep, marketer, manager = map(self._actor, (self.many.rep, self.many.marketer, self.many.manager))
        size = f"{self.items:,} items, {self.leads:,} open leads"
        looks: dict[str, tuple[Work, float]] = {
            "theme menu, nothing typed": (partial(suggest_themes, typed="", by=rep, at=at), AT_MOST_MS),
            "theme menu, typed": (partial(suggest_themes, typed="eme-1", by=rep, at=at), AT_MOST_MS),
            "account menu, nothing typed": (partial(suggest_accounts, typed="", by=rep, at=at), AT_MOST_MS),
            "account menu, typed": (partial(suggest_accounts, typed="account 7", by=rep, at=at), AT_MOST_MS),
            "competitor menu": (partial(suggest_competitors, typed="", by=rep, at=at), AT_MOST_MS),
            "hint for a new theme": (partial(self._log_new, by=marketer), AT_MOST_MS),
            "/tandem answer": (partial(find_answerable, typed="theme-0", by=marketer, at=at), AT_MOST_MS),
            "/voc list": (partial(list_own_items, by=rep, at=at), AT_MOST_MS),
            "/lead list of a rep": (partial(list_open_leads, by=rep, at=at), AT_MOST_MS),
            "/lead list of a manager": (partial(list_open_leads, by=manager, at=at), AT_MOST_MS),
            "Home of a rep": (partial(_home, by=rep, at=at), AT_MOST_MS),
            "Home of a marketer": (partial(_home, by=marketer, at=at), AT_MOST_MS),
            "Home of a manager": (partial(_home, by=manager, at=at), HOME_MS),
        }
        for name, (work, limit) in looks.items():
            times = [self._clocked(work) for _ in range(TIMES)][1:]
            longest = f"longest {max(times):.1f} ms"
            yield Row.at_most(
                f"{name}, {self.engine}", statistics.median(times), "ms", limit, size=size, absolute=longest
            )

    def _opened(self) -> Row:
        """Lines of somebody whose Home was opened, with all that is published of it, against lines of somebody else."""
        seconds = sized(20, quick=2)
        opened, other = self._actor(self.many.rep + 1), self._actor(self.many.rep + 2)
        self.db.run_sync(open_home, by=opened, at=later(200))
        cost = {who.id: [self._busy(who, seconds, later(200 + 100 * n)) for n in range(3)] for who in (opened, other)}
        with_home, without = (statistics.median(cost[who.id]) for who in (opened, other))
        return Row.at_most(
            f"/voc of somebody whose Home was opened, {self.engine}",
            with_home / without,
            "×",
            OPENED,
            against="of somebody whose was not",
            size=f"{PER_SECOND} lines a second for {seconds} s",
            absolute=f"{with_home:.2f} ms against {without:.2f} ms of processor time a line",
        )

    def _busy(self, by: Actor, seconds: int, at: datetime) -> float:
        """Milliseconds of processor time a line, Homes included."""
        lines = PER_SECOND * seconds
        began = time.process_time()
        for number in range(lines):
            now = at + timedelta(seconds=number / PER_SECOND)
            self.db.run_sync(self._log, by=by, at=now)
            due = self.db.read_sync(lanes.next_due)
            if due is not None and due <= now:
                self._publish(now)
        return (time.process_time() - began) / lines * 1000

    def _publish(self, at: datetime) -> None:
        held = self.db.run_sync(lanes.hold_lanes, holder="bench", at=at, lease=timedelta(seconds=45), limit=8)
        for one in held:
            subject = Subject(one.subject_id, one.workspace_id, one.place, one.data, at)
            words = self.db.read_sync(render_home, subject)
            assert words is not None
            sent = {"channel": "D", "ts": None, "rendering": words.fingerprint(), "free_at": None}
            self.db.run_sync(partial(lanes.record_sent, held=one, at=at, **sent))  # type: ignore[arg-type]

    def _log(self, session: Session, *, by: Actor, at: datetime | None = None) -> None:
        self.logged += 1
        line = f'the price is too high {self.logged} #theme-0 @"Account {self.logged % KNOWN}" $40k'
        log_line(session, line, by=by, at=at or later(self.logged / 1000))

    def _log_new(self, session: Session, *, by: Actor) -> None:
        """A rep's first line, under a theme that is new: the hint names those in use."""
        self.logged += 1
        receipt = log_line(session, f"slow #new-{self.logged}", by=by, at=later(self.logged / 1000))
        assert receipt.item.theme_new

    def _clocked(self, work: Work) -> float:
        """Milliseconds of processor time of the writer's thread."""

        def timed(session: Session) -> float:
            began = time.thread_time()
            work(session)
            return (time.thread_time() - began) * 1000

        return self.db.run_sync(timed)

    def _actor(self, member_id: int) -> Actor:
        return self.db.run_sync(lambda session: actor(session.get_one(Member, member_id)))


def _home(session: Session, *, by: Actor, at: datetime) -> None:
    assert load_home(session, by.id, by.workspace_id, at) is not None
