"""Late is late everywhere: one colour and one sentence, which says who missed it and how long the next one took."""

from collections.abc import Callable

import pytest

from domain.leads.facts import LeadFacts, load_lead
from domain.leads.handing_back import hand_back
from domain.leads.lifecycle import claim_lead, contact_lead, extend_lead, reassign_lead
from domain.leads.rungs import apply_due_rungs
from handlers.leads import phrases
from handlers.leads.phrases import lateness
from handlers.words import ordinal
from tests.leads.shown import event, render, shown
from tests.world import World


def facts(world: World, lead: int) -> LeadFacts:
    found = world.run(load_lead, lead, world.workspace_id, world.now)
    assert found is not None
    return found


def contacted(world: World, lead: int, by: str) -> str:
    world.run(contact_lead, lead, by=world.member(by), at=world.now)
    return lateness(facts(world, lead).judged)


def reassigned(world: World, lead: int, to: str) -> None:
    world.run(reassign_lead, lead, to_user_id=f"U-{to.upper()}", by=world.member("mia"), at=world.now)


def test_the_second_rep_is_not_called_slow(world: World) -> None:
    lead = world.lead()
    world.run(apply_due_rungs, at=world.later(minutes=5))
    world.later(minutes=11)
    reassigned(world, lead, "bo")
    world.later(minutes=7)
    said = contacted(world, lead, "bo")
    assert said == "Late: 23 min, 5 allowed. The first rep missed it, the second took 7 min"
    card = render(world, "lead_card", lead)
    assert said in shown(card)
    assert card is not None
    assert card.colour == phrases.OVERDUE
    assert said in shown(render(world, "lead_breach", event(world, lead, "breached"), "U-MIA", standing=True))


def test_the_clock_hands_it_on_and_the_sentence_is_the_same(world: World) -> None:
    lead = world.lead()
    world.run(apply_due_rungs, at=world.later(minutes=5))
    world.run(apply_due_rungs, at=world.later(minutes=10))
    world.later(minutes=3)
    assert contacted(world, lead, "bo") == "Late: 18 min, 5 allowed. The first rep missed it, the second took 3 min"


def test_whoever_took_it_over_before_the_deadline_missed_it_as_the_second(world: World) -> None:
    lead = world.lead()
    reassigned(world, lead, "bo")
    world.later(minutes=6)
    reassigned(world, lead, "ana")
    world.later(minutes=2)
    assert contacted(world, lead, "ana").endswith("The second rep missed it, the third took 2 min")


def undone(world: World, lead: int) -> None:
    reassigned(world, lead, "bo")
    world.run(hand_back, lead, by=world.member("mia"), at=world.now)


MORE: dict[str, Callable[[World, int], object]] = {
    "their own claim": lambda world, lead: world.run(claim_lead, lead, by=world.member("ana"), at=world.now),
    "more time": lambda world, lead: world.run(extend_lead, lead, minutes=5, by=world.member("mia"), at=world.now),
    "a reassignment that was undone": undone,
}


@pytest.mark.parametrize("what", MORE)
def test_one_rep_alone_is_told_of_without_others(world: World, what: str) -> None:
    lead = world.lead()
    world.later(minutes=7)
    MORE[what](world, lead)
    world.later(minutes=1)
    assert contacted(world, lead, "ana") == "Late: 8 min, 5 allowed"


def test_in_time_is_green(world: World) -> None:
    lead = world.lead()
    world.run(contact_lead, lead, by=world.member("ana"), at=world.later(minutes=1))
    card = render(world, "lead_card", lead)
    assert card is not None
    assert card.colour == phrases.DONE


def test_ordinals() -> None:
    said = [ordinal(number) for number in (1, 2, 3, 4, 11, 12, 21, 22, 33, 112)]
    assert said == ["first", "second", "third", "4th", "11th", "12th", "21st", "22nd", "33rd", "112th"]
