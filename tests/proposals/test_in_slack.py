"""Proposed themes as marketers meet them in Slack: the list, its buttons, and the line in Home."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.proposals.labelling import record_labels
from domain.proposals.labels import Checked
from domain.themes import find_or_add_theme
from playground.modals import Modal
from storage.models import VocItem
from tests.running import Running, running


@pytest.fixture
async def tandem(migrated_url: str) -> AsyncIterator[Running]:
    """Tandem on the playground; at the end, Slack refused nothing and nobody was pinged."""
    async with running(migrated_url) as program:
        yield program
        assert program.slack.refusals == []
        assert program.slack.pings == []


async def propose(tandem: Running, *lines: str, reason: str = "It is about the price.") -> None:
    """Ana logs these lines, and a model proposes #moonshot for each."""
    for line in lines:
        await tandem.slack.channel("#general").command(f"/voc {line}", by="ana")

    def record(session: Session) -> None:
        workspace_id, at = tandem.program.workspace_id, tandem.clock.now()
        assert workspace_id is not None
        theme_id = find_or_add_theme(session, workspace_id, "moonshot", at=at).id
        items = session.scalars(select(VocItem.id).where(VocItem.theme_id.is_(None)))
        labels = {item_id: (1, Checked(theme_id, "pain_point", reason, 80)) for item_id in items}
        record_labels(session, workspace_id, labels, model="tiny", prompt="label-1", at=at)

    await tandem.program.db.run(record)


async def opened(tandem: Running, by: str = "max") -> Modal:
    modal = await tandem.slack.channel("#general").command("/voc proposals", by=by)
    assert isinstance(modal, Modal)
    return modal


async def themes(tandem: Running) -> list[Any]:
    return await tandem.program.db.read(
        lambda session: list(session.scalars(select(VocItem.theme_id).order_by(VocItem.id)))
    )


async def test_a_marketer_accepts_one_and_takes_it_back(tandem: Running) -> None:
    await propose(tandem, "they find it far too dear", "nobody there can pay this much")
    modal = await opened(tandem)
    assert "2 items may belong to a theme." in modal.text
    assert "#moonshot" in modal.text
    assert "It is about the price." in modal.text
    assert "the model reads it as: pain point" in modal.text
    await modal.button("Accept", near="nobody there can pay").click(by="max")
    now = tandem.slack.modal("max")
    assert now is not None
    assert "1 item stands under #moonshot now." in now.text
    assert "1 item may belong to a theme." in now.text
    first, second = await themes(tandem)
    assert (first, second) == (None, second)
    assert second is not None
    await now.button("Undo").click(by="max")
    assert await themes(tandem) == [None, None]
    back = tandem.slack.modal("max")
    assert back is not None
    assert "2 items may belong to a theme." in back.text


async def test_a_marketer_refuses_one_and_accepts_the_rest_at_once(tandem: Running) -> None:
    await propose(tandem, *(f"they find it {number} times too dear" for number in ("three", "four", "five")))
    modal = await opened(tandem)
    await modal.button("Refuse", near="four times").click(by="max")
    now = tandem.slack.modal("max")
    assert now is not None
    assert "Refused for 1 item." in now.text
    await now.button("Accept these 2").click(by="max")
    end = tandem.slack.modal("max")
    assert end is not None
    assert "2 items stand under #moonshot now." in end.text
    assert "No proposal waits for you." in end.text
    assert [theme is not None for theme in await themes(tandem)] == [True, False, True]


async def test_a_long_list_has_pages(tandem: Running) -> None:
    names = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    await propose(tandem, *(f"they find it {number} times too dear" for number in names))
    modal = await opened(tandem)
    assert "one times" not in modal.text
    await modal.button("Older →").click(by="max")
    older = tandem.slack.modal("max")
    assert older is not None
    assert "one times" in older.text
    await older.button("← Newer").click(by="max")
    newest = tandem.slack.modal("max")
    assert newest is not None
    assert "ten times" in newest.text


async def test_what_a_model_writes_pings_nobody(tandem: Running) -> None:
    await propose(tandem, "they find it far too dear", reason="<!channel> <@U123> *bold* <https://evil.example|x>")
    modal = await opened(tandem)
    shown = str(modal.blocks)
    assert "<!channel>" not in shown
    assert "&lt;!channel&gt;" in shown
    assert "<https" not in shown


async def test_a_rep_cannot_decide(tandem: Running) -> None:
    answer = await tandem.slack.channel("#general").command("/voc proposals", by="ana")
    assert "Marketers, managers and admins can do this." in answer.text


async def test_an_empty_list_says_so(tandem: Running) -> None:
    modal = await opened(tandem)
    assert "No proposal waits for you." in modal.text


async def test_home_tells_a_marketer_and_leads_to_the_list(tandem: Running) -> None:
    await propose(tandem, "they find it far too dear")
    home = await tandem.slack.home("max").open()
    assert "1 item may belong to a theme." in home.text
    modal = await home.button("Look through").click(by="max")
    assert isinstance(modal, Modal)
    await modal.button("Accept").click(by="max")
    await tandem.idle()
    assert "may belong to a theme" not in (await tandem.slack.home("max").open()).text
