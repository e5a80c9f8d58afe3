"""A link to a lead in the CRM that somebody posts: what Tandem shows below it, and where it shows nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.seal import Sealer
from domain.leads.arriving import NewLead
from domain.leads.erasing_person import erase_lead
from domain.leads.storing import Posted, store_leads
from domain.sources import add_source
from handlers.leads.unfurling import read_links
from playground import Fault
from storage import jobs
from storage.models import Lead, Workspace
from tests.progress import until
from tests.running import KEY, Running, running

LINK = "https://app.hubspot.com/contacts/62515/record/0-1/1042"


@pytest.fixture
async def tandem(migrated_url: str) -> AsyncIterator[Running]:
    """Lee Wong of Northwind came from HubSpot."""
    async with running(migrated_url) as program:
        at = program.clock.now()

        def arrive(session: Any) -> None:
            workspace = session.scalars(select(Workspace.id)).one()
            add_source(session, workspace, "hub", auth="hubspot", seal=Sealer(KEY).seal, at=at)
            lead = NewLead(
                "Lee Wong", company="Northwind", source="hub", asked="a demo", tier="hot", external_id="record:1042"
            )
            store_leads(session, [Posted(workspace, "intake:hub", lead, "hub", at)])

        await program.program.db.run(arrive)
        yield program


async def settled(tandem: Running) -> None:
    async def done() -> bool:
        return not await tandem.program.db.read(jobs.open_jobs)

    await until(done, lambda: 0, what="no job", pause=0.02)


async def shown_below(tandem: Running, words: str, by: str = "ana") -> str:
    posted = await tandem.slack.channel("#general").post(words, by=by)
    await tandem.slack.channel("#general").stays_quiet(0.3)
    await settled(tandem)
    return " ".join(str(one["blocks"]) for one in posted.record.attachments or [])


async def test_below_a_link_stands_what_became_of_the_lead(tandem: Running) -> None:
    card = await tandem.slack.channel("#leads").message(containing="Lee Wong")
    await card.button("Claim").click(by="ana")
    await card.changed(containing="Claimed")
    told = await shown_below(tandem, f"who has {LINK} ? and https://example.com", by="bo")
    assert "Lee Wong" in told
    assert "Northwind" in told
    assert "Ana Ruiz" in told
    assert "As of" in told
    assert "a demo" not in told
    assert "button" not in told  # it stays as it is
    assert tandem.slack.refusals == []


async def test_nothing_is_shown_of_what_is_unknown_or_to_guests(tandem: Running) -> None:
    assert await shown_below(tandem, f"{LINK}9") == ""
    assert await shown_below(tandem, "https://app.hubspot.com/contacts/62515/deal/1042") == ""
    tandem.slack.add_member("gus", is_guest=True)
    tandem.slack.workspace.join(tandem.slack.workspace.channel("#general"), tandem.slack.member("gus"))
    assert await shown_below(tandem, LINK, by="gus") == ""
    assert tandem.slack.refusals == []


async def test_a_lead_that_waits_with_marketing_has_no_clock_to_show(tandem: Running) -> None:
    await tandem.program.db.run(lambda session: session.execute(update(Lead).values(state="held")))
    assert "waits with marketing" in await shown_below(tandem, LINK)


@pytest.mark.parametrize("error", ["cannot_unfurl_url", "cannot_find_message", "missing_scope"])
async def test_where_slack_takes_none_nobody_is_troubled(tandem: Running, error: str) -> None:
    tandem.slack.faults.next("chat.unfurl", Fault.refuse(error))
    assert await shown_below(tandem, LINK) == ""
    await tandem.slack.dm("mia").stays_quiet(0.3)


async def test_an_answer_that_was_lost_shows_it_once(tandem: Running) -> None:
    tandem.slack.faults.next("chat.unfurl", Fault.lost_reply())
    posted = await tandem.slack.channel("#general").post(LINK, by="ana")
    await posted.changed(containing="Lee Wong")
    await tandem.later(seconds=60)
    await settled(tandem)
    assert len(posted.record.attachments or []) == 1


async def test_below_a_link_the_person_is_gone_once_they_are_erased(tandem: Running) -> None:
    posted = await tandem.slack.channel("#general").post(LINK, by="ana")
    await posted.changed(containing="Lee Wong")
    await settled(tandem)

    def erase(session: Any) -> bool:
        return erase_lead(session, session.scalars(select(Lead)).one(), origin=None, by=None, at=tandem.clock.now())

    assert await tandem.program.db.run(erase)
    await posted.changed(containing="Erased person")
    assert "Lee Wong" not in str(posted.record.attachments)


def body(**event: Any) -> dict[str, Any]:
    return {"event": {"links": [{"url": LINK, "domain": "hubspot.com"}], **event}}


def test_nothing_is_read_where_others_than_the_company_would_see_it() -> None:
    assert len(read_links(body(source="conversations_history"))) == 1
    assert read_links(body(source="composer")) == []
    assert read_links({**body(), "is_ext_shared_channel": True}) == []


@pytest.mark.parametrize("links", [None, "x", [None], [{"url": 7}], [{"url": LINK + "0" * 2_000}], {}])
def test_strange_events_are_no_links(links: Any) -> None:
    assert read_links({"event": {"links": links}}) == []
    assert read_links({}) == []
