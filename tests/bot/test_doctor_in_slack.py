"""`/tandem doctor`: an admin sees in Slack what needs them, what waits, and what is well."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from bot.commands.doctor import examine
from handlers.jobs import Impossible, RunningJob, Tools
from handlers.setup.doctor import Examination, doctor_card
from handlers.setup.finding import Finding
from playground import Fault, Message
from storage.jobs import enqueue
from storage.outbox import Priority
from storage.queue import Pause, Queue, Wait
from tests.running import Running, running, settings_for

NOW = datetime(2026, 11, 17, 10, 0, tzinfo=UTC)


async def doctor(tandem: Running, containing: str) -> Message:
    general = tandem.slack.channel("#general")
    await general.command("/tandem doctor", by="mia")
    return await general.ephemeral("mia", containing)


async def test_a_healthy_workspace_reads_as_well(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        card = await doctor(tandem, "All is well")
        for words in ("Nothing waits", "#leads", "scopes", "token", "schema", "sources"):
            assert words in card.text


async def test_what_was_mended_is_gone_at_the_next_look(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        channel = tandem.slack.workspace.channels[tandem.slack.channel("#leads").id]
        channel.is_archived = True
        card = await doctor(tandem, "1 thing needs you")
        assert "#leads is archived" in card.text
        assert "Unarchive it" in card.text
        channel.is_archived = False
        await card.button("Look again").click(by="mia")
        await card.changed(containing="All is well")


async def test_a_silent_slack_is_named_instead_of_nothing(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        tandem.slack.faults.next("auth.test", Fault.server_error())
        card = await doctor(tandem, "1 thing needs you")
        assert "status.slack.com" in card.text


async def test_only_admins_may_ask(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        receipt = await tandem.slack.channel("#general").command("/tandem doctor", by="ana")
        assert "Admins can do this" in receipt.text


async def test_a_card_that_can_be_shown_no_more_where_it_was_asked_for_goes_into_a_dm(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        mia = Examination(tandem.slack.member("mia").id)
        assert tandem.program.workspace_id is not None
        await tandem.program.db.run(enqueue, tandem.program.workspace_id, mia, at=tandem.clock.now())
        card = await tandem.slack.dm("mia").message(containing="All is well")
        assert card.button("Look again")
        await tandem.idle()
        assert sum("All is well" in one.text for one in tandem.slack.dm("mia").messages) == 1


async def test_a_look_that_cannot_be_done_is_told_once_and_done_when_the_admin_says_so(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        sound = tandem.program.jobs.kinds
        tandem.program.jobs.kinds = {"examination": replace(sound["examination"], step=_impossible)}
        for _ in range(2):
            await tandem.slack.channel("#general").command("/tandem doctor", by="mia")
        told = await tandem.slack.dm("mia").message(containing="could not do the look")
        assert "(the <moon> is full)" in told.text
        await tandem.idle()
        assert sum("could not do" in one.text for one in tandem.slack.dm("mia").messages) == 1

        tandem.program.jobs.kinds = sound
        found = await examine(settings_for(tandem.slack, migrated_url), tandem.clock)
        [dead] = [one for one in found if one.what == "failed jobs"]
        assert dead.found == "2 × examination"
        await told.button("Try again").click(by="mia")
        await tandem.slack.dm("mia").ephemeral("mia", "All 2 are being tried again")
        # Where the card was asked for is forgotten with the job's end.
        await tandem.slack.dm("mia").message(containing="All is well")
        await told.button("Try again").click(by="mia")
        await tandem.slack.dm("mia").ephemeral("mia", "Nothing of that kind waits")


async def test_jobs_that_only_another_release_knows_are_named(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        at = tandem.clock.now() - timedelta(minutes=20)
        workspace_id = tandem.program.workspace_id
        assert workspace_id is not None
        await tandem.program.db.run(enqueue, workspace_id, OfTomorrow(), at=at)
        card = await doctor(tandem, "need you")
        assert "1 × of_tomorrow, for 20 min" in card.text
        assert "start a worker of the release that does" in card.text


async def test_where_nothing_moves_the_answer_says_so_before_anybody_looked(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        await tandem.program.jobs.stop()
        await tandem.program.ticker.stop()
        await tandem.lead_arrives()
        tandem.clock.advance(timedelta(minutes=4))
        receipt = await tandem.slack.channel("#general").command("/tandem doctor", by="mia")
        assert "1 step of a lead’s clock is overdue" in receipt.text
        assert "See that ./tandem serve or a ./tandem worker is running" in receipt.text


@dataclass(frozen=True)
class OfTomorrow:
    kind: ClassVar[str] = "of_tomorrow"


async def _impossible(_job: RunningJob[Any], _tools: Tools) -> Any:
    raise Impossible("the <moon> is full")


def test_the_card_shows_the_wait_by_kind_with_its_age_and_until_when_slack_asked_to_rest() -> None:
    queue = Queue(
        [Wait(Priority.LEAD, 3, timedelta(seconds=12)), Wait(Priority.DIGEST, 1, timedelta(minutes=4))],
        [Pause("chat.update", NOW + timedelta(seconds=30))],
    )
    card = doctor_card([Finding("queue", True, "…"), Finding("token", True, "Northwind")], queue, NOW)
    shown = str(card.blocks)
    for words in (
        "3 leads, the oldest for 12 s",
        "1 digest, the oldest for 4 min",
        "chat.update rests for 30 s more",
    ):
        assert words in shown
    assert card.text == ":white_check_mark: All is well."


def test_a_card_of_many_troubles_fits_into_a_message() -> None:
    findings = [Finding(f"channel of team {n} <!channel>", False, "x" * 200, "y" * 300) for n in range(100)]
    card = doctor_card(findings, Queue([], []), NOW)
    assert len(card.blocks) < 50
    assert "<!channel>" not in str(card.blocks)
    assert "and 88 more" in str(card.blocks)
