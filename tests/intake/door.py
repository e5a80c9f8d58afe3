"""The intake's door for tests: a source that signs and one that sends a secret header, posted to over HTTP."""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import func, select

from bot.seal import Sealer
from handlers.intake.heard import HeardSources
from handlers.intake.refusals import Refusals
from storage.models import Account, Delivery, InboxKey, Lead, Wish
from tests.world import World

LEE = {"name": "Lee Wong", "company": "Northwind", "email": "lee@northwind.com", "asked": "demo request"}

SEALER = Sealer("a key for tests, long enough to be taken")
HEADER_SECRET = "a-shared-secret-for-tests-only"


@dataclass
class Door:
    """The intake with two sources: `website` signs, `crm` sends a secret header.

    `heard`: what the metrics heard of refusals; `noted`: which sources were heard.
    """

    world: World
    http: httpx.AsyncClient
    secret: str
    refusals: Refusals
    heard: list[tuple[str, str]]
    noted: HeardSources
    sent: int = 0

    def signed(self, body: bytes, *, number: str | None = None, age: float = 0, secret: str = "") -> dict[str, str]:
        """Headers as Standard Webhooks wants them, for a message sent `age` seconds ago."""
        self.sent += 1
        number = number or f"msg_{self.sent}"
        stamp = datetime.now(UTC) - timedelta(seconds=age)
        seconds = int(stamp.timestamp())
        key = base64.b64decode((secret or self.secret).removeprefix("whsec_"))
        digest = hmac.new(key, f"{number}.{seconds}.".encode() + body, "sha256").digest()
        return {
            "webhook-id": number,
            "webhook-timestamp": str(seconds),
            "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
        }

    async def post(self, lead: Any, *, source: str = "website", **signing: Any) -> httpx.Response:
        """Post the lead, signed unless `headers` say otherwise; bytes go as they are."""
        body = lead if isinstance(lead, bytes) else json.dumps(lead).encode()
        headers = signing.pop("headers", None)
        if headers is None:
            headers = self.signed(body, **signing)
        return await self.http.post(f"/intake/{source}", content=body, headers=headers)

    def leads(self) -> list[Lead]:
        return self.world.run(lambda session: list(session.scalars(select(Lead).order_by(Lead.id))))

    def wishes(self) -> list[Wish]:
        return self.world.run(lambda session: list(session.scalars(select(Wish).order_by(Wish.id))))

    def stored(self) -> int:
        """How many rows a request could have left behind."""
        return self.world.run(
            lambda session: sum(
                session.scalar(select(func.count()).select_from(table)) or 0
                for table in (Lead, Wish, Account, Delivery, InboxKey)
            )
        )
