"""Back up, go on, restore as docs/backup.md says, and click what was posted meanwhile: nothing acts on another row."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.program import Program
from playground import Fault, Message, Playground
from storage.models import Audience, Lead, VocItem
from tests.running import Running, running, settings_for

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "backup.md").read_text()
REFUSED = "from before a restore"


def commands(name: str) -> str:
    """The lines of one block of the page, as a person types them."""
    found = re.search(rf"```sh {name}\n(.*?)```", PAGE, re.DOTALL)
    assert found, f"docs/backup.md has no block {name}"
    return found[1]


@dataclass
class Shop:
    """Tandem at work, and a shell beside its database."""

    tandem: Running
    engine: str
    url: str
    shell: Callable[[str], None]

    def back_up(self) -> None:
        self.shell(commands(f"backup-{self.engine}"))

    async def restore(self) -> None:
        """Stop Tandem, put the backup back, start again: Slack noticed nothing of it."""
        await self.tandem.idle()
        await self.tandem.program.stop()
        self.shell(commands(f"restore-{self.engine}"))
        self.tandem.clock.advance(timedelta(minutes=3))  # nobody restores in no time
        await self.start()

    async def start(self) -> None:
        slack = self.tandem.slack
        program = Program(settings_for(slack, self.url), clock=self.tandem.clock, pace=0, host="127.0.0.1")
        await program.start()
        slack.events_url = f"http://127.0.0.1:{program.port}/slack/events"
        self.tandem.program = program

    async def lead(self, name: str) -> Message:
        """A lead arrives; its card."""
        await self.tandem.lead_arrives(name=name, tier="warm")
        await self.tandem.idle()
        return await self.tandem.slack.channel("#leads").message(containing=name)

    async def leads(self) -> dict[str, tuple[int, str]]:
        """Id and state of every lead by its name."""
        rows = await self.tandem.program.db.read(
            lambda session: session.execute(select(Lead.name, Lead.id, Lead.state)).all()
        )
        return {name: (lead_id, state) for name, lead_id, state in rows}

    async def items(self) -> list[tuple[int, str, str]]:
        rows = await self.tandem.program.db.read(
            lambda session: session.execute(
                select(VocItem.id, VocItem.verbatim, VocItem.state).order_by(VocItem.id)
            ).all()
        )
        return [(item_id, words, state) for item_id, words, state in rows]


@pytest.fixture
async def shop(
    migrated_url: str, engine_name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Shop]:
    command = tmp_path / "tandem"
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -P -m bot "$@"\n')
    command.chmod(0o755)
    programs = [str(request.getfixturevalue("postgres").programs)] if engine_name == "postgresql" else []
    told = {
        "PATH": os.pathsep.join([*programs, os.environ["PATH"]]),
        "DATABASE_URL": migrated_url.replace("+psycopg", "") if engine_name == "postgresql" else "sqlite:///tandem.db",
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_SIGNING_SECRET": "s" * 32,
    }

    def shell(lines: str) -> None:
        done = subprocess.run(
            ["sh", "-eu", "-c", lines], cwd=tmp_path, env=told, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, f"{lines}\n{done.stdout}{done.stderr}"

    async with running(migrated_url, "http") as tandem:
        yield Shop(tandem, engine_name, migrated_url, shell)


async def test_old_cards_of_lost_leads_change_no_other_lead(shop: Shop) -> None:
    kept = await shop.lead("Kept Kim")
    shop.back_up()
    lost = await shop.lead("Lost Lou")
    (lost_id, _) = (await shop.leads())["Lost Lou"]
    await shop.restore()
    new = await shop.lead("New Nia")
    assert (await shop.leads())["New Nia"] == (lost_id, "new"), "the id is given again"

    for button in ("Claim", "Contacted", "Decline"):
        receipt = await lost.button(button).click(by="ana")
        assert f"This card is {REFUSED}" in receipt.text
        assert "/lead list" in receipt.text
    muted = await lost.select("Mute reminders…", "1 hour", by="ana")
    assert f"This card is {REFUSED}" in muted.text
    assert (await shop.leads())["New Nia"] == (lost_id, "new")

    await kept.button("Contacted").click(by="ana")
    await kept.changed(containing="Contacted by Ana Ruiz")
    if asked := await new.button("Claim").click(by="bo"):  # it was given to ana
        await asked.submit()
    await new.changed(containing="Claimed by Bo Larsen")
    states = {name: state for name, (_, state) in (await shop.leads()).items()}
    assert states == {"Kept Kim": "contacted", "New Nia": "claimed"}


async def test_old_lists_receipts_homes_and_forms_change_no_other_row(shop: Shop) -> None:
    slack = shop.tandem.slack
    shop.back_up()
    lost = await shop.lead("Lost Lou")
    owner = "ana" if "Ana Ruiz" in lost.text else "bo"
    listed = await slack.channel("#general").command("/lead list", by=owner)
    contacted = await (await shop.lead("Lost Lea")).button("Contacted").click(by="ana")
    logged = await slack.channel("#general").command("/voc too dear #pricing @Globex", by="ana")
    home = await slack.home(owner).open()
    await shop.restore()

    await shop.lead("New Nia")
    await shop.lead("New Noa")
    await slack.channel("#general").command("/voc too slow #speed @Initech", by="ana")
    before = await shop.leads(), await shop.items()
    assert {lead_id for lead_id, _ in before[0].values()} == {1, 2}

    for surface, label in ((listed, "Contacted"), (contacted, "Undo"), (logged, "Undo"), (logged, "Add quote")):
        receipt = await surface.button(label).click(by=owner if surface is listed else "ana")
        assert f"This card is {REFUSED}" in receipt.text, label
    told = await home.button("Contacted").click()
    assert f"This page is {REFUSED}" in told.text
    assert (await shop.leads(), await shop.items()) == before


async def test_an_old_edit_form_changes_no_other_item_and_keeps_what_was_typed(shop: Shop) -> None:
    slack = shop.tandem.slack
    shop.back_up()
    logged = await slack.channel("#general").command("/voc too dear #pricing @Globex", by="ana")
    form = await logged.button("Edit").click(by="ana")
    await shop.restore()
    await slack.channel("#general").command("/voc too slow #speed @Initech", by="ana")
    before = await shop.items()
    form.fill({"What happened?": "far too dear"})
    refused = await form.submit()
    assert f"This form is {REFUSED}" in refused.answer.text
    again = slack.modal("ana")
    assert again is not None
    assert again.value("What happened?") == "far too dear"
    assert await shop.items() == before


async def test_an_old_decline_form_declines_no_other_lead(shop: Shop) -> None:
    shop.back_up()
    lost = await shop.lead("Lost Lou")
    form = await lost.button("Decline").click(by="ana")
    await form.select("Why?", "Duplicate")
    await shop.restore()
    await shop.lead("New Nia")
    refused = await form.submit()
    assert f"This form is {REFUSED}" in refused.answer.text
    assert [state for _, state in (await shop.leads()).values()] == ["new"]


async def test_a_card_whose_reply_was_lost_works_before_it_is_recorded(shop: Shop) -> None:
    """Slack shows the card, and we do not know where yet."""
    shop.tandem.slack.faults.next("chat.postMessage", Fault.lost_reply())
    shop.tandem.slack.faults.next("conversations.history", Fault.slow(2.0))
    await shop.tandem.lead_arrives(name="Kept Kim", tier="warm")
    card = await shop.tandem.slack.channel("#leads").message(containing="Kept Kim")
    assert not await card.button("Claim").click(by="ana", answer_within=0.3)
    assert (await shop.leads())["Kept Kim"][1] == "claimed"


async def test_a_backup_is_never_written_over(shop: Shop) -> None:
    if shop.engine == "postgresql":
        pytest.skip("pg_dump writes over its file")
    shop.back_up()
    with pytest.raises(AssertionError, match="already exists"):
        shop.back_up()


async def test_a_card_of_the_release_before_works_while_it_is_the_one_we_keep(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It carries the bare id. After a restore it is not the card that we keep."""
    shop.back_up()
    with monkeypatch.context() as release_before:
        release_before.setattr("handlers.leads.views.mark", lambda lead_id, _born: str(lead_id))
        card = await shop.lead("Lost Lou")
    await card.button("Claim").click(by="ana")
    await card.changed(containing="Claimed by Ana Ruiz")
    with monkeypatch.context() as release_before:
        release_before.setattr("handlers.leads.views.mark", lambda lead_id, _born: str(lead_id))
        card = await shop.lead("Lost Lea")
    await shop.restore()
    await shop.lead("New Nia")
    await shop.lead("New Noa")
    receipt = await card.button("Contacted").click(by="ana")
    assert f"This card is {REFUSED}" in receipt.text
    assert {state for _, state in (await shop.leads()).values()} == {"new"}


async def test_nothing_that_can_be_clicked_names_a_row_by_its_id_alone(shop: Shop) -> None:
    slack = shop.tandem.slack
    card = await shop.lead("Kept Kim")
    await slack.channel("#general").command("/lead list", by="ana")
    await slack.channel("#general").command("/lead list", by="bo")
    await card.button("Decline").click(by="ana")
    for line in ("/voc too dear #pricing @Globex", "/voc list", "/persona", "/tandem digest sales"):
        await slack.channel("#general").command(line, by="mia")
    await slack.channel("#general").command("/tandem answer #pricing", by="max")
    await slack.home("ana").open()
    await slack.home("mia").open()
    await shop.tandem.later(hours=3)
    await shop.tandem.idle()
    said = json.dumps([call.args for call in slack.calls], default=str)
    said += json.dumps([one.record.blocks for who in ("ana", "mia", "bo", "max") for one in _seen(slack, who)])
    said = said.replace("\\", "")
    assert re.search(r'"lead": ?"\d+-\w+"', said)
    assert re.findall(r'"block_id": ?"(?:lead|voc|persona|digest)[^"]*:\d+"', said) == []
    assert re.findall(r'"(?:lead|item|theme|persona|audience)": ?"?\d+[",}]', said) == []
    assert re.findall(r'"value": ?"\d+(?::\w+)?"', said) == []


def _seen(slack: Playground, who: str) -> list[Message]:
    return slack.channel("#general").ephemerals(to=who)


async def test_an_old_form_of_settings_says_so_where_no_receipt_can_follow(shop: Shop) -> None:
    """Opened from Home, a form has no response_url: the refusal shows on top of it."""
    slack = shop.tandem.slack
    shop.tandem.clock.advance(timedelta(seconds=1))
    await slack.channel("#general").command("/tandem setup", by="mia")
    preview = await slack.channel("#general").command("/tandem digest sales", by="mia")
    form = await preview.button("Settings").click(by="mia")
    await shop.tandem.program.db.run(lambda session: _born_anew(session, shop.tandem.clock.now()))
    refused = await form.submit()
    assert f"This form is {REFUSED}" in refused.answer.text
    assert "/tandem digest" in refused.answer.text


def _born_anew(session: Session, at: datetime) -> None:
    """As after a restore of a backup from before the digests were set up."""
    session.execute(update(Audience).values(created_at=at))
