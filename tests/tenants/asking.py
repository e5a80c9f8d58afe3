"""Asks any listener as anybody, and says all that came of it; then it is as if nobody had asked.

Each request runs in a transaction that is rolled back, so that whatever is asked finds the same rows.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from bot.seal import Sealer
from domain.llm.budget import LlmSet
from domain.wall import WallClock
from handlers.answers import FieldErrors, Receipt
from handlers.arrival import Arrival, Redelivered, Tandem
from handlers.catalog import all_listeners, all_renderers
from handlers.listeners import Listener
from handlers.messages import Overtaken, Subject
from handlers.words import is_expected, sentence
from storage.database import Database
from storage.inbox import settle_inbox
from storage.models import IS_WAITING, Delivery, Lane
from storage.outbox import settle_outbox
from tests.running import KEY
from tests.tenants.furniture import Tenant
from tests.tenants.rows import Rows, changed, rows_of, strays

P = ParamSpec("P")
T = TypeVar("T")
_WRITES = re.compile(r"\b(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)")


class StillClock(WallClock):
    """Stands still."""

    def __init__(self, at: datetime) -> None:
        super().__init__(at)
        self._at = at

    def now(self) -> datetime:
        return self._at

    def outside(self) -> datetime:
        return self._at


@dataclass(frozen=True, slots=True)
class Came:
    """What a request came to. `answer`: what the person reads; `said`: what is to be sent, rendered; `kept`: the new
    and changed rows of their workspace; `wrong`: what it did to others; `refused`: whether the answer is a refusal."""

    answer: str
    said: str
    kept: str
    wrong: tuple[str, ...]
    refused: bool


class Rehearsal:
    """Stands in for the database: what is written is looked at, and rolled back. `look` hears which tables it was.

    `keeps`: what is written stays, so that the buttons under it name something.
    """

    def __init__(self, db: Database, look: Callable[[Session, set[str]], None]) -> None:
        self.db = db
        self._look = look
        self.keeps = False
        self._tables: set[str] = set()
        event.listen(db.engine, "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        self._tables.update(_WRITES.findall(statement))

    async def run(self, use_case: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        self._tables.clear()
        with Session(self.db.engine, expire_on_commit=False) as session:
            found = use_case(session, *args, **kwargs)
            session.flush()
            settle_inbox(session)
            settle_outbox(session)
            if self._tables:
                self._look(session, set(self._tables))
            if self.keeps:
                session.commit()
            session.rollback()
        return found

    async def read(self, query: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.db.read(query, *args, **kwargs)


class Desk:
    """Where the people of one workspace ask. `others`: whose rows must stay as they are."""

    def __init__(self, db: Database, tenant: Tenant, others: tuple[Tenant, ...], at: datetime) -> None:
        self.db, self.tenant, self.others, self.at = db, tenant, others, at
        self._before: dict[int, Rows] = {one.id: db.read_sync(rows_of, one.id) for one in (tenant, *others)}
        self._last = db.read_sync(lambda session: session.scalar(select(func.max(Delivery.id))) or 0)
        self._said, self._kept = "", ""
        self._wrong: list[str] = []
        sealer = Sealer(KEY)
        self._rehearsal = Rehearsal(db, self._look)
        self.tandem = Tandem(
            cast("Database", self._rehearsal),
            StillClock(at),
            seal=sealer.seal,
            unseal=sealer.unseal,
            listeners=all_listeners(),
            renderers=all_renderers(),
            llm=LlmSet("tiny", "model.example", 1_000),
        )

    async def ask(
        self, listener: Listener, who: str, body: Mapping[str, Any], text: str = "", *, keep: bool = False
    ) -> Came:
        """Let a person ask; `keep`: what comes of it stays. An error that nobody foresaw is raised."""
        self._said, self._kept, self._wrong = "", "", []
        self._rehearsal.keeps = keep
        arrival = Arrival(
            tandem=self.tandem,
            roles=listener.roles,
            purpose=listener.help or listener.name,
            client=AsyncWebClient(),
            body=body,
            team_id=self.tenant.team_id,
            user_id=self.tenant.users[who],
            user_name=who,
            key=f"kept {listener.name}" if keep else "asked",
            at=self.at,
            text=text,
            answer_by=time.monotonic() + 60,
        )
        refused = False
        try:
            came = await listener.handler(arrival)
            refused = isinstance(came, FieldErrors) or (isinstance(came, Receipt) and came.refusal)
            answer = json.dumps(asdict(came), default=str)
        except Redelivered as again:
            answer = json.dumps(asdict(again.answer), default=str)
        except Exception as error:
            if not is_expected(error):
                raise
            answer, refused = sentence(error), True
        return Came(answer, self._said, self._kept, tuple(self._wrong), refused)

    def _look(self, session: Session, tables: set[str]) -> None:
        """Judge what was written, before it is rolled back."""
        for one in self.others:
            after = rows_of(session, one.id, tables)
            self._wrong += [f"{name} of {one.word} changed" for name in changed(self._before[one.id], after)]
        for column in strays(session, self.tenant.id, tables):
            self._wrong.append(f"{column} refers to another workspace's row")
        mine, before = rows_of(session, self.tenant.id, tables), self._before[self.tenant.id]
        self._kept += repr({name: [row for row in mine[name] if row not in before[name]] for name in mine})
        if "deliveries" in tables:
            self._said += renderings(session, self.tenant, self.at, after=self._last)


def renderings(session: Session, tenant: Tenant, at: datetime, *, after: int = 0) -> str:
    """Everything that waits to be sent, in words; of the deliveries with larger ids than `after`."""
    waiting = session.execute(
        select(Delivery.kind, Delivery.subject_id, Delivery.data, Lane.place)
        .join(Lane, Lane.id == Delivery.lane_id)
        .where(Delivery.workspace_id == tenant.id, IS_WAITING, Delivery.id > after)
        .order_by(Delivery.id)
    ).all()
    return json.dumps(
        [rendered(session, Subject(one.subject_id, tenant.id, one.place, one.data, at), one.kind) for one in waiting],
        default=str,
    )


def rendered(session: Session, subject: Subject, kind: str) -> Any:
    """The words of one message, None when there is nothing to say."""
    try:
        found = all_renderers()[kind](session, replace(subject))
    except Overtaken:
        return None
    if found is None:
        return None
    return found.view or found.content()
