"""The buttons that only a demo has: a lead arrives, time is skipped, and Monday's digests come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.demo.prospects import Prospect, read_prospects
from bot.demo.stage import Stage
from playground.page_api import Control
from storage.models import Audience, Lead, Member, Team


class Controls:
    """Works on `stage` once it is set; before that the page is not open yet."""

    def __init__(self) -> None:
        self.stage: Stage | None = None
        self._walk_ins = read_prospects().walk_ins
        self._came: Counter[str] = Counter()

    def all(self) -> list[Control]:
        """The buttons, in the order in which the page shows them."""
        return [
            Control("lead", "New lead arrives", self._let_lead_arrive),
            Control("skip-5m", "Skip ahead 5 minutes", self._skip_five_minutes),
            Control("skip-1d", "Skip ahead 1 day", self._skip_a_day),
            Control("digests", "Skip to Monday’s digests", self._skip_to_digests),
        ]

    async def _let_lead_arrive(self, _member: str) -> str | None:
        if self.stage is None:
            return None
        slack, db = self.stage.slack, self.stage.program.db
        # One who asks again may get no lead of their own, so the presses are counted, too.
        self._came |= await db.read(_leads_of, self._walk_ins)
        who = min(self._walk_ins, key=lambda one: self._came[one.email])
        self._came[who.email] += 1
        again = self._came[who.email] > 1
        if again:
            who = replace(who, asked=f"Asking again: {who.asked}")
        owner, channel = await db.read(_where, await self.stage.let_arrive(who))
        place = slack.channel(channel).name if channel else "Tandem"
        given = f", given to {slack.workspace.member(owner).real_name}" if owner else ""
        if again:
            return f"{who.name} of {who.company} was here before and asks again, in {place}{given}."
        return f"{who.name} of {who.company}: a {who.tier} lead in {place}{given}."

    async def _skip_five_minutes(self, member: str) -> str | None:
        if self.stage is None:
            return None
        await self.stage.skip_by(timedelta(minutes=5))
        return self._now(member)

    async def _skip_a_day(self, member: str) -> str | None:
        if self.stage is None:
            return None
        await self.stage.skip_by(timedelta(days=1))
        return self._now(member)

    async def _skip_to_digests(self, member: str) -> str | None:
        if self.stage is None:
            return None
        audiences = await self.stage.program.db.read(_next_digests)
        if not audiences:
            return "No digest is scheduled: an admin can resume them with /tandem digest."
        await self.stage.skip_to(audiences[-1][0])
        names = dict.fromkeys(self.stage.slack.channel(channel).name for _, channel in audiences)
        return f"{self._now(member)} The digests are in {' and '.join(names)}."

    def _now(self, member: str) -> str:
        """What time it is where the member is."""
        assert self.stage is not None
        zone = ZoneInfo(self.stage.slack.member(member).tz)
        now = self.stage.clock.now().astimezone(zone)
        return f"It is {now:%A}, {now.day} {now:%B}, {now:%H:%M}."


def _leads_of(session: Session, walk_ins: Sequence[Prospect]) -> Counter[str]:
    """How many leads each of them has, by e-mail."""
    found = session.scalars(select(Lead.email).where(Lead.email.in_([who.email for who in walk_ins])))
    return Counter(email for email in found if email)


def _where(session: Session, lead_id: int) -> tuple[str | None, str | None]:
    """The Slack user id of the lead's rep, and the channel of its team."""
    lead = session.get_one(Lead, lead_id)
    owner = session.get_one(Member, lead.owner_id).slack_user_id if lead.owner_id else None
    return owner, session.get_one(Team, lead.team_id).channel


def _next_digests(session: Session) -> list[tuple[datetime, str]]:
    """When and where the next digests come, those within a day of the first, in order."""
    rows = session.execute(
        select(Audience.next_at, Audience.channel)
        .where(Audience.next_at.is_not(None), Audience.channel.is_not(None))
        .order_by(Audience.next_at, Audience.id)
    ).all()
    found = [(at, channel) for at, channel in rows if at is not None and channel is not None]
    return [(at, channel) for at, channel in found if at - found[0][0] <= timedelta(days=1)]
