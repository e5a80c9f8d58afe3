"""Gong tells how often trackers heard something: that becomes items, of customers alone, in the name of the host."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from domain.sources import add_source
from storage.models import Account, Member, Theme, VocItem, Workspace
from tests.intake.door import SEALER, Door

SENT = json.loads((Path(__file__).parent / "gong" / "call.json").read_text())
CALL: dict[str, Any] = json.loads(SENT["body"])
SECRET = SENT["secret"]


@pytest.fixture
def gong(door: Door) -> Door:
    world = door.world
    world.run(add_source, world.workspace_id, "gong", auth="gong", secret=SECRET, seal=SEALER.seal, at=world.now)
    return door


async def post(gong: Door, document: Any = CALL, *, token: str = SECRET) -> httpx.Response:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return await gong.http.post("/intake/gong", params={"token": token}, content=body)


def call(**changed: Any) -> dict[str, Any]:
    """The call, with other values in its `callData` or beside it."""
    document = deepcopy(CALL)
    for name, value in changed.items():
        (document if name.startswith("is") else document["callData"])[name] = value
    return document


def trackers(*found: dict[str, Any]) -> dict[str, Any]:
    return call(content={"trackers": list(found)})


def stored(gong: Door) -> list[tuple[str, str | None, str | None, str]]:
    """Kind, theme, account and author of each item."""
    return gong.world.run(
        lambda session: [
            tuple(row)
            for row in session.execute(
                select(VocItem.kind, Theme.slug, Account.name, Member.name)
                .join(Member, Member.id == VocItem.member_id)
                .outerjoin(Theme, Theme.id == VocItem.theme_id)
                .outerjoin(Account, Account.id == VocItem.account_id)
                .order_by(VocItem.id)
            )
        ]
    )


async def test_each_tracker_that_a_customer_set_off_is_an_item_of_the_host(gong: Door) -> None:
    answer = await post(gong)
    assert answer.status_code == 202
    assert [one["status"] for one in answer.json()["results"]] == ["accepted", "accepted"]
    assert stored(gong) == [
        ("objection", "pricing", "Northwind Traders", "ana"),
        ("question", "security", "Northwind Traders", "ana"),
    ]
    item = gong.world.run(lambda session: session.scalars(select(VocItem).order_by(VocItem.id)).first())
    assert item is not None
    assert (item.origin, item.permalink) == ("call", CALL["callData"]["metaData"]["url"])
    assert item.quote is None  # a count is nobody's words
    assert gong.world.queued() == [("call_logged", "U-ANA")]


async def test_the_sample_of_gongs_own_page_has_the_call_at_the_top(gong: Door) -> None:
    assert (await post(gong, CALL["callData"])).status_code == 202
    assert len(stored(gong)) == 2


async def test_a_call_that_comes_again_brings_only_what_is_new_of_it(gong: Door) -> None:
    await post(gong)
    more = deepcopy(CALL)
    more["callData"]["content"]["trackers"].append({"id": "9", "name": "Rollout time", "count": 2})
    await post(gong, more)
    assert [theme for _, theme, _, _ in stored(gong)] == ["pricing", "security", "rollout-time"]


async def test_a_call_of_nobody_here_stands_in_the_name_of_a_marketer(gong: Door) -> None:
    await post(gong, call(parties=[]))
    assert {author for *_, author in stored(gong)} == {"max"}
    assert gong.world.queued() == [("call_logged", "U-MAX")]


async def test_an_account_is_known_by_the_customers_domain_but_none_is_made_of_it(gong: Door) -> None:
    await post(gong, call(context=[]))
    assert {account for _, _, account, _ in stored(gong)} == {None}

    def add(session: Any) -> None:
        workspace_id, now = gong.world.workspace_id, gong.world.now
        session.add(Account(workspace_id=workspace_id, name="Northwind", slug="northwind", keyed=True, created_at=now))

    gong.world.run(add)
    again = call(context=[])
    again["callData"]["metaData"]["id"] = "2"
    await post(gong, again)
    assert stored(gong)[-1][2] == "Northwind"


async def test_a_tracker_named_by_a_known_competitor_names_the_competitor(gong: Door) -> None:
    def know(session: Any) -> None:
        session.get_one(Workspace, gong.world.workspace_id).competitors = ["Rivalsoft"]

    gong.world.run(know)
    await post(gong, trackers({"id": "4", "name": "Rivalsoft mentions", "count": 2}))
    item = gong.world.run(lambda session: session.scalars(select(VocItem)).one())
    assert (item.kind, item.competitor, item.theme_id) == ("competitor", "Rivalsoft", None)


async def test_a_theme_that_is_there_is_used_when_one_of_the_words_names_it(gong: Door) -> None:
    await post(gong, trackers({"id": "4", "name": "Pricing", "count": 1}))
    await post(gong, trackers({"id": "5", "name": "Annual pricing model", "count": 1}))
    assert [theme for _, theme, _, _ in stored(gong)] == ["pricing", "pricing"]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (call(isTest=True), "a test"),
        (call(isTest="true"), "a test"),
        (call(isPrivate=True), "private"),
        (call(metaData={"id": "1", "scope": "Internal"}), "among yourselves"),
        (call(content={"trackers": [{"name": "Pricing", "count": 0}]}), "no tracker"),
        (call(content=None), "no tracker"),
        (trackers({"name": "Pricing", "count": 2, "occurrences": [{"speakerId": "6432345678555530067"}]}), "own side"),
        (trackers({"name": "  ", "count": 2}), "without a name"),
    ],
)
async def test_what_no_customer_said_is_not_logged_and_the_answer_says_why(
    gong: Door, document: dict[str, Any], reason: str
) -> None:
    answer = await post(gong, document)
    assert (answer.status_code, answer.json()["status"]) == (200, "ignored")
    assert reason in answer.json()["reason"]
    assert stored(gong) == []


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {"callData": []},
        {"callData": {"metaData": {"title": "x"}}},
        {"callData": {"metaData": [1]}},
        b"{",
        b'"callData"',
    ],
)
async def test_what_is_no_call_is_refused_with_the_reason(gong: Door, document: Any) -> None:
    answer = await post(gong, document)
    assert answer.status_code == 422
    assert answer.json()["problems"]
    assert stored(gong) == []


async def test_values_of_any_shape_cost_nothing_but_themselves(gong: Door) -> None:
    odd = call(
        metaData={"id": 77, "title": ["x"], "url": "javascript:alert(1)", "primaryUserId": {}},
        parties=[None, 7, {"affiliation": 1, "emailAddress": ["a"], "context": "x"}],
        context=[{"objects": [{"objectType": "Account", "fields": [{"name": "Name", "value": {"a": 1}}]}]}, 5],
        content={
            "trackers": [{"name": "<!channel> *bold*", "count": "3", "phrases": [{"phrase": 9, "count": 1}]}, "x"]
        },
    )
    assert (await post(gong, odd)).status_code == 202
    item = gong.world.run(lambda session: session.scalars(select(VocItem)).one())
    assert (item.permalink, item.verbatim) == (None, "“<!channel> *bold*” came up 3 times in a call: “9”")


async def test_a_card_number_in_a_call_is_not_kept(gong: Door) -> None:
    said = [{"phrase": "my card is 4111 1111 1111 1111", "count": 1}]
    await post(gong, trackers({"id": "4", "name": "Pricing", "count": 1, "phrases": said}))
    item = gong.world.run(lambda session: session.scalars(select(VocItem)).one())
    assert "4111" not in item.verbatim + item.line


async def test_a_call_with_a_thousand_trackers_brings_twenty_items(gong: Door) -> None:
    many = [{"id": str(number), "name": f"Tracker {number} pricing", "count": 1} for number in range(1000)]
    answer = await post(gong, trackers(*many))
    assert len(stored(gong)) == 20
    assert "980 more" in answer.json()["results"][-1]["reason"]


@pytest.mark.parametrize("token", ["", "another", SECRET + "x", "é" * 32])
async def test_another_secret_in_the_address_is_refused(gong: Door, token: str) -> None:
    assert (await post(gong, token=token)).status_code == 401
    assert stored(gong) == []


async def test_the_secret_in_an_address_counts_for_no_other_kind_of_source(gong: Door) -> None:
    world = gong.world
    world.run(add_source, world.workspace_id, "plain", auth="header", secret=SECRET, seal=SEALER.seal, at=world.now)
    answer = await gong.http.post("/intake/plain", params={"token": SECRET}, json={"id": "1", "name": "Lee"})
    assert answer.status_code == 401


async def test_without_anybody_here_the_call_is_told_as_lost_and_taken_in_later(gong: Door) -> None:
    def away(session: Any, active: bool) -> None:
        for member in session.scalars(select(Member)):
            member.active = active

    gong.world.run(away, False)
    answer = await post(gong)
    assert {one["status"] for one in answer.json()["results"]} == {"ignored"}
    assert ("gong", "unreadable") in gong.heard
    gong.world.run(away, True)
    await post(gong)
    assert len(stored(gong)) == 2
