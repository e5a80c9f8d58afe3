"""What Slack refused goes out once the bot is let in: the remedy names it, an invitation or a button sends it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.config.apply import apply_config
from domain.config.schema import parse_config
from playground import Fault, Modal
from tests.running import Running, running


@pytest.fixture
async def tandem(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(f"sqlite:///{tmp_path / 'tandem.db'}", "http") as tandem:
        yield tandem
        tandem.slack.refusals.clear()  # they are what each of these tests is about


def keep_out(tandem: Running, name: str) -> None:
    """The bot is taken out of a channel and may not join again by itself."""
    tandem.slack.workspace.channel(tandem.slack.channel(name).id).members.remove(tandem.slack.workspace.bot.id)
    tandem.slack.faults.next("conversations.join", *[Fault.refuse("method_not_supported_for_channel_type")] * 20)


def invite(tandem: Running, name: str) -> None:
    workspace = tandem.slack.workspace
    workspace.join(workspace.channel(tandem.slack.channel(name).id), workspace.bot)


def texts(tandem: Running, name: str) -> str:
    return "\n".join(message.text for message in tandem.slack.channel(name).messages)


async def to_monday(tandem: Running) -> None:
    await tandem.later(days=5, hours=23)
    await tandem.idle()


async def test_a_digest_that_was_refused_goes_out_once_after_the_invitation(tandem: Running) -> None:
    keep_out(tandem, "#marketing")
    await to_monday(tandem)
    told = await tandem.slack.dm("mia").message(containing="Monday’s digest waits for")
    assert "Type /invite @Tandem" in told.text
    assert "Marketing digest" not in texts(tandem, "#marketing")
    invite(tandem, "#marketing")
    invite(tandem, "#marketing")
    await tandem.slack.channel("#marketing").message(containing="Marketing digest")
    await tandem.idle()
    assert texts(tandem, "#marketing").count("Marketing digest") == 1


async def test_cards_of_open_leads_go_out_and_of_settled_ones_do_not(tandem: Running) -> None:
    keep_out(tandem, "#leads")
    await tandem.lead_arrives(name="Lee Wong")
    await tandem.lead_arrives(name="Kim Oh")
    await tandem.idle()
    card = await tandem.slack.dm("ana").message(containing="Lee Wong")
    await card.button("Contacted").click(by="ana")
    await tandem.idle()
    invite(tandem, "#leads")
    await tandem.slack.channel("#leads").message(containing="Kim Oh")
    await tandem.idle()
    assert "Lee Wong" not in texts(tandem, "#leads")


async def test_what_marketing_is_to_answer_goes_out_and_what_was_taken_back_does_not(tandem: Running) -> None:
    keep_out(tandem, "#marketing")
    for name in ("Lee Wong", "Kim Oh"):
        await tandem.lead_arrives(name=name)
        card = await tandem.slack.channel("#leads").message(containing=name)
        form = await card.button("Decline").click(by="ana")
        assert isinstance(form, Modal)
        await form.select("Why?", "Not our profile")
        receipt = (await form.submit()).answer
        await tandem.idle()
    await receipt.button("Undo").click(by="ana")
    await tandem.idle()
    invite(tandem, "#marketing")
    await tandem.slack.channel("#marketing").message(containing="Lee Wong")
    await tandem.idle()
    assert "Kim Oh" not in texts(tandem, "#marketing")


async def test_an_admin_sends_what_waits_with_a_button(tandem: Running) -> None:
    tandem.slack.workspace.channel(tandem.slack.channel("#leads").id).is_archived = True
    await tandem.lead_arrives()
    told = await tandem.slack.dm("mia").message(containing="1 lead card waits for")
    tandem.slack.workspace.channel(tandem.slack.channel("#leads").id).is_archived = False
    receipt = await told.button("Send now").click(by="mia")
    assert "On its way to" in receipt.text
    await tandem.slack.channel("#leads").message(containing="Northwind")
    await tandem.idle()
    again = await told.button("Send now").click(by="mia")
    assert "Nothing waits for" in again.text


async def test_somebody_else_who_joins_sends_nothing(tandem: Running) -> None:
    keep_out(tandem, "#marketing")
    await to_monday(tandem)
    workspace = tandem.slack.workspace
    workspace.join(workspace.channel(tandem.slack.channel("#marketing").id), workspace.member("bo"))
    await tandem.idle()
    assert "Marketing digest" not in texts(tandem, "#marketing")


async def test_a_digest_is_not_sent_once_its_successor_is_made(tandem: Running) -> None:
    keep_out(tandem, "#marketing")
    await to_monday(tandem)
    await tandem.later(days=7)
    await tandem.idle()
    tandem.slack.faults.clear()
    invite(tandem, "#marketing")
    await tandem.slack.channel("#marketing").message(containing="Marketing digest")
    await tandem.idle()
    assert texts(tandem, "#marketing").count("Marketing digest") == 1


async def test_a_digest_that_was_refused_goes_to_the_channel_that_is_picked_instead(tandem: Running) -> None:
    keep_out(tandem, "#marketing")
    await to_monday(tandem)
    tandem.slack.faults.clear()
    general = tandem.slack.channel("#general")
    config = parse_config(f'[[audiences]]\nkey = "marketing"\nchannel = "{general.id}"\n')
    workspace_id = tandem.program.workspace_id
    assert workspace_id is not None
    await tandem.program.db.run(apply_config, workspace_id, config, by=None, at=tandem.clock.now())
    await general.message(containing="Marketing digest")
    await tandem.idle()
    invite(tandem, "#marketing")
    await tandem.idle()
    assert "Marketing digest" not in texts(tandem, "#marketing"), "it is posted once"
