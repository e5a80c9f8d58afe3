"""A system outside that is told what happens to one company's leads, and what is true of that in the end."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Self
from unittest.mock import patch

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.seal import Sealer
from domain.webhooks.endpoints import add_endpoint
from domain.webhooks.events import LEAD_EVENTS
from handlers.setup.webhook_sending import SECONDS, Answered
from storage.models import LeadEvent, WebhookMessage
from tests.chaos.records import Violation
from tests.running import KEY
from tests.simulation.choices import Choices

LISTENS: Final = (False, False, True)
"""In one of so many histories there is such a system: to tell it takes time."""
FINE: Final = "taken"
REFUSED: Final = "webhook: server error"
LOST: Final = "webhook: taken, and the answer lost"
SILENT: Final = "webhook: never answered"
ANSWERS: Final = (*((FINE,) * 15), REFUSED, LOST, SILENT)
ADDRESS: Final = "https://hooks.example.com/leads"


@dataclass
class Receiver:
    """`calm`: asks whether nothing goes wrong any more. `heard`: the id and body of all that was taken, in order."""

    choose: Choices
    calm: Callable[[], bool]
    heard: list[tuple[str, str]] = field(default_factory=list)
    struck: Counter[str] = field(default_factory=Counter)
    secret: str = ""
    endpoint_id: int = 0
    workspace_id: int = 0

    def join(self, session: Session, workspace_id: int, at: datetime) -> None:
        """From now on it is told."""
        found, self.secret = add_endpoint(session, workspace_id, ADDRESS, ["lead"], seal=Sealer(KEY).seal, at=at)
        self.endpoint_id, self.workspace_id = found.id, workspace_id

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Meanwhile, what the product sends to systems outside comes here."""
        with patch("handlers.setup.webhook_jobs.Sender", lambda _url, _networks: _Line(self)):
            yield

    async def take(self, event_id: str, body: str, secrets: Sequence[str]) -> Answered:
        """One request to it, and its answer."""
        answer = FINE if self.calm() else self.choose("a webhook", ANSWERS)
        self.struck.update([answer] if answer != FINE else [])
        await asyncio.sleep(0.02)
        if answer == REFUSED or list(secrets) != [self.secret]:
            return Answered("http_500")
        if answer != SILENT:
            self.heard.append((event_id, body))
        if answer in (LOST, SILENT):
            await asyncio.sleep(SECONDS)
            return Answered("timeout")
        return Answered()

    def look(self, session: Session) -> Iterator[Violation]:
        """Each change of a lead was told, in the order of the changes, whenever what was told more than once."""
        if not self.endpoint_id:
            return
        messages = session.scalars(
            select(WebhookMessage).where(WebhookMessage.endpoint_id == self.endpoint_id).order_by(WebhookMessage.id)
        ).all()
        events = session.scalars(select(LeadEvent).where(LeadEvent.workspace_id == self.workspace_id))
        wanted = Counter((f"lead:{one.lead_id}", f"lead.{one.kind}") for one in events if one.kind in LEAD_EVENTS)
        made = Counter((one.subject, one.type) for one in messages)
        for what in sorted({*wanted, *made}):
            if wanted[what] != made[what]:
                kind = "lost" if made[what] < wanted[what] else "doubled"
                yield Violation(kind, f"{what} happened {wanted[what]} times, and was to be told {made[what]} times")
        yield from self._told(messages)

    def _told(self, messages: Sequence[WebhookMessage]) -> Iterator[Violation]:
        known = {one.event_id: one for one in messages}
        first: dict[str, list[int]] = defaultdict(list)
        for event_id, body in self.heard:
            one = known.get(event_id)
            if one is None or one.body != body:
                yield Violation("stray", f"a webhook told of {event_id}, which is not so: {body}")
            elif one.id not in first[one.subject]:
                first[one.subject].append(one.id)
        for one in messages:
            what = f"webhook {one.id}, {one.type} of {one.subject}, is {one.state} after {one.tries} tries"
            if one.state != "delivered":
                yield Violation("unsettled", what)
            elif one.id not in first[one.subject]:
                yield Violation("lost", f"{what}, and was never taken")
        for subject, ids in first.items():
            if ids != sorted(ids):
                yield Violation("out of order", f"{subject} was told as {ids}")


@dataclass
class _Line:
    """In place of a Sender."""

    receiver: Receiver

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_of: object) -> None:
        return None

    async def send(self, event_id: str, body: str, secrets: Sequence[str], *, at: datetime) -> Answered:
        return await self.receiver.take(event_id, body, secrets)
