"""A source of a fixture's kind, at the fixture's time, to which the fixture's vendor posts."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Job, Lead, VocItem, Wish
from tests.intake.sources.signing import headers_for
from tests.world import World

HERE = Path(__file__).parent
Headers = Mapping[str, str] | Sequence[tuple[str, str]]


@dataclass
class Clock:
    """The time that is told."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def outside(self) -> datetime:
        return self.at


@dataclass
class Vendor:
    """A source of the fixture's kind, which posts its delivery."""

    world: World
    http: httpx.AsyncClient
    clock: Clock
    kind: str
    sent: dict[str, Any]

    async def post(self, body: bytes | None = None, headers: Headers | None = None) -> httpx.Response:
        content = self.sent["body"].encode() if body is None else body
        address = f"/intake/vendor{self.sent.get('query', '')}"
        chosen = self.sent["headers"] if headers is None else headers
        pairs = chosen.items() if isinstance(chosen, Mapping) else chosen
        sent = [(name.encode(), value.encode()) for name, value in pairs]
        return await self.http.post(address, content=content, headers=sent)

    async def post_signed(self, body: bytes, stamp: str | None = None) -> httpx.Response:
        """Post another body, or at another time, as the vendor itself would sign it."""
        return await self.post(body, headers_for(self.kind, self.sent, body, self.stamp() if stamp is None else stamp))

    async def tell(self, document: Any) -> httpx.Response:
        """Post another payload."""
        return await self.post_signed(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())

    def payload(self) -> Any:
        """The fixture's payload, to be changed."""
        return json.loads(self.sent["body"])

    def stamp(self, seconds: int = 0) -> str:
        """The time so long from now, as the vendor writes it."""
        at = int(self.clock.at.timestamp()) + seconds
        return str(at * 1000 if self.sent.get("stamp") == "ms" else at)

    def leads(self) -> list[Lead]:
        return self.world.run(lambda session: list(session.scalars(select(Lead).order_by(Lead.id))))

    def kept(self) -> str:
        """All that was kept to be read, as one text."""
        return self.world.run(lambda session: "\n".join(one or "" for one in session.scalars(select(Wish.sent))))

    def brought(self) -> list[str]:
        """Leads by their names, then what customers said in calls, then what the vendor is asked for."""

        def look(session: Session) -> list[str]:
            names = session.scalars(select(Lead.name).order_by(Lead.id))
            items = session.scalars(select(VocItem.verbatim).order_by(VocItem.id))
            asked = session.scalars(select(Job).order_by(Job.id))
            told = [job.arguments for job in asked if job.kind != "person_sweep"]
            numbers = (one.get("meeting_id") or one["number"] for one in told)
            return [*names, *items, *map(str, numbers)]

        return self.world.run(look)


VendorOf = Callable[[Path | str], Awaitable[Vendor]]
"""The vendor of a fixture: its file, or `"typeform/response"`."""
