"""The running demo in one hand: the playground, the program, the one clock both go by, and what happens in time.

Time passes here as it would: every rung, digest and planned happening comes at its own moment, however far the
clock is moved, and what is to be said has been said before the next one.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import aiohttp
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from standardwebhooks import Webhook

from bot.demo.prospects import Prospect
from bot.program import Program
from digests.editions import next_due as next_edition
from domain.leads.clocks import next_due as next_rung
from domain.people import Actor, actor
from domain.wall import WallClock
from playground import Playground
from storage.models import Clock, Delivery, Lead, Member

PATIENCE: Final = 10.0
"""Seconds in which all that is due must have been said; the story goes on without what takes longer."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that is planned for `at` (aware UTC)."""

    at: datetime
    do: Callable[[Stage], Awaitable[None]]


class Stage:
    """`secrets` are those of the sources, by name."""

    def __init__(self, slack: Playground, program: Program, clock: WallClock, secrets: Mapping[str, str]) -> None:
        self.slack = slack
        self.program = program
        self.clock = clock
        self.secrets = dict(secrets)
        self._plan: list[Happening] = []
        self._one_at_a_time = asyncio.Lock()

    # What people and other systems do

    async def act(self, name: str, use_case: Callable[..., Any], *args: Any, **more: Any) -> Any:
        """Run a use case as the member of that name, now."""
        by = await self.program.db.read(find_actor, self.slack.member(name).id)
        return await self.program.db.run(use_case, *args, by=by, at=self.clock.now(), **more)

    def say(self, name: str, channel: str, words: str, *, under: str | None = None) -> None:
        """Post what somebody typed; `under` opens the thread of the channel's latest message that holds these words."""
        place = self.slack.channel(channel)
        parent = None
        if under is not None:
            parent = next((one.record.ts for one in reversed(place.messages) if under in one.text), None)
        workspace = self.slack.workspace
        workspace.say(workspace.channel(channel), self.slack.member(name), words, thread_ts=parent)

    async def let_arrive(self, prospect: Prospect) -> int:
        """Post the lead to the bot's intake over HTTP, signed as its source signs. Returns the lead's id."""
        body = json.dumps(prospect.posted())
        number, now = f"msg_{secrets.token_hex(12)}", self.clock.outside()
        headers = {
            "content-type": "application/json",
            "webhook-id": number,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(self.secrets[prospect.source]).sign(number, now, body),
        }
        address = f"http://127.0.0.1:{self.program.port}/intake/{prospect.source}"
        async with aiohttp.ClientSession() as http, http.post(address, data=body, headers=headers) as answer:
            answer.raise_for_status()
            return int((await answer.json())["lead_id"])

    async def lead_of(self, prospect: Prospect) -> Lead | None:
        """The latest lead of that person; None when they did not arrive yet."""
        return await self.program.db.read(
            lambda session: session.scalars(
                select(Lead).where(Lead.email == prospect.email).order_by(Lead.id.desc()).limit(1)
            ).first()
        )

    # Time

    def plan_ahead(self, happenings: Iterable[Happening]) -> None:
        """Let these happen when their time comes, those whose time is past excepted."""
        coming = (each for each in happenings if each.at > self.clock.now())
        self._plan = sorted([*self._plan, *coming], key=lambda each: each.at)

    async def play(self, happenings: Iterable[Happening]) -> None:
        """Let these happen, each at its time, while the program does not run yet."""
        for each in sorted(happenings, key=lambda happening: happening.at):
            self.wait_until(each.at)
            await each.do(self)

    def wait_until(self, moment: datetime) -> None:
        """Move the clock to `moment`, and nothing else."""
        self.clock.advance(max(timedelta(), moment - self.clock.now()))

    async def skip_to(self, moment: datetime) -> None:
        """Let time pass up to `moment` (aware UTC), as `advance_to` does, one such skip at a time."""
        async with self._one_at_a_time:
            await self.advance_to(moment)

    async def skip_by(self, duration: timedelta) -> None:
        """Let that much time pass."""
        async with self._one_at_a_time:
            await self.advance_to(self.clock.now() + duration)

    async def advance_to(self, moment: datetime) -> None:
        """Move the clock to `moment`, stopping wherever something falls due on the way."""
        with self._without_pace():
            await self.settle()
            looked_at = self.clock.now()
            while self.clock.now() < moment:
                due = await self._next_due()
                planned = self._plan[0].at if self._plan else None
                if due is not None and due <= looked_at:
                    due = None  # it had its turn: looking once more would not help it
                self.wait_until(min(at for at in (moment, due, planned) if at is not None))
                if due is not None and due <= self.clock.now():
                    looked_at = self.clock.now()
                    await self.program.look_again()
                    await self.settle()
                while self._plan and self._plan[0].at <= self.clock.now():
                    await self._plan.pop(0).do(self)
                    await self.settle()
        self.slack.tick()

    async def settle(self) -> None:
        """Wait until all that is due has been done and said."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while await self.program.db.read(anything_due, self.clock.now()):  # noqa: ASYNC110  # no event for it
                    await asyncio.sleep(0.005)

    async def _next_due(self) -> datetime | None:
        """When the next rung or digest is due."""
        due = await self.program.db.read(lambda session: (next_rung(session), next_edition(session)))
        return min((at for at in due if at is not None), default=None)

    @contextmanager
    def _without_pace(self) -> Iterator[None]:
        """Slack's pace of a message a second would make a skipped day as long as it was."""
        courier = self.program.courier
        pace, courier.pace = courier.pace, timedelta()
        try:
            yield
        finally:
            courier.pace = pace


def find_actor(session: Session, user_id: str) -> Actor:
    """The member with this Slack user id."""
    return actor(session.scalars(select(Member).where(Member.slack_user_id == user_id)).one())


def anything_due(session: Session, at: datetime) -> bool:
    """Whether a rung or a message that was due by `at` still waits."""
    rungs = session.scalar(select(func.count()).where(Clock.next_at <= at))
    unsent = select(func.count()).where(Delivery.state.in_(("pending", "sending")), Delivery.next_at <= at)
    return bool(rungs or session.scalar(unsent))
