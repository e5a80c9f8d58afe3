"""The job that writes a record: asks what is true, tells the CRM, and keeps what came of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from sqlalchemy.orm import Session

from domain.writeback.crms import CRMS
from domain.writeback.wanting import CrmWrite
from domain.writeback.writing import (
    Ended,
    Going,
    begin_write,
    end_write,
    is_latest,
    note_away,
    pause_after,
    still_mine,
)
from handlers.arrival import Tandem
from handlers.jobs import Impossible, JobKind, Retry, RunningJob, Tools
from handlers.setup.webhook_sending import guarded_session
from handlers.setup.write_back_calling import SECONDS, Away, Gone, Line, NotLetIn, NotTaken
from handlers.setup.write_back_hubspot import HubSpot
from handlers.setup.write_back_salesforce import log_in
from handlers.words.writeback import away_words
from storage.crash import crash_point


class Crm(Protocol):
    """A CRM, open. Both raise Away and NotLetIn; writing raises Gone and NotTaken, too."""

    async def owner(self, email: str) -> str | None:
        """The id of whom that address belongs to."""

    async def write(self, record: str, owner: str | None, status: str | None) -> None:
        """Set what is given."""


class _Overtaken(Exception):
    """Somebody else began to write the record meanwhile: what we know of it is old."""


@dataclass(frozen=True, slots=True)
class _Fenced:
    """A CRM into which nothing is written once somebody else began to: a process may have stood still before."""

    crm: Crm
    going: Going
    tandem: Tandem

    async def owner(self, email: str) -> str | None:
        return await self.crm.owner(email)

    async def write(self, record: str, owner: str | None, status: str | None) -> None:
        """As the CRM's own. Raises _Overtaken, too."""
        if not await self.tandem.db.read(is_latest, self.going):
            raise _Overtaken
        await self.crm.write(record, owner, status)


async def write_record(job: RunningJob[CrmWrite], tools: Tools) -> Ended:
    """The step: what is true now is written."""
    db, clock = tools.tandem.db, tools.tandem.clock
    going = await db.run(begin_write, job.workspace_id, job.arguments.record_id, job.id, at=clock.now())
    if going is None:
        return Ended(None)
    crash_point("crm.began")
    name = CRMS[going.auth].name
    try:
        async with _opened(going, tools) as crm:
            nobody = await _write(_Fenced(crm, going, tools.tandem), going)
    except _Overtaken:
        return Ended(None)
    except NotLetIn as error:
        return Ended(going, stopped=error.code)
    except Gone:
        return Ended(going, gone=True)
    except Away as error:
        await db.run(note_away, going.source_id, error.code, at=clock.now())
        raise Retry(pause_after(going.failures, error.after), f"{name}: {away_words(error.code)}") from None
    except NotTaken as error:
        raise Impossible(f"{name} does not take it from the source {going.source}: {error.said}") from None
    crash_point("crm.written")
    await db.run(still_mine, going, at=clock.now())
    return Ended(going, nobody=nobody)


async def _write(crm: Crm, going: Going) -> str | None:
    """Write it. Returns the address of whom the CRM does not know: then the status alone is written."""
    owner = await crm.owner(going.email) if going.email is not None else None
    if owner is not None or going.status is not None:
        try:
            await crm.write(going.record, owner, going.status)
        except NotTaken:
            if owner is None or going.status is None:
                raise
            await crm.write(going.record, owner, None)  # whose it is, is kept in any case
            await crm.write(going.record, None, going.status)
    return going.email if going.email is not None and owner is None else None


@asynccontextmanager
async def _opened(going: Going, tools: Tools) -> AsyncIterator[Crm]:
    """The CRM behind the source. Raises NotLetIn, Away."""
    key = _key(going, tools.tandem)
    if not CRMS[going.auth].own_address:
        yield HubSpot(Line(tools.http, tools.tandem.clock.outside), key)
        return
    if not going.address or not going.client_id:
        raise NotLetIn("no_address")
    async with guarded_session(going.address, tools.tandem.webhook_networks, seconds=SECONDS) as http:
        yield await log_in(Line(http, tools.tandem.clock.outside), going.address, going.client_id, key)


def _key(going: Going, tandem: Tandem) -> str:
    """What lets us in, in the clear."""
    if not going.sealed_key:
        raise NotLetIn("no_key")
    try:
        key = tandem.unseal(going.sealed_key) if tandem.unseal is not None else ""
    except ValueError:
        key = ""
    if not key:
        raise NotLetIn("no_secret_key")
    return key


def record_written(session: Session, job: RunningJob[CrmWrite], ended: Ended, at: datetime) -> None:
    """The record: what came of it, and whether more is to be written."""
    end_write(session, job.workspace_id, job.arguments.record_id, ended, at=at)


kinds: Final = (
    JobKind(
        CrmWrite,
        write_record,
        record_written,
        what="an update of owner and status in your CRM",
        remedy="See in `/tandem setup` → Sources → the source → Write back whether each status is one that the CRM "
        "has. Then try again: what is true by then is written.",
        patience=timedelta(seconds=5 * SECONDS),
    ),
)
