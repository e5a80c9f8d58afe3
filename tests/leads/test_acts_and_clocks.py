"""What each act does to each clock, as docs/clocks.md tables it: each row is done, at each clock that it names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain.leads.declining import decline_lead, reopen_lead
from domain.leads.disputes import dispute_decline, rule_decline
from domain.leads.facts import LeadFacts, load_lead
from domain.leads.handing_back import hand_back
from domain.leads.joining import join_leads
from domain.leads.lifecycle import contact_lead, extend_lead, hear_contact, reassign_lead, snooze_lead, take_lead
from domain.leads.meetings import book_meeting, cancel_meeting, note_meeting
from domain.leads.returning import return_nurtured
from domain.leads.rungs import apply_due_rungs
from domain.leads.taking import claim_or_ask
from domain.leads.tries import log_try
from storage.models import Clock, Decline, Lead, Nurture, Policy
from tests.world import World

TABLE = Path(__file__).parents[2] / "docs" / "clocks.md"
CLAIM, TRIES = timedelta(hours=1), 3
JOINED = "joined with a lead that is due earlier"
COLUMNS = ("to claim", "first contact", "tries", "first meeting")


def rows() -> list[dict[str, str]]:
    """The rows of the table under "What each act does to each clock"."""
    lines = TABLE.read_text(encoding="utf-8").partition("## What each act does to each clock")[2].splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return [dict(zip(cells[0], row, strict=True)) for row in cells[2:]]


class Desk:
    """A lead of ana's under a policy that asks for everything, and the acts by their names in the table."""

    def __init__(self, world: World) -> None:
        self.world = world
        terms = {
            "contact_seconds": 7200,
            "claim_seconds": CLAIM.seconds,
            "tries": TRIES,
            "tries_days": 5,
            "meeting_days": 5,
            "max_reassigns": 9,
            "reassign_after_seconds": None,
        }
        world.run(lambda session: session.execute(update(Policy).where(Policy.tier == "hot").values(terms)))
        self.lead = world.lead()
        self.other = 0
        self.before: Clock | None = None
        """The clock that the act is about."""

    def do(self, step: Callable[..., Any], *args: Any, by: str = "ana", **more: Any) -> Any:
        return self.world.run(step, self.lead, *args, by=self.world.member(by), at=self.world.now, **more)

    def later(self, **duration: float) -> None:
        self.world.later(**duration)

    def reach(self, column: str, act: str) -> None:
        """Bring the lead to the clock of that column, a while before the act."""
        self.later(minutes=1)
        if act == JOINED:
            self.other_lead()
        if column == "tries":
            for _ in range(TRIES - 1 if act == "last try" else 1):
                self.do(log_try)
                self.later(minutes=5)
        if column == "first meeting" and act in ("meeting", "meeting canceled", "contact taken back", JOINED):
            self.do(contact_lead)
            self.later(minutes=5)
        before = {
            "reassign taken back": self.reassign,
            "dispute": self.decline,
            "ruling for marketing": self.dispute,
            "decline taken back": self.decline,
            "contact taken back": lambda: self.do(contact_lead) if self.facts.is_open else None,
            "nurture's return": self.to_nurture,
            "meeting canceled": self.meeting,
        }
        self.before = self.live
        before.get(act, lambda: None)()
        self.later(minutes=2)

    def act(self, name: str) -> None:
        acts: dict[str, Callable[[], Any]] = {
            "claim": lambda: self.do(claim_or_ask),
            "try": lambda: self.do(log_try),
            "last try": lambda: self.do(log_try),
            "contact": lambda: self.do(contact_lead),
            "contact, says the CRM": self.says_the_crm,
            "snooze": lambda: self.do(snooze_lead, until=self.world.now + timedelta(minutes=10)),
            "extend": lambda: self.do(extend_lead, by="mia", minutes=30),
            "reassign": self.reassign,
            "reassign taken back": lambda: self.do(hand_back, by="mia"),
            "take-over by a colleague": lambda: self.do(
                claim_or_ask, by="bo", over=self.do(claim_or_ask, by="bo").event
            ),
            "take-over by the manager": lambda: self.do(take_lead, by="mia"),
            "decline": self.decline,
            "dispute": lambda: self.dispute(declined=True),
            "ruling for marketing": self.ruling,
            "decline taken back": lambda: self.do(reopen_lead),
            "contact taken back": lambda: self.do(reopen_lead),
            "nurture's return": self.back_from_nurture,
            "meeting": self.meeting,
            "meeting canceled": self.meeting_canceled,
            JOINED: self.join,
        }
        acts[name]()

    def says_the_crm(self) -> None:
        self.world.run(hear_contact, self.world.workspace_id, self.lead, origin="crm", at=self.world.now)

    def reassign(self) -> None:
        self.do(reassign_lead, by="mia", to_user_id="U-BO")

    def decline(self) -> None:
        self.do(decline_lead, reason="bad_data", note="", then="marketing")

    @property
    def declined(self) -> int:
        latest = select(Decline.id).order_by(Decline.id.desc()).limit(1)
        found: int = self.world.run(lambda session: session.scalar(latest))
        return found

    def dispute(self, *, declined: bool = False) -> None:
        if not declined:
            self.decline()
        by = self.world.member("max")
        self.world.run(dispute_decline, self.declined, words="they asked for a demo", by=by, at=self.world.now)

    def ruling(self) -> None:
        by = self.world.member("mia")
        self.world.run(rule_decline, self.declined, verdict="sales", words="call them", by=by, at=self.world.now)

    def to_nurture(self) -> None:
        self.do(decline_lead, reason="bad_timing", note="next quarter", then="nurture")

    def back_from_nurture(self) -> None:
        due = self.world.run(lambda session: session.scalar(select(Nurture.until).where(Nurture.lead_id == self.lead)))
        self.world.now = due
        self.world.run(return_nurtured, at=self.world.now)

    def meeting(self) -> None:
        if self.facts.is_open:  # a calendar says so
            self.world.run(
                lambda session: note_meeting(session, session.get_one(Lead, self.lead), by=None, at=self.world.now)
            )
        else:
            self.do(book_meeting)

    def meeting_canceled(self) -> None:
        self.world.run(
            lambda session: cancel_meeting(
                session, session.get_one(Lead, self.lead), origin="calendar", at=self.world.now
            )
        )

    def other_lead(self) -> None:
        """The same person asks elsewhere, and is to be called within half the time."""
        half = {"contact_seconds": 3600, "claim_seconds": CLAIM.seconds}
        self.world.run(lambda session: session.execute(update(Policy).where(Policy.tier != "hot").values(half)))
        tier = self.world.run(lambda session: session.scalar(select(Policy.tier).where(Policy.tier != "hot").limit(1)))
        self.other = self.world.lead("Lee W.", tier=tier)

    def join(self) -> None:
        def joined(session: Session) -> None:
            leads = [session.get_one(Lead, one) for one in (self.lead, self.other)]
            assert join_leads(session, leads, "hubspot", at=self.world.now).ended == (self.other,)

        self.world.run(joined)

    @property
    def facts(self) -> LeadFacts:
        found = self.world.run(load_lead, self.lead, self.world.workspace_id, self.world.now)
        assert found is not None
        return found

    @property
    def live(self) -> Clock | None:
        running = select(Clock).where(Clock.lead_id == self.lead, Clock.state != "stopped")
        found: Clock | None = self.world.run(lambda session: session.scalars(running).one_or_none())
        return found

    @property
    def owner(self) -> int | None:
        found: int | None = self.world.run(lambda session: session.get_one(Lead, self.lead).owner_id)
        return found

    def goes_on_unless_claimed(self) -> bool:
        """Whether the lead goes to the next rep when the time to claim is up that ran before the act."""
        had = self.owner
        self.world.now = self.world.run(
            lambda session: session.scalar(
                select(Clock.started_at).where(Clock.lead_id == self.lead).order_by(Clock.id).limit(1)
            )
        )
        self.world.later(seconds=CLAIM.seconds)
        self.world.run(apply_due_rungs, at=self.world.now)
        return self.owner != had


PURPOSES = {"to claim": "contact", "first contact": "contact", "tries": "tries", "first meeting": "meeting"}


def told(desk: Desk, column: str) -> str:
    """What became of the clock, in the words of the table."""
    live, facts = desk.live, desk.facts
    purpose = PURPOSES[column]
    if live is None or live.purpose != purpose:
        if live is not None and live.purpose == "contact" and live.started_at == desk.world.now:
            return "anew"
        if facts.declined is not None and facts.declined.state == "disputed":
            return "stands still"
        undone = column == "first meeting" and facts.is_open
        return "ends" if facts.state in ("declined", "nurture") or undone else "met"
    if live.started_at == desk.world.now:
        again = column != "first meeting"
        if column == "to claim":
            return "anew" if facts.claim_by == desk.world.now + CLAIM else "met"
        return "anew" if again else "starts"
    assert desk.before is not None
    if live.due_at < desk.before.due_at:
        return "earlier"
    if column == "to claim":
        return "runs on" if desk.goes_on_unless_claimed() else "met"
    return "later" if live.due_at > desk.before.due_at else "runs on"


def total(desk: Desk) -> str:
    """Whether the lead's whole time still passes, from its first clock on."""
    if desk.facts.judged.verdict == "no_clock":
        return "runs on"  # all tries are made: there is no deadline to tell it beside
    before = desk.facts.judged.used
    desk.later(minutes=3)
    return "runs on" if desk.facts.judged.used > before >= timedelta(minutes=1) else "ends"


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["act"])
def test_each_act_does_to_each_clock_what_the_table_says(world: World, row: dict[str, str]) -> None:
    act = row["act"]
    for column in COLUMNS:
        if row[column] == "–":
            continue
        desk = Desk(world)
        desk.reach(column, act)
        desk.act(act)
        if column == "first meeting" and row["first meeting"] == "met":
            assert desk.live is None
            continue
        if column != "to claim" and not (act in ("meeting", "meeting canceled", JOINED) and column == "first meeting"):
            kept = desk.world.now
            assert total(desk) == row["total"], (act, column)
            desk.world.now = kept
        assert told(desk, column) == row[column], (act, column)


def test_the_table_has_all_acts() -> None:
    acts = {row["act"] for row in rows()}
    assert {"claim", "try", "contact", "snooze", "reassign", "decline", "dispute", "nurture's return"} < acts
