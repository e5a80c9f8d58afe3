"""A CRM that some of one company's leads come from and that is written back to, and what stands there in the end."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final
from unittest.mock import patch

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.seal import Sealer
from domain.people import actor
from domain.sources import add_source
from domain.writeback.crms import CRMS, RECORD
from domain.writeback.settings import WriteBackForm, load_write_back, save_write_back, written_statuses
from handlers.setup.write_back_calling import SECONDS, Away, NotLetIn
from storage.models import Job, Lead, Member, Source, WriteBack, WrittenRecord
from tests.chaos.records import Violation
from tests.running import KEY
from tests.simulation.choices import Choices

IS_THERE: Final = (False, False, True)
"""In one of so many histories there is a CRM."""
SOURCE: Final = "hub"
AUTH: Final = "hubspot_workflow"
TOKEN: Final = "pat-eu1-of-a-history"
FROM_THERE: Final = 0.8
"""Of the company's leads, so many come from it."""

FINE: Final = "taken"
REFUSED: Final = "CRM: server error"
BUSY: Final = "CRM: too many requests"
LOST: Final = "CRM: taken, and the answer lost"
LATE: Final = "CRM: taken late, and never answered"
SLOW: Final = "CRM: slow"
SHUT: Final = "CRM: lets nobody in"
ANSWERS: Final = (*((FINE,) * 6), *((SLOW,) * 8), REFUSED, BUSY, LOST, LATE)
NO_FAULTS: Final = (FINE, SLOW)
LATE_BY: Final = (2.0, 8.0, 14.0)
"""Seconds: what takes a CRM longer than Tandem waits for it may come behind the next try, and nobody could tell."""
SLOW_BY: Final = (3.0, 8.0, 15.0)
"""Seconds until it answers when it is slow: what happens to a lead meanwhile must be written, too."""
LONG: Final = 40.0
"""So many seconds more a process stands still that was about to write: until another has written."""
MORE: Final = 3
MORE_SELDOM: Final = 8.0
SHUT_ONE_IN: Final = 25.0
OPENED_ONE_IN: Final = 12.0


@dataclass
class Crm:
    """`calm`: asks whether nothing goes wrong any more. `spawn`: does what is of no process. `contacts`: by record.

    `read`: looks into the database. `is_busy`: jobs seldom fail otherwise, so that much is written.
    """

    choose: Choices
    calm: Callable[[], bool]
    spawn: Callable[[Any], object]
    read: Callable[[Callable[[Session], list[Violation]]], list[Violation]]
    contacts: dict[str, dict[str, str]] = field(default_factory=dict)
    struck: Counter[str] = field(default_factory=Counter)
    secret: str = ""
    workspace_id: int = 0
    shut: bool = False
    told: set[str] = field(default_factory=set)
    overtaken: list[Violation] = field(default_factory=list)
    is_busy: bool = False

    @property
    def here(self) -> bool:
        """Whether there is one in this history."""
        return bool(self.secret)

    def join(self, session: Session, workspace_id: int, at: datetime) -> None:
        """From now on leads come from it, and it is written back to."""
        self.secret = add_source(session, workspace_id, SOURCE, auth=AUTH, seal=Sealer(KEY).seal, at=at)
        self.workspace_id = workspace_id
        self.is_busy = self.choose("whether much is written into the CRM", (False, True, True))
        self._save(session, at)

    def _save(self, session: Session, at: datetime) -> None:
        """An admin saves the form."""
        mia = session.scalars(
            select(Member).where(Member.workspace_id == self.workspace_id, Member.role == "admin").order_by(Member.id)
        ).first()
        assert mia is not None
        seen = load_write_back(session, SOURCE, by=actor(mia), at=at)
        form = WriteBackForm(on=True, statuses="\n".join(written_statuses(seen.statuses)), key=TOKEN)
        save_write_back(session, SOURCE, form, seen.version, seal=Sealer(KEY).seal, by=actor(mia), at=at)

    @property
    def more(self) -> int:
        """How many leads come besides, where much is to be written."""
        return MORE if self.is_busy else 0

    def seldom(self, point: str) -> float:
        """How many times more seldom a process ends at a point, where much is to be written: at those of jobs."""
        return MORE_SELDOM if self.is_busy and point.startswith("jobs.") else 1.0

    def befalls(self) -> bool:
        """It may let nobody in any more; whether it lets everybody in again."""
        if self.shut:
            return self.choose.strikes("the CRM lets Tandem in", OPENED_ONE_IN)
        self.shut = self.here and self.choose.strikes("the CRM lets nobody in", SHUT_ONE_IN)
        return False

    def let_in(self, session: Session, at: datetime) -> None:
        """It lets Tandem in again; where Tandem stopped to write, an admin says so."""
        self.shut = False
        if session.scalar(select(WriteBack.state).where(WriteBack.workspace_id == self.workspace_id)) == "stopped":
            self._save(session, at)

    def key_of(self, company: str, number: int) -> str | None:
        """What it calls a lead; None for leads that come otherwise."""
        dice = Random(f"{self.choose.seed} {company} {number} comes from the CRM")  # decides a test
        return f"{RECORD}{1000 + number}" if self.here and dice.random() < FROM_THERE else None

    def request(self, body: str) -> tuple[str, dict[str, str], bytes] | None:
        """What its workflow sends for a lead: path, headers, body. None for a lead that is none of its own."""
        lead = json.loads(body)
        if not str(lead["id"]).startswith(RECORD):
            return None
        record = str(lead.pop("id")).removeprefix(RECORD)
        self.contacts.setdefault(record, {})
        said = {name: {"value": str(value)} for name, value in lead.items()}
        contact = {"vid": int(record), "is-contact": True, "properties": said}
        headers = {"content-type": "application/json", "x-tandem-secret": self.secret}
        return f"/intake/{SOURCE}", headers, json.dumps(contact).encode()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Meanwhile, what the product writes comes here."""
        with patch("handlers.setup.write_back_jobs.HubSpot", lambda _line, token: _Open(self, token)):
            yield

    def write(self, record: str, said: Mapping[str, str]) -> None:
        """A record is changed. Whoever writes is unsure of it until they have written down what came of it."""
        self.contacts[record].update(said)

        def look(session: Session) -> list[Violation]:
            mine = (WrittenRecord.record == record, WrittenRecord.workspace_id == self.workspace_id)
            row = session.scalars(select(WrittenRecord).where(*mine)).one()
            stands = {"owner": row.owner, "status": row.status}
            what = f"record {record} is {stands} for good, and {said} is written over it"
            old = not row.unsure and any(stands[name] != value for name, value in said.items())
            return [Violation("wrong record", what)] if old else []

        self.overtaken += self.read(look)

    async def take(self, changed: Callable[[], None] | None = None) -> None:
        """One request, and its answer. Raises Away, NotLetIn."""
        answer = self.choose("the CRM in the end", NO_FAULTS) if self.calm() else self.choose("the CRM", ANSWERS)
        answer = SHUT if self.shut else answer
        self.struck.update([answer] if answer != FINE else [])
        takes = self.choose("how late the CRM takes it", LATE_BY) if answer == LATE else 0.05
        if changed is not None and answer in (FINE, SLOW, LOST, LATE):
            self.spawn(_after(takes, changed))  # what is on its way comes there, whatever becomes of the sender
        if answer in (LOST, LATE):
            await asyncio.sleep(SECONDS)
            raise Away("timeout")
        await asyncio.sleep(self.choose("how slow the CRM is", SLOW_BY) if answer == SLOW else 0.1)
        if answer == SHUT:
            raise NotLetIn("http_401")
        if answer not in (FINE, SLOW):
            raise Away("http_429", timedelta(seconds=10)) if answer == BUSY else Away("http_500")

    def look_meanwhile(self, session: Session) -> list[tuple[Violation, str]]:
        """The same of records of which nothing is to be written: what is wrong now may be put right by later news."""
        busy = select(WrittenRecord.record).join(Job, Job.id == WrittenRecord.job_id).where(Job.due_at.is_not(None))
        stopped = select(WriteBack.source_id).where(WriteBack.state == "stopped")
        waits = select(WrittenRecord.record).where(WrittenRecord.due.is_(True), WrittenRecord.source_id.in_(stopped))
        left_out = {*session.scalars(busy), *session.scalars(waits)} if self.here else set()
        found = [one for one in self._records(session, left_out) if one.what not in self.told] if self.here else []
        self.told.update(one.what for one in found)
        found, self.overtaken = [*found, *self.overtaken], []
        return [(one, f"{one.kind} in the middle: {one.what}") for one in found]

    def look(self, session: Session) -> Iterator[Violation]:
        """Each record says whose its lead is, and how it stands."""
        if not self.here:
            return
        state = session.scalar(select(WriteBack.state).where(WriteBack.workspace_id == self.workspace_id))
        if state != "on":
            yield Violation("unsettled", f"the CRM lets Tandem in, and writing back is {state}")
        yield from self._records(session, set())

    def _records(self, session: Session, left_out: set[str]) -> Iterator[Violation]:
        written = {one.record for one in session.scalars(select(WrittenRecord))}
        leads = session.execute(
            select(Lead.id, Lead.external_id, Lead.state, Lead.owner_id, Member.email)
            .join(Source, Source.name == Lead.source)
            .outerjoin(Member, Member.id == Lead.owner_id)
            .where(Lead.workspace_id == self.workspace_id, Source.auth == AUTH)
            .order_by(Lead.id)
        )
        for lead in leads:
            record = str(lead.external_id).removeprefix(RECORD)
            stands, what = self.contacts[record], f"record {record} of lead {lead.id} ({lead.state} with {lead.email})"
            wanted = {"owner": lead.email, "status": CRMS[AUTH].statuses.get(lead.state)}
            if lead.owner_id is not None and record not in written:
                yield Violation("lost", f"{what} was never to be written")
            for name, value in wanted.items():
                if record in left_out:
                    continue
                if value is not None and stands.get(name) != value:
                    yield Violation("wrong record", f"{what}: its {name} is {stands.get(name)}, should be {value}")


@dataclass
class _Open:
    """In place of a HubSpot."""

    crm: Crm
    token: str

    async def owner(self, email: str) -> str | None:
        await self.crm.take()
        return email

    async def write(self, record: str, owner: str | None, status: str | None) -> None:
        assert self.token == TOKEN
        given = {"owner": owner, "status": status}
        said = {name: value for name, value in given.items() if value is not None}
        await self.crm.take(lambda: self.crm.write(record, said))


async def _after(seconds: float, done: Callable[[], None]) -> None:
    await asyncio.sleep(seconds)
    done()
