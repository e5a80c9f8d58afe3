"""`/tandem ask` answers a question with what customers said: counts, their own words, and links."""

from __future__ import annotations

from typing import Any

from tests.running import Running, running


async def say(tandem: Running, line: str, by: str) -> Any:
    return await tandem.slack.channel("#leads").command(line, by=by)


async def test_a_question_is_answered_with_counts_quotes_and_links(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        await say(tandem, '/voc their CFO said "security comes first & <always>" #security @Globex', "bo")
        await say(tandem, "/voc CFOs ask about security audits #security @Initech", "ana")
        await say(tandem, "/voc praise: security is good #security", "ana")
        reply = await say(tandem, "/tandem ask what do CFOs say about security?", "max")
        assert "2 items from 2 accounts and 2 reps" in reply.text
        assert "Mostly under #security (2)." in reply.text
        assert "security comes first & <always>" in reply.text
        assert reply.text.index("comes first") < reply.text.index("security audits")
        assert reply.buttons == ["Show #security"]
        same = await say(tandem, "/tandem ask what do our customers say about CFOs and security?", "max")
        assert "2 items from 2 accounts and 2 reps" in same.text
        assert ": 2 objections. Mostly" in same.text
        assert "no item has" not in same.text


async def test_what_a_question_names_and_no_item_has_is_told(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        await say(tandem, "/voc the rollout took months", "bo")
        await say(tandem, "/voc security is a worry for zebras", "bo")
        reply = await say(tandem, "/tandem ask zebras on the rollout?", "ana")
        assert "Looked for “rollout”; no item has “zebras” beside that." in reply.text
        assert "the rollout took months" in reply.text


async def test_a_question_without_an_answer_says_what_to_ask(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        await say(tandem, "/voc the rollout took months", "bo")
        assert "No customer’s words" in (await say(tandem, "/tandem ask anything on lions?", "ana")).text
        assert "Ask about what customers said" in (await say(tandem, "/tandem ask", "ana")).text
        assert "301 characters are too long" in (await say(tandem, f"/tandem ask {'x' * 301}", "ana")).text
        assert "There is no theme #lions." in (await say(tandem, "/tandem ask what about #lions?", "ana")).text


async def test_a_question_that_only_names_a_theme_or_an_account_is_about_all_its_items(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        await say(tandem, "/voc too dear #pricing @Globex", "bo")
        await say(tandem, "/voc half the price elsewhere #pricing @Initech", "ana")
        for question in ("what about #pricing?", "what do customers say about #pricing?", "was ist mit #pricing"):
            reply = await say(tandem, f"/tandem ask {question}", "max")
            assert "2 items from 2 accounts and 2 reps" in reply.text, question
        assert "1 item from 1 account" in (await say(tandem, "/tandem ask what about @Globex?", "max")).text
        assert "2 items" in (await say(tandem, "/voc search the #pricing", "max")).text
