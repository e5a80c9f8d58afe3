"""What a kind of source is: how its deliveries are believed, named, read and answered. Each is a file in sources/."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.responses import JSONResponse, Response

from domain.leads.arriving import NewLead


@dataclass(frozen=True, slots=True)
class Sender:
    """A source as the endpoint needs it; `secret` in the clear.

    `mark` names the source for good (domain/marks.py): its `name` is free again once the source is removed.
    """

    id: int
    workspace_id: int
    name: str
    auth: str
    secret: str = field(repr=False)
    team_key: str | None
    tier: str | None
    paused: bool
    mark: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """A part of a delivery that is not stored, and why. `lost`: it was a lead, so admins hear of it."""

    reason: str
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """A lead that is stored. `status`: "accepted", "added" to a lead that there was, or "duplicate"."""

    lead_id: int
    status: str


Verify = Callable[[bytes, Mapping[str, str], str, datetime], str | None]
"""(body, headers, secret, now in aware UTC): one of storage.models.REFUSAL_REASONS; None when it is proved."""

Read = Callable[[bytes, Mapping[str, str], Sender], Sequence[NewLead | Ignored]]
"""All that one delivery brings, in its order. Raises BadBody, FieldProblems where nothing of it can be kept."""

Key = Callable[[Mapping[str, str], NewLead], str | None]
"""What names this lead of this delivery for good, so that a redelivery stores nothing; None: the sender told nothing.

A delivery of several leads has a key for each: a crash between two of them doubles none and loses none.
"""

Challenge = Callable[[Mapping[str, str], str], Response | None]
"""(what the query of a GET says, secret): the answer to a vendor that checks the address; None: this is no check."""


def usual_answer(results: Sequence[Kept | Ignored]) -> Response:
    """202 for what was taken in, 200 where nothing is new; the same bytes each time. Several results are a list."""
    bodies = [_body(one) for one in results]
    new = any(body["status"] in ("accepted", "added") for body in bodies)
    return JSONResponse(bodies[0] if len(bodies) == 1 else {"results": bodies}, status_code=202 if new else 200)


def _body(one: Kept | Ignored) -> dict[str, Any]:
    if isinstance(one, Kept):
        return {"lead_id": one.lead_id, "status": one.status}
    return {"status": "ignored", "reason": one.reason}


@dataclass(frozen=True, slots=True)
class Adapter:
    """A kind of source. `title` and `how` are for the settings: what it is called, and where its secret goes."""

    title: str
    how: str
    verify: Verify
    read: Read
    delivery_key: Key
    answer: Callable[[Sequence[Kept | Ignored]], Response] = usual_answer
    challenge: Challenge | None = None
