"""One thing that arrived from Slack, and the way from it into the database: one transaction, then the answer."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeVar

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.orm import Session

from domain.errors import Deactivated, NotAllowed, NotForGuests, NotOurs
from domain.llm.budget import LlmSet
from domain.marks import BORN, Clicked, Mark, check_marks, read_mark
from domain.people import Actor, admins_of, ensure_member, ensure_workspace, find_actor
from domain.wall import WallClock
from domain.webhooks.addresses import Network
from handlers.answers import NOTHING, Answer, from_stored, to_stored
from handlers.declared import Listener
from handlers.messages import Renderer
from handlers.shape import BadShape, check_depth, storable
from storage.crash import crash_point
from storage.database import Database
from storage.inbox import earlier_answer, remember_answer

T = TypeVar("T")

ANSWER_WITHIN = 2.5
"""Seconds in which the database must answer: Slack tells the person after three that we did not."""

LONGEST_CONTEXT = 2500
"""Characters of private_metadata. Slack takes 3,000; ours are far shorter, and go into the next form once more."""


SUBJECTS: Final = {
    "lead": "lead",
    "decline": "decline",
    "triage.same": "doubt",
    "triage.two": "doubt",
    "triage.one_company": "company",
    "triage.two_companies": "company",
    "triage": "hold",
    "triage.sign": "definition",
    "voc": "item",
    "theme": "theme",
    "theme.file": "item",
    "news": "letter",
    "proposal": "proposal",
    "proposals.look": "theme",
    "persona": "persona",
    "digest": "audience",
    "regrouping": "regrouping",
    "agent": "question",
    "imports": "import",
}
"""What a click is about, by its action id or the first word of it: a kind of domain.marks."""


class DatabaseSilent(Exception):
    """The database did not answer while the person could still be told."""


class Redelivered(Exception):
    """This arrival took effect before; `answer` is what it was answered then."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("redelivered")
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Tandem:
    """What every listener may use. `prefix` stands before each command's name.

    `seal` encrypts secrets before they are stored, `unseal` reads them; None without TANDEM_SECRET_KEY.
    `public_url`: where the internet reaches us, None when nobody said. `listeners` and `renderers`: all there are
    (handlers/catalog.py), for what tells of them. `llm`: which language model is set, None when none is.
    `webhook_networks`: of the operator, to which webhooks may go though they are not public.
    """

    db: Database
    clock: WallClock
    prefix: str = ""
    seal: Callable[[str], str] | None = None
    unseal: Callable[[str], str] | None = None
    public_url: str | None = None
    listeners: Sequence[Listener] = ()
    renderers: Mapping[str, Renderer] = field(default_factory=dict)
    llm: LlmSet | None = None
    webhook_networks: tuple[Network, ...] = ()

    def command_name(self, name: str) -> str:
        """How people type a command here: `/voc`, or `/acme-voc` with the prefix `acme-`."""
        return f"/{self.prefix}{name}"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A command, click, submission, shortcut or event. `key` names it for good ("": nothing does, so each is the
    first); `body` is Slack's payload.

    `roles`: who may use the listener, and whether `guests` may; `purpose`: what it is for. `text`: a command's words
    without the subcommand. `at`: when it arrived (aware UTC). `answer_by`: until when it waits for the database
    (loop time).
    """

    tandem: Tandem
    roles: tuple[str, ...]
    purpose: str
    client: AsyncWebClient
    body: Mapping[str, Any]
    team_id: str
    user_id: str
    user_name: str
    key: str
    at: datetime
    text: str = ""
    passed: list[str] = field(default_factory=list)
    answer_by: float = field(default_factory=lambda: time.monotonic() + ANSWER_WITHIN)
    guests: bool = True

    @property
    def checked(self) -> bool:
        """Whether the role of whoever acts was looked at."""
        return bool(self.passed)

    async def run(self, use_case: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Run `use_case(session, *args, by=actor, at=at, **kwargs)` in one transaction, after the role check.

        Raises NotAllowed; Redelivered when this arrival took effect before.
        """
        return await self._transact(use_case, args, kwargs, lambda _result: None)

    async def answer(
        self, use_case: Callable[..., T], *args: Any, view: Callable[[T], Answer], **kwargs: Any
    ) -> Answer:
        """Like `run`, with the answer made from the result by `view` and kept for a redelivery.

        A modal is not kept. When the connection is lost during the commit, the transaction is tried once more, and
        finds the arrival done: the answer is then the modal that the first try made.
        """
        made: list[Answer] = []

        def answering(session: Session, *inner: Any, **named: Any) -> Answer:
            made.append(view(use_case(session, *inner, **named)))
            return made[-1]

        try:
            return await self._transact(answering, args, kwargs, to_stored)
        except Redelivered as again:
            if again.answer == NOTHING and made and to_stored(made[-1]) is None:
                return made[-1]
            raise

    async def _transact(
        self,
        use_case: Callable[..., T],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        keep: Callable[[T], Any],
    ) -> T:
        def work(session: Session) -> T:
            by = self._first_time(session)
            result = use_case(session, *args, **kwargs, by=by, at=self.at)
            if self.key:
                remember_answer(session, "slack", self.key, keep(result), self.at)
            crash_point("arrival.before_commit")
            return result

        result = await self._in_time(work)
        crash_point("arrival.committed")
        return result

    async def _in_time(self, work: Callable[[Session], T], *, beside: bool = False) -> T:
        """Raises DatabaseSilent when there is no answer in time; what was asked may be done all the same, later."""
        db = self.tandem.db
        try:
            async with asyncio.timeout_at(self.answer_by):
                return await (db.read(work) if beside else db.run(work))
        except TimeoutError:
            raise DatabaseSilent from None

    async def look(self, query: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Read `query(session, …, by=actor, at=at)` after the role check; changes nothing, so it keeps no key."""

        def read(session: Session) -> T:
            by = self._admitted(session, find_actor(session, self.team_id, self.user_id))
            return query(session, *args, **kwargs, by=by, at=self.at)

        return await self._in_time(read)

    async def look_beside(self, by: Actor, query: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Like `look`, beside the writers: for a long look of somebody whom a `look` let in, and who is `by`."""
        return await self._in_time(lambda session: query(session, *args, **kwargs, by=by, at=self.at), beside=True)

    def _first_time(self, session: Session) -> Actor:
        """Who acts, if they may. Raises Redelivered when this arrival took effect before."""
        earlier = earlier_answer(session, "slack", self.key) if self.key else None
        if earlier is not None:
            raise Redelivered(from_stored(earlier.answer))
        return self._admitted(session, find_actor(session, self.team_id, self.user_id))

    def _admitted(self, session: Session, by: Actor | None) -> Actor:
        """Who acts, made a member on first sight. Raises NotOurs, Deactivated, NotForGuests, NotAllowed."""
        if self._is_visitor and (by is None or by.kind not in ("member", "guest")):
            raise NotOurs
        if by is None:
            workspace_id = ensure_workspace(session, self.team_id, name="", at=self.at)
            by = ensure_member(session, workspace_id, self.user_id, name=self.user_name, at=self.at)
        if by.kind == "stranger":
            raise NotOurs
        if not by.active:
            raise Deactivated
        if by.kind == "guest" and not self.guests:
            raise NotForGuests
        if by.role not in self.roles:
            ask = next((admin.slack_user_id for admin in admins_of(session, by.workspace_id)), "")
            raise NotAllowed(self.purpose, self.roles, by.role, ask)
        check_marks(session, by.workspace_id, self._marks(), self._clicked)
        self.passed.append(by.role)
        return by

    @property
    def _is_visitor(self) -> bool:
        """Whether the person's home is another workspace: a shared channel's other side, or the same organization's.

        Of an organization with several workspaces, Slack's list says who is a member here.
        """
        user = self.body.get("user")
        home = user.get("team_id") if isinstance(user, Mapping) else None
        return bool(home) and home != self.team_id

    # What the payloads of clicks and submissions say, read in one place.

    @property
    def action(self) -> Mapping[str, Any]:
        """The element that was clicked."""
        actions = self.body.get("actions") or [{}]
        first: Mapping[str, Any] = actions[0]
        return first

    @property
    def value(self) -> str:
        """The value of the clicked button or of the option that was picked; empty when there is none."""
        action = self.action
        picked = action.get("selected_option") or {}
        return str(
            action.get("value")
            or picked.get("value")
            or action.get("selected_user")
            or action.get("selected_channel")
            or action.get("selected_conversation")
            or ""
        )

    @property
    def subject_id(self) -> int:
        """The row a click is about: the mark at the end of the block id or at the front of the value.

        0, which is no row's id, when a tampered payload names none.
        """
        found = self._subject
        return found.id if found is not None else 0

    @property
    def subject_mark(self) -> str:
        """How the click names that row; "" when it names none."""
        found = self._subject
        return "" if found is None else f"{found.id}-{found.born}" if found.born else str(found.id)

    @property
    def _subject(self) -> Mark | None:
        name = str(self.action.get("action_id", "")).partition(":")[0]
        kind = SUBJECTS.get(name) or SUBJECTS.get(name.partition(".")[0], "")
        for source in (str(self.action.get("block_id", "")).rpartition(":")[2], self.value.partition(":")[0]):
            found = read_mark(kind, source)
            if found is not None:
                return found
        return None

    def _marks(self) -> list[Mark]:
        """Every row that the payload names: what was clicked, what the form remembers, what was picked in it."""
        clicked = self._subject
        remembered = [read_mark(kind, str(self.context.get(kind, ""))) for kind in BORN]
        account, asset = self.field("account") or "", self.field("asset") or ""
        picked = [
            read_mark("account", account[1:]) if account.startswith("=") else None,
            read_mark("asset", asset),
        ]
        return [one for one in (clicked, *remembered, *picked) if one is not None and one.kind]

    @property
    def _clicked(self) -> Clicked | None:
        """The message that was clicked, if it was one."""
        container = self.body.get("container") or {}
        channel, ts = container.get("channel_id"), container.get("message_ts")
        return Clicked(channel, ts) if isinstance(channel, str) and isinstance(ts, str) else None

    @property
    def context(self) -> dict[str, Any]:
        """The modal's private_metadata, which we wrote as a JSON object; empty when it is not one."""
        raw = (self.body.get("view") or {}).get("private_metadata") or "{}"
        if len(raw) > LONGEST_CONTEXT:
            return {}
        try:
            parsed = json.loads(raw)
            check_depth(parsed)
        except (ValueError, RecursionError, BadShape):
            return {}
        return storable(parsed) if isinstance(parsed, dict) else {}

    def remembered(self, name: str) -> str:
        """A text in the modal's context; empty when there is none."""
        found = self.context.get(name)
        return found if isinstance(found, str) else ""

    def remembered_id(self, name: str) -> int:
        """The row, or the version of one, in the modal's context; 0, which is none, for anything else."""
        found = self.context.get(name)
        named = read_mark("", str(found)) if isinstance(found, int | str) and not isinstance(found, bool) else None
        return named.id if named is not None else 0

    def field(self, block_id: str) -> str | None:
        """What was typed or picked in a modal's block; None when it is empty."""
        values = ((self.body.get("view") or {}).get("state") or {}).get("values") or {}
        for element in (values.get(block_id) or {}).values():
            picked = element.get("selected_option") or {}
            found = (
                element.get("value")
                or picked.get("value")
                or element.get("selected_user")
                or element.get("selected_channel")
                or element.get("selected_conversation")
                or element.get("selected_time")
                or element.get("selected_date")
            )
            return str(found) if found else None
        return None

    def fields(self, block_id: str) -> list[str]:
        """The values picked in checkboxes, or the people or channels of a multi-select."""
        values = ((self.body.get("view") or {}).get("state") or {}).get("values") or {}
        for element in (values.get(block_id) or {}).values():
            picked = [str(option.get("value")) for option in element.get("selected_options") or ()]
            named = element.get("selected_users") or element.get("selected_conversations")
            return picked or [str(one) for one in named or ()]
        return []

    def files(self, block_id: str) -> list[tuple[str, str]]:
        """The files that were given in a modal's block: Slack's id and the name of each."""
        values = ((self.body.get("view") or {}).get("state") or {}).get("values") or {}
        for element in (values.get(block_id) or {}).values():
            return [(str(one.get("id") or ""), str(one.get("name") or "")) for one in element.get("files") or ()]
        return []
