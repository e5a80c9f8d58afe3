"""What a kind of source is: how its deliveries are believed, named, read and answered. Each is a file in sources/."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from starlette.responses import JSONResponse, Response

from domain.leads.arriving import NewLead
from domain.leads.mapping import SourceMapping
from domain.outcomes.crm import CrmWord
from domain.persons.gone import PersonGone
from domain.voc.heard import Fetch, NewVoc
from handlers.intake.asking import Asking, LeadFetch


@dataclass(frozen=True, slots=True)
class Delivery:
    """What was posted. `headers`: by their names in small letters; of one that came more than once, all, with commas.

    `url`: the public address that it was posted to, with the query, as it was written.
    """

    body: bytes
    headers: Mapping[str, str]
    method: str = "POST"
    url: str = ""

    @property
    def kind(self) -> str:
        """The body's type, as the sender declares it."""
        return self.headers.get("content-type", "")

    @property
    def query(self) -> Mapping[str, str]:
        """The parameters of the address."""
        return dict(parse_qsl(self.url.partition("?")[2], keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Sender:
    """A source as the endpoint needs it; `secret` in the clear.

    `mark` names the source for good (domain/marks.py): its `name` is free again once the source is removed. `mapping`:
    which of what it sends is which field. `old_secret`: the one before, as long as it proves anything.
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
    mapping: SourceMapping | None = None
    old_secret: str | None = field(default=None, repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be kept of what the source sends."""
        return tuple(one for one in (self.secret, self.old_secret) if one)


@dataclass(frozen=True, slots=True)
class Ignored:
    """A part of a delivery that is not stored, and why. `lost`: it should have been, so admins hear of it.

    `test`: the vendor only tried the address, which the source's screen tells.
    """

    reason: str
    lost: bool = False
    test: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """What is stored. `status`: "accepted", "added" to a lead that there was, or "duplicate"; of a person who is gone
    "erased" or "withdrawn".

    `row_id`: of the `what`, a "lead" or an "item" of the voice of the customer; None while a call is asked about.
    `owner`: the name of whose lead it is, None for nobody's.
    """

    row_id: int | None
    status: str
    what: str = "lead"
    owner: str | None = None


Verify = Callable[[Delivery, str, datetime], str | None]
"""(delivery, secret, now in aware UTC): one of storage.models.REFUSAL_REASONS; None when it is proved."""

Brought = NewLead | NewVoc | Fetch | CrmWord | PersonGone | Ignored

Read = Callable[[Delivery, Sender], Sequence[Brought]]
"""All that one delivery brings, in its order. Raises BadBody, FieldProblems where nothing of it can be kept."""

Key = Callable[[Delivery, NewLead], str | None]
"""What names this lead of this delivery for good, so that a redelivery stores nothing; None: the sender told nothing.

A delivery of several leads has a key for each: a crash between two of them doubles none and loses none. What a call
recorder tells carries its key itself.
"""

Challenge = Callable[[Mapping[str, str], Sender], Response | None]
"""(what the query of a GET says, sender): the answer to a vendor that checks the address; None: this is no check."""

Ask = Callable[[Asking, LeadFetch, Sender], Awaitable[NewLead | Ignored]]
"""How a vendor is asked for the person of whom it told an id. Raises Impossible, Retry, OSError (handlers/jobs.py)."""


Example = Callable[[Mapping[str, str]], Any]
"""(a person, by the lead's names for the fields): a body that tells of them, as an object or as the text of it."""


def usual_answer(results: Sequence[Kept | Ignored]) -> Response:
    """202 for what was taken in, 200 where nothing is new; the same bytes each time. Several results are a list."""
    bodies = [_body(one) for one in results]
    new = any(body["status"] in ("accepted", "added") for body in bodies)
    return JSONResponse(bodies[0] if len(bodies) == 1 else {"results": bodies}, status_code=202 if new else 200)


def _body(one: Kept | Ignored) -> dict[str, Any]:
    if isinstance(one, Kept):
        named = {f"{one.what}_id": one.row_id} if one.row_id is not None else {}
        return {**named, "status": one.status}
    return {"status": "ignored", "reason": one.reason}


@dataclass(frozen=True, slots=True)
class Adapter:
    """A kind of source. `title` and `how` are for the settings: what it is called, and where its secret goes.

    `delivery_key`: of leads that bring no key themselves; None: it brings no leads, but what customers said in calls.
    `secret_in`: the parameter of the address that may carry the secret, as if it were the header `X-Tandem-Secret`.
    `secret_of`: who makes a secret of their own, which an admin then pastes; "": Tandem's is used. `key_of`: who hands
    out the key with which Tandem asks for more; "": it asks for nothing. `ask`: how, where it asks for a lead.
    `a_second`: how much of `Retry-After` is one. `tells_owner`: the answer says whose lead it is. `example`: how it
    writes a lead, where a plain object would not do.
    """

    title: str
    how: str
    verify: Verify
    read: Read
    delivery_key: Key | None
    answer: Callable[[Sequence[Kept | Ignored]], Response] = usual_answer
    challenge: Challenge | None = None
    secret_in: str = ""
    secret_of: str = ""
    key_of: str = ""
    ask: Ask | None = None
    a_second: int = 1
    tells_owner: bool = False
    example: Example | None = None

    @property
    def only_theirs(self) -> bool:
        """Whether the vendor's own secret is the only one that proves anything: Tandem's is of no use."""
        return bool(self.secret_of) and not self.secret_in
