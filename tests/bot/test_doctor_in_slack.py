"""`/tandem doctor`: an admin sees in Slack what needs them, what waits, and what is well."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from handlers.setup.doctor import doctor_card
from handlers.setup.finding import Finding
from playground import Fault, Message
from storage.outbox import Priority
from storage.queue import Pause, Queue, Wait
from tests.running import Running, running

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
