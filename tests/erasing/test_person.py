"""One person comes in by every way there is, is erased by an admin, and then stands nowhere any more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select

from bot.seal import Sealer
from domain.leads.arriving import NewLead
from domain.leads.receiving import receive_lead
from domain.people import actor
from domain.voc.heard import NewVoc, take_heard
from domain.webhooks.endpoints import add_endpoint
from playground import Modal
from storage.models import Member
from tests.config.test_lists_in_slack import modal
from tests.erasing.everywhere import STAYS, kept, standing
from tests.running import KEY, Running, running

NAME, EMAIL, PHONE = "Zéphyrine Quillfeather", "zq.private@quill.example", "+49 (30) 555-01997"
ASKED = "Our purple walrus needs a budget of forty"
MARKS = ("Quillfeather", EMAIL, "555-01997", "3055501997", "purple walrus", "crm-person-77411", "heads of walrus")


@pytest.fixture
async def tandem(migrated_url: str) -> AsyncIterator[Running]:
    async with running(migrated_url) as tandem:
        yield tandem


async def do(tandem: Running, use_case: Any, *args: Any, **kwargs: Any) -> Any:
    return await tandem.program.db.run(use_case, *args, **kwargs)


async def rows(tandem: Running, entity: Any) -> list[Any]:
    found = await tandem.program.db.read(lambda session: list(session.scalars(select(entity).order_by(entity.id))))
    return list(found)


async def comes_in(tandem: Running) -> None:
    """The person by every way: webhook, news, another system, decline, dispute, win, quotes, a call, an endpoint."""
    slack, workspace_id, at = tandem.slack, tandem.program.workspace_id, tandem.clock.now
    assert workspace_id is not None
    member = {one.name: one for one in await rows(tandem, Member)}
    mia = actor(next(one for one in member.values() if one.slack_user_id == slack.member("mia").id))
    url = "https://hooks.example.com/tandem"
    await do(tandem, add_endpoint, workspace_id, url, ["lead", "voc"], by=mia, at=at(), seal=Sealer(KEY).seal)
    first, last = NAME.split()
    person = {
        "name": None,
        "first_name": first,
        "last_name": last,
        "email": EMAIL,
        "phone": PHONE,
        "job_title": "Heads of walrus",
        "company": "Northwind",
    }
    await tandem.lead_arrives(
        **person, asked=ASKED, id="crm-person-77411", walrus_notes=f"{NAME} likes heads of walrus"
    )
    channel = slack.channel("#leads")
    card = await channel.message(containing="Quillfeather")
    await tandem.lead_arrives(**person, asked=f"{ASKED}, says {NAME}", id="crm-person-77411")
    await tandem.idle()
    form = await card.button("Decline").click(by="ana")
    assert isinstance(form, Modal)
    await form.select("Why?", "Not our profile")
    form.fill({"What should the others know?": f"{NAME} wants no calls on {PHONE}."})
    assert not await form.submit()
    decline = await slack.channel("#marketing").message(containing="not our profile")
    form = await decline.button("Dispute").click(by="max")
    assert isinstance(form, Modal)
    form.fill({"Why should sales follow it up?": f"I know {NAME} well: {EMAIL}."})
    assert not await form.submit()
    won = NewLead(
        "Z. Q.", "import", email=EMAIL.upper(), company="Northwind", asked=f"Prices for {NAME}", external_id="9"
    )
    number = (await do(tandem, receive_lead, workspace_id, won, at=at(), by=None)).lead_id
    card = await channel.message(containing="Prices for")
    await card.button("Contacted").click(by="ana")
    await card.changed(containing="Contacted by")
    form = await card.button("Outcome").click(by="ana")
    assert isinstance(form, Modal)
    await form.select("What came of it?", "Won")
    form.fill({"Note": f"{NAME} signed"})
    assert not await form.submit()
    await slack.channel("#leads").command(f"/voc {NAME} ({EMAIL}) finds it too dear #pricing @Northwind $40k", by="ana")
    heard = NewVoc("call:1", f"{NAME} asked twice", "A call", subject="Pricing objection", quote=f"I am {NAME}")
    await do(tandem, take_heard, workspace_id, "intake:gong", [heard], at=at())
    late = NewLead(
        NAME, "form", phone=PHONE, email=EMAIL, company="Northwind", tier="hot", asked=ASKED, external_id="10"
    )
    await do(tandem, receive_lead, workspace_id, late, at=at(), by=None)
    assert number
    for who in ("mia", "ana", "bo", "max"):
        await slack.home(who).open()
    await tandem.idle()
    await tandem.later(days=6)  # the digests of Monday
    await tandem.later(hours=12)
    await tandem.idle()


async def test_a_person_who_came_in_every_way_stands_nowhere_once_erased(tandem: Running) -> None:
    await comes_in(tandem)
    before = await tandem.program.db.read(kept, MARKS)
    told = standing(tandem, MARKS)
    assert len({one.partition(":")[0] for one in before}) > 15, "there is something to find"
    assert len(told) > 5
    general = tandem.slack.channel("#general")
    await general.command(f"/tandem erase person {EMAIL}", by="mia")
    form = modal(tandem)
    assert EMAIL in form.text
    form.fill({"confirm": "yes"})
    assert "Type “erase”" in (await form.submit())["confirm"]
    form.fill({"confirm": "Erase"})
    assert not await form.submit()
    assert "leads are erased" in modal(tandem).text
    done = await tandem.slack.dm("mia").message(containing="is erased")
    assert "quote" in done.text
    await tandem.idle()
    left = [one for one in await tandem.program.db.read(kept, MARKS) if one.partition(":")[0] not in STAYS]
    assert left == []
    assert standing(tandem, MARKS) == []
