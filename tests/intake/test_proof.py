"""Who is believed: signatures, secrets in headers, stale messages, strangers, paused sources."""

import json
from typing import Any

import pytest

from bot.seal import Sealer
from domain.sources import new_secret, pause_source, rotate_source
from tests.intake.door import HEADER_SECRET, LEE, SEALER, Door


@pytest.mark.parametrize(
    "headers",
    [
        {"x-tandem-secret": HEADER_SECRET},
        {"authorization": f"Bearer {HEADER_SECRET}"},
        {"authorization": f"bearer {HEADER_SECRET}"},
        {"AUTHORIZATION": f"BEARER   {HEADER_SECRET} "},
        {"authorization": HEADER_SECRET},
    ],
)
async def test_a_secret_header_will_do_where_the_source_says_so(door: Door, headers: dict[str, str]) -> None:
    assert (await door.post(LEE, source="crm", headers=headers)).status_code == 202
    assert door.leads()[0].tier == "hot", "the source's own tier"


async def test_a_wrong_secret_is_401(door: Door) -> None:
    wrong: tuple[dict[str, Any], ...] = (
        {},
        {"x-tandem-secret": ""},
        {"x-tandem-secret": HEADER_SECRET + "x"},
        {"x-tandem-secret": b"\xe9\xff"},
        {"authorization": HEADER_SECRET[::-1]},
        {"authorization": f"Basic {HEADER_SECRET}"},
        {"authorization": "Bearer"},
        {"authorization": f"Bearer{HEADER_SECRET}"},
    )
    answers = [await door.post(LEE, source="crm", headers=headers) for headers in wrong]
    assert [answer.status_code for answer in answers] == [401] * len(wrong)
    assert all("error" in answer.json() for answer in answers)
    assert door.stored() == 0


async def test_a_forged_or_malformed_signature_is_401(door: Door) -> None:
    spoilt: tuple[dict[str, Any], ...] = (
        {"webhook-signature": "v1,Zm9yZ2Vk"},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,a,b"},
        {"webhook-signature": "v1,not base64 at all!"},
        {"webhook-signature": b"v1,\xe9\xe9"},
        {"webhook-signature": ""},
        {"webhook-timestamp": "yesterday"},
        {"webhook-timestamp": "1e400"},
        {"webhook-timestamp": "nan"},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "99999999999999999999"},
        {"webhook-id": ""},
        {"webhook-id": "another"},
        {"webhook-id": b"\xff"},
    )
    genuine = door.signed(json.dumps(LEE).encode())
    answers = [await door.post(LEE, headers={**genuine, **spoil}) for spoil in spoilt]
    assert [answer.status_code for answer in answers] == [401] * len(spoilt)
    assert door.stored() == 0


async def test_a_stale_or_early_message_is_401(door: Door) -> None:
    answers = [await door.post(LEE, age=age) for age in (301, -310, 86_400)]
    assert [answer.status_code for answer in answers] == [401, 401, 401]
    assert door.stored() == 0


async def test_five_minutes_of_difference_are_fine(door: Door) -> None:
    answers = [await door.post({**LEE, "email": f"lee{age}@northwind.com"}, age=age) for age in (280, -280)]
    assert [answer.status_code for answer in answers] == [202, 202]


async def test_a_body_changed_on_its_way_is_401(door: Door) -> None:
    headers = door.signed(json.dumps(LEE).encode())
    assert (await door.post({**LEE, "name": "Eve"}, headers=headers)).status_code == 401


async def test_an_unknown_source_reads_like_a_forged_one(door: Door) -> None:
    forged = await door.post(LEE, secret=new_secret())
    for source in ("nobody", "WEBSITE", "x" * 5000, "%00", "'; drop table leads"):
        unknown = await door.post(LEE, source=source)
        assert (unknown.status_code, unknown.content) == (401, forged.content), source
    assert door.stored() == 0


async def test_a_signature_is_of_bytes_whatever_text_they_are(door: Door) -> None:
    """UTF-16 with its mark, Windows-1252: signed as they are sent, and read as what they are."""
    for number, body in enumerate(('{"name": "Zoë"}'.encode("utf-16"), '{"name": "Zoë"}'.encode("cp1252"))):
        answer = await door.post(body, headers=door.signed(body, number=f"bytes_{number}"))
        assert answer.status_code in (200, 202), answer.text
        forged = await door.post(body, headers=door.signed(body + b" ", number=f"bytes_{number}"))
        assert forged.status_code == 401
    assert {lead.name for lead in door.leads()} == {"Zoë"}


async def test_a_paused_source_is_refused_with_a_reason_and_only_to_itself(door: Door) -> None:
    door.world.run(pause_source, door.world.workspace_id, "website", paused=True, at=door.world.now)
    paused = await door.post(LEE)
    assert paused.status_code == 403
    assert "paused" in paused.json()["error"]
    assert (await door.post(LEE, secret=new_secret())).status_code == 401
    assert door.stored() == 0


async def test_a_new_secret_replaces_the_old_one(door: Door) -> None:
    secret = door.world.run(rotate_source, door.world.workspace_id, "website", seal=SEALER.seal, at=door.world.now)
    assert (await door.post(LEE)).status_code == 401
    assert (await door.post(LEE, secret=secret)).status_code == 202


async def test_a_secret_sealed_with_a_lost_key_asks_the_sender_to_come_again(door: Door) -> None:
    other = Sealer("another key, which nobody has any more, sadly")
    door.world.run(rotate_source, door.world.workspace_id, "website", seal=other.seal, at=door.world.now)
    assert (await door.post(LEE)).status_code == 503
    assert door.stored() == 0


async def test_get_is_not_a_lead(door: Door) -> None:
    assert (await door.http.get("/intake/website")).status_code == 405
