"""The worked example of CONTRIBUTING.md: several in one delivery, a vendor's own answer, a check of the address."""

import json
from pathlib import Path

import pytest

from domain.sources import add_source
from tests.intake.door import SEALER, Door

SECRET = "a-shared-secret-for-tests-only"
GUESTS = json.loads((Path(__file__).parent.parent.parent / "examples/source/guestbook/guests.json").read_text())


@pytest.fixture
def book(door: Door, guestbook: None) -> Door:
    world = door.world
    world.run(add_source, world.workspace_id, "book", auth="guestbook", secret=SECRET, seal=SEALER.seal, at=world.now)
    return door


async def test_the_good_ones_of_a_delivery_are_kept_and_admins_hear_of_the_bad(book: Door) -> None:
    answer = await book.post(GUESTS["body"].encode(), source="book", headers=GUESTS["headers"])
    assert answer.json() == {"kept": 2}
    assert ("book", "unreadable") in book.heard


async def test_a_vendors_check_of_the_address_is_answered_with_the_secret_only(book: Door) -> None:
    good = await book.http.get("/intake/book", params={"key": SECRET, "word": "tulip"})
    assert (good.status_code, good.text) == (200, "tulip")
    for params in ({"key": "another", "word": "tulip"}, {"word": "tulip"}, {"key": "\ud83d\ude00"[:0]}):
        assert (await book.http.get("/intake/book", params=params)).status_code == 405


async def test_a_kind_that_this_process_does_not_know_asks_the_sender_to_come_again(
    book: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    from handlers.intake.sources import ADAPTERS

    monkeypatch.delitem(ADAPTERS, "guestbook")
    answer = await book.post(GUESTS["body"].encode(), source="book", headers=GUESTS["headers"])
    assert answer.status_code == 503
    assert book.stored() == 0
