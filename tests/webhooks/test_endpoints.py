"""Endpoints: what each gets, its secrets, pauses, removal, another address, and what is sent again."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import func, select

from bot.seal import Sealer
from domain.leads.declining import decline_lead
from domain.leads.lifecycle import claim_lead
from domain.uninstalling import UNINSTALLED, lose_token
from domain.webhooks.endpoints import (
    change_endpoint,
    pause_endpoint,
    remove_endpoint,
    rotate_secret,
    send_test,
)
from domain.webhooks.replaying import replay_piece
from storage.models import Job, WebhookEndpoint, WebhookMessage
from tests.running import KEY
from tests.webhooks.conftest import HERE, Office
from tests.webhooks.receiver import receiving


async def test_for_a_day_both_secrets_sign_and_then_the_new_one_alone(office: Office) -> None:
    seal = Sealer(KEY).seal
    _, new = office.do(rotate_secret, office.world.workspace_id, office.endpoint_id, seal=seal, by="mia")
    office.lead("Lee Wong")
    await office.deliver()
    office.clock.advance(timedelta(days=1, minutes=1))
    office.world.now = office.clock.now()
    office.lead("Kim Park")
    await office.deliver()
    by_old = {one.lead: one.signed_with(office.secret) for one in office.receiver.got}
    assert by_old == {"Lee Wong": True, "Kim Park": False}
    assert all(one.signed_with(new) for one in office.receiver.got)


async def test_secrets_are_kept_sealed(office: Office) -> None:
    office.do(rotate_secret, office.world.workspace_id, office.endpoint_id, seal=Sealer(KEY).seal, by="mia")
    rows = office.world.run(
        lambda session: session.execute(select(WebhookEndpoint.sealed_secret, WebhookEndpoint.sealed_old_secret)).one()
    )
    assert not [one for one in rows if one is None or "whsec_" in one]
    assert Sealer(KEY).unseal(rows[1]) == office.secret


async def test_an_endpoint_gets_only_the_events_that_it_wants(office: Office) -> None:
    async with receiving() as other:
        office.add(other, ["lead.declined", "voc"])
        lead = office.lead()
        office.do(decline_lead, lead, reason="duplicate", note="")
        await office.deliver()
        assert other.types == ["lead.declined"]
        assert other.got[0].event["data"]["lead"]["decline_reason"] == "duplicate"
        same = next(one for one in office.receiver.got if one.type == "lead.declined")
        assert same.id == other.got[0].id


async def test_while_it_is_paused_everything_is_kept_and_goes_out_in_order_afterwards(office: Office) -> None:
    office.do(pause_endpoint, office.world.workspace_id, office.endpoint_id, paused=True, by="mia")
    lead = office.lead()
    office.do(claim_lead, lead)
    await office.deliver()
    assert office.receiver.got == []
    office.do(pause_endpoint, office.world.workspace_id, office.endpoint_id, paused=False, by="mia")
    await office.deliver()
    assert office.receiver.types == ["lead.received", "lead.given", "lead.claimed"]


async def test_nothing_goes_to_what_was_removed_and_nothing_of_it_is_kept(office: Office) -> None:
    office.lead()
    office.do(remove_endpoint, office.world.workspace_id, office.endpoint_id, by="mia")
    office.lead("Kim Park")
    await office.deliver()
    assert office.receiver.got == []
    counts = [
        office.world.run(lambda session, table=table: session.scalar(select(func.count()).select_from(table)))
        for table in (WebhookEndpoint, WebhookMessage)
    ]
    assert counts == [0, 0]


async def test_what_waits_goes_to_the_new_address_of_an_endpoint(office: Office) -> None:
    office.receiver.answer = lambda _got: 404
    office.lead()
    await office.deliver()
    async with receiving() as other:
        office.do(
            change_endpoint,
            office.world.workspace_id,
            office.endpoint_id,
            other.url,
            ["lead"],
            networks=HERE,
            by="mia",
        )
        await office.later(seconds=6)
        assert other.types == ["lead.received", "lead.given"]


async def test_all_of_some_time_is_sent_again_with_the_same_ids(office: Office) -> None:
    office.lead("Lee Wong")
    await office.deliver()
    office.clock.advance(timedelta(hours=1))
    office.world.now = office.clock.now()
    office.lead("Kim Park")
    await office.deliver()
    before = {one.id for one in office.receiver.got if one.lead == "Kim Park"}
    office.receiver.got.clear()
    since = office.clock.now() - timedelta(minutes=5)
    count, _ = office.do(replay_piece, office.world.workspace_id, office.endpoint_id, since=since, until=None, by="mia")
    await office.deliver()
    assert count == 2
    assert {one.id for one in office.receiver.got} == before


async def test_a_workspace_that_left_is_sent_nothing(office: Office) -> None:
    office.lead()
    at = office.clock.now()
    office.world.run(lose_token, office.world.workspace_id, UNINSTALLED, happened=at, at=at)
    await office.call()
    async with office.working():
        await asyncio.sleep(0)
    assert office.receiver.got == []
    assert office.world.run(lambda session: session.scalar(select(func.count()).select_from(Job))) == 0


async def test_a_test_event_goes_out_whatever_the_endpoint_wants(office: Office) -> None:
    async with receiving() as other:
        one, secret = office.add(other, ["voc.theme"])
        office.do(send_test, office.world.workspace_id, one, by="mia")
        await office.deliver()
        assert other.types == ["tandem.test"]
        assert other.got[0].signed_with(secret)
    assert office.receiver.got == []


async def test_without_its_key_nothing_is_signed_and_everything_waits(office: Office) -> None:
    office.lead()
    office.tandem = type(office.tandem)(
        office.world.db, office.clock, unseal=Sealer("another key, of which nobody knows anything").unseal
    )
    await office.deliver()
    assert office.receiver.got == []
    assert office.endpoint().last_error == "no_secret"
