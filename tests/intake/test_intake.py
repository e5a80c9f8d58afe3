"""A system posts a lead: who is believed, what is kept, what is refused, and what a second delivery reads."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.leads import storing
from domain.leads.arriving import Arriving
from domain.leads.receiving import Received, receive_leads
from storage.models import Member
from tests.intake.door import LEE, Door


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
    answers = await asyncio.gather(*(door.post({**LEE, "email": f"lee{number}@northwind.com"}) for number in range(12)))
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

    monkeypatch.setattr(storing, "receive_leads", receive)
    answers = await asyncio.gather(*(door.post({"name": name}) for name in ("Ada", "Ben", "Bad", "Cy")))
    assert [answer.status_code for answer in answers] == [202, 202, 500, 202]
    assert sorted(lead.name for lead in door.leads()) == ["Ada", "Ben", "Cy"]


async def test_a_new_message_about_a_known_id_is_a_duplicate(door: Door) -> None:
    first = await door.post({**LEE, "id": "w-1"})
    again = await door.post({**LEE, "id": "w-1"})
    assert again.status_code == 200
    assert again.json() == {"lead_id": first.json()["lead_id"], "status": "duplicate"}


BAD_LEADS: tuple[tuple[Any, str, str], ...] = (
    (b"", "body", "is neither JSON nor a form"),
    (b"{", "body", "reading ended at line 1, character 2"),
    (b"[1]", "body", "must be a JSON object"),
    (b"[]", "body", "must be a JSON object"),
    (b"7", "body", "must be a JSON object"),
    (b'"text"', "body", "must be a JSON object"),
    (b'{"name": "Lee", "score":,}', "body", "reading ended at line 1, character 25"),
    ([{"name": "Lee"}, {"name": "Kim"}], "body", "has 2 leads: post each by itself"),
    ({"score": 87, "utm_source": "x"}, "name", "something to know the person by"),
    ({"name": "\0\u200b"}, "name", "something to know the person by"),
    ({"name": None, "email": "", "phone": [], "company": {}}, "name", "something to know the person by"),
)


async def test_a_lead_of_nobody_is_422_with_the_reason(door: Door) -> None:
    for body, field, reason in BAD_LEADS:
        answer = await door.post(body)
        assert answer.status_code == 422, (body, answer.text)
        [problem] = answer.json()["problems"]
        assert problem["field"] == field, body
        assert reason in problem["reason"], body
    assert door.stored() == 0


async def test_what_is_nested_deep_costs_no_lead(door: Door) -> None:
    for depth in (9, 50, 900):
        body = b'{"name": "Lee %d", "extra": ' % depth + b"[" * depth + b"]" * depth + b"}"
        assert (await door.post(body)).status_code == 202, depth
    assert len(door.leads()) == 3


async def test_a_bomb_of_brackets_is_422(door: Door) -> None:
    answer = await door.post(b'{"name": "Lee", "extra": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")
    assert answer.status_code == 422
    assert "nested" in answer.text
    assert door.stored() == 0


async def test_half_a_character_is_refused_or_dropped(door: Door) -> None:
    answer = await door.post(b'{"name": "Lee \\ud83d", "asked": "\\ude00"}')
    assert answer.status_code == 202
    assert door.leads()[0].name == "Lee"


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
