"""A lead that is settled within seconds of being given shows to the manager, and the turn stays taken."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from domain.home import load_home
from domain.leads.declining import decline_lead, reopen_lead
from domain.leads.lifecycle import claim_lead, contact_lead, take_lead
from domain.leads.rungs import apply_due_rungs
from handlers.home.views import home_view
from storage.models import Lead, LeadEvent
from tests.world import World


def contacts(world: World, lead: int, by: str = "ana") -> None:
    world.run(contact_lead, lead, by=world.member(by), at=world.now)


def declines(world: World, lead: int) -> None:
    world.run(decline_lead, lead, reason="bad_data", note="", by=world.member("ana"), at=world.now)


def told(world: World) -> list[tuple[str, str, str, int]]:
    """What mia's Home shows of such leads."""
    home = world.run(load_home, world.member("mia").id, world.workspace_id, world.now)
    assert home is not None
    text = str(home_view(home, ""))
    found = [(one.name, one.kind, one.by, one.seconds) for one in home.boards[0].at_once]
    assert ("Settled within seconds of being given" in text) == bool(found)
    return found


@pytest.mark.parametrize(("settle", "kind"), [(contacts, "contacted"), (declines, "declined")])
def test_the_manager_sees_it(world: World, settle: Callable[[World, int], None], kind: str) -> None:
    lead = world.lead()
    world.later(seconds=4)
    settle(world, lead)
    assert told(world) == [("Lee Wong", kind, "ana", 4)]
    assert [one for one in world.queued() if one[1] == "U-MIA" and one[0] != "home" and "decline" not in one[0]] == []


def test_ten_seconds_later_and_by_their_own_claim_it_is_nothing_to_show(world: World) -> None:
    slow = world.lead("Slow")
    world.later(seconds=11)
    contacts(world, slow)
    taken = world.lead("Taken")
    world.run(claim_lead, taken, by=world.member("bo"), at=world.now)
    contacts(world, taken, "bo")
    assert told(world) == []


def test_what_was_undone_is_not_shown(world: World) -> None:
    lead = world.lead()
    contacts(world, lead)
    world.run(reopen_lead, lead, by=world.member("ana"), at=world.later(seconds=3))
    assert told(world) == []


def test_a_decline_within_seconds_does_not_return_the_turn(world: World) -> None:
    first = world.lead("First")
    world.later(seconds=3)
    declines(world, first)
    world.later(seconds=1)
    second = world.lead("Second")
    owner = world.run(lambda session: session.get_one(Lead, second).owner_id)
    assert owner == world.member("bo").id


def test_a_manager_is_not_told_of_their_own_lead(world: World) -> None:
    lead = world.lead()
    world.run(take_lead, lead, by=world.member("mia"), at=world.now)
    world.run(apply_due_rungs, at=world.later(minutes=5))
    assert world.run(lambda session: session.scalar(select(LeadEvent.id).where(LeadEvent.kind == "breached")))
    assert ("lead_breach", "U-MIA") not in world.queued()
