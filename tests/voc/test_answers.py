"""Marketing's approved answer: set with `/tandem answer`, read by reps in the receipt and by sales in the digest."""

from datetime import timedelta

import pytest

from domain.errors import Changed
from domain.themes import answer_theme, find_answerable
from domain.voc.items import log_line
from tests.running import running
from tests.world import World


async def test_an_answer_is_read_by_the_next_rep_who_logs_the_theme(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        general = tandem.slack.channel("#general")
        await general.command("/voc too dear #pricing", by="ana")
        form = await general.command("/tandem answer #pricing", by="max")
        assert "#pricing came up 1 time" in form.text
        form.fill({"What should reps say?": "Do the sum with them."})
        saved = await form.submit()
        assert "Saved" in saved.answer.text
        receipt = await general.command("/voc dear again #pricing", by="bo")
        assert "Do the sum with them." in receipt.text
        again = await general.command("/tandem answer pricing", by="max")
        assert again.value("What should reps say?") == "Do the sum with them."


async def test_a_theme_that_nobody_logged_names_those_that_came_up(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        general = tandem.slack.channel("#general")
        await general.command("/voc too dear #pricing", by="ana")
        answer = await general.command("/tandem answer #prizing", by="max")
        assert "no theme #prizing" in answer.text
        assert "#pricing" in answer.text


async def test_reps_do_not_approve_answers(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        answer = await tandem.slack.channel("#general").command("/tandem answer #pricing", by="ana")
        assert "Marketers, managers and admins can do this" in answer.text


async def test_an_answer_says_whom_it_is_for_and_when_it_is_to_be_checked(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        general = tandem.slack.channel("#general")
        await general.command("/voc too dear #pricing", by="ana")
        form = await general.command("/tandem answer #pricing", by="max")
        assert form.value("Whom is it for?") == "Internal: for reps, not to be sent on"
        form.fill(
            {
                "What should reps say?": "Do the sum with them.",
                "Whom is it for?": "Safe to send to a customer",
                "Verified until": "2026-11-18",
            }
        )
        assert not await form.submit()
        receipt = await general.command("/voc dear again #pricing", by="bo")
        assert "#pricing (safe to send, verified until 18 Nov 2026): Do the sum" in receipt.text
        tandem.clock.advance(timedelta(days=2))
        for shown in ("/voc dear for the third time #pricing", "/voc #pricing", "/voc themes"):
            said = await general.command(shown, by="bo")
            assert "to be checked since 19 Nov 2026" in said.text


async def test_a_day_that_is_over_is_no_day_until_which_an_answer_holds(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        general = tandem.slack.channel("#general")
        await general.command("/voc too dear #pricing", by="ana")
        form = await general.command("/tandem answer #pricing", by="max")
        form.fill({"What should reps say?": "Do the sum with them.", "Verified until": "2026-11-16"})
        assert "Pick a day to come" in (await form.submit())["until"]


def test_marks_that_were_changed_meanwhile_are_not_overwritten_unseen(world: World) -> None:
    world.run(log_line, "far too dear #pricing", by=world.member("ana"), at=world.now)
    opened = world.run(find_answerable, "pricing", by=world.member("max"), at=world.now)
    world.run(answer_theme, opened.theme_id, text="Yes.", by=world.member("mia"), at=world.now)
    again = world.run(find_answerable, "pricing", by=world.member("max"), at=world.now)
    answered = {"text": "Yes.", "audience": "safe", "by": world.member("mia"), "at": world.now}
    world.run(answer_theme, opened.theme_id, **answered)
    for form in (opened, again):
        with pytest.raises(Changed):
            world.run(
                answer_theme,
                form.theme_id,
                text="No.",
                version=form.version,
                by=world.member("max"),
                at=world.now,
            )
