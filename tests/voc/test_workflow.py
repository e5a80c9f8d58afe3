"""The step of Workflow Builder: it logs once for each run, and completes with what was logged or fails in words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select

from domain.themes import find_or_add_theme
from playground import Fault, Run, run_function
from storage.models import Theme, VocItem, Workspace
from tests.progress import until
from tests.running import Running, Transport, running

SAID = "They say the rollout takes far too long"


@pytest.fixture(params=["socket", "http"])
async def both(request: pytest.FixtureRequest, migrated_url: str) -> AsyncIterator[Running]:
    """The whole program, over each transport."""
    transport: Transport = request.param
    async with running(migrated_url, transport) as tandem:
        yield tandem


def start(tandem: Running, said: str = SAID, *, run_id: str | None = None, **given: str) -> Run:
    given = {"who": tandem.slack.member("ana").id, "said": said, **given}
    return run_function(tandem.slack, "log_customer_voice", given, run_id=run_id)


async def items(tandem: Running) -> list[VocItem]:
    return await tandem.program.db.read(lambda session: list(session.scalars(select(VocItem).order_by(VocItem.id))))


async def add_themes(tandem: Running, *slugs: str) -> None:
    def add(session: Any) -> None:
        workspace = session.scalars(select(Workspace)).one()
        for slug in slugs:
            find_or_add_theme(session, workspace.id, slug, at=tandem.clock.now())

    await tandem.program.db.run(add)


async def test_a_run_logs_what_was_said_and_completes_with_the_item(both: Running) -> None:
    link = "https://northwind.slack.com/archives/C1/p1"
    run = await start(both, kind="Pain point", theme="rollout-time", account="Globex", link=link).done()
    [item] = await items(both)
    assert (run.state, run.error) == ("completed", "")
    assert run.outputs == {
        "item_id": str(item.id),
        "summary": "Pain point logged #rollout-time",
        "theme": "rollout-time",
        "permalink": link,
    }
    assert (item.verbatim, item.kind, item.origin, item.permalink) == (SAID, "pain_point", "workflow", link)
    assert item.account_id is not None


async def test_what_is_left_open_is_read_from_the_words(tandem: Running) -> None:
    run = await start(tandem, "praise: loves the new reports #reporting @Initech").done()
    assert run.outputs["summary"] == "Praise logged #reporting"
    assert run.outputs["permalink"] == ""


async def test_a_run_that_slack_tells_of_again_logs_once(tandem: Running) -> None:
    tandem.slack.faults.next("function_executed", Fault.event_twice())
    run = await start(tandem).done()
    again = start(tandem, run_id=run.id)
    await tandem.slack.delivery.settled()
    other = await start(tandem, "another customer wants single sign-on").done()
    assert again is run
    assert other.state == "completed"
    assert len(await items(tandem)) == 2


async def test_a_lost_answer_to_the_end_of_a_run_does_no_harm(tandem: Running) -> None:
    tandem.slack.faults.next("functions.completeSuccess", Fault.server_error(), Fault.lost_reply())
    run = start(tandem)
    for _ in range(6):
        await tandem.later(seconds=5)
    await run.done()
    assert run.state == "completed"
    assert len(await items(tandem)) == 1

    async def told() -> bool:
        return any(one.error == "execution_not_in_running_state" for one in tandem.slack.refusals)

    for _ in range(3):
        await tandem.later(seconds=20)
    await until(told, lambda: tandem.slack.refusals, what="a second end", still=30)
    tandem.slack.refusals.clear()  # it had ended already


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"said": "  "}, "Say what happened"),
        ({"said": "x" * 10_000}, "characters"),
        ({"said": "they pay with 4111 1111 1111 1111"}, "card number"),
        ({"kind": "rumour"}, "Pick one of the kinds"),
        ({"theme": "!!!"}, "A theme needs letters"),
        ({"who": ""}, "nobody of this workspace"),
        ({"who": "U0NOBODY"}, "nobody of this workspace"),
        ({"who": "*ana*"}, "nobody of this workspace"),
    ],
)
async def test_what_cannot_be_logged_fails_in_words_and_leaves_nothing(
    tandem: Running, given: dict[str, str], words: str
) -> None:
    run = await start(tandem, **{"said": SAID, **given}).done()
    assert run.state == "failed"
    assert words in run.error
    assert await items(tandem) == []
    tandem.slack.refusals.clear()  # Slack was asked who that is


async def test_nothing_is_logged_in_the_name_of_a_guest(tandem: Running) -> None:
    visitor = tandem.slack.add_member("visitor", real_name="Vera Visitor", is_guest=True)
    run = await start(tandem, who=visitor.id).done()
    assert "is a guest" in run.error
    assert await items(tandem) == []


async def test_whoever_builds_a_workflow_is_offered_the_themes_that_hold_what_is_typed(both: Running) -> None:
    await add_themes(both, "pricing", "security", "price-list")
    run = await run_function(both.slack, "offer_themes", {"query": "pri"}).done()
    assert [one["value"] for one in run.outputs["options"]] == ["price-list", "pricing"]
    every = await run_function(both.slack, "offer_themes", {}).done()
    assert {one["text"]["text"] for one in every.outputs["options"]} == {"price-list", "pricing", "security"}


async def test_a_theme_that_was_offered_is_the_one_that_is_logged(tandem: Running) -> None:
    await add_themes(tandem, "pricing")
    offered = await run_function(tandem.slack, "offer_themes", {"query": ""}).done()
    run = await start(tandem, theme=offered.outputs["options"][0]["value"]).done()
    assert run.outputs["theme"] == "pricing"
    themes = await tandem.program.db.read(lambda session: list(session.scalars(select(Theme.slug))))
    assert themes == ["pricing"]
