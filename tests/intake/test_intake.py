"""A system posts a lead: who is believed, what is kept, what is refused, and what a second delivery reads."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.leads.arrival import Arriving, Received, receive_leads
from handlers.intake import listeners
from storage.models import Lead, Member
from tests.intake.door import HEADER_SECRET, LEE, Door


async def test_a_signed_lead_is_taken_in(door: Door) -> None:
    answer = await door.post({**LEE, "score": 87, "tier": "hot", "touches": ["webinar", {"what": "pricing page"}]})
    [lead] = door.leads()
    assert answer.status_code == 202
    assert answer.json() == {"lead_id": lead.id, "status": "accepted"}
    assert (lead.name, lead.company, lead.source, lead.score, lead.tier) == (
        "Lee Wong",
        "Northwind",
        "website",
        87,
        "hot",
    )
    assert [touch["what"] for touch in lead.touches] == ["webinar", "pricing page"]
    assert {kind for kind, _ in door.world.queued()} == {"lead_card", "lead_dm"}


async def test_the_envelope_of_standard_webhooks_is_opened(door: Door) -> None:
    body = {"type": "lead.created", "timestamp": "2026-11-16T12:00:00Z", "data": {"id": 7, "name": "Lee"}}
    assert (await door.post(body)).status_code == 202
    assert door.leads()[0].external_id == "7"


async def test_a_redelivery_reads_the_first_answer(door: Door) -> None:
    first = await door.post(LEE, number="msg_same")
    again = await door.post(LEE, number="msg_same")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert len(door.leads()) == 1


async def test_two_deliveries_at_once_are_one_lead(door: Door) -> None:
    answers = await asyncio.gather(*(door.post(LEE, number="msg_race") for _ in range(8)))
    assert len({answer.content for answer in answers}) == 1
    assert len(door.leads()) == 1


async def test_leads_at_once_are_given_to_the_reps_by_turns(door: Door) -> None:
    answers = await asyncio.gather(*(door.post({**LEE, "id": f"w-{number}"}) for number in range(12)))
    leads = door.leads()
    assert {answer.json()["lead_id"] for answer in answers} == {lead.id for lead in leads}
    often = Counter(lead.owner_id for lead in leads)
    assert len(leads) == 12
    assert max(often.values()) - min(often.values()) <= 1


async def test_the_same_id_in_messages_at_once_is_one_lead(door: Door) -> None:
    answers = await asyncio.gather(*(door.post({**LEE, "id": "w-1"}) for _ in range(6)))
    [lead] = door.leads()
    assert {answer.json()["lead_id"] for answer in answers} == {lead.id}
    assert sorted(answer.json()["status"] for answer in answers) == ["accepted"] + ["duplicate"] * 5


async def test_a_lead_that_fails_takes_none_with_it(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def receive(session: Session, workspace_id: int, arriving: Sequence[Arriving]) -> list[Received]:
        received = receive_leads(session, workspace_id, arriving)
        assert all(one.lead.name != "Bad" for one in arriving)
        return received

    monkeypatch.setattr(listeners, "receive_leads", receive)
    answers = await asyncio.gather(*(door.post({**LEE, "name": name}) for name in ("Ada", "Ben", "Bad", "Cy")))
    assert [answer.status_code for answer in answers] == [202, 202, 500, 202]
    assert sorted(lead.name for lead in door.leads()) == ["Ada", "Ben", "Cy"]


async def test_an_id_in_the_body_names_the_lead(door: Door) -> None:
    secret = {"x-tandem-secret": HEADER_SECRET}
    first = await door.post({**LEE, "lead_id": "c-1"}, source="crm", headers=secret)
    again = await door.post({**LEE, "lead_id": "c-1", "name": "Lee W."}, source="crm", headers=secret)
    other = await door.post({**LEE, "lead_id": "c-2"}, source="crm", headers=secret)
    assert first.json() == again.json()
    assert other.json()["lead_id"] != first.json()["lead_id"]


async def test_a_new_message_about_a_known_id_is_a_duplicate(door: Door) -> None:
    first = await door.post({**LEE, "id": "w-1"})
    again = await door.post({**LEE, "id": "w-1"})
    assert again.status_code == 200
    assert again.json() == {"lead_id": first.json()["lead_id"], "status": "duplicate"}


async def test_the_same_address_within_ten_minutes_is_one_lead(door: Door) -> None:
    secret = {"x-tandem-secret": HEADER_SECRET}
    first = await door.post(LEE, source="crm", headers=secret)
    again = await door.post({**LEE, "email": "LEE@Northwind.com"}, source="crm", headers=secret)
    assert again.json() == {"lead_id": first.json()["lead_id"], "status": "duplicate"}
    other = await door.post({**LEE, "email": "kim@northwind.com"}, source="crm", headers=secret)
    assert other.json()["status"] == "accepted"


async def test_the_same_address_at_once_is_one_lead(door: Door) -> None:
    secret = {"x-tandem-secret": HEADER_SECRET}
    await asyncio.gather(*(door.post(LEE, source="crm", headers=secret) for _ in range(6)))
    assert len(door.leads()) == 1


async def test_the_same_address_later_is_a_lead_of_its_own(door: Door) -> None:
    secret = {"x-tandem-secret": HEADER_SECRET}
    first = await door.post(LEE, source="crm", headers=secret)

    def age(session: Any) -> None:
        session.get_one(Lead, first.json()["lead_id"]).arrived_at -= timedelta(minutes=11)

    door.world.run(age)
    assert (await door.post(LEE, source="crm", headers=secret)).json()["status"] == "accepted"


BAD_LEADS: tuple[tuple[Any, str, str], ...] = (
    (b"", "body", "is not JSON"),
    (b"{", "body", "is not JSON"),
    (b"[1]", "body", "must be a JSON object"),
    (b'"text"', "body", "must be a JSON object"),
    (b'{"name": "Lee", "score": NaN}', "body", "is not JSON"),
    (b'{"name": ' + b"9" * 5000 + b"}", "body", "is not JSON"),
    ({"company": "Northwind"}, "name", "A lead needs a name."),
    ({"name": {"first": "Lee"}}, "name", "must be a text"),
    ({"name": "Lee", "score": 101}, "score", "must be at most 100"),
    ({"name": "Lee", "score": -1}, "score", "must be at least 0"),
    ({"name": "Lee", "score": "high"}, "score", "must be a whole number"),
    ({"name": "Lee", "email": "lee"}, "email", "This is not an e-mail address"),
    ({"name": "x" * 10_000}, "name", "That is 10,000 characters; 200 fit."),
    ({"name": "\0\u200b"}, "name", "A lead needs a name."),
    ({"name": "Lee", "touches": "webinar"}, "touches", "must be a list"),
    ({"name": "Lee", "touches": [{}]}, "touches.0.what", "is required"),
    ({"name": "Lee", "touches": ["x" * 201]}, "touches.0", "That is 201 characters"),
    ({"name": "Lee", "touches": ["x"] * 101}, "touches", "has too many entries"),
    ({"name": "Lee", **{f"f{n}": n for n in range(300)}}, "body", "has more than 200 fields"),
)


async def test_a_lead_that_cannot_be_kept_is_422_with_the_reason(door: Door) -> None:
    for body, field, reason in BAD_LEADS:
        answer = await door.post(body)
        assert answer.status_code == 422, (body, answer.text)
        [problem] = answer.json()["problems"]
        assert problem["field"] == field, body
        assert reason in problem["reason"], body
    assert door.stored() == 0


async def test_a_bomb_of_brackets_is_422(door: Door) -> None:
    for depth in (9, 50, 900, 100_000):
        answer = await door.post(b'{"name": "Lee", "extra": ' + b"[" * depth + b"]" * depth + b"}")
        assert answer.status_code == 422, depth
        assert "nested" in answer.text
    assert door.stored() == 0


async def test_bytes_that_are_no_text_are_refused(door: Door) -> None:
    answer = await door.post(b'{"name": "\xff"}', source="crm", headers={"x-tandem-secret": HEADER_SECRET})
    assert answer.status_code == 422
    assert "UTF-8" in answer.text


async def test_half_a_character_is_refused_or_dropped(door: Door) -> None:
    answer = await door.post(b'{"name": "Lee \\ud83d", "asked": "\\ude00"}')
    assert answer.status_code in (202, 422)
    assert answer.status_code == 422 or door.leads()[0].name == "Lee"


async def test_a_body_above_a_megabyte_is_413(door: Door) -> None:
    answer = await door.post(b'{"name": "' + b"x" * (1024 * 1024) + b'"}')
    assert answer.status_code == 413
    assert door.stored() == 0


async def test_ten_thousand_characters_of_wishes_are_kept(door: Door) -> None:
    asked = "<!channel> עברית 😀 " * 500
    assert (await door.post({**LEE, "asked": asked})).status_code == 202
    assert door.leads()[0].asked == asked.strip()


async def test_nul_and_invisible_characters_are_taken_out(door: Door) -> None:
    await door.post({"name": "L\0ee\u200b", "company": "\0", "touches": [{"what": "web\0inar", "at": "\0"}]})
    [lead] = door.leads()
    assert (lead.name, lead.company, lead.touches) == ("Lee", None, [{"what": "webinar", "at": None}])


async def test_unknown_fields_are_ignored(door: Door) -> None:
    assert (await door.post({**LEE, "utm": {"campaign": "x"}, "owner_id": 1})).status_code == 202


async def test_an_unknown_team_and_tier_are_kept_marked_and_routed(door: Door) -> None:
    await door.post({**LEE, "team": "Mars", "tier": "lukewarm"})
    [lead] = door.leads()
    assert len(lead.notes) == 2
    assert lead.owner_id is not None


async def test_a_lead_without_a_name_goes_by_its_address(door: Door) -> None:
    await door.post({"email": "lee@northwind.com"})
    await door.post({"first_name": "Kim", "last_name": "Oh"})
    assert [lead.name for lead in door.leads()] == ["lee@northwind.com", "Kim Oh"]


async def test_with_nobody_available_the_lead_is_still_taken_in(door: Door) -> None:
    def leave(session: Any) -> None:
        for member in session.scalars(select(Member)):
            member.away_until = datetime.now(UTC) + timedelta(days=1)

    door.world.run(leave)
    assert (await door.post(LEE)).status_code == 202
    assert ("lead_breach", "U-MIA") in door.world.queued()
