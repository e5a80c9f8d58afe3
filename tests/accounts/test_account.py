"""All that is known of an account, in one list: nothing of another account or workspace, newest first, nothing lost."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from domain.account_history import ENTRIES, KnownAccount, UnknownAccount, show_account
from domain.leads.arriving import Touch
from domain.leads.declining import decline_lead
from domain.leads.lifecycle import claim_lead, contact_lead
from domain.people import ensure_member, ensure_workspace
from domain.voc.items import log_line, withdraw_item
from handlers.accounts.views import account_view, read_place, unknown_view
from playground.blocks import problems_in_message, problems_in_view
from tests.leads.shown import HOSTILE
from tests.voc.regrouped import merge
from tests.world import World


def log(world: World, line: str, who: str = "ana") -> Any:
    return world.run(log_line, line, by=world.member(who), at=world.later(minutes=1))


def show(world: World, typed: str = "Globex", start: int = 0) -> KnownAccount | UnknownAccount:
    return world.run(show_account, typed, start=start, by=world.member("ana"), at=world.now)


def known(world: World, typed: str = "Globex", start: int = 0) -> KnownAccount:
    found = show(world, typed, start)
    assert isinstance(found, KnownAccount)
    return found


def told(account: KnownAccount) -> list[str]:
    return [f"{entry.what} {entry.kind}: {entry.words}" for entry in account.entries]


def test_leads_touches_steps_and_words_stand_in_the_order_of_time(world: World) -> None:
    webinar = Touch("Webinar", "2026-11-10T09:00:00+00:00")
    lead = world.lead("Lee Wong", company="Globex Inc.", asked="a demo", touches=(Touch("Guide", None), webinar))
    log(world, 'too dear "far beyond our budget" #pricing @globex')
    world.run(claim_lead, lead, by=world.member("bo"), at=world.later(minutes=1))
    world.run(contact_lead, lead, by=world.member("bo"), at=world.later(minutes=1))
    account = known(world)
    assert told(account) == [
        "step contacted: ",
        "step claimed: ",
        "voc objection: far beyond our budget",
        "touch touch: Guide",
        "lead lead: a demo",
        "touch touch: Webinar",
    ]
    assert account.open_leads == ()
    assert account.pulse.count == 1
    assert [entry.by for entry in account.entries[:3]] == ["bo", "bo", "ana"]


def test_an_open_lead_is_named_with_who_has_it(world: World) -> None:
    world.lead("Lee Wong", company="Globex")
    world.lead("Kim Park", company="Globex")
    assert {(one.name, one.owner) for one in known(world).open_leads} == {("Lee Wong", "ana"), ("Kim Park", "bo")}


def test_the_reason_of_a_decline_is_told(world: World) -> None:
    lead = world.lead(company="Globex")
    world.run(decline_lead, lead, reason="duplicate", note="", by=world.member("ana"), at=world.later(minutes=1))
    assert told(known(world))[0] == "step declined: duplicate"
    assert "*Declined* by ana (duplicate)" in str(account_view(known(world)))


def test_what_belongs_to_others_is_not_there(world: World) -> None:
    world.lead("Lee Wong", company="Initech")
    log(world, "too dear #pricing @Initech")
    gone = log(world, "too slow #speed @Globex")
    world.run(withdraw_item, gone.item.id, by=world.member("ana"), at=world.later(seconds=1))
    assert known(world).entries == ()
    there = world.run(ensure_workspace, "T2", name="Elsewhere", at=world.now)
    stranger = world.run(ensure_member, there, "U-EVE", name="eve", at=world.now)
    assert isinstance(world.run(show_account, "Initech", by=stranger, at=world.now), UnknownAccount)


def test_pages_hold_everything_once(world: World) -> None:
    lines = [log(world, f"reason {number} #pricing @Globex").item.id for number in range(2 * ENTRIES + 3)]
    pages = [known(world, start=start) for start in (0, ENTRIES, 2 * ENTRIES, 3 * ENTRIES)]
    assert [len(page.entries) for page in pages] == [ENTRIES, ENTRIES, 3, 0]
    assert [entry.row_id for page in pages for entry in page.entries] == lines[::-1]
    labels = [
        [element["text"]["text"] for element in account_view(page)["blocks"][-1]["elements"]] for page in pages[:3]
    ]
    assert labels == [["Older"], ["Newer", "Older"], ["Newer"]]


def test_what_was_merged_is_one_account(world: World) -> None:
    world.lead("Lee Wong", company="Globex Germany")
    log(world, "too dear #pricing @Globex")
    merge(world, "@Globex Germany", "@Globex")
    assert {entry.what for entry in known(world, "globex germany").entries} == {"lead", "voc"}
    assert known(world, "globex germany").name == "Globex"


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("Glob", ("Globex",)),
        ("Globxe", ("Globex",)),
        ("@globex", None),
        ("Zorg", ()),
        ("", ("Globex",)),
        ("@", ("Globex",)),
    ],
)
def test_a_name_that_is_unknown_is_answered_with_what_may_be_meant(
    world: World, typed: str, near: tuple[str, ...] | None
) -> None:
    log(world, "too dear #pricing @Globex")
    found = show(world, typed)
    assert (found.near if isinstance(found, UnknownAccount) else None) == near
    if isinstance(found, UnknownAccount):
        answer = unknown_view(found, "/tandem", "/voc")
        assert not problems_in_message(list(answer.blocks))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_shown_inert_and_fit(world: World, text: str) -> None:
    lead = world.lead(
        text[:200], company="Globex", asked=text, touches=tuple(Touch(text[:200], None) for _ in range(9))
    )
    world.run(decline_lead, lead, reason="other", note=text[:400], by=world.member("ana"), at=world.later(seconds=1))
    view = account_view(known(world))
    assert not problems_in_view(view)
    assert "<!channel>" not in str(view)
    answer = unknown_view(UnknownAccount(text[:200], ()), "/tandem", "/voc")
    assert not problems_in_message(list(answer.blocks))


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ("10@Globex", ("Globex", 10)),
        ("0@a@b", ("a@b", 0)),
        ("-1@x", ("x", 0)),
        ("999999@x", ("x", 0)),
        ("nonsense", ("", 0)),
    ],
)
def test_a_tampered_place_is_the_first_page_or_no_account(value: str, place: tuple[str, int]) -> None:
    assert read_place(value) == place


def test_a_time_that_cannot_be_read_costs_nothing(world: World) -> None:
    world.lead(company="Globex", touches=(Touch("Guide", "yesterday or so"), Touch("Fair", "2026-11-01")))
    ages = {entry.words: entry.at for entry in known(world).entries if entry.what == "touch"}
    assert ages["Guide"] == world.now
    assert isinstance(ages["Fair"], datetime)
