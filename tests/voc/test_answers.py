"""Marketing's approved answer: set with `/tandem answer`, read by reps in the receipt and by sales in the digest."""

from tests.running import running


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
