"""Workspaces and an organization installed by clicking: 2 `tandem web` and 2 `tandem worker` on PostgreSQL."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from playground import Fault, Playground
from playground.messages import Message
from storage import outbox
from storage.database import Database, wake
from storage.models import Clock, Lane
from tests.offering import free_port, install, offered_manifest
from tests.processes import PATIENCE, running
from tests.running import KEY
from tests.story.company import Company, nothing_of_the_others

LEASE_SECONDS = 4


@pytest.fixture
def engine_name() -> str:
    """Several processes share PostgreSQL; a SQLite file belongs to one."""
    return "postgresql"


@dataclass
class Herd:
    """The processes, and companies that have not installed the app yet: Northwind, Globex, Acme East, Acme West."""

    slack: Playground
    companies: list[Company]
    db: Database
    browser: httpx.AsyncClient
    ports: list[int]
    workers: dict[int, asyncio.subprocess.Process]

    async def install(self, company: Company) -> None:
        """By clicking, for the whole organization where there is one."""
        organization = company.slack.workspace.organization
        place = organization.id if organization is not None else company.slack.team_id
        page = await install(self.browser, self.slack, place, by=company.boss)
        assert "Tandem is installed in" in page.text

    def through(self, web: int) -> None:
        """From now on Slack reaches us through that web process."""
        self.slack.events_url = f"http://127.0.0.1:{self.ports[web]}/slack/events"

    async def lead_arrives(self, company: Company, name: str, *, through: int) -> None:
        url = f"http://127.0.0.1:{self.ports[through]}/intake/{company.url.rpartition('/')[2]}"
        await company.lead_arrives(datetime.now(UTC), url, name=f"{name} {company.word}")

    async def idle(self) -> None:
        """Wait until everything that was to be said has been said."""
        async with asyncio.timeout(PATIENCE):
            while await self.db.read(outbox.waiting):  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def holder(self) -> int:
        """The process of the courier that holds a lane."""
        async with asyncio.timeout(PATIENCE):
            while (name := await self.db.read(held_by)) is None:  # noqa: ASYNC110  # only the database knows
                await asyncio.sleep(0.02)
        return int(name.partition("-")[0])


def held_by(session: Session) -> str | None:
    return session.scalars(select(Lane.holder).where(Lane.holder.is_not(None)).limit(1)).first()


def run_out(session: Session) -> None:
    """Every clock has run out just now, and the tickers of all processes hear of it."""
    for clock in session.scalars(select(Clock)):
        clock.due_at, clock.next_at, clock.rung = datetime.now(UTC), datetime.now(UTC), "breach"
    wake(session, "ticker")


@pytest.fixture
async def herd(migrated_url: str) -> AsyncIterator[Herd]:
    public_url = f"http://127.0.0.1:{free_port()}"
    manifest = offered_manifest(public_url)
    async with (
        Playground(manifest, mode="http", team_name="Northwind", installed=False) as slack,
        AsyncExitStack() as on,
    ):
        places = [slack, slack.add_workspace("Globex"), *slack.add_organization("Acme", ["Acme East", "Acme West"])]
        words = ("Zebra", "Ocelot", "Puffin", "Walrus")
        companies = [Company.in_workspace(place, word) for place, word in zip(places, words, strict=True)]
        for one in places:
            one.answer_within, one.settle, one.patience = 5.0, 0.8, 20.0
        env = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": migrated_url,
            "TANDEM_SECRET_KEY": KEY,
            "TANDEM_LEASE_SECONDS": str(LEASE_SECONDS),
            "PUBLIC_URL": public_url,
            **{name: value for name, value in slack.environment.items() if name != "SLACK_BOT_TOKEN"},
        }
        ports = (public_url.rpartition(":")[2], "0", "0", "0")
        parts = zip(("web", "web", "worker", "worker"), ports, strict=True)
        started = await asyncio.gather(
            *(on.enter_async_context(running(part, env | {"PORT": port})) for part, port in parts)
        )
        db = Database(migrated_url)
        browser = await on.enter_async_context(httpx.AsyncClient(base_url=public_url, timeout=PATIENCE))
        web_ports = [port for _, port in started[:2] if port is not None]
        workers = {process.pid: process for process, _ in started[2:]}
        yield Herd(slack, companies, db, browser, web_ports, workers)
        await asyncio.to_thread(db.close)


async def test_what_is_installed_while_others_run_is_served_by_all_processes_and_survives_a_death(herd: Herd) -> None:
    northwind, globex, east, west = herd.companies
    herd.through(1)
    await herd.install(northwind)
    await northwind.slack.dm(northwind.who("boss")).message(containing="Tandem is installed")
    await northwind.set_up()
    await herd.lead_arrives(northwind, "Before", through=0)

    # While Northwind is served, the others come: the browser meets one web process, their people the other.
    for one in (globex, east):
        await herd.install(one)
        await one.slack.dm(one.who("boss")).message(containing="Tandem is installed")
    for one in (globex, east, west):
        await one.set_up()

    # Either web process knows everybody.
    for web in (0, 1):
        herd.through(web)
        await asyncio.gather(*(lives(herd, one, f"Lead {web}", through=web) for one in herd.companies))

    # The worker that has Globex' card in its hand dies; the other one serves everybody, and Globex after the lease.
    await herd.lead_arrives(globex, "Left Behind", through=0)
    card = await globex.slack.channel("#leads").message(containing="Left Behind Ocelot")
    await herd.idle()
    herd.slack.faults.next("chat.update", Fault.hang(PATIENCE))
    await claim(card, globex.who("second"))
    doomed = await herd.holder()
    herd.workers[doomed].kill()
    await herd.workers[doomed].wait()
    await asyncio.gather(*(lives(herd, one, "After", through=1) for one in (northwind, east, west)))
    await card.changed(containing=globex.real_name("second"), wait=PATIENCE)

    await herd.db.run(run_out)
    for one in herd.companies:
        await one.slack.dm(one.who("boss")).message(containing=f"Lead 0 {one.word}")
    for one, number in itertools.product(herd.companies, (0, 1)):
        cards = [card for card in one.slack.channel("#leads").messages if f"Lead {number} {one.word}" in card.text]
        assert len(cards) == 1, one.word
    nothing_of_the_others(herd.companies)


async def claim(card: Message, by: str) -> None:
    """Whoever has it: a lead that was given to a colleague is taken over."""
    asked = await card.button("Claim").click(by=by)
    if asked:
        await asked.submit()


async def lives(herd: Herd, company: Company, name: str, *, through: int) -> None:
    """A line is logged, and a lead arrives and is claimed; nothing waits for the look of every five seconds."""
    talk = company.slack.channel("#talk")
    receipt = await talk.command(f"/voc {name}: too dear for {company.word} #pricing", by=company.who("rep"))
    assert "pricing" in receipt.text
    await herd.lead_arrives(company, name, through=through)
    card = await company.slack.channel("#leads").message(containing=f"{name} {company.word}")
    await claim(card, company.who("second"))
    await card.changed(containing=company.real_name("second"))
