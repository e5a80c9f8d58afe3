"""Systems post to the sources of their own workspace, and what they are told is of it alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update
from starlette.applications import Starlette

from bot.seal import Sealer
from domain.sources import add_source, find_source
from handlers.arrival import Tandem
from handlers.intake.listeners import routes
from handlers.intake.refusals import Refusals
from storage.database import Database
from storage.models import InboxKey, Lead, Refusal
from tests.running import KEY
from tests.tenants.asking import StillClock
from tests.tenants.conftest import AT
from tests.tenants.furniture import Tenant
from tests.tenants.rows import Rows, changed, rows_of

SECRET = "a-shared-secret-for-tests-only"
LEE = {"id": "lee-1", "name": "Lee Wong", "email": "lee0@wong.example", "tier": "hot"}


@dataclass
class Doors:
    """The intake of a process that serves two workspaces."""

    db: Database
    us: Tenant
    them: Tenant
    http: httpx.AsyncClient
    refusals: Refusals

    async def post(self, source: str, secret: str, lead: Mapping[str, str] = LEE) -> httpx.Response:
        return await self.http.post(f"/intake/{source}", json=lead, headers={"X-Tandem-Secret": secret})

    def rows(self, tenant: Tenant) -> Rows:
        return self.db.read_sync(rows_of, tenant.id)

    def add(self, tenant: Tenant, name: str, minute: int = 0) -> None:
        seal, at = Sealer(KEY).seal, AT + timedelta(minutes=minute)
        self.db.run_sync(add_source, tenant.id, name, auth="header", secret=SECRET, seal=seal, at=at)

    def leads(self, tenant: Tenant) -> list[int]:
        query = select(Lead.id).where(Lead.workspace_id == tenant.id).order_by(Lead.id)
        return self.db.read_sync(lambda session: list(session.scalars(query)))


@pytest.fixture
async def doors(db: Database, two: tuple[Tenant, Tenant]) -> AsyncIterator[Doors]:
    sealer = Sealer(KEY)
    tandem = Tandem(db, StillClock(AT + timedelta(minutes=1)), seal=sealer.seal, unseal=sealer.unseal)
    refusals = Refusals(tandem, every=3600)
    app = Starlette(routes=routes(tandem, sealer.unseal, refusals=refusals))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://tandem.example") as http:
        yield Doors(db, *two, http, refusals)
    await refusals.stop()


async def test_a_lead_is_kept_by_the_workspace_of_its_source_beside_the_same_person(doors: Doors) -> None:
    before = doors.rows(doors.them)
    answer = await doors.post("zebra-crm", "a-shared-secret-of-zebra")
    assert answer.status_code == 202
    assert answer.json()["lead_id"] in doors.leads(doors.us)
    assert changed(before, doors.rows(doors.them)) == []


async def test_a_secret_opens_no_source_of_another_workspace(doors: Doors) -> None:
    before = doors.rows(doors.us), doors.rows(doors.them)
    forged = await doors.post("quagga-crm", "a-shared-secret-of-zebra")
    unknown = await doors.post("nobody", "a-shared-secret-of-zebra")
    assert (forged.status_code, forged.text) == (unknown.status_code, unknown.text)
    assert (await doors.http.get("/intake/quagga-crm")).status_code == 405
    assert (doors.rows(doors.us), doors.rows(doors.them)) == before


async def test_a_refused_post_is_told_to_the_workspace_of_its_source_alone(doors: Doors) -> None:
    before = doors.rows(doors.them)
    for _ in range(5):
        await doors.post("zebra-crm", "wrong")
        await doors.post("nobody", "wrong")
    await doors.refusals.flush()
    assert changed(before, doors.rows(doors.them)) == []
    ours = select(Refusal.source).where(Refusal.workspace_id == doors.us.id, Refusal.reason == "wrong_proof")
    assert doors.db.read_sync(lambda session: list(session.scalars(ours))) == ["zebra-crm"]


async def test_a_name_that_another_workspace_gave_up_brings_nothing_of_its_deliveries(doors: Doors) -> None:
    """Sources' names stand in addresses, so there is one of each; whoever removes a source sets its name free.

    A vendor's test lead is the same for everybody.
    """
    doors.add(doors.them, "website")
    theirs = (await doors.post("website", SECRET)).json()["lead_id"]
    doors.db.run_sync(lambda session: session.delete(find_source(session, doors.them.id, "website")))
    doors.add(doors.us, "website", minute=1)
    answer = await doors.post("website", SECRET)
    assert answer.json()["lead_id"] != theirs
    assert answer.json()["lead_id"] in doors.leads(doors.us)


async def test_what_an_earlier_release_stored_is_known_in_its_own_workspace_alone(doors: Doors) -> None:
    doors.add(doors.us, "website")
    first = (await doors.post("website", SECRET)).json()

    def as_earlier(lead_id: int) -> Any:
        values = {"origin": "intake:website", "answer": {**first, "lead_id": lead_id}}
        return lambda session: session.execute(update(InboxKey).values(values))

    doors.db.run_sync(as_earlier(first["lead_id"]))
    assert (await doors.post("website", SECRET)).json() == first
    theirs = doors.leads(doors.them)[0]
    doors.db.run_sync(as_earlier(theirs))
    assert (await doors.post("website", SECRET)).json()["lead_id"] in doors.leads(doors.us)
