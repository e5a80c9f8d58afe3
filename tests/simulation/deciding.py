"""What becomes of a lead that is given back: it rests until a day, or marketing answers, and a manager rules."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.marks import read_mark
from handlers.declines.views import ACCEPT, DISPUTE, DISPUTE_FORM, PICK_VERDICT, RULE, RULE_FORM, VERDICTS
from handlers.leads.decline_form import DECLINE_FORM, PICK_REASON
from playground.client import Slack
from playground.records import Json, Member, Message
from storage.models import Member as Person
from storage.models import Nurture, Workspace
from tests.simulation.outside import MARKETERS, MARKETING, Outside, elements_of, filled
from tests.simulation.told import Decision

RESTS: Final = ("bad_timing", "no_budget")
RESTS_SHARE: Final = 0.45
"""Of leads that are declined, so many rest until a day."""
HASTY: Final = 0.2
"""Of these, so many are declined before the form has grown by what follows."""
ANSWERED_SOON: Final = 0.8


class Deciding(Outside):
    """Who declines a lead, and who answers that."""

    async def answer_soon(self) -> None:
        """Who is told of something mostly says soon what they think of it; then a manager rules."""
        for marketer in (True, False):
            await asyncio.sleep(self.dice.uniform(2, 25))
            if self.dice.random() < ANSWERED_SOON and not self.away:
                await self.decide(marketer)

    async def decide(self, marketer: bool | None = None) -> bool:
        """A marketer answers a decline, or a manager does, or rules; whether there was one to answer."""
        if marketer is None:
            marketer = self.dice.random() < 0.6
        name = self.dice.choice(MARKETERS if marketer else (*self.company.managers, "mia"))
        if name in self._busy:
            return False
        self._busy.add(name)
        try:
            steps = (ACCEPT, DISPUTE) if marketer else (RULE, ACCEPT, DISPUTE)
            return await self._decide(self.slack.member(name), steps)
        finally:
            self._busy.discard(name)

    async def _decide(self, member: Member, steps: tuple[str, ...]) -> bool:
        dm = self.slack.workspace.app_dm(member)
        for where in (self.slack.channel(MARKETING).id, *([dm.id] if dm is not None else [])):
            stands = self.slack.workspace.channel(where).log.top_level(oldest="0")
            found = [
                (message, block_id, element)
                for message in stands
                for block_id, element in elements_of(message.all_blocks, steps)
            ]
            if found:
                message, block_id, element = self.dice.choice(found)
                await self._step(member, message, block_id, element)
                await self.leave(member)
                return True
        return False

    async def _step(self, member: Member, message: Message, block_id: str, element: Json) -> None:
        what = str(element["action_id"])
        marked = read_mark("decline", str(element["value"]))
        assert marked is not None
        at = self.slack.workspace.now()
        self.answers.attempts[what] += 1
        done = await self.slack.people.act_on_message(member, message, block_id, what, {})
        if what == ACCEPT:
            if done.ok:
                self.told.decisions.append(Decision(what, marked.id, member.id, at))
            return
        verdict = self.dice.choice(tuple(VERDICTS)) if what == RULE else ""
        stack = self.open_views(member)
        form = DISPUTE_FORM if what == DISPUTE else RULE_FORM
        if not stack or stack[-1].body.get("callback_id") != form:
            return
        await asyncio.sleep(self.dice.uniform(0.5, 5))
        view = stack[-1]
        if what == RULE:
            shown = await self.pick(member, view, PICK_VERDICT, verdict)
            if shown is None or shown.body.get("callback_id") != form or self.away:
                return
            view = shown
        words = f"{self.company.name} says {what} {self._next_number()}"
        values = filled(view, words, verdict=verdict, until=self._tomorrow())
        at = self.slack.workspace.now()
        taken = await self.slack.people.submit(member, view, values)
        if taken.ok and not self.open_views(member):
            self.told.decisions.append(Decision(what, marked.id, member.id, at, verdict))

    async def _decline(self, member: Member) -> bool:
        """Give a lead back: to marketing, or for later. Whether the form was taken."""
        stack = self.open_views(member)
        if not stack or stack[-1].body.get("callback_id") != DECLINE_FORM:
            return False
        view = stack[-1]
        rests = self.dice.random() < RESTS_SHARE
        reason = self.dice.choice(RESTS) if rests else "not_a_fit"
        if self.dice.random() >= HASTY:
            shown = await self.pick(member, view, PICK_REASON, reason)
            if shown is None or shown.body.get("callback_id") != DECLINE_FORM:
                return False
            view = shown
        words = f"{self.company.name} gives it back {self._next_number()}"
        values = filled(view, words, reason=reason, until=self._tomorrow())
        done = await self.slack.people.submit(member, view, values)
        left_open = self.open_views(member)  # with what stood in the way
        await self.leave(member)
        return done.ok and not left_open

    def _tomorrow(self) -> str:
        return f"{datetime.fromtimestamp(self.watch.outside(), UTC).date() + timedelta(days=1)}"


def settle_marketing(session: Session, slack: Slack, workspace_id: int, *, in_channel: bool) -> tuple[str, ...]:
    """Two people are of marketing, and told of declines in their channel, or in DMs. The places where they are told."""
    channel = slack.channel(MARKETING).id
    users = [slack.member(name).id for name in MARKETERS]
    people = select(Person).where(Person.workspace_id == workspace_id, Person.slack_user_id.in_(users))
    for person in session.scalars(people):
        person.role, person.role_origin = "marketer", "config"
    session.get_one(Workspace, workspace_id).marketing_channel = channel if in_channel else None
    return (channel,) if in_channel else tuple(users)


def let_return(session: Session, workspace_id: int, at: datetime, *, most: int) -> dict[int, datetime]:
    """The day has come until which some leads rest, those first that rest longest: when, by the nurtures' ids."""
    waiting = session.scalars(
        select(Nurture)
        .where(Nurture.workspace_id == workspace_id, Nurture.next_at > at)
        .order_by(Nurture.id)
        .limit(most)
    ).all()
    for one in waiting:
        one.next_at = at
    return {one.id: at for one in waiting}
