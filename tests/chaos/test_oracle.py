"""The oracle over made-up rows: each way of breaking the product is told, and what was overtaken is not."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.calendar import WorkingHours
from domain.leads.errors import NotTheirLead
from domain.leads.terms import Terms
from handlers.dispatch import DATABASE_AWAY
from handlers.words import sentence
from storage.models import Card, Clock, Delivery, Lead, LeadEvent, Member, Team
from tests.chaos.answers import Answers, Click
from tests.chaos.clocks import AtWork
from tests.chaos.jobs import Errands
from tests.chaos.ledger import Ledger, Said
from tests.chaos.oracle import Oracle
from tests.chaos.records import Records

NOON = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
ANA, BO, MIA = 1, 2, 3
CLOCK = 7
CHANNEL = "C-SALES"
BUTTON = {"type": "actions", "elements": [{"action_id": "lead.contacted"}]}


@dataclass
class Story:
    """One lead of one clock: its rows, and what Slack was made to say of it."""

    events: list[LeadEvent] = field(default_factory=list)
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    cards: dict[int, Card] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)
    answers: Answers = field(default_factory=Answers)
    truth: dict[int, Any] = field(default_factory=dict)
    given_up: set[str] = field(default_factory=set)
    at_work: AtWork = field(default=lambda _start, _end: 0.0)
    committed: dict[int, float] = field(default_factory=dict)

    def happens(self, kind: str, at: float, by: int | None = None, **data: Any) -> int:
        number = len(self.events) + 1
        event = LeadEvent(id=number, workspace_id=1, lead_id=1, at=_at(at), kind=kind, by_id=by, data=data)
        self.events.append(event)
        return number

    def tells(
        self,
        kind: str,
        subject: int,
        place: str,
        at: float,
        *,
        error: str | None = None,
        posts: int = 1,
        buttons: bool = True,
        thread: bool = False,
    ) -> None:
        """A delivery that ended at this second, and its posts; without any it was dropped, for what `error` says."""
        number = len(self.deliveries) + 1
        token, lane = f"token-{number}", 10 + len(place)
        self.cards[number] = Card(id=number, kind=kind, subject_id=subject, place=place, state="planned")
        self.deliveries[token] = Delivery(
            id=number,
            kind=kind,
            subject_id=subject,
            lane_id=lane,
            card_id=number,
            token=token,
            state="sent" if posts else "dropped",
            error=error,
            priority=2,
            created_at=_at(at),
            first_tried_at=_at(at),
            finished_at=_at(at),
        )
        for one in range(posts):
            self._post(token, kind, place, f"{number}.{one}", buttons=buttons, thread=thread)

    def _post(self, token: str, kind: str, place: str, ts: str, *, buttons: bool, thread: bool) -> None:
        name = {"type": "rich_text", "elements": [{"elements": [{"text": "Lee Wong"}]}]}
        bar: list[dict[str, Any]] = [{}] if kind == "lead_card" else []
        content: dict[str, Any] = {"text": "", "blocks": [name, BUTTON] if buttons else [name], "attachments": bar}
        said = Said(place, ts, "1.0" if thread else None, token, len(self.deliveries), 0.0, content)
        self.ledger.posts[token].append(said)
        self.ledger.standing[place, ts] = said
        self.ledger.effective.add(token)

    def told(self) -> set[tuple[str, str]]:
        """What the oracle finds wrong: its kind, and the first word of what it says."""
        people = {ANA: "U-ANA", BO: "U-BO", MIA: "U-MIA"}
        terms = Terms("hot", 300, 0.5, 0.8, None, 0)
        clock = Clock(id=CLOCK, lead_id=1, state="stopped", started_at=NOON, due_at=_at(300), stopped_at=_at(290))
        clock.policy, clock.hours = terms.to_json(), WorkingHours.always().to_json()
        records = Records(
            deliveries=self.deliveries,
            cards=self.cards,
            leads={1: Lead(id=1, team_id=1, name="Lee Wong", external_id="x-1")},
            events={1: self.events},
            clocks=[clock],
            editions=[],
            voc={},
            members={number: Member(id=number, slack_user_id=user) for number, user in people.items()},
            teams={1: Team(id=1, key="sales", name="Sales", channel=CHANNEL, manager_id=MIA)},
            truth=self.truth,
            reps={1: [ANA]},
            jobs=[],
        )
        oracle = Oracle(
            records,
            self.ledger,
            self.answers,
            self.at_work,
            [],
            Errands("T1", {}, {}),
            in_one_order=True,
            happened=self.committed,
            given_up=lambda row: row.token in self.given_up,
        )
        return {(one.kind, one.what) for one in oracle.violations()}


def given() -> Story:
    """The lead is given to ana, who gets her DM, and is about to be reminded."""
    story = Story()
    story.answers.leads["x-1"], story.answers.teams["x-1"] = 1, "sales"
    story.happens("received", 0)
    story.happens("given", 0, to=ANA)
    story.tells("lead_card", 1, CHANNEL, 0)
    story.tells("lead_dm", 1, "U-ANA", 0)
    return story


def reminded() -> tuple[Story, int]:
    """Ana is to be reminded by the lead's clock; the reminder's event."""
    story = given()
    return story, story.happens("reminded", 240, clock=CLOCK)


def kinds(story: Story) -> set[str]:
    return {kind for kind, _what in story.told()}


def test_nothing_is_wrong_with_a_reminder_that_stands_once() -> None:
    story, reminder = reminded()
    story.tells("lead_reminder", reminder, "U-ANA", 241)
    assert story.told() == set()


def test_a_reminder_that_was_dropped_silently_is_lost_though_the_lead_moved_on_later() -> None:
    story, reminder = reminded()
    story.tells("lead_reminder", reminder, "U-ANA", 270, posts=0)
    story.happens("claimed", 250, by=BO)
    assert kinds(story) == {"lost"}


def test_a_reminder_that_was_never_queued_is_lost() -> None:
    assert kinds(reminded()[0]) == {"lost"}


def test_a_dropping_is_excused_by_the_event_it_names_though_its_time_is_earlier() -> None:
    story, reminder = reminded()
    claim = story.happens("claimed", 260, by=BO)
    story.tells("lead_reminder", reminder, "U-ANA", 241, error=f"overtaken by event {claim}", posts=0)
    assert story.told() == set()


@pytest.mark.parametrize(
    ("kind", "by", "named"),
    [("claimed", ANA, 0), ("snoozed", ANA, 0), ("claimed", BO, -1), ("claimed", BO, -2), ("claimed", BO, 90)],
    ids=["the rep's own claim", "a snooze", "the reminder itself", "an earlier event", "no event of the lead"],
)
def test_a_dropping_is_not_excused_by_what_did_not_answer_the_reminder(kind: str, by: int, named: int) -> None:
    story, reminder = reminded()
    number = story.happens(kind, 241, by=by) + named
    story.tells("lead_reminder", reminder, "U-ANA", 250, error=f"overtaken by event {number}", posts=0)
    assert kinds(story) == {"lost"}


def test_a_reminder_that_was_posted_twice_is_doubled() -> None:
    story, reminder = reminded()
    story.tells("lead_reminder", reminder, "U-ANA", 241, posts=2)
    assert kinds(story) == {"doubled"}


def test_a_clock_that_reminds_twice_is_told_by_its_id() -> None:
    story, reminder = reminded()
    again = story.happens("reminded", 239, clock=CLOCK)
    for event in (reminder, again):
        story.tells("lead_reminder", event, "U-ANA", 241)
    assert kinds(story) == {"doubled"}


def test_a_reminder_of_no_clock_of_the_lead_is_a_stray() -> None:
    story = given()
    story.tells("lead_reminder", story.happens("reminded", 240, clock=CLOCK + 1), "U-ANA", 241)
    assert kinds(story) == {"stray"}


def test_a_reminder_to_the_wrong_rep_is_told() -> None:
    story, reminder = reminded()
    story.tells("lead_reminder", reminder, "U-BO", 241)
    assert kinds(story) == {"lost", "stray"}


def test_a_reminder_that_was_begun_after_the_lead_was_claimed_is_a_stray() -> None:
    """Its first words ask nobody for anything."""
    story, reminder = reminded()
    story.happens("claimed", 240, by=BO)
    story.tells("lead_reminder", reminder, "U-ANA", 241, buttons=False)
    assert kinds(story) == {"stray"}


def test_a_lead_that_a_sender_was_told_of_and_that_is_not_there_is_lost() -> None:
    story = given()
    story.answers.leads["x-2"] = 2
    assert kinds(story) == {"lost"}


def test_a_dm_that_was_dropped_for_the_contact_is_excused_and_silently_it_is_lost() -> None:
    for silent in (False, True):
        story = given()
        story.happens("reassigned", 10, by=MIA, to=BO)
        story.tells("lead_handoff", 3, CHANNEL, 10, thread=True)
        settled = story.happens("contacted", 30, by=BO)
        error = None if silent else f"overtaken by event {settled}"
        story.tells("lead_dm", 1, "U-BO", 20, error=error, posts=0)
        assert kinds(story) == ({"lost"} if silent else set())


def test_a_delivery_that_ended_as_failed_is_told_unless_slack_refused_it_all_along() -> None:
    story = given()
    story.deliveries["token-1"].state = "failed"
    assert kinds(story) == {"failed"}
    story.given_up = {"token-1"}
    assert story.told() == set()


def test_a_card_may_be_stale_only_until_something_is_recorded_after_what_was_given_up() -> None:
    story, reminder = reminded()
    story.tells("lead_reminder", reminder, "U-ANA", 241)
    card, row = story.cards[3], story.deliveries["token-3"]
    card.channel, card.ts, story.truth[3] = "U-ANA", "3.0", {"text": "Now with Bo"}
    assert kinds(story) == {"wrong card"}
    story.deliveries["token-4"] = _next_for(row, "failed")
    assert kinds(story) == {"wrong card", "failed"}
    story.given_up = {"token-4"}
    assert story.told() == set()
    story.deliveries["token-5"] = _next_for(story.deliveries["token-4"], "dropped")
    assert kinds(story) == {"wrong card"}


@pytest.mark.parametrize(("committed", "told"), [(0, {"rung missed"}), (289, set())])
def test_a_clock_stands_still_until_what_took_its_stop_back_is_committed(committed: float, told: set[str]) -> None:
    story = given()
    story.happens("contacted", 100, by=ANA)
    reopened = story.happens("reopened", 150, by=ANA)
    story.happens("contacted", 290, by=ANA)
    story.at_work = lambda start, end: end - start
    story.committed = {reopened: _at(committed).timestamp()}
    assert kinds(story) == told


def _next_for(row: Delivery, state: str) -> Delivery:
    """One more delivery of the same card, which ended so."""
    same = {name: getattr(row, name) for name in ("kind", "subject_id", "lane_id", "card_id", "priority")}
    times = {name: getattr(row, name) for name in ("created_at", "first_tried_at", "finished_at")}
    return Delivery(id=row.id + 1, token=f"token-{row.id + 1}", state=state, **same, **times)


def _at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("read", "after", "told"),
    [
        ("Somebody else has it.", 1.0, {"lost"}),
        (DATABASE_AWAY, 1.0, set()),
        (DATABASE_AWAY, -1.0, {"lost"}),
        (DATABASE_AWAY, 60.0, {"lost"}),
    ],
)
def test_a_click_without_effect_is_lost_unless_its_answer_says_so(read: str, after: float, told: set[str]) -> None:
    story = given()
    clicked = NOON.timestamp() + 100.0
    story.answers.clicks.append(Click("lead.contacted", 1, "U-ANA", clicked))
    story.ledger.read["U-ANA"].append((clicked + after, read))
    assert kinds(story) == told


@pytest.mark.parametrize(("by", "after", "told"), [(BO, 101, set()), (ANA, 101, set()), (ANA, 300, {"lost"})])
def test_a_click_is_answered_by_what_happened_until_then(by: int, after: float, told: set[str]) -> None:
    story = given()
    story.answers.clicks.append(Click("lead.contacted", 1, "U-ANA", NOON.timestamp() + 100.0))
    story.happens("contacted", after, by=by)
    assert kinds(story) == told


@pytest.mark.parametrize(("by", "told"), [(ANA, set()), (BO, {"lost"})])
def test_who_reads_that_something_was_done_has_done_it(by: int, told: set[str]) -> None:
    story = given()
    story.ledger.read["U-ANA"].append((100.0, "Marked as contacted: Lee Wong. Undo"))
    story.happens("contacted", 100, by=by)
    assert kinds(story) == told


@pytest.mark.parametrize(("by", "told"), [("U-BO", set()), ("U-ANA", {"lost"}), ("U-MIA", {"lost"})])
def test_nobody_is_told_that_their_own_teams_lead_is_not_theirs(by: str, told: set[str]) -> None:
    story = given()
    clicked = NOON.timestamp() + 100.0
    story.answers.clicks.append(Click("lead.contacted", 1, by, clicked))
    story.ledger.read[by].append((clicked + 1, sentence(NotTheirLead("Sales"))))
    assert kinds(story) == told


@pytest.mark.parametrize(
    ("card", "thread", "told"), [(None, None, True), (1, None, False), (2, 1, False), (2, None, True)]
)
def test_what_waits_behind_its_own_thread_is_passed_by_the_others(
    card: int | None, thread: int | None, told: bool
) -> None:
    story = given()
    for at in (100, 200):
        story.tells("lead_handoff", story.happens("tried", at, by=ANA), CHANNEL, at)
    waited, overtook = (story.deliveries[f"token-{number}"] for number in (3, 4))
    waited.thread_card_id, waited.first_tried_at = 1, _at(300)
    if card is not None:
        first = story.deliveries["token-1"]
        first.card_id, first.thread_card_id, first.alone_since = card, thread, _at(90)
    for row, order in ((overtook, 50), (waited, 51)):
        story.ledger.posts[row.token] = [replace(story.ledger.posts[row.token][0], order=order)]
    assert ("out of order" in kinds(story)) == told
