"""A card is complete without what stands beside its bar, which Slack folds up, and each button says whose it is."""

from __future__ import annotations

from typing import Any

from domain.leads.arriving import Touch
from domain.leads.rungs import apply_due_rungs
from handlers.leads import lists
from handlers.messages import Rendering
from playground.blocks import interactive_elements
from playground.markup import Reader
from tests.leads.shown import HOSTILE, event, render, spoken
from tests.world import World


def every_kind(world: World, **fields: Any) -> dict[str, Rendering]:
    """The messages about one lead that ask somebody to do something."""
    lead = world.lead(email="lee@northwind.com", touches=(Touch("webinar", None),), **fields)
    card, dm = render(world, "lead_card", lead), render(world, "lead_dm", lead, "U-ANA")
    world.run(apply_due_rungs, at=world.later(seconds=150))
    world.run(apply_due_rungs, at=world.later(seconds=90))
    reminder = render(world, "lead_reminder", event(world, lead, "reminded"), "U-ANA")
    world.run(apply_due_rungs, at=world.later(seconds=60))
    breach = render(world, "lead_breach", event(world, lead, "breached"), "U-MIA")
    found = {"card": card, "dm": dm, "reminder": reminder, "breach": breach}
    return {name: one for name, one in found.items() if one is not None}


def above_the_bar(rendering: Rendering) -> str:
    """What a person reads when Slack folds up the attachment."""
    return Reader(lambda member: member).message(rendering.text, rendering.content()["blocks"], [])


def test_who_deadline_and_buttons_stand_above_the_bar(world: World) -> None:
    messages = every_kind(world)
    assert set(messages) == {"card", "dm", "reminder", "breach"}
    for name, rendering in messages.items():
        text = above_the_bar(rendering)
        assert "Lee Wong · Northwind" in text, name
        assert "12:05 UTC" in text, name
        assert "lee@northwind.com" in text, name
        assert any(interactive_elements(block) for block in rendering.content()["blocks"]), name


def test_nothing_beside_the_bar_can_be_clicked(world: World) -> None:
    for rendering in every_kind(world).values():
        for beside in rendering.content()["attachments"]:
            assert beside["color"]
            assert [interactive_elements(block) for block in beside["blocks"]] == [[] for _ in beside["blocks"]]


def test_each_button_says_whose_it_is_to_those_who_hear_the_card(world: World) -> None:
    for rendering in every_kind(world).values():
        said = spoken(rendering.content()["blocks"])
        assert said
        assert all(label.endswith(": Lee Wong, Northwind") for label in said)


def test_what_is_spoken_begins_with_what_is_seen_and_fits(world: World) -> None:
    for name in HOSTILE:
        for rendering in every_kind(world, name=name[:200]).values():
            for block in rendering.blocks:
                for element in interactive_elements(block):
                    if element["type"] == "button":
                        assert element["accessibility_label"].startswith(element["text"]["text"] + ":")
                        assert len(element["accessibility_label"]) <= 75
                        assert "\n" not in element["accessibility_label"]


def test_the_list_and_the_receipts_say_it_too(world: World) -> None:
    from domain.leads.lifecycle import contact_lead
    from domain.leads.listing import list_open_leads
    from domain.leads.working import work_lead

    lead = world.lead()
    found = world.run(list_open_leads, by=world.member("ana"), at=world.now)
    listed = lists.leads_list(found, "U-ANA", "/lead")
    assert spoken(listed.blocks) == ["Claim: Lee Wong, Northwind", "Contacted: Lee Wong, Northwind"]
    done = world.run(work_lead, contact_lead, lead, by=world.member("ana"), at=world.now)
    assert spoken(lists.contacted_receipt(done).blocks) == [
        "What did they say?: Lee Wong, Northwind",
        "Undo: Lee Wong, Northwind",
    ]
