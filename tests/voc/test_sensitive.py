"""What should not be kept is asked about before it is saved, and so is a line that was logged a moment ago."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.voc.errors import LoggedJustNow, Sensitive, SensitiveText
from domain.voc.items import log_line, withdraw_item
from domain.voc.sensitive import check_sensitive, find_sensitive
from tests.domain.anything import ANYTHING
from tests.voc.conftest import Desk
from tests.world import World

CARD = "4111 1111 1111 1111"
PHONES = ["+49 171 2345678", "0171/2345679", "(415) 555-0100", "415-555-0101", "+33 6 12 34 56 78"]

# Put together here, so that nobody who looks for lost keys takes these for some.
SECRETS = [
    "ghp_" + "a1B2" * 9,
    "github_pat_" + "11A" * 10,
    "xox" + "b-123456789012-abcdefABCDEF",
    "sk_" + "live_" + "4eC39HqLyjWDarjtT1zdp7dc",
    "sk-" + "proj-a1b2c3d4e5f6g7h8i9j0",
    "AKIA" + "IOSFODNN7EXAMPLE",
    "AIza" + "SyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY",
    "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0In0" + ".dozjgNryP4J3jVmNHl0w5N",
    "-----BEGIN RSA PRIVATE" + " KEY-----\nMIIEow\n-----END RSA PRIVATE" + " KEY-----",
    "https://hooks.slack" + ".com/services/T00000000/B00000000/XXXXXXXXXXXXXXXX",
]


@pytest.mark.parametrize(
    "number",
    [CARD, "4111-1111-1111-1111", "4111111111111111", "5555 5555 5555 4444", "3782 822463 10005", "6011111111111117"],
)
def test_card_numbers_are_found_however_they_are_grouped(number: str) -> None:
    (spot,) = find_sensitive(f"pay with {number} exp 12/27 cvc 123 #pricing")
    assert (spot.what, f"pay with {number} exp"[spot.start : spot.end]) == (Sensitive.CARD, number)


@pytest.mark.parametrize("secret", SECRETS)
def test_keys_and_tokens_are_found_by_their_shape(secret: str) -> None:
    (spot,) = find_sensitive(f"they sent us {secret} by mail @Globex")
    assert spot.what == Sensitive.SECRET


def test_a_list_of_phone_numbers_is_found_and_a_number_to_call_back_is_not() -> None:
    assert {spot.what for spot in find_sensitive("call " + ", ".join(PHONES))} == {Sensitive.PHONES}
    assert find_sensitive("call " + ", ".join(PHONES[:4])) == []


@pytest.mark.parametrize(
    "line",
    [
        "4111 1111 1111 1112 is no card",
        "order 1234567890123456 is late",
        "https://northwind.slack.com/archives/C1/p4111111111111111",
        "DE89 3704 0044 0532 0130 00",
        "ticket 4111 and 1111, 1111 seats",
        "from 01.02.2026 to 03.04.2026, 05.06.2026, 07.08.2026, 09.10.2026, 11.12.2026",
        "$40,000,000,000 and 1.200.000.000 € in 2026-11-27 10:30",
        "sk-learn and the task-force-of-many-words are no keys",
        "AKIA is what they say in Helsinki",
        "an API key must start with ghp_",
        "",
    ],
)
def test_what_only_resembles_it_is_not_found(line: str) -> None:
    assert find_sensitive(line) == []


@given(ANYTHING, st.sampled_from([CARD, *SECRETS]))
def test_of_any_text_nothing_but_what_was_found_is_taken_out(text: str, found: str) -> None:
    line = f"{text} {found} said so"
    with pytest.raises(SensitiveText) as caught:
        check_sensitive(line)
    assert caught.value.without is not None
    assert find_sensitive(caught.value.without) == []
    assert caught.value.without.endswith("removed] said so")


def test_who_was_warned_of_just_that_may_keep_it(world: World) -> None:
    with pytest.raises(SensitiveText) as caught:
        check_sensitive(f"pay with {CARD}")
    check_sensitive(f"they pay with {CARD}", warned=caught.value.seen)
    with pytest.raises(SensitiveText):
        check_sensitive(f"pay with {CARD} or 5555 5555 5555 4444", warned=caught.value.seen)


def test_the_same_line_within_a_minute_is_asked_about_unless_it_was_taken_back_or_somebody_elses(world: World) -> None:
    def log(who: str = "ana") -> int:
        return world.run(log_line, "too dear #x", by=world.member(who), at=world.now, doubting=True).item.id

    first = log()
    world.later(seconds=20)
    with pytest.raises(LoggedJustNow) as caught:
        log()
    assert caught.value.ago.total_seconds() == 20
    log("bo")
    world.run(withdraw_item, first, by=world.member("ana"), at=world.now)
    log()
    world.later(seconds=61)
    log()


async def test_a_card_number_is_asked_about_and_logged_without_it(desk: Desk) -> None:
    asked = await desk.voc(f"wants to pay with {CARD} today #billing @Globex")
    assert "This looks like a card number. Nothing is saved yet." in asked.text
    assert CARD not in asked.text
    assert asked.buttons == ["Log without it", "Log anyway", "Edit"]
    assert await desk.items() == []
    await asked.button("Log without it").click(by="ana")
    await asked.changed(containing="logged")
    assert [item.line for item in await desk.items()] == [
        "wants to pay with [card number removed] today #billing @Globex"
    ]


async def test_whoever_insists_logs_it_as_it_stands_and_once(desk: Desk) -> None:
    asked = await desk.voc(f"wants to pay with {CARD} & <more> today")
    buttons = [asked.button("Log anyway"), asked.button("Log without it"), asked.button("Log anyway")]
    await asyncio.gather(*(button.click(by="ana") for button in buttons))
    await asked.changed(containing="logged")
    (item,) = await desk.items()
    assert item.line.startswith("wants to pay with")


async def test_edit_opens_the_form_which_warns_once_more_and_then_saves(desk: Desk) -> None:
    asked = await desk.voc(f"wants to pay with {CARD} today")
    form = await asked.button("Edit").click(by="ana")
    await form.submit()
    form = desk.modal("ana")
    assert "This looks like a card number. Nothing is saved yet." in form.text
    assert form.value("What happened?") == f"wants to pay with {CARD} today"
    assert await desk.items() == []
    await form.submit()
    assert [item.verbatim for item in await desk.items()] == [f"wants to pay with {CARD} today"]


async def test_a_quote_and_an_edit_are_warned_about_too(desk: Desk) -> None:
    receipt = await desk.voc("wants to pay today @Globex")
    form = await receipt.button("Add quote").click(by="ana")
    form.fill({"Exact quote": f"my card is {CARD}"})
    await form.submit()
    assert "This looks like a card number." in desk.modal("ana").text
    assert [item.quote for item in await desk.items()] == [None]
    form = await receipt.button("Edit").click(by="ana")
    form.fill({"What happened?": f"use {SECRETS[0]}"})
    await form.submit()
    assert "a password or key of a computer system" in desk.modal("ana").text
    assert [item.verbatim for item in await desk.items()] == ["wants to pay today"]


async def test_a_line_that_buttons_cannot_carry_comes_back_whole(desk: Desk) -> None:
    line = f"{CARD} {'word ' * 500}".strip()
    asked = await desk.voc(line)
    assert asked.text.count("word") >= 500
    assert asked.buttons == []
    assert await desk.items() == []


async def test_a_card_number_alone_can_only_be_kept_or_edited(desk: Desk) -> None:
    assert (await desk.voc(CARD)).buttons == ["Log anyway", "Edit"]


async def test_the_same_line_twice_is_logged_again_only_when_that_is_meant(desk: Desk) -> None:
    await desk.voc("too dear #pricing")
    desk.later(seconds=20)
    asked = await desk.voc("too dear #pricing")
    assert "You logged this 20 s ago." in asked.text
    assert len(await desk.items()) == 1
    await asked.button("Log again").click(by="ana")
    await asked.changed(containing="2nd time in 30 days")
    assert len(await desk.items()) == 2
