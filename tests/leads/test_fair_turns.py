"""Turns are fair whatever happens: of two who could both be given a lead, neither gets two before the other has one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from domain.leads.arriving import Arriving, NewLead
from domain.leads.declining import decline_lead
from domain.leads.lifecycle import claim_lead, contact_lead
from domain.leads.receiving import receive_leads
from domain.leads.waiting import give_waiting_leads
from domain.people import actor, default_team
from storage.models import Account, Lead, LeadEvent, Member, Route, Team, TeamMember
from tests.world import World

REPS = ("ana", "bo", "mia", "max")
LEADS = st.tuples(
    st.just("leads"), st.lists(st.sampled_from(["plain", "plain", "owned", "ruled"]), min_size=1, max_size=3)
)
CLICKS = st.tuples(st.sampled_from(["claim", "claim", "contact", "decline"]), st.integers(0, 9))
STEPS = st.one_of(
    LEADS,
    LEADS,
    CLICKS,
    LEADS.map(lambda step: ("leads", step[1][:1])),
    CLICKS,
    st.tuples(st.sampled_from(["away", "back", "leaves", "returns", "joins", "quits"]), st.sampled_from(REPS)),
    st.tuples(st.just("cap"), st.sampled_from([None, 1, 2])),
    st.tuples(st.just("wait"), st.sampled_from([0, 1, 600])),
)


@pytest.fixture
def team(world: World) -> int:
    """A team of four, an account of Ana's, and a rule that names Bo."""

    def arrange(session: Session) -> int:
        team = default_team(session, world.workspace_id)
        members = {member.name: member.id for member in session.scalars(select(Member))}
        session.add(
            Account(
                workspace_id=world.workspace_id,
                name="Globex",
                slug="globex",
                keyed=True,
                known=True,
                owner_id=members["ana"],
                created_at=world.now,
            )
        )
        session.add(
            Route(
                workspace_id=world.workspace_id,
                name="Bo's",
                position=0,
                conditions={"source": ["bo"]},
                team_id=team.id,
                member_id=members["bo"],
            )
        )
        return team.id

    return world.run(arrange)


class History:
    """What happens in a team, and who could have been given each lead."""

    def __init__(self, world: World, team: int) -> None:
        self.world, self.team, self.number = world, team, 0
        self.since: dict[tuple[str, str], int] = {}

    def begin(self) -> None:
        """As before the first lead."""

        def clean(session: Session) -> None:
            session.execute(delete(TeamMember))
            session.execute(update(Lead).values(state="declined", decline_reason="duplicate"))
            session.execute(update(Member).values(away_until=None, active=True))
            session.execute(update(Team).values(most_open=None))
            ids = session.scalars(select(Member.id).order_by(Member.id)).all()
            session.add_all(TeamMember(team_id=self.team, member_id=one, position=n) for n, one in enumerate(ids))

        self.world.run(clean)
        self.since.clear()

    def does(self, what: str, how: Any) -> None:
        getattr(self, f"_{what}")(how)

    def _leads(self, kinds: list[str]) -> None:
        """Leads that arrive together, of which some belong to somebody in any case."""
        arriving = []
        for kind in kinds:
            self.number += 1
            company = "Globex" if kind == "owned" else f"Company {self.number}"
            source = "bo" if kind == "ruled" else "web"
            arriving.append(Arriving(NewLead(f"Lead {self.number}", source, company=company), self.world.now))
        if len(kinds) > 1 and self._cap_now() is None:
            self._look(lambda session: receive_leads(session, self.world.workspace_id, arriving))
            return
        for one in arriving:
            self._look(lambda session, one=one: receive_leads(session, self.world.workspace_id, [one]))

    def _wait(self, seconds: int) -> None:
        self.world.later(seconds=seconds)
        while self._look(lambda session: give_waiting_leads(session, at=self.world.now, limit=1)).count:
            pass

    def _look(self, step: Any) -> Any:
        """Do the step. Whoever was free then and had no turn, though others had two, was treated unfairly.

        `since`: by pairs, whether the first has had a turn since the second had one, both free all the while.
        """
        free = self.world.run(self._free)
        before = self.world.run(lambda session: session.scalar(select(func.max(LeadEvent.id))) or 0)
        done = self.world.run(step)
        turns = self.world.run(self._turns, before)
        for names in list(self.since):
            if names[1] not in free:
                del self.since[names]
        for who in turns:
            if who is None:
                continue
            for other in free:
                if other == who:
                    continue
                assert self.since.get((who, other), 0) < 1, f"{who} has had two turns, and {other} none"
                self.since[who, other] = 1
                self.since.pop((other, who), None)
            for names in list(self.since):
                if names[1] == who:
                    del self.since[names]
        return done

    def _free(self, session: Session) -> list[str]:
        cap = session.get_one(Team, self.team).most_open
        rows = session.scalars(
            select(Member)
            .join(TeamMember, TeamMember.member_id == Member.id)
            .where(TeamMember.team_id == self.team, Member.active, Member.away_until.is_(None))
        ).all()
        count = {
            one.id: len(
                session.scalars(
                    select(Lead.id).where(Lead.owner_id == one.id, Lead.state.in_(("new", "claimed")))
                ).all()
            )
            for one in rows
        }
        return [one.name for one in rows if cap is None or count[one.id] < cap]

    def _turns(self, session: Session, before: int) -> list[str | None]:
        names = {one.id: one.name for one in session.scalars(select(Member))}
        events = session.scalars(select(LeadEvent).where(LeadEvent.id > before).order_by(LeadEvent.id)).all()
        return [
            names[one.data["to"]]
            if one.kind == "given" and one.data["why"]["how"] in ("turns", "weighted", "longest")
            else None
            for one in events
        ]

    def _cap_now(self) -> int | None:
        most: int | None = self.world.run(lambda session: session.get_one(Team, self.team).most_open)
        return most

    def _cap(self, most: int | None) -> None:
        self.world.run(lambda session: setattr(session.get_one(Team, self.team), "most_open", most))

    def _set(self, name: str, **values: Any) -> None:
        self.world.run(lambda session: session.execute(update(Member).where(Member.name == name).values(**values)))

    def _away(self, name: str) -> None:
        self._set(name, away_until=self.world.now + timedelta(days=300))

    def _back(self, name: str) -> None:
        self._set(name, away_until=None)

    def _leaves(self, name: str) -> None:
        self._set(name, active=False)

    def _returns(self, name: str) -> None:
        self._set(name, active=True)

    def _quits(self, name: str) -> None:
        def quit_team(session: Session) -> None:
            member = session.scalars(select(Member).where(Member.name == name)).one()
            session.execute(delete(TeamMember).where(TeamMember.member_id == member.id))

        self.world.run(quit_team)
        self.since = {names: turns for names, turns in self.since.items() if name not in names}

    def _joins(self, name: str) -> None:
        def join(session: Session) -> None:
            member = session.scalars(select(Member).where(Member.name == name)).one()
            if session.get(TeamMember, (self.team, member.id)) is None:
                session.add(TeamMember(team_id=self.team, member_id=member.id, position=9))

        self.world.run(join)

    def _claim(self, number: int) -> None:
        self._act(number, claim_lead)

    def _contact(self, number: int) -> None:
        self._act(number, contact_lead)

    def _decline(self, number: int) -> None:
        self._act(number, decline_lead, reason="duplicate", note="")

    def _act(self, number: int, step: Any, **more: Any) -> None:
        """The rep of an open lead does something with it: no turn is taken by it."""

        def act(session: Session) -> None:
            leads = session.scalars(
                select(Lead).where(Lead.owner_id.is_not(None), Lead.state.in_(("new", "claimed"))).order_by(Lead.id)
            ).all()
            if leads:
                lead = leads[number % len(leads)]
                step(session, lead.id, by=actor(session.get_one(Member, lead.owner_id)), at=self.world.now, **more)

        self.world.run(act)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=40))
def test_nobody_gets_two_turns_while_another_who_is_free_gets_none(
    world: World, team: int, steps: list[tuple[str, Any]]
) -> None:
    history = History(world, team)
    history.begin()
    for what, how in steps:
        history.does(what, how)


def test_who_claims_at_once_loses_no_turn_by_it(world: World, team: int) -> None:
    history = History(world, team)
    history.begin()
    for what, how in [("leads", ["plain"]), ("leads", ["plain"]), ("wait", 60), ("claim", 0)]:
        history.does(what, how)
    for _ in range(6):
        history.does("wait", 60)
        history.does("leads", ["plain"])
