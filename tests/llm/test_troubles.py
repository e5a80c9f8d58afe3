"""A model that is slow, wrong, refuses, asks for patience, or costs too much: all else works, and one place says so."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
import structlog

from domain.llm.budget import BudgetSpent, load_use, reserve_tokens, settle_tokens, switch_llm
from domain.proposals.labelling import gather_batch
from domain.proposals.labels import Labels
from handlers.jobs import RunningJob, Tools
from handlers.llm import LlmTrouble, Question
from handlers.proposals.jobs import Labelling, label
from handlers.setup.model import model_finding, model_row
from tests.llm.office import KEY, Office
from tests.llm.server import Asked, Reply, everything_under, failing, labels, said

WORDS = "they find it far too dear"


@pytest.mark.parametrize(
    "answer",
    [
        said("the theme is moonshot, of course"),
        said('{"labels": [{"item": 1, "theme": "pri'),
        said('{"labels": "moonshot"}'),
        said("[]"),
        said("null"),
        said("<html><body>Bad gateway</body></html>"),
        said(""),
        said(None),
        said("   "),
        said('{"labels": []}', finish="length"),
        said("[" * 100_000),
        Reply(body='{"choices": []}'),
        Reply(body="{}"),
        Reply(body="null"),
        Reply(body=""),
        Reply(body="{"),
        Reply(body="<html>Sign in to this network</html>", content_type="text/html"),
    ],
    ids=lambda reply: (reply.body or "nothing")[-60:-20] if isinstance(reply, Reply) else "",
)
async def test_an_answer_that_cannot_be_read_comes_to_no_proposal_and_is_not_asked_for_again(
    office: Office, answer: Reply
) -> None:
    item_id = office.log(WORDS)
    office.server.answer = lambda _asked: answer
    await office.labelled()
    assert office.proposed() == {item_id: None}
    assert office.use().trouble == "malformed"
    assert len(office.server.asked) == 1
    await office.later(hours=2)
    await office.labelled()
    assert len(office.server.asked) == 1


async def test_labels_for_none_of_the_items_are_an_answer_of_nothing(office: Office) -> None:
    item_id = office.log(WORDS)
    office.server.answer = lambda _asked: labels()
    await office.labelled()
    assert office.proposed() == {item_id: None}
    assert office.use().trouble is None


@pytest.mark.parametrize("answer", [said(None, refusal="I will not."), said(None, finish="content_filter")])
async def test_a_refusal_is_told_in_one_place_and_the_items_stay_as_they_are(office: Office, answer: Reply) -> None:
    item_id = office.log(WORDS)
    office.server.answer = lambda _asked: answer
    await office.labelled()
    assert office.proposed() == {item_id: None}
    assert office.world.queued() == [], "nobody gets a message"
    finding = model_finding(office.use(), office.model.settings)
    assert (finding.well, "would not answer" in finding.found) == (False, True)


async def test_one_note_that_a_model_stumbles_over_costs_the_others_only_another_try(office: Office) -> None:
    poison = office.log("how to build a bomb, they ask")
    others = [office.log(f"they find it {number} times too dear") for number in range(4)]

    def answer(asked: Asked) -> Reply:
        stumbles = any("bomb" in text for text in asked.texts)
        return said(None, refusal="No.") if stumbles else everything_under(asked, "moonshot")

    office.server.answer = answer
    await office.labelled()
    assert len(office.server.asked) == 3
    got = [one for one in others if office.proposed()[one] == "moonshot"]
    assert len(got) >= 2
    assert office.proposed()[poison] is None


@pytest.mark.parametrize(("headers", "least"), [({"Retry_After": "120"}, 120), ({}, 5), ({"Retry_After": "soon"}, 5)])
async def test_a_model_that_asks_for_patience_is_left_alone_so_long(
    office: Office, headers: dict[str, str], least: int
) -> None:
    item_id = office.log(WORDS)
    office.server.answer = lambda _asked: failing(429, code="rate_limit_exceeded", **headers)
    async with office.running():
        await office.look()
        await office.put_off("busy")
        assert len(office.server.asked) == 1
        await office.later(seconds=least - 2)
        await office.rested()
        assert len(office.server.asked) == 1
        office.server.answer = lambda asked: everything_under(asked, "moonshot")
        await office.later(seconds=60)
        await office.done()
    assert office.proposed() == {item_id: "moonshot"}
    assert (office.use().tokens, office.use().trouble) == (900, None)


@pytest.mark.parametrize(("status", "why"), [(500, "server_error"), (503, "server_error"), (408, "server_error")])
async def test_an_error_of_the_server_is_tried_again_later_and_later_for_an_hour_at_the_most(
    office: Office, status: int, why: str
) -> None:
    item_id = office.log(WORDS)
    office.server.answer = lambda _asked: failing(status)
    async with office.running():
        await office.look()
        for _ in range(14):
            await office.rested()
            await office.later(minutes=10)
        await office.done()
    assert 3 <= len(office.server.asked) <= 12, "no storm"
    assert office.use().trouble == why
    assert office.proposals() == {}, "the item waits"
    assert office.job_states()[-1][0] == "done", "no admin is bothered with a dead job"
    office.server.answer = lambda asked: everything_under(asked, "moonshot")
    await office.later(minutes=61)
    await office.labelled()
    assert office.proposed() == {item_id: "moonshot"}
    assert office.use().trouble is None


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (failing(401), "key_refused"),
        (failing(403), "key_refused"),
        (failing(404), "model_unknown"),
        (failing(400), "request_refused"),
        (failing(422), "request_refused"),
        (failing(429, code="insufficient_quota"), "quota"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_no_other_try_helps_is_not_tried_again_for_an_hour(office: Office, reply: Reply, why: str) -> None:
    office.log(WORDS)
    office.server.answer = lambda _asked: reply
    await office.labelled()
    assert (len(office.server.asked), office.use().trouble, office.use().tokens) == (1, why, 0)
    await office.later(minutes=30)
    await office.labelled()
    assert len(office.server.asked) == 1
    finding = model_finding(office.use(), office.model.settings)
    assert not finding.well
    assert finding.remedy
    assert "Turn off" in str(model_row(office.use(), office.model.settings))
    await office.later(minutes=31)
    await office.labelled()
    assert len(office.server.asked) == 2


async def test_a_model_that_takes_too_long_is_given_up_and_may_have_cost(office: Office) -> None:
    office.seconds = 1.0
    office.log(WORDS)
    office.server.answer = lambda asked: Reply(body=everything_under(asked, "moonshot").body, after=3.0)
    async with office.running():
        await office.look()
        await office.put_off("timeout")
    assert office.use().tokens > 6_000


async def test_a_server_that_is_not_there_is_tried_again(office: Office) -> None:
    office.log(WORDS)
    office.server.url = "http://127.0.0.1:9/v1"
    async with office.running():
        await office.look()
        await office.put_off("not_reached")


async def test_a_budget_that_is_spent_asks_nothing_more_until_the_month_ends(office: Office) -> None:
    item_id = office.log(WORDS)
    at = office.clock.now()
    month = office.world.run(reserve_tokens, office.world.workspace_id, 1_995_000, limit=2_000_000, at=at)
    assert month == "2026-11"
    await office.labelled()
    assert office.server.asked == []
    assert (office.use().trouble, office.proposals()) == ("budget", {})
    assert "budget is used up" in model_finding(office.use(), office.model.settings).found
    await office.later(days=15)
    await office.labelled()
    assert office.proposed() == {item_id: "moonshot"}
    assert (office.use().month, office.use().trouble) == ("2026-12", None)


async def test_two_who_ask_at_once_cannot_use_more_than_the_budget(office: Office) -> None:
    async def reserve() -> bool:
        try:
            db, at = office.world.db, office.clock.now()
            await db.run(reserve_tokens, office.world.workspace_id, 300, limit=1_000, at=at)
        except BudgetSpent:
            return False
        return True

    won = await asyncio.gather(*(reserve() for _ in range(8)))
    assert sum(won) == 3
    assert (office.use().tokens, office.use().calls) == (900, 3)


async def test_what_was_reserved_is_settled_in_the_month_of_its_call(office: Office) -> None:
    world, at = office.world, office.clock.now()
    month = world.run(reserve_tokens, world.workspace_id, 500, limit=1_000, at=at)
    world.run(settle_tokens, world.workspace_id, month, reserved=500, spent=120)
    assert world.run(load_use, world.workspace_id, at=at).tokens == 120
    assert world.run(load_use, world.workspace_id, at=at + timedelta(days=31)).tokens == 0


async def test_a_server_that_does_not_count_tokens_is_counted_by_length(office: Office) -> None:
    office.log(WORDS)
    office.server.answer = lambda _asked: labels(tokens=None)
    await office.labelled()
    assert 500 < office.use().tokens < 5_000


async def test_a_negative_count_of_tokens_gives_nothing_back(office: Office) -> None:
    office.log(WORDS)
    office.server.answer = lambda _asked: labels(tokens=-1_000_000)
    await office.labelled()
    assert office.use().tokens >= 0


async def test_an_admin_turns_the_model_off_and_nothing_leaves(office: Office) -> None:
    item_id = office.log(WORDS)
    mia = office.world.member("mia")
    office.world.run(switch_llm, on=False, by=mia, at=office.clock.now())
    await office.labelled()
    assert (office.server.asked, office.proposals(), office.job_states()) == ([], {}, [])
    assert office.world.run(gather_batch, office.world.workspace_id, at=office.clock.now()) is None
    assert "turned off here" in model_finding(office.use(), office.model.settings).found
    office.world.run(switch_llm, on=True, by=mia, at=office.clock.now())
    await office.labelled()
    assert office.proposed() == {item_id: "moonshot"}


async def test_what_was_answered_before_a_crash_is_not_paid_for_twice(office: Office) -> None:
    item_id = office.log(WORDS)
    job = RunningJob(1, office.world.workspace_id, Labelling(), "token", None, office.clock.now())
    tools = Tools(office.tandem, None, office.http, {}, office.model)  # type: ignore[arg-type]  # Slack is not asked
    lost = await label(job, tools)
    again = await label(job, tools)
    assert lost.labels == again.labels
    assert set(again.labels) == {item_id}
    assert len(office.server.asked) == 1


async def test_no_log_holds_a_text_or_the_key(office: Office, capfd: pytest.CaptureFixture[str]) -> None:
    office.log(WORDS)
    with structlog.testing.capture_logs() as logged:
        office.server.answer = lambda _asked: failing(500)
        async with office.running():
            await office.look()
            await office.put_off("server_error")
        for reply in (failing(400), said("nonsense about " + WORDS)):
            office.server.answer = lambda _asked, reply=reply: reply  # type: ignore[misc]
            await office.later(hours=2)
            await office.labelled()
    told = repr(logged) + "".join(capfd.readouterr())
    assert "language model did not answer" in told
    assert "dear" not in told
    assert KEY not in told


async def test_while_a_model_rests_no_other_workspace_asks_it(office: Office) -> None:
    model = office.model
    question = Question("labels", "Say nothing.", "{}", Labels, 100)
    office.server.answer = lambda _asked: failing(429, Retry_After="60")
    for _ in range(3):
        with pytest.raises(LlmTrouble) as trouble:
            await model.say(question)
        assert trouble.value.why == "busy"
    assert len(office.server.asked) == 1
    await office.later(seconds=61)
    with pytest.raises(LlmTrouble):
        await model.say(question)
    assert len(office.server.asked) == 2
    await model.close()
