"""Fairness over made-up rows: a fair story is told as such, and each unfair step in it is found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.calendar import WorkingHours
from domain.leads.terms import Terms
from storage.models import Card, Clock, Lead, LeadEvent, Member
from tests.chaos.answers import Answers
from tests.chaos.buttons import look_at_buttons
from tests.chaos.records import Records
from tests.simulation.fairness import look_at_fairness

NOON = datetime(2026, 11, 17, 12, 0, tzinfo=UTC)
ANA, BO, MIA = 1, 2, 3
USERS = {ANA: "U-ANA", BO: "U-BO", MIA: "U-MIA"}
TERMS = Terms("hot", 100, 0.5, 0.8, 50, 1)


def _at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


class Story:
    """A lead of ana's that she lets wait, of bo's then, who claims it; mia gives it back to ana, who settles it."""

    def __init__(self) -> None:
        self.answers = Answers(tiers={"x-1": "hot"}, picked={(1, "U-MIA", "U-ANA")})
        self.lead = Lead(id=1, team_id=1, name="Lee Wong", external_id="x-1", tier="hot", state="contacted")
        self.lead.owner_id = ANA
        self.events: list[LeadEvent] = []
        self.clocks = [_clock(1, 0, 150), _clock(2, 150, 170), _clock(3, 170, 180)]
        self.happens("received", 0)
        self.happens("given", 0, to=ANA)
        self.happens("reminded", 80, clock=1)
        self.happens("breached", 100, clock=1)
        self.happens("reassigned", 150, **{"from": ANA, "to": BO})
        self.happens("claimed", 160, by=BO)
        self.happens("reassigned", 170, by=MIA, **{"from": BO, "to": ANA})
        self.happens("contacted", 180, by=ANA)

    def happens(self, kind: str, at: float, by: int | None = None, **data: Any) -> None:
        number = len(self.events) + 1
        self.events.append(LeadEvent(id=number, lead_id=1, at=_at(at), kind=kind, by_id=by, data=data))

    def event(self, kind: str) -> LeadEvent:
        return next(one for one in self.events if one.kind == kind)

    def records(self) -> Records:
        return Records(
            deliveries={},
            cards={},
            leads={1: self.lead},
            events={1: self.events},
            clocks=self.clocks,
            editions=[],
            voc={},
            members={number: Member(id=number, slack_user_id=user, name=user) for number, user in USERS.items()},
            teams={},
            truth={},
            jobs=[],
            reps={1: [ANA, BO]},
        )

    def kinds(self) -> list[str]:
        return [one.kind for one in look_at_fairness(self.records(), self.answers)]


def _clock(number: int, started: float, stopped: float) -> Clock:
    clock = Clock(id=number, lead_id=1, state="stopped", started_at=_at(started), due_at=_at(started + 100))
    clock.stopped_at, clock.policy, clock.hours = _at(stopped), TERMS.to_json(), WorkingHours.always().to_json()
    return clock


def test_who_is_given_a_lead_as_somebody_else_was_relieved_of_it_has_no_breach() -> None:
    """A manager gives it on at the very moment: the clock in between begins and ends at once."""
    story = Story()
    story.happens("reassigned", 150, by=MIA, **{"from": BO, "to": ANA})
    relief = story.event("reassigned")
    story.events = [*story.events[: relief.id], story.events[-1], story.events[-2]]
    story.clocks = [_clock(1, 0, 150), _clock(2, 150, 150), _clock(3, 150, 180)]
    assert story.kinds() == []


def test_a_fair_story_is_fair() -> None:
    assert Story().kinds() == []


def _another_claims(story: Story) -> None:
    story.events.insert(6, LeadEvent(id=6, lead_id=1, at=_at(165), kind="claimed", by_id=ANA, data={}))


def _nobody_picked_her(story: Story) -> None:
    story.answers.picked = {(1, "U-MIA", "U-BO")}


def _back_to_who_let_it_wait(story: Story) -> None:
    story.events[4].data = {"from": ANA, "to": ANA}


def _a_claim_stops_the_clock(story: Story) -> None:
    story.clocks[1].stopped_at = _at(160)


def _a_clock_goes_on(story: Story) -> None:
    del story.clocks[1]


def _a_clock_began_at_the_arrival(story: Story) -> None:
    story.clocks[1].started_at, story.clocks[1].due_at = _at(0), _at(100)


def _a_shorter_time(story: Story) -> None:
    story.clocks[1].due_at = _at(200)


def _another_tier(story: Story) -> None:
    story.answers.tiers["x-1"] = "warm"


def _reminded_early(story: Story) -> None:
    story.event("reminded").at = _at(79)


def _breached_early(story: Story) -> None:
    story.event("breached").at = _at(99)


def _reassigned_early(story: Story) -> None:
    story.event("breached").at = _at(101)


def _reassigned_without_a_breach(story: Story) -> None:
    story.events.remove(story.event("breached"))


@pytest.mark.parametrize(
    ("unfair", "told"),
    [
        (_another_claims, {"doubled"}),
        (_nobody_picked_her, {"stray"}),
        (_back_to_who_let_it_wait, {"stray"}),
        (_a_claim_stops_the_clock, {"rung missed"}),
        (_a_clock_goes_on, {"rung missed"}),
        (_a_clock_began_at_the_arrival, {"rung missed"}),
        (_a_shorter_time, {"wrong card"}),
        (_another_tier, {"wrong card"}),
        (_reminded_early, {"stray"}),
        (_breached_early, {"stray"}),
        (_reassigned_early, {"stray"}),
        (_reassigned_without_a_breach, {"stray"}),
    ],
)
def test_what_is_unfair_is_found(unfair: Callable[[Story], None], told: set[str]) -> None:
    story = Story()
    unfair(story)
    assert set(story.kinds()) == told


@pytest.mark.parametrize(("to", "told"), [(BO, set()), (ANA, {"stray"})])
def test_who_waited_longer_comes_first(to: int, told: set[str]) -> None:
    """Ana was given the lead of this story last."""
    story, records = Story(), Story().records()
    events = [
        LeadEvent(id=20, lead_id=2, at=_at(200), kind="received", by_id=None, data={}),
        LeadEvent(id=21, lead_id=2, at=_at(200), kind="given", by_id=None, data={"to": to}),
    ]
    records.events[2], records.leads[2] = events, Lead(id=2, team_id=1, state="new")
    records.clocks.append(_clock(4, 200, 300))
    records.clocks[-1].lead_id, records.clocks[-1].state = 2, "running"
    assert {one.kind for one in look_at_fairness(records, story.answers)} == told


@pytest.mark.parametrize(
    ("kind", "place", "state", "content", "told"),
    [
        ("lead_card", "C-SALES", "new", '"action_id": "lead.contacted" U-ANA', False),
        ("lead_card", "C-SALES", "new", '"action_id": "lead.contacted" U-BO', True),
        ("lead_card", "C-SALES", "claimed", "U-ANA", True),
        ("lead_dm", "U-ANA", "new", "no button", True),
        ("lead_dm", "U-BO", "new", "no button", False),
        ("lead_dm", "U-BO", "new", '"action_id": "lead.contacted"', True),
        ("lead_dm", "U-ANA", "contacted", '"action_id": "lead.contacted"', True),
    ],
)
def test_buttons_stand_where_somebody_can_use_them(kind: str, place: str, state: str, content: str, told: bool) -> None:
    story = Story()
    story.lead.state = state
    records = story.records()
    records.cards[1] = Card(id=1, kind=kind, subject_id=1, place=place)
    shown = {"action_id": "lead.contacted"} if "lead.contacted" in content else {}
    records.truth[1] = shown | {"text": content.rpartition(" ")[2]}
    assert bool(list(look_at_buttons(records))) is told


def _taken_back() -> Story:
    """A lead of ana's that mia gives to bo by mistake, and takes back; then comes another, for bo, who had none."""
    story = Story()
    story.events, story.clocks = [], [_clock(1, 0, 20), _clock(2, 0, 60)]
    story.answers.picked = {(1, "U-MIA", "U-BO")}
    story.happens("received", 0)
    story.happens("given", 0, to=ANA)
    story.happens("reassigned", 20, by=MIA, **{"from": ANA, "to": BO, "was": {"clock": 1}})
    story.happens("handed_back", 30, by=MIA, **{"from": BO, "to": ANA, "undoes": 3})
    story.happens("contacted", 60, by=ANA)
    return story


def _with_another(story: Story, to: int) -> list[str]:
    records = story.records()
    records.leads[2] = Lead(id=2, team_id=1, name="Kim Roe", external_id="x-2", tier="hot", state="new", owner_id=to)
    first = LeadEvent(id=11, lead_id=2, at=_at(70), kind="received", data={})
    records.events[2] = [first, LeadEvent(id=12, lead_id=2, at=_at(70), kind="given", data={"to": to})]
    clock = _clock(3, 70, 90)
    clock.lead_id, clock.state, clock.stopped_at = 2, "running", None
    records.clocks.append(clock)
    return [one.kind for one in look_at_fairness(records, story.answers)]


def test_what_was_taken_back_is_as_if_it_had_not_been() -> None:
    assert _with_another(_taken_back(), BO) == []
    assert _with_another(_taken_back(), ANA) == ["stray"]
    fresh = _taken_back()
    fresh.clocks[1].started_at, fresh.clocks[1].due_at = _at(20), _at(120)
    assert set(fresh.kinds()) == {"rung missed"}
    early = _taken_back()
    early.events.insert(4, LeadEvent(id=5, lead_id=1, at=_at(45), kind="reminded", by_id=None, data={"clock": 2}))
    early.events[5].id = 6
    assert early.kinds() == ["stray"]


def test_who_is_given_more_time_has_it() -> None:
    story = Story()
    story.events, story.clocks = [], [_clock(1, 0, 900)]
    story.clocks[0].due_at = _at(1000)
    story.happens("received", 0)
    story.happens("given", 0, to=ANA)
    story.happens("extended", 50, by=MIA, to=_at(1000).isoformat())
    story.happens("contacted", 900, by=ANA)
    assert story.kinds() == []
    story.clocks[0].due_at = _at(100)
    assert story.kinds() == ["wrong card"]
    story.clocks[0].due_at = _at(1000)
    story.events.insert(3, LeadEvent(id=4, lead_id=1, at=_at(100), kind="breached", by_id=None, data={"clock": 1}))
    story.events[4].id = 5
    assert story.kinds() == ["stray"]
