"""Vendors that send leads of their own: the deliveries of eight sources' fixtures, with other people in them, signed.

What is sent again carries the same ids, as vendors do it.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.intake.sources.signing import headers_for

FIXTURES = Path(__file__).parent.parent / "intake" / "sources"
PUBLIC_URL = "https://tandem.example"
_SENT_AT = re.compile(r"2031-05-06T\d\d:\d\d:\d\d(\.\d+)?Z")
_SENT_MS = re.compile(r"\b19358\d{8}\b")


@dataclass(frozen=True, slots=True)
class Sender:
    """A source by name and kind, for a team; its fixture, and the ids in that which tell one lead from another."""

    name: str
    kind: str
    team: str
    sent: Mapping[str, Any]
    ids: tuple[str, ...]

    @property
    def secret(self) -> str:
        return str(self.sent["secret"])

    def delivery(self, number: int) -> tuple[dict[str, str], bytes]:
        """The headers and the body of the lead of that number, as posted now."""
        body = str(self.sent["body"])
        for one in self.ids:
            body = body.replace(one, _like(one, number))
        body = body.replace("zoe@northwind", f"zoe{number}@company{number}").replace("zoe@home", f"zoe{number}@home")
        body = body.replace("Zoë", f"Zoë{number}").replace("Northwind", f"Company {number}")
        now = time.time()
        body = _SENT_AT.sub(datetime.fromtimestamp(now - 1, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"), body)
        body = _SENT_MS.sub(str(int(now * 1000)), body)
        raw = body.encode()
        stamp = str(int(now * 1000)) if self.sent.get("stamp") == "ms" else str(int(now))
        return headers_for(
            self.kind, {**self.sent, "address": f"{PUBLIC_URL}/intake/{self.name}", "query": ""}, raw, stamp
        ), raw


def _like(given: str, number: int) -> str:
    """Another id of the same sort: a number stays a number."""
    return str(100_000 + number) if given.isdigit() else f"{given[:8]}-{number}"


IDS = {
    "header/lead": ("w-2",),
    "marketo/lead": ("1042",),
    "rudderstack/identify": ("84e26acc-56a5-4835-8233-591137fca468", "anon-1", "u-7"),
    "segment/track": ("ajs-next-1715000000000-3c9c", "3c9c66b2-4c8c-4f5b-9c3d-1e2f3a4b5c6d", "97980cfea0067"),
    "webflow/form": ("6321ca84df3949bfc6752327",),
    "google_ads/lead": (
        "TeSter-123-ABCDEFGHIJKLMNOPQRSTUVWXYZ-abcdefghijklmnopqrstuvwxyz-0123456789-AaBbCcDdEeFfGgHhIiJjKkLl",
    ),
    "hubspot_workflow/contact": ("1042",),
    "typeform/response": ("LtWXD3crgy", "a3a12ec67a1365927098a606107fac15"),
}
"""Eight kinds of source (forms, advertisements, automations, streams of events), and what tells leads apart in each."""


def senders(teams: Sequence[str]) -> tuple[Sender, ...]:
    """A source of one of the eight kinds in turn for each team; at least eight teams hear of them all."""
    made = []
    for number, team in enumerate(teams):
        path = tuple(IDS)[number % len(IDS)]
        sent = json.loads((FIXTURES / f"{path}.json").read_text())
        kind = path.partition("/")[0]
        made.append(Sender(f"{kind.replace('_', '-')}-{number}", kind, team, sent, IDS[path]))
    return tuple(made)
