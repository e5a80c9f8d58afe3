"""Admins add an endpoint, test it, renew its secret, pause and remove it, all in Slack; trouble comes in a message."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from playground import Modal
from tests.config.test_lists_in_slack import modal, opened
from tests.progress import until
from tests.running import Running, running
from tests.webhooks.receiver import Receiver, receiving


@pytest.fixture
async def tandem(migrated_url: str) -> AsyncIterator[Running]:
    async with running(migrated_url) as tandem:
        yield tandem


@pytest.fixture
async def here(migrated_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Running]:
    """Webhooks may go to this machine."""
    monkeypatch.setenv("TANDEM_WEBHOOK_NETWORKS", "127.0.0.1")
    async with running(migrated_url) as tandem:
        yield tandem


async def add(tandem: Running, receiver: Receiver, **fields: Any) -> str:
    """Add an endpoint; the secret that is shown."""
    hooks = await opened(tandem, "Webhooks", "Add")
    assert "go to no other system yet" in hooks.text
    await hooks.button("Add an endpoint").click(by="mia")
    form = modal(tandem)
    form.fill({"url": receiver.url, **fields})
    assert not await form.submit()
    shown = modal(tandem)
    assert "only this once" in shown.text
    return next(word for word in shown.text.split() if word.startswith("whsec_"))


async def endpoint(tandem: Running, receiver: Receiver) -> Modal:
    hooks = await opened(tandem, "Webhooks")
    await hooks.button("Change", near="127.0.0.1").click(by="mia")
    return modal(tandem)


async def arrived(receiver: Receiver, count: int) -> None:
    await until(lambda: len(receiver.got) >= count, lambda: len(receiver.got), what=f"{count} events")


async def test_an_endpoint_is_added_its_secret_shown_once_and_a_lead_arrives_there(here: Running) -> None:
    async with receiving() as receiver:
        secret = await add(here, receiver)
        await here.lead_arrives()
        await arrived(receiver, 2)
        assert receiver.types == ["lead.received", "lead.given"]
        assert all(one.signed_with(secret) for one in receiver.got)
        form = await endpoint(here, receiver)
        assert secret not in form.text
        assert "Last delivered" in form.text


async def test_what_cannot_be_used_is_said_under_its_field(tandem: Running) -> None:
    hooks = await opened(tandem, "Webhooks", "Add")
    await hooks.button("Add an endpoint").click(by="mia")
    form = modal(tandem)
    form.fill({"url": "http://example.com/hooks", "types": "lead.claimd"})
    problems = await form.submit()
    assert "begin with https://" in problems["url"]
    form.fill({"url": "https://10.0.0.1/hooks"})
    assert "private network" in (await form.submit())["url"]


async def test_a_test_event_shows_whether_the_receiver_answers(here: Running) -> None:
    async with receiving() as receiver:
        receiver.answer = lambda _got: 403
        await add(here, receiver, groups=["Answers: used, helped, did not help"])
        form = await endpoint(here, receiver)
        await form.button("Send a test event").click(by="mia")
        assert "on its way" in modal(here).text
        await arrived(receiver, 1)
        assert receiver.types == ["tandem.test"]

        async def told() -> bool:
            return "it answered 403" in (await endpoint(here, receiver)).text

        await until(told, lambda: len(receiver.got), what="the failure is told", pause=0.2)


async def test_an_endpoint_is_paused_resumed_given_a_new_secret_and_removed(here: Running) -> None:
    async with receiving() as receiver:
        old = await add(here, receiver)
        form = await endpoint(here, receiver)
        await form.button("Pause").click(by="mia")
        assert "What happens is kept for 30 days" in modal(here).text
        await here.lead_arrives()
        await modal(here).button("Resume").click(by="mia")
        await arrived(receiver, 2)
        await modal(here).button("New secret").click(by="mia")
        new = next(word for word in modal(here).text.split() if word.startswith("whsec_"))
        assert new != old
        await here.lead_arrives(name="Kim Park")
        await arrived(receiver, 4)
        assert receiver.got[-1].signed_with(old)
        assert receiver.got[-1].signed_with(new)
        form = await endpoint(here, receiver)
        assert "old secret signs, too" in form.text
        await form.button("Remove").click(by="mia")
        assert "Removed" in modal(here).text
        await here.lead_arrives(name="Sam Hill")
        await here.idle()
        assert len(receiver.got) == 4


async def test_an_endpoint_s_events_are_changed_and_a_form_of_before_is_refused(here: Running) -> None:
    async with receiving() as receiver:
        await add(here, receiver, types="")
        form = await endpoint(here, receiver)
        form.fill({"groups": ["Themes: new, answered, status, merged …"], "types": "lead.claimed"})
        assert not await form.submit()
        assert "Saved" in modal(here).text
        await here.lead_arrives()
        await here.idle()
        card = await here.slack.channel("#leads").message(containing="Lee Wong")
        await card.button("Claim").click(by="ana")
        await arrived(receiver, 1)
        assert receiver.types == ["lead.claimed"]


async def test_an_endpoint_that_is_gone_comes_in_a_message_with_a_way_to_it(here: Running) -> None:
    async with receiving() as receiver:
        await add(here, receiver)
        receiver.answer = lambda _got: 410
        await here.lead_arrives()
        told = await here.slack.dm("mia").message(containing="gone for good")
        await told.button("Open the endpoint").click(by="mia")
        assert "says that it is gone for good" in modal(here).text
        receiver.answer = lambda _got: 200
        await modal(here).button("Resume").click(by="mia")
        before = len(receiver.got)
        await here.later(seconds=10)
        await arrived(receiver, before + 2)
