"""Digests as people meet them in Slack: the preview for each role, the settings, and Monday's message."""

import json
from collections.abc import AsyncIterator

import pytest

from playground.modals import Modal
from tests.running import Running, running


@pytest.fixture
async def tandem(migrated_url: str) -> AsyncIterator[Running]:
    """Tandem on the playground; at the end, Slack refused nothing and nobody was pinged."""
    async with running(migrated_url) as program:
        yield program
        assert program.slack.refusals == []
        assert program.slack.pings == []


async def heard(tandem: Running, line: str, by: str = "ana") -> None:
    await tandem.slack.channel("#general").command(f"/voc {line}", by=by)


async def test_each_role_previews_its_own_digest_and_can_look_at_the_other(tandem: Running) -> None:
    await heard(tandem, "too expensive next to Rivalsoft #pricing @Globex $40k")
    await tandem.later(minutes=1)
    general = tandem.slack.channel("#general")
    for_rep = await general.command("/tandem digest", by="ana")
    assert "Sales digest" in for_rep.text
    assert for_rep.buttons == ["Marketing digest"]
    for_marketer = await general.command("/tandem digest", by="max")
    assert "1. #pricing: 1 item, an objection" in for_marketer.text
    assert "This digest goes to #marketing on Mondays at 09:00 (UTC)" in for_marketer.text
    await for_rep.button("Marketing digest").click(by="ana")
    await for_rep.changed(containing="#pricing")


async def test_an_admin_sets_where_and_when_and_reads_when_the_next_comes(tandem: Running) -> None:
    preview = await tandem.slack.channel("#general").command("/tandem digest marketing", by="mia")
    form = await preview.button("Settings").click(by="mia")
    assert isinstance(form, Modal)
    assert (form.value("Day"), form.value("Time"), form.value("Time zone")) == ("Monday", "09:00", "UTC")
    form.fill({"Day": "Thursday", "Time": "16:30"})
    await form.select("Time zone", "Europe/Berlin")
    done = await form.submit()
    assert (
        "Marketing digest. This digest goes to #marketing on Thursdays at 16:30 (Europe/Berlin), next"
        in done.answer.text
    )
    again = await tandem.slack.channel("#general").command("/tandem digest marketing", by="mia")
    assert "Thursdays at 16:30" in again.text


async def test_the_form_leads_to_the_other_digests_and_can_pause_one(tandem: Running) -> None:
    preview = await tandem.slack.channel("#general").command("/tandem digest marketing", by="mia")
    form = await preview.button("Settings").click(by="mia")
    assert isinstance(form, Modal)
    await form.button("← All digests").click(by="mia")
    await form.button("Change", near="Sales digest").click(by="mia")
    assert form.title == "Sales digest"
    form.fill({"Pause": ["Paused: nothing is posted until you clear this box"]})
    assert not await form.submit()
    assert "digest “sales”: is sending → paused" in form.text


async def test_a_digest_without_a_channel_says_so(tandem: Running) -> None:
    preview = await tandem.slack.channel("#general").command("/tandem digest sales", by="mia")
    form = await preview.button("Settings").click(by="mia")
    assert isinstance(form, Modal)
    done = await form.fill({"Channel": None}).submit()
    assert "This digest does not go out yet: it has no channel." in done.answer.text


async def test_mondays_digest_stands_in_the_channel_once_and_is_inert(tandem: Running) -> None:
    await heard(tandem, "too dear <!channel> <@U1> #pricing @Globex $40k")
    await tandem.later(days=5, hours=23)
    message = await tandem.slack.channel("#marketing").message(containing="#pricing")
    assert "too dear <!channel> <@U1>" in message.text
    assert "<!channel>" not in json.dumps(message.blocks)
    assert "Globex" in message.text
    await tandem.later(hours=2)
    await tandem.idle()
    digests = [one for one in tandem.slack.channel("#marketing").messages if "Marketing digest" in one.text]
    assert len(digests) == 1
