"""The oracle over made-up declines and looks: a right story is told as such, and each wrong step in it is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage.models import AgentQuestion, Decline, Delivery, Lead, LeadEvent, Member, Nurture, Team
from tests.chaos.ledger import Ledger, Said
from tests.chaos.records import Records
from tests.simulation.declines import look_at_declines
from tests.simulation.seen import look_at_looks
from tests.simulation.told import Decision, Look, Question, Told

NOON = datetime(2026, 11, 17, 12, 0, tzinfo=UTC)
ANA, BO, MIA, NORA = 1, 2, 3, 4
MARKETING = "C-MARKETING"


def _at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


class Story:
    """Ana gives a lead back, nora disputes that, mia rules: ana has it again. Another of hers rests, and returns."""

    def __init__(self) -> None:
        self.told = Told((MARKETING,))
        self.ledger = Ledger()
        self.posts: dict[tuple[str, int, str], list[Said]] = {}
        self.events: dict[int, list[LeadEvent]] = {1: [], 2: []}
        self.declines = [_decline(1, 3, "marketing", "ruled"), _decline(2, 13, "nurture", "settled")]
        self.nurtures = [Nurture(id=1, lead_id=2, decline_id=2, state="returned", ended_at=_at(71))]
        self.questions = [AgentQuestion(id=1, channel="D-ANA", ts="5.0", state="answered")]
        self.happens(1, 1, "received", 0)
        self.happens(1, 2, "given", 0, to=ANA)
        self.happens(1, 3, "declined", 10, by=ANA)
        self.happens(1, 4, "disputed", 20, by=NORA, decline=1)
        self.happens(1, 5, "ruled", 30, by=MIA, decline=1, verdict="sales")
        self.happens(1, 6, "given", 30, by=MIA, decline=1, back="ruling", to=ANA)
        self.happens(2, 11, "received", 40)
        self.happens(2, 12, "given", 40, to=ANA)
        self.happens(2, 13, "declined", 50, by=ANA)
        self.happens(2, 14, "given", 71, decline=2, back="nurture", to=ANA)
        for kind, place in (("decline_card", MARKETING), ("ruling_wanted", "U-MIA"), ("decline_ruled", "U-NORA")):
            self.says(kind, 1, place)
        self.says("dispute_opened", 1, MARKETING, thread_ts="decline_card")
        self.told.returns[1] = _at(70)
        moment = NOON.timestamp()
        self.told.decisions += [
            Decision("decline.dispute", 1, "U-NORA", moment + 20),
            Decision("decline.rule", 1, "U-MIA", moment + 30, "sales"),
        ]
        self.told.looks += [
            Look("brief", 1, "U-BO", moment + 5, "Lee Wong, with Ana", troubled=False),
            Look("scoreboard", 0, "U-BO", moment + 5, "*Leads*\\n1, 1 of them open", troubled=False),
        ]
        self.told.questions.append(Question("U-ANA", "D-ANA", "5.0"))
        self.answer()

    def answer(self) -> None:
        token = f"token {len(self.ledger.posts)}"
        self.ledger.posts[token] = [Said("D-ANA", "6.0", "5.0", token, 1, 0.0, {})]

    def happens(self, lead: int, number: int, kind: str, at: float, by: int | None = None, **data: Any) -> None:
        self.events[lead].append(LeadEvent(id=number, lead_id=lead, at=_at(at), kind=kind, by_id=by, data=data))

    def says(self, kind: str, subject: int, place: str, thread_ts: str | None = None) -> None:
        said = Said(place, kind, thread_ts, f"{kind} {place}", 1, 0.0, {})
        self.posts.setdefault((kind, subject, place), []).append(said)

    def kinds(self) -> set[str]:
        names = {ANA: "Ana", BO: "Bo", MIA: "Mia", NORA: "Nora"}
        answers = [Delivery(token=token, kind="agent_said", state="sent") for token in self.ledger.posts]
        records = Records(
            deliveries={one.token: one for one in answers},
            cards={},
            leads={
                1: Lead(id=1, team_id=1, name="Lee Wong", state="new"),
                2: Lead(id=2, team_id=1, name="Kim Roe", state="new"),
            },
            events=self.events,
            clocks=[],
            editions=[],
            voc={},
            members={
                number: Member(id=number, slack_user_id=f"U-{name.upper()}", name=name)
                for number, name in names.items()
            },
            teams={1: Team(id=1, name="Sales", manager_id=MIA)},
            truth={},
            jobs=[],
            reps={1: [ANA, BO]},
            declines=self.declines,
            nurtures=self.nurtures,
            questions=self.questions,
        )
        happened = {one.id: one.at.timestamp() for those in self.events.values() for one in those}

        def posts_of(kind: str, subject: int, place: str) -> tuple[list[Said], list[Delivery]]:
            return self.posts.get((kind, subject, place), []), []

        found = [
            *look_at_declines(
                records, self.ledger, self.told, posts_of, at_work=lambda start, end: end - start, happened=happened
            ),
            *look_at_looks(records, self.ledger, self.told, happened=happened, acknowledged={"5.0"}),
        ]
        return {one.kind for one in found}


def _decline(number: int, event: int, consequence: str, state: str) -> Decline:
    return Decline(
        id=number, lead_id=number, event_id=event, team_id=1, by_id=ANA, consequence=consequence, state=state
    )


def test_a_right_story_is_right() -> None:
    assert Story().kinds() == set()


def _accepted_besides(story: Story) -> None:
    story.happens(1, 7, "decline_accepted", 40, by=NORA, decline=1)


def _still_disputed(story: Story) -> None:
    story.declines[0].state = "disputed"


def _no_card(story: Story) -> None:
    del story.posts["decline_card", 1, MARKETING]


def _told_twice(story: Story) -> None:
    story.says("decline_ruled", 1, "U-NORA")


def _whoever_ruled_is_told(story: Story) -> None:
    story.says("decline_ruled", 1, "U-MIA")


def _the_manager_is_not_asked(story: Story) -> None:
    story.events[1] = [one for one in story.events[1] if one.kind not in ("ruled",) and one.id < 6]
    story.declines[0].state, story.told.decisions = "disputed", story.told.decisions[:1]
    del story.posts["ruling_wanted", 1, "U-MIA"], story.posts["decline_ruled", 1, "U-NORA"]


def _a_ruling_without_effect(story: Story) -> None:
    story.told.decisions.append(Decision("decline.rule", 1, "U-BO", NOON.timestamp(), "sales"))


def _another_verdict(story: Story) -> None:
    story.told.decisions[1] = replace(story.told.decisions[1], verdict="stands")


def _back_to_another(story: Story) -> None:
    story.events[1][-1].data["to"] = BO


def _back_twice(story: Story) -> None:
    story.happens(2, 15, "given", 75, decline=2, back="nurture", to=ANA)


def _back_before_its_time(story: Story) -> None:
    story.told.returns[1] = _at(80)


def _back_late(story: Story) -> None:
    story.told.returns[1] = _at(10)


def _never_back(story: Story) -> None:
    story.nurtures[0].state, story.nurtures[0].ended_at = "waiting", None
    del story.events[2][-1]


def _it_never_rests(story: Story) -> None:
    story.nurtures.clear()


def _a_brief_of_another_rep(story: Story) -> None:
    story.told.looks[0] = replace(story.told.looks[0], shown="Lee Wong, with Bo")


def _a_brief_of_another_lead(story: Story) -> None:
    story.told.looks[0] = replace(story.told.looks[0], shown="Kim Roe, with Ana")


def _a_lead_too_many(story: Story) -> None:
    story.told.looks[1] = replace(story.told.looks[1], shown="*Leads*\\n3, 1 of them open")


def _nothing_is_shown(story: Story) -> None:
    story.told.looks.append(Look("refused", 1, "U-BO", NOON.timestamp(), "", troubled=False))


def _answered_twice(story: Story) -> None:
    story.answer()


def _not_answered(story: Story) -> None:
    story.ledger.posts.clear()


def _not_kept(story: Story) -> None:
    story.questions.clear()
    story.ledger.posts.clear()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (_accepted_besides, {"doubled", "wrong card"}),
        (_still_disputed, {"wrong card"}),
        (_no_card, {"lost"}),
        (_told_twice, {"doubled"}),
        (_whoever_ruled_is_told, {"stray"}),
        (_the_manager_is_not_asked, {"lost"}),
        (_a_ruling_without_effect, {"lost"}),
        (_another_verdict, {"wrong card"}),
        (_back_to_another, {"stray", "lost"}),
        (_back_twice, {"doubled"}),
        (_back_before_its_time, {"stray"}),
        (_back_late, {"rung missed"}),
        (_never_back, {"rung missed"}),
        (_it_never_rests, {"lost", "doubled"}),
        (_a_brief_of_another_rep, {"wrong card"}),
        (_a_brief_of_another_lead, {"stray"}),
        (_a_lead_too_many, {"wrong card"}),
        (_nothing_is_shown, {"lost"}),
        (_answered_twice, {"doubled"}),
        (_not_answered, {"lost"}),
        (_not_kept, {"lost"}),
    ],
)
def test_what_is_wrong_is_found(wrong: Callable[[Story], None], told: set[str]) -> None:
    story = Story()
    wrong(story)
    assert story.kinds() == told
