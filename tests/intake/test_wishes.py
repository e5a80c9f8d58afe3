"""The same person is not the same wish: what says the same is a resend, anything else its lead's owner hears."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from domain.leads.declining import decline_lead
from domain.leads.facts import load_lead
from domain.leads.lifecycle import contact_lead
from domain.leads.news import load_wishes
from storage.models import Clock, Delivery, Lane, Lead, Member, Wish
from tests.intake.door import HEADER_SECRET, Door
from tests.leads.shown import brief_of, event, render, shown, spoken

LEE = {"name": "Lee Wong", "email": "lee@northwind.com", "company": "Northwind"}
EBOOK = {**LEE, "asked": "E-book", "tier": "cool"}
DEMO = {**LEE, "asked": "Demo request"}


async def send(door: Door, lead: Any) -> httpx.Response:
    """Post by the source that signs nothing and names nothing."""
    return await door.post(lead, source="crm", headers={"x-tandem-secret": HEADER_SECRET})


def told(door: Door) -> list[str]:
    """Where news are queued."""
    return door.world.run(
        lambda session: list(
            session.scalars(
                select(Lane.place).join(Delivery, Delivery.lane_id == Lane.id).where(Delivery.kind == "lead_news")
            )
        )
    )


def owner_of(door: Door, lead_id: int) -> str:
    return str(
        door.world.run(
            lambda session: session.scalars(
                select(Member.slack_user_id).join(Lead, Lead.owner_id == Member.id).where(Lead.id == lead_id)
            ).one()
        )
    )


def make_older(door: Door, **ago: float) -> None:
    """As if everything had been sent earlier."""

    def change(session: Any) -> None:
        for wish in session.scalars(select(Wish)):
            wish.at -= timedelta(**ago)

    door.world.run(change)


async def test_an_ebook_yesterday_and_a_demo_now_are_two_wishes(door: Door) -> None:
    first = await send(door, EBOOK)
    make_older(door, days=1)
    second = await send(door, DEMO)
    assert second.status_code == 202
    assert second.json() == {"lead_id": first.json()["lead_id"], "status": "added"}
    [lead] = door.leads()
    assert lead.asked == "Demo request"
    assert told(door) == [owner_of(door, lead.id)]
    card = shown(render(door.world, "lead_card", lead.id))
    assert card.index("Demo request") < card.index("asked: E-book")
    news = render(door.world, "lead_news", event(door.world, lead.id, "news"), owner_of(door, lead.id))
    assert news is not None
    assert "Asked again: Lee Wong · Northwind" in shown(news)
    assert "Demo request" in shown(news)
    assert spoken(news.blocks) == ["Brief: Lee Wong, Northwind"]


@pytest.mark.parametrize(
    "again",
    [
        {**EBOOK, "asked": "Demo request"},
        {**EBOOK, "phone": "+49 30 123456"},
        {**EBOOK, "score": 90},
        {**EBOOK, "touches": ["webinar"]},
        {**EBOOK, "form": "Pricing"},
        {**EBOOK, "How many seats?": "200"},
        {**EBOOK, "name": "Kim Oh"},
    ],
)
@pytest.mark.parametrize("names", [{}, {"id": "w-1"}])
async def test_anything_else_is_news_at_once_and_under_the_same_id(
    door: Door, again: dict[str, Any], names: dict[str, str]
) -> None:
    first = await send(door, {**EBOOK, **names})
    second = await send(door, {**again, **names})
    assert second.json() == {"lead_id": first.json()["lead_id"], "status": "added"}
    assert len(told(door)) == 1
    third = await send(door, {**again, **names})
    assert third.json()["lead_id"] == first.json()["lead_id"]
    assert len(told(door)) == 1, "the resend of the news is none"


async def test_a_webhook_id_used_twice_hides_no_wish(door: Door) -> None:
    first = await door.post(EBOOK, number="msg_same")
    second = await door.post(DEMO, number="msg_same")
    again = await door.post(DEMO, number="msg_same")
    assert second.json() == {"lead_id": first.json()["lead_id"], "status": "added"}
    assert again.json() == second.json()
    assert len(door.wishes()) == 2


async def test_what_says_the_same_is_a_resend(door: Door) -> None:
    """Case, spaces, the way a domain is coded, ids and times of sending do not count."""
    first = await send(door, {**DEMO, "email": "lee@münchen.example", "createdAt": "1", "submission_id": "s-1"})
    for again in (
        {**DEMO, "email": "LEE@xn--mnchen-3ya.example", "createdAt": "2", "submission_id": "s-1"},
        {**DEMO, "email": "lee@münchen.example", "asked": " demo  REQUEST", "submission_id": "s-2"},
        {**DEMO, "email": "lee@münchen.example"},
    ):
        answer = await send(door, again)
        assert answer.json()["lead_id"] == first.json()["lead_id"], again
    assert told(door) == []
    assert len(door.wishes()) == 1


async def test_the_same_id_saying_the_same_is_a_resend_however_late(door: Door) -> None:
    await door.post({**DEMO, "id": "w-1"})
    make_older(door, days=400)
    assert (await door.post({**DEMO, "id": "w-1"})).json()["status"] == "duplicate"


async def test_the_same_form_filled_in_the_same_way_later_is_news(door: Door) -> None:
    await send(door, DEMO)
    make_older(door, minutes=61)
    assert (await send(door, DEMO)).json()["status"] == "added"
    assert len(told(door)) == 1


async def test_without_an_address_or_id_the_same_words_are_a_resend(door: Door) -> None:
    first = await send(door, {"name": "Lee", "asked": "Demo"})
    assert (await send(door, {"name": "Lee", "asked": "Demo"})).json()["lead_id"] == first.json()["lead_id"]
    assert (await send(door, {"name": "Lee", "asked": "Demo", "id": 2})).json()["status"] == "accepted"
    assert (await send(door, {"name": "Lee", "asked": "Demo", "id": 3})).json()["status"] == "accepted"


async def test_the_same_id_of_two_sources_is_two_leads(door: Door) -> None:
    one = await door.post({"name": "Lee", "id": 7})
    other = await send(door, {"name": "Kim", "id": 7})
    assert one.json()["lead_id"] != other.json()["lead_id"]


async def test_an_id_used_for_two_people_is_two_leads(door: Door) -> None:
    """A form's own id in the place of the lead's must not hide everybody but the first."""
    people = [
        {"id": "contact-form", "name": f"Lee {n}", "email": f"lee{n}@x.example", "asked": "Demo"} for n in range(3)
    ]
    answers = [await send(door, one) for one in people]
    assert [answer.json()["status"] for answer in answers] == ["accepted"] * 3
    again = [await send(door, one) for one in people]
    assert [answer.json()["lead_id"] for answer in again] == [answer.json()["lead_id"] for answer in answers]
    assert len(door.leads()) == 3


async def test_once_the_lead_is_settled_a_new_wish_is_a_new_lead_of_the_same_owner(door: Door) -> None:
    first = (await send(door, EBOOK)).json()["lead_id"]
    await send(door, {"name": "Somebody", "email": "else@x.example"})
    owner = owner_of(door, first)
    door.world.run(contact_lead, first, by=door.world.member("mia"), at=door.world.now)
    second = (await send(door, DEMO)).json()
    assert second["status"] == "accepted"
    assert owner_of(door, second["lead_id"]) == owner
    assert told(door) == [], "the new lead's card is what they hear"


async def test_an_owner_who_is_away_does_not_get_it(door: Door) -> None:
    first = (await send(door, EBOOK)).json()["lead_id"]
    owner = owner_of(door, first)
    door.world.run(decline_lead, first, reason="not_a_fit", note="", by=door.world.member("mia"), at=door.world.now)

    def leave(session: Any) -> None:
        member = session.scalars(select(Member).where(Member.slack_user_id == owner)).one()
        member.away_until = door.world.now + timedelta(days=30_000)

    door.world.run(leave)
    second = (await send(door, DEMO)).json()
    assert second["status"] == "accepted"
    assert owner_of(door, second["lead_id"]) != owner


async def test_a_change_to_a_settled_lead_makes_no_second_one(door: Door) -> None:
    """A CRM that writes each change of its lead must not start a clock for it."""
    first = (await door.post({**DEMO, "id": "c-1", "score": 10})).json()["lead_id"]
    door.world.run(contact_lead, first, by=door.world.member("mia"), at=door.world.now)
    answer = await door.post({**DEMO, "id": "c-1", "score": 20})
    assert answer.json() == {"lead_id": first, "status": "added"}
    assert len(told(door)) == 1
    assert door.leads()[0].state == "contacted"


async def test_changes_of_details_are_told_once_an_hour(door: Door) -> None:
    await send(door, DEMO)
    for score in range(20, 30):
        assert (await send(door, {**DEMO, "score": score})).json()["status"] == "added"
    assert len(told(door)) in (1, 2)
    assert door.leads()[0].score == 29
    await send(door, {**DEMO, "asked": "Prices"})
    assert len(told(door)) in (2, 3), "a wish is told at once all the same"


async def test_a_hotter_wish_makes_the_lead_hotter_with_a_fresh_clock(door: Door) -> None:
    first = (await door.post(EBOOK)).json()["lead_id"]
    await door.post({**DEMO, "tier": "hot"})
    [lead] = door.leads()

    def clocks(session: Any) -> list[Clock]:
        return list(session.scalars(select(Clock).where(Clock.lead_id == first).order_by(Clock.id)))

    old, new = door.world.run(clocks)
    assert (lead.tier, old.state, new.state) == ("hot", "stopped", "running")
    assert new.due_at - new.started_at == timedelta(minutes=5)
    assert new.due_at < old.due_at
    news = shown(render(door.world, "lead_news", event(door.world, first, "news"), owner_of(door, first)))
    assert "hot" in news


async def test_a_cooler_wish_moves_no_deadline(door: Door) -> None:
    await door.post({**DEMO, "tier": "hot"})
    due = door.world.run(lambda session: session.scalars(select(Clock.due_at)).one())
    await door.post(EBOOK)
    assert door.world.run(lambda session: list(session.scalars(select(Clock.due_at)))) == [due]
    assert door.leads()[0].tier == "hot"


async def test_wishes_at_once_are_one_lead_and_none_is_lost(door: Door) -> None:
    answers = await asyncio.gather(*(send(door, {**LEE, "asked": f"Wish {n}"}) for n in range(8)))
    [lead] = door.leads()
    assert {answer.json()["lead_id"] for answer in answers} == {lead.id}
    assert sorted(answer.json()["status"] for answer in answers) == ["accepted", *["added"] * 7]
    assert {wish.asked for wish in door.wishes()} == {f"Wish {n}" for n in range(8)}
    assert len(told(door)) == 7


async def test_a_lead_of_nobody_tells_its_news_in_the_channel(door: Door) -> None:
    def leave(session: Any) -> None:
        for member in session.scalars(select(Member)):
            member.away_until = door.world.now + timedelta(days=30_000)

    door.world.run(leave)
    await send(door, EBOOK)
    await send(door, DEMO)
    assert told(door) == ["C-SALES"]


async def test_all_that_was_sent_can_be_read(door: Door) -> None:
    first = (await send(door, {**EBOOK, "How many seats?": "200"})).json()["lead_id"]
    await send(door, DEMO)
    wishes = door.world.run(load_wishes, first, door.world.workspace_id)
    assert [wish.asked for wish in wishes] == ["Demo request", "E-book"]
    lead = door.world.run(load_lead, first, door.world.workspace_id, door.world.now)
    assert lead is not None
    assert "How many seats?" in str(brief_of(door.world, first))
