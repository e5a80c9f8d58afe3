"""Guests, and people of other companies in shared channels, neither log nor read what customers say, and hear why."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from storage.models import Member
from tests.voc.conftest import Desk

REASONS = {
    "guest": "What customers say is for members of this workspace, not for guests. Nothing was saved or shown.",
    "stranger": "Tandem works for the people of another workspace, so nothing was changed.",
}


async def become(desk: Desk, kind: str) -> None:
    """Slack says that ana is one of these."""
    await desk.db.run(lambda session: session.execute(update(Member).where(Member.name == "ana").values(kind=kind)))


@pytest.mark.parametrize("kind", REASONS)
@pytest.mark.parametrize("line", ["too dear #pricing", "#pricing", "!Rivalsoft", "list", "help", ""])
async def test_a_command_of_theirs_is_refused_with_the_reason(desk: Desk, kind: str, line: str) -> None:
    await desk.voc("way too dear #pricing !Rivalsoft", by="bo")
    await become(desk, kind)
    refused = await desk.voc(line)
    assert refused.text == REASONS[kind]
    assert len(await desk.items()) == 1


@pytest.mark.parametrize("kind", REASONS)
async def test_a_form_and_buttons_that_are_open_already_are_refused_too(desk: Desk, kind: str) -> None:
    receipt = await desk.voc("too dear #pricing")
    form = await desk.voc()
    await become(desk, kind)
    form.fill({"What happened?": "dearer still"})
    await form.submit()
    assert REASONS[kind] in desk.modal("ana").text
    assert REASONS[kind] in (await receipt.button("Undo").click(by="ana")).text
    assert [(item.verbatim, item.state) for item in await desk.items()] == [("too dear", "live")]


@pytest.mark.parametrize("kind", REASONS)
async def test_the_message_shortcut_is_refused_too(desk: Desk, kind: str) -> None:
    general = desk.slack.channel("#general")
    await general.post("Globex says: too dear", by="bo")
    await become(desk, kind)
    message = await general.message(containing="Globex says")
    refused = await message.shortcut("Log this message", by="ana")
    assert refused is None or REASONS[kind] in refused.text
    assert desk.slack.modal("ana") is None
