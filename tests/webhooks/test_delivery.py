"""Changes of leads arrive signed, once where all goes well, in order, and again where it does not."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web
from sqlalchemy import func, select

from domain.leads.lifecycle import claim_lead, contact_lead, reassign_lead
from domain.wall import local_time
from domain.webhooks.endpoints import (
    pause_endpoint,
    send_test,
)
from domain.webhooks.replaying import replay_dead
from domain.webhooks.rounds import FAILS_AFTER, PAUSES, TROUBLE
from handlers.setup import webhook_sending as sending
from storage import jobs
from storage.models import Delivery, Job, WebhookMessage
from tests.progress import until
from tests.webhooks.conftest import Office
from tests.webhooks.receiver import Got, Receiver, receiving


async def test_each_step_of_a_lead_arrives_signed_and_in_order(office: Office) -> None:
    lead = office.lead()
    office.do(claim_lead, lead)
    office.do(contact_lead, lead)
    await office.deliver()
    assert office.receiver.types == ["lead.received", "lead.given", "lead.claimed", "lead.contacted"]
    assert all(one.signed_with(office.secret) for one in office.receiver.got)
    assert len({one.id for one in office.receiver.got}) == 4
    assert all(one.headers["content-type"] == "application/json" for one in office.receiver.got)
    assert [one[1] for one in office.messages()] == ["delivered"] * 4


async def test_an_event_tells_the_lead_as_it_was_then_who_did_it_and_what(office: Office) -> None:
    lead = office.lead()
    office.do(claim_lead, lead)
    office.do(reassign_lead, lead, to_user_id="U-BO", by="mia")
    await office.deliver()
    claimed, reassigned = (
        next(one.event for one in office.receiver.got if one.type == f"lead.{what}")
        for what in ("claimed", "reassigned")
    )
    ana = {"slack_id": "U-ANA", "name": "ana", "email": "ana@example.com"}
    assert claimed["timestamp"].startswith("2026-11-16T12:00:0")
    assert claimed["timestamp"].endswith("Z")
    assert claimed["data"]["workspace"] == "T1"
    told = claimed["data"]["lead"]
    assert (told["id"], told["state"], told["owner"], told["company"]) == (lead, "claimed", ana, "Northwind")
    assert (told["source"], told["tier"], told["contacted_at"]) == ("website", "hot", None)
    assert claimed["data"]["by"] == ana
    assert reassigned["data"]["lead"]["state"] == "new"
    assert reassigned["data"]["by"]["name"] == "mia"
    assert {name: one["name"] for name, one in reassigned["data"]["details"].items()} == {"from": "ana", "to": "bo"}


async def test_a_repetition_has_the_same_id_and_body_and_comes_when_standard_webhooks_says(office: Office) -> None:
    office.receiver.answer = lambda _got: 500
    office.do(send_test, office.world.workspace_id, office.endpoint_id, by="mia")
    await office.deliver()
    for tries, pause in enumerate(PAUSES, start=1):
        assert len(office.receiver.got) == tries
        await office.later(seconds=pause.total_seconds() * 0.99)
        assert len(office.receiver.got) == tries, f"too early after {tries}"
        await office.later(seconds=pause.total_seconds() * 0.12)
    assert len(office.receiver.got) == len(PAUSES) + 1
    assert len({(one.id, one.body) for one in office.receiver.got}) == 1
    stamps = [int(one.headers["webhook-timestamp"]) for one in office.receiver.got]
    assert all(abs(one - local_time().timestamp()) < 300 for one in stamps), "a receiver holds them against its clock"
    assert office.messages() == [("tandem.test", "dead")]
    await office.later(days=2)
    assert len(office.receiver.got) == len(PAUSES) + 1


async def test_what_follows_on_a_lead_waits_for_what_failed_and_other_leads_go_on(office: Office) -> None:
    first = office.lead("Lee Wong")
    office.receiver.answer = lambda got: 503 if got.lead == "Lee Wong" else 204
    office.do(claim_lead, first)
    other = office.lead("Kim Park")
    office.do(claim_lead, other, by="bo")
    await office.deliver()
    assert [one for one in office.receiver.told() if one[1] == "Lee Wong"] == [("lead.received", "Lee Wong")]
    assert [one[0] for one in office.receiver.told() if one[1] == "Kim Park"] == [
        "lead.received",
        "lead.given",
        "lead.claimed",
    ]
    office.do(contact_lead, first)
    await office.deliver()
    assert [one[0] for one in office.receiver.told() if one[1] == "Lee Wong"] == ["lead.received"]
    rounds = office.world.run(lambda session: session.scalar(select(func.count()).select_from(Job)))
    assert rounds <= 4, "nobody looks again and again at what has to wait"
    office.receiver.answer = lambda _got: 200
    await office.later(seconds=6)
    assert [one[0] for one in office.receiver.told() if one[1] == "Lee Wong"] == [
        "lead.received",
        "lead.received",
        "lead.given",
        "lead.claimed",
        "lead.contacted",
    ]


async def test_what_was_given_up_is_told_once_and_sent_again_when_an_admin_says_so(office: Office) -> None:
    office.receiver.answer = lambda got: 422 if got.type == "lead.received" else 200
    office.lead("Lee Wong")
    await office.deliver()
    for pause in PAUSES:
        office.lead("Somebody else")  # what comes in between is delivered, so it is not the endpoint that fails
        office.receiver.answer = lambda got: 422 if got.lead == "Lee Wong" and got.type == "lead.received" else 200
        await office.later(seconds=pause.total_seconds() * 1.11 + 1)
    dead = [one for one in office.messages(WebhookMessage.type, WebhookMessage.state, WebhookMessage.error) if one[2]]
    assert dead == [("lead.received", "dead", "http_422")]
    assert office.endpoint().state == "active"
    assert [one["why"] for one in notices(office)] == ["dead"]
    assert ("lead.given", "Lee Wong") in office.receiver.told()
    before = [one for one in office.receiver.got if one.lead == "Lee Wong" and one.type == "lead.received"]
    office.receiver.got.clear()
    office.receiver.answer = lambda _got: 200
    assert office.do(replay_dead, office.endpoint_id, by="mia") == (1, False)
    await office.deliver()
    assert [one.id for one in office.receiver.got] == [before[0].id]
    assert office.endpoint().waiting.dead == 0


async def test_an_endpoint_that_is_gone_is_paused_and_told_of_once(office: Office) -> None:
    office.receiver.answer = lambda _got: 410
    office.lead("Lee Wong")
    office.lead("Kim Park")
    await office.deliver()
    seen = office.endpoint()
    assert (seen.state, seen.paused_why, seen.waiting.waiting) == ("paused", "gone", 4)
    assert [one["why"] for one in notices(office)] == ["gone"]
    tried = len(office.receiver.got)
    await office.later(days=1)
    assert len(office.receiver.got) == tried


async def test_an_endpoint_that_fails_for_days_is_asked_less_and_less_then_paused_and_told_of_once(
    office: Office,
) -> None:
    office.receiver.answer = lambda _got: 500
    for name in ("Lee Wong", "Kim Park", "Sam Hill"):
        office.lead(name)
    for _ in range(100):
        await office.later(hours=1)
    seen = office.endpoint()
    assert (seen.state, seen.paused_why) == ("paused", "failing")
    assert len(office.receiver.got) < 40
    assert "failing" in [one["why"] for one in notices(office)]
    assert len([one for one in notices(office) if one["why"] == "failing"]) == 1
    office.receiver.got.clear()
    office.receiver.answer = lambda _got: 200
    office.do(pause_endpoint, office.world.workspace_id, office.endpoint_id, paused=False, by="mia")
    await office.later(hours=25)
    assert office.endpoint().waiting.waiting == 0
    assert office.receiver.types.count("lead.given") == 3


async def test_when_it_answers_again_what_waited_because_of_it_is_sent_at_once(office: Office) -> None:
    office.receiver.answer = lambda _got: 500
    for number in range(8):
        office.lead(f"Lead {number}")
    await office.deliver()
    await office.later(minutes=6)
    await office.later(minutes=35)
    failed = len(office.receiver.got)
    assert failed < 20
    assert office.endpoint().failing_since is not None
    office.receiver.answer = lambda _got: 200
    await office.later(minutes=11)
    assert office.endpoint().waiting.waiting == 0
    assert office.endpoint().failing_since is None


@pytest.mark.parametrize("form", ["seconds", "date"])
async def test_an_endpoint_that_asks_for_patience_gets_it(office: Office, form: str) -> None:
    until_then = local_time() + timedelta(minutes=20)
    said = "1200" if form == "seconds" else format_datetime(until_then.replace(microsecond=0), usegmt=True)
    office.receiver.answer = lambda _got: web.Response(status=429, headers={"Retry-After": said})
    office.lead()
    await office.deliver()
    assert len(office.receiver.got) == 1
    await office.later(minutes=19)
    assert len(office.receiver.got) == 1
    office.receiver.answer = lambda _got: 200
    await office.later(minutes=2)
    assert office.receiver.types == ["lead.received", "lead.received", "lead.given"]


async def test_redirects_are_not_followed(office: Office) -> None:
    async with receiving() as other:
        office.receiver.answer = lambda _got: web.Response(status=307, headers={"Location": other.url})
        office.lead()
        await office.deliver()
        assert other.got == []
    assert office.endpoint().last_error == "http_307"


async def test_an_answer_that_does_not_come_is_given_up_after_a_while(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "SECONDS", 0.2)
    office.receiver.hold = asyncio.Event()
    office.lead()
    await office.deliver()
    assert office.endpoint().last_error == "timeout"


async def test_a_long_answer_is_not_read(office: Office) -> None:
    office.receiver.answer = lambda _got: web.Response(body=b"x" * 50_000_000)
    office.lead()
    await office.deliver()
    assert [one[1] for one in office.messages()] == ["delivered"] * 2


async def test_an_endpoint_that_does_not_answer_keeps_no_other_waiting(office: Office) -> None:
    async with receiving() as slow:
        slow.hold = asyncio.Event()
        office.add(slow)
        office.lead()
        async with office.working():
            await office.call()
            await until(lambda: len(office.receiver.got) == 2, lambda: len(office.receiver.got), what="both events")
            await until(lambda: len(slow.got) == 1, lambda: len(slow.got), what="the slow one's first")
            slow.hold.set()
            await until(lambda: len(slow.got) == 2, lambda: len(slow.got), what="the slow one's second")


@pytest.mark.parametrize("point", ["webhooks.sent", "webhooks.recorded"])
async def test_a_process_that_dies_after_sending_repeats_with_the_same_ids_and_loses_nothing(
    office: Office, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = office.lead()
    office.do(claim_lead, lead)
    async with office.dying_at(point, monkeypatch, lambda: len(office.receiver.got)):
        await office.call()
    office.clock.advance(timedelta(minutes=1))  # the lease runs out
    office.world.db.rouse(jobs.TOPIC)
    await office.deliver()
    first = office.receiver.got[0]
    again = [one for one in office.receiver.got if one.id == first.id]
    assert len(again) == (2 if point == "webhooks.sent" else 1)
    assert len({one.body for one in again}) == 1
    assert list(dict.fromkeys(office.receiver.types)) == ["lead.received", "lead.given", "lead.claimed"]
    assert [one[1] for one in office.messages()] == ["delivered"] * 3


async def test_two_that_deliver_at_once_write_each_try_down_once(office: Office) -> None:
    """As when a process stood still for longer than its lease."""
    office.receiver.answer = lambda _got: 500
    office.lead()

    async def both() -> None:
        from domain.webhooks.rounds import next_batch, record_tries
        from handlers.setup.webhook_jobs import send_batch

        at = office.clock.now()
        batches = [
            await office.world.db.read(next_batch, office.world.workspace_id, office.endpoint_id, at=at)
            for _ in range(2)
        ]
        for batch in batches:
            assert batch is not None
            tried = await send_batch(batch, office.tandem)
            await office.world.db.run(record_tries, office.endpoint_id, tried, at=at)

    await both()
    assert [one[0] for one in office.messages(WebhookMessage.tries)] == [1, 0]


async def test_a_backlog_is_delivered_in_rounds_without_a_message_twice(office: Office) -> None:
    for number in range(60):
        office.lead(f"Lead {number}")
    await office.deliver()
    assert len(office.receiver.got) == 120
    assert len({one.id for one in office.receiver.got}) == 120
    assert office.endpoint().waiting.waiting == 0
    assert office.world.run(lambda session: session.scalar(select(func.count()).select_from(Job))) <= 3


async def test_the_failures_of_one_message_are_not_the_endpoints(office: Office) -> None:
    def picky(got: Got) -> int:
        return 422 if got.lead == "Lee Wong" else 200

    office.receiver.answer = picky
    office.lead("Lee Wong")
    for number in range(FAILS_AFTER * 3):
        office.lead(f"Lead {number}")
        await office.later(minutes=1)
    assert office.endpoint().state == "active"
    assert office.receiver.types.count("lead.given") == FAILS_AFTER * 3


def notices(office: Office) -> list[dict[str, object]]:
    """What admins are told, in order."""
    return office.world.run(
        lambda session: list(
            session.scalars(select(Delivery.data).where(Delivery.kind == TROUBLE).order_by(Delivery.id))
        )
    )


def test_the_receiver_knows_a_forged_event() -> None:
    """The tests' own eyes."""
    got = Got({"webhook-id": "evt_1", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"}, b"{}")
    assert not got.signed_with("whsec_" + "A" * 44)
    assert Receiver().types == []
