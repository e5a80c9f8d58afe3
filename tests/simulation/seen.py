"""What was shown to those who looked is true, and what was asked in the Messages tab is answered below it, once."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from domain.errors import NotOurs
from handlers.answers import OpenModal
from handlers.dispatch import DATABASE_AWAY
from handlers.words import sentence
from tests.chaos.happened import HANDING, recipient
from tests.chaos.ledger import Ledger
from tests.chaos.records import Records, Violation
from tests.simulation.told import Look, Told

WITHIN: Final = 6.0
"""Seconds after a click in which it was answered, as what stood in the database by then."""
WHY_NOT: Final = (DATABASE_AWAY, OpenModal({}).otherwise, sentence(NotOurs()))
LEADS: Final = re.compile(r"\*Leads\*\\n([\d,]+), ([\d,]+) of them open")


def look_at_looks(
    records: Records, ledger: Ledger, told: Told, *, happened: Mapping[int, float], acknowledged: Collection[str]
) -> Iterator[Violation]:
    """`happened`: when each event was committed; `acknowledged`: the ts of messages whose event the app took."""
    for look in told.looks:
        yield from _look(records, look, happened)
    yield from _questions(records, ledger, told, acknowledged)


def _look(records: Records, look: Look, happened: Mapping[int, float]) -> Iterator[Violation]:
    what = f"the {look.what} of lead {look.lead} for {look.by} at {look.at}"
    if look.what == "refused":
        if not look.troubled and not any(words in look.shown for words in WHY_NOT):
            yield Violation("lost", f"{what}: nothing was shown, and they read “{look.shown}”")
        return
    if any(words in look.shown for words in WHY_NOT):
        return
    if look.what == "scoreboard":
        yield from _scoreboard(records, look, happened)
        return
    lead = records.leads[look.lead]
    owners = {records.members[one].name for one in _owners(records, look, happened)}
    if lead.name not in look.shown:
        yield Violation("stray", f"{what} does not tell of {lead.name}: {look.shown}")
    elif owners and not any(name in look.shown for name in owners):
        yield Violation("wrong card", f"{what} names none of {sorted(owners)}, who had it: {look.shown}")


def _owners(records: Records, look: Look, happened: Mapping[int, float]) -> set[int]:
    """Who had the lead at some time while it was looked at."""
    found: set[int] = set()
    for event in records.events[look.lead]:
        if event.kind in HANDING and happened.get(event.id, 0.0) <= look.at + WITHIN:
            found = {recipient(event)} if happened.get(event.id, 0.0) <= look.at else {*found, recipient(event)}
    return found


def _scoreboard(records: Records, look: Look, happened: Mapping[int, float]) -> Iterator[Violation]:
    """It counts all leads that had come in by then."""
    arrived = [happened.get(events[0].id, 0.0) for events in records.events.values()]
    least, most = (sum(one <= until for one in arrived) for until in (look.at, look.at + WITHIN))
    counted = LEADS.search(look.shown)
    if counted is None or not least <= int(counted[1]) <= most:
        yield Violation("wrong card", f"the scoreboard at {look.at}: {least} to {most} leads had come: {look.shown}")


def _questions(records: Records, ledger: Ledger, told: Told, acknowledged: Collection[str]) -> Iterator[Violation]:
    dead = {
        int(one.arguments["question_id"])
        for one in records.jobs
        if one.state == "dead" and "question_id" in one.arguments
    }
    known = {(one.channel, one.ts): one for one in records.questions}
    below: dict[tuple[str, str], int] = {}
    for row in records.deliveries.values():
        if row.kind == "agent_said":
            for said in ledger.posts.get(row.token, ()):
                place = said.channel, str(said.thread_ts)
                below[place] = below.get(place, 0) + 1
    for one in told.questions:
        row_of, count = known.get((one.channel, one.ts)), below.pop((one.channel, one.ts), 0)
        what = f"what {one.by} asked at {one.ts}"
        if row_of is None:
            if one.ts in acknowledged:
                yield Violation("lost", f"{what} was acknowledged, and is not there")
        elif count != 1 and not (count == 0 and row_of.id in dead):
            yield Violation("doubled" if count else "lost", f"{what} is {row_of.state}, and answered {count} times")
    for place in below:
        yield Violation("stray", f"something is said below {place}, where nobody asked")
