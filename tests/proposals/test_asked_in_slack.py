"""The day's question to marketing as people meet it in Slack: a message, its buttons, what others do meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.themes import find_or_add_theme
from playground import Modal
from playground.messages import Message
from storage.models import Theme, VocItem, Workspace
from tests.running import Running, running

LINES = ("the fees came up", "fees were mentioned at the end", "a word on our fees came at the end")


@pytest.fixture
async def tandem(migrated_url: str) -> AsyncIterator[Running]:
    """Tandem on the playground, where marketing has a channel; at the end, Slack refused nothing, nobody was pinged."""
    async with running(migrated_url) as program:

        def arrange(session: Session) -> None:
            workspace_id, at = program.program.workspace_id, program.clock.now()
            assert workspace_id is not None
            session.get_one(Workspace, workspace_id).marketing_channel = program.slack.channel("#marketing").id
            find_or_add_theme(session, workspace_id, "pricing", at=at)

        await program.program.db.run(arrange)
        yield program
        assert program.slack.refusals == []
        assert program.slack.pings == []


async def asked(tandem: Running, *lines: str) -> Message:
    """Ana logs these lines and answers nothing; two hours later marketing is asked. The message."""
    for line in lines:
        await tandem.slack.channel("#general").command(f"/voc {line}", by="ana")
    await tandem.later(hours=2)
    assert tandem.program.worker is not None
    await tandem.program.worker.schedule.ask_marketing()
    await tandem.idle()
    return await question(tandem)


async def question(tandem: Running) -> Message:
    (message,) = [
        one
        for one in tandem.slack.channel("#marketing").messages
        if "of this message" in one.text or "belong to a theme" in one.text
    ]
    return message


async def themes(tandem: Running) -> list[Any]:
    query = select(Theme.slug).select_from(VocItem).outerjoin(Theme, Theme.id == VocItem.theme_id).order_by(VocItem.id)
    return await tandem.program.db.read(lambda session: list(session.scalars(query)))


async def test_a_marketer_files_all_at_once_and_takes_it_back(tandem: Running) -> None:
    card = await asked(tandem, *LINES)
    assert "3 items may belong to a theme." in card.text
    receipt = await card.button("Yes, all 3").click(by="max")
    assert "3 items stand under #pricing now." in receipt.text
    await tandem.idle()
    assert "All 3 items of this message have an answer" in (await question(tandem)).text
    assert await themes(tandem) == ["pricing"] * 3
    back = await receipt.button("Undo").click(by="max")
    assert "Taken back: 3 items may belong to a theme again." in back.text
    await tandem.idle()
    assert "3 items may belong to a theme." in (await question(tandem)).text
    assert await themes(tandem) == [None] * 3


async def test_one_item_is_accepted_refused_or_put_elsewhere(tandem: Running) -> None:
    card = await asked(tandem, LINES[0])
    form = await card.button("Another theme").click(by="max")
    assert isinstance(form, Modal)
    await form.select("Theme", "support")
    assert not await form.submit()
    await tandem.idle()
    assert await themes(tandem) == ["support"]
    assert "1 seen to otherwise" in (await question(tandem)).text


async def test_look_opens_the_items_of_that_theme_and_the_message_follows(tandem: Running) -> None:
    card = await asked(tandem, *LINES)
    modal = await card.button("Look").click(by="max")
    assert isinstance(modal, Modal)
    assert "3 items may belong to #pricing." in modal.text
    await modal.button("Refuse", near=LINES[1]).click(by="max")
    now = tandem.slack.modal("max")
    assert now is not None
    assert "2 items may belong to #pricing." in now.text
    await now.button("All themes").click(by="max")
    everything = tandem.slack.modal("max")
    assert everything is not None
    assert "2 items may belong to a theme." in everything.text
    await tandem.idle()
    card = await question(tandem)
    assert LINES[1] not in card.text
    assert "1 item of this message has an answer" in card.text


async def test_open_all_opens_the_list(tandem: Running) -> None:
    card = await asked(tandem, LINES[0])
    modal = await card.button("Open all").click(by="mia")
    assert isinstance(modal, Modal)
    assert "1 item may belong to a theme." in modal.text
    assert "because of its words" in modal.text


async def test_what_the_rep_answers_meanwhile_leaves_the_message(tandem: Running) -> None:
    channel = tandem.slack.channel("#general")
    receipts = [await channel.command(f"/voc {line}", by="ana") for line in LINES[:2]]
    card = await asked(tandem)
    assert "2 sound like #pricing" in card.text
    await receipts[0].button("Use it").click(by="ana")
    await tandem.idle()
    card = await question(tandem)
    assert LINES[0] not in card.text
    assert "Sounds like #pricing" in card.text
    await card.button("Yes").click(by="max")
    await tandem.idle()
    assert await themes(tandem) == ["pricing", "pricing"]


async def test_a_rep_cannot_decide(tandem: Running) -> None:
    card = await asked(tandem, *LINES)
    for button in ("Yes, all 3", "Look", "Open all"):
        answer = await card.button(button).click(by="ana")
        assert "Marketers, managers and admins can do this." in answer.text
    assert await themes(tandem) == [None] * 3


async def test_two_marketers_who_press_at_once_do_it_once(tandem: Running) -> None:
    card = await asked(tandem, LINES[0])
    clicks = card.button("Yes").click(by="max"), card.button("No").click(by="mia")
    yes, no = ("left as it is" in answer.text for answer in await asyncio.gather(*clicks))
    assert yes != no  # one of them came late
    assert await themes(tandem) == [None if yes else "pricing"]
