"""One history: a seed lives through the world, and the oracle judges it."""

from __future__ import annotations

import asyncio
import hashlib
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from unittest.mock import patch

from sqlalchemy.orm import Session

from handlers.imports import jobs as import_jobs
from storage import crash
from tests.chaos.records import Records, Violation
from tests.simulation.choices import Choice, Choices
from tests.simulation.declines import look_at_declines
from tests.simulation.fairness import look_at_fairness
from tests.simulation.filing import PIECE, look_at_files
from tests.simulation.loop import Died, Owner, Standstill, VirtualLoop
from tests.simulation.owned import EPOCH, Watch, owned
from tests.simulation.seen import look_at_looks
from tests.simulation.store import COMMITTED, store, template
from tests.simulation.world import Home, World

STEPS: Final = 40


@dataclass(frozen=True, slots=True)
class History:
    """What came of one seed. `struck`: how often each fault and crash point did; `digest`: of database and Slack.

    `told`: each violation with its rows and calls. `seconds`: of virtual time. `happened`: what leads tell of
    themselves, with the seconds at which it did. `clicks`: how many people made, and how many were acknowledged.
    """

    seed: int
    violations: Sequence[Violation]
    told: Sequence[str]
    made: Sequence[Choice]
    happened: Sequence[tuple[float, str]]
    struck: Mapping[str, int]
    digest: str
    seconds: float
    callbacks: int
    clicks: tuple[int, int]


def run(seed: int, *, steps: int = STEPS, silenced: frozenset[str] = frozenset(), digest: bool = False) -> History:
    """The history of a seed: the same whenever and wherever it is run. `silenced`: decisions that are ordinary now.

    `digest`: whether it is made, which takes a while; else it is empty.
    """
    watch = Watch()
    choose = Choices(seed, silenced)
    order = choose.stream("whose callback")
    loop = VirtualLoop(order.randrange, watch)
    choose.time = loop.time
    errors: list[str] = []

    def heard(_loop: Any, context: Mapping[str, Any]) -> None:
        error = context.get("exception")
        if not isinstance(error, Died):
            where = "".join(traceback.format_exception(error)[-4:]) if error is not None else ""
            errors.append(f"{context.get('message')}: {error!r}\n{where}")

    loop.set_exception_handler(heard)
    kept = store()
    kept.fill(template())
    with owned(seed, watch):
        asyncio.set_event_loop(loop)
        world: World | None = None
        try:

            async def live() -> World:
                nonlocal world
                world = World(loop, kept, watch, choose, steps)
                with (
                    world.slack.taking_receipts(),
                    world.receiver.listening(),
                    world.crm.listening(),
                    patch.object(import_jobs, "PIECE", PIECE),
                ):
                    await world.settle()
                    crash.hook = world.reached
                    await world.live()
                return world

            found: list[tuple[Violation, str]] = []
            try:
                around = Owner("the world")
                loop.run_until_complete(loop.create_task(live(), context=around.context))
            except Standstill as still:
                found.append((Violation("standstill", str(still)), str(still)))
            assert world is not None
            judged, happened = _judge(world)
            found += judged
            found += [(Violation("error", one), one) for one in errors]
            stand = f"{kept.digest()} {world.slack.digest()}" if digest else ""
        finally:
            crash.hook = None
            kept.fate, kept.heard = lambda: COMMITTED, lambda: None
            loop.forget()
            asyncio.set_event_loop(None)
    struck = Counter(world.slack.faults.struck) + world.points + world.befell + world.receiver.struck
    struck.update(world.crm.struck)
    for home in world.homes:
        struck.update(home.crowd.told.counted())
    return History(
        seed,
        [one for one, _ in found],
        [told for _, told in found],
        choose.made,
        happened,
        struck,
        hashlib.sha256(stand.encode()).hexdigest()[:16] if digest else "",
        loop.time(),
        loop.steps,
        _clicks(world),
    )


def _clicks(world: World) -> tuple[int, int]:
    answers = [home.crowd.answers for home in world.homes]
    made = sum(count for one in answers for what, count in one.attempts.items() if what.startswith("lead."))
    return made, sum(len(one.clicks) for one in answers)


def _judge(world: World) -> tuple[list[tuple[Violation, str]], list[tuple[float, str]]]:
    """The violations, each with what is told of it; and what happened to each lead."""
    found, happened = [], list[tuple[float, str]]()
    for home in world.homes:
        oracle = world.oracle(home)
        happened += _timeline(home.company.name, oracle.records)
        records, told = oracle.records, home.crowd.told
        violations = [
            *oracle.violations(),
            *look_at_fairness(records, home.crowd.answers),
            *look_at_declines(
                records, home.ledger, told, oracle.posts_of, at_work=world.at_work, happened=world.happened
            ),
            *world.outside.read_sync(partial(_files, home)),
            *look_at_looks(records, home.ledger, told, happened=world.happened, acknowledged=world.slack.acknowledged),
        ]
        found += [(one, f"{home.company.name}: {oracle.dump(one)}") for one in violations]
    outside = world.outside.read_sync(lambda session: [*world.installer.look(session), *world.receiver.look(session)])
    outside += world.outside.read_sync(lambda session: list(world.crm.look(session)))
    return [*world.seen, *found, *((one, f"{one.kind}: {one.what}") for one in outside)], happened


def _files(home: Home, session: Session) -> list[Violation]:
    return list(look_at_files(session, home.company.workspace_id, home.crowd.told.files))


def _timeline(company: str, records: Records) -> Iterator[tuple[float, str]]:
    for lead_id, events in records.events.items():
        for event in events:
            who = f" by {records.members[event.by_id].name}" if event.by_id is not None else ""
            to = event.data.get("to")
            whom = f" to {records.members[to].name}" if to in records.members else ""
            at = event.at.timestamp() - EPOCH.timestamp()
            yield at, f"{at:9.3f} {company}, lead {lead_id}: {event.kind}{whom}{who} (event {event.id})"
