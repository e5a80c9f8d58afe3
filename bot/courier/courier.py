"""The courier: takes deliveries out of the outbox, makes their words, sends them, and records what became of them.

A message reaches Slack once in effect. Each post carries its delivery's token; when an outcome is in doubt
(a lost reply, a time-out, a 5xx, a crash), the courier looks the token up in Slack before it posts again.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot.courier.errands import Errand, Taken, make_words, priority_name, send
from bot.courier.failures import record_attempt
from bot.courier.looks import Looked, Looks
from bot.courier.places import let_in, open_place
from bot.courier.remedies import tell_admins
from bot.courier.retries import next_look
from bot.metrics import Metrics
from bot.slack.client import Meaning, Outcome, Unserved, sort_error
from handlers.arrival import Tandem
from handlers.messages import Renderer, Rendering
from storage import lanes, outbox
from storage.crash import crash_point
from storage.database import trouble_of
from storage.held import End, Held
from storage.outbox import Priority
from storage.trace import traced

log = structlog.get_logger()

LEASE_SECONDS = 45.0
SENDING_SHARE = 2 / 3  # of a lease: nothing may be on its way to Slack when another courier takes the lane over
TAKEN_AT_ONCE = 8  # so that an alarm waits for a short transaction only
COARSE_SECONDS = 5.0
BREATH_SECONDS = 0.01
GIVE_WAY_SECONDS = 0.05
SPOILED_TRIES = 3


class Courier:
    """One of any number of couriers on the same outbox.

    `pace`: seconds between two posts in one channel (Slack allows about one a second). `limits`: of the calls that
    Slack promises a workspace each minute, how many times those are made at the most; 0: only Slack's own pauses
    are kept to. `concurrency`: how many lanes are served at once. `lease`: seconds for which a lane is held; what
    a dead courier held waits so long. `client_of`: who speaks for a workspace, None when nobody is known to.
    `speaks_anew`: whether its token is another one by now than the one that Slack refused.
    """

    def __init__(
        self,
        tandem: Tandem,
        client_of: Callable[[int], AsyncWebClient | None],
        renderers: Mapping[str, Renderer],
        metrics: Metrics,
        *,
        pace: float = 1.0,
        limits: float = 1.0,
        concurrency: int = 32,
        lease: float = LEASE_SECONDS,
        speaks_anew: Callable[[int], Awaitable[bool]] | None = None,
    ) -> None:
        self.tandem = tandem
        self.client_of = client_of
        self.speaks_anew = speaks_anew
        self.renderers = renderers
        self.metrics = metrics
        self.pace = timedelta(seconds=pace)
        self.limits = limits
        self.concurrency = concurrency
        self.lease = timedelta(seconds=lease)
        self.holder = f"{os.getpid()}-{secrets.token_hex(4)}"
        self.looked_at = time.monotonic()  # when the outbox was last read, for whoever watches
        self._wake = asyncio.Event()
        self._sending: set[asyncio.Task[None]] = set()
        self._promised: dict[asyncio.Future[None], int] = {}
        self._running: asyncio.Task[None] | None = None
        self._stopping = False
        self._turns = lanes.lane_turns()
        self._busy: Counter[int] = Counter()  # how many lanes of a workspace are being served
        self._looks = Looks()
        self._spoiled: Counter[int] = Counter()  # how often the words of a delivery broke off their transaction

    async def run(self) -> None:
        """Serve the outbox until `stop`. A database that fails for a while is tried again."""
        self._running = asyncio.current_task()
        self.tandem.db.on_wake("courier", self._wake.set)
        while not self._stopping:
            if self._promised:  # a tick is under way: the alarms that it brings go first
                await asyncio.wait(self._promised, timeout=GIVE_WAY_SECONDS)
            self._wake.clear()
            try:
                with self.room() as room:
                    taken, due = await self._take(room) if room else (Taken(), None)
                    self.serve(taken)
            except Exception:
                log.exception("courier could not read the outbox")
                await asyncio.sleep(1)
                continue
            self.looked_at = time.monotonic()
            await self._rest(due, least=0.0 if taken.errands else BREATH_SECONDS)

    async def stop(self, within: float = 10.0) -> None:
        """Take nothing more, and finish what is on its way; what does not end in time goes back, in doubt."""
        self._stopping = True
        self._wake.set()
        try:
            async with asyncio.timeout(within):
                # What is being taken at this moment is held already: it is served, too.
                if self._promised:
                    await asyncio.wait(self._promised)
                if self._running is not None:
                    await asyncio.wait({self._running})
                if self._sending:
                    await asyncio.wait(self._sending)
        except TimeoutError:
            late = tuple(self._sending)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _rest(self, due: datetime | None, least: float) -> None:
        """Until something is due or wakes us. `least` seconds, when what is due is in other hands for a moment."""
        seconds = COARSE_SECONDS
        if due is not None:
            seconds = max(least, min(seconds, (due - self.tandem.clock.now()).total_seconds()))
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            pass

    # Taking: one transaction holds lanes, renders what they say now, and takes the tokens for it.

    @contextmanager
    def room(self, *, spare: int = 0) -> Iterator[int]:
        """How many lanes may be held at this moment, leaving `spare`; promised to nobody else meanwhile."""
        free = self.concurrency - spare - len(self._sending) - sum(self._promised.values())
        promise: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._promised[promise] = 0 if self._stopping else max(0, min(TAKEN_AT_ONCE, free))
        try:
            yield self._promised[promise]
        finally:
            del self._promised[promise]
            promise.set_result(None)

    def hold(self, session: Session, at: datetime, room: int, only: Priority | None = None) -> Taken:
        """Hold lanes in this transaction, of all priorities or of one. Once it is committed, `serve` them."""
        words: dict[int, Rendering] = {}
        ended: list[End] = []

        def prepare(one: Held) -> End | None:
            if one.unsure or one.is_found or one.method == "views.publish":
                return None
            with traced(one.request_id):
                # As of now: a deadline may have passed, and been told of, while this transaction waited for its turn.
                made = self._words(session, one, max(at, self.tandem.clock.now()))
                if isinstance(made, End):
                    if not made.waits:
                        ended.append(made)
                    if made.state == "failed":
                        tell_admins(session, one, made.error or "", at)
                    return made
            words[one.id] = made
            return None

        held = lanes.hold_lanes(
            session,
            holder=self.holder,
            at=at,
            lease=self.lease,
            limit=room,
            times=self.limits,
            turns=self._turns,
            may_have=self._may_have,
            only=only,
            prepare=prepare,
        )
        if held:
            crash_point("courier.claim.before_commit")
        return Taken([Errand(one, words.get(one.id)) for one in held], ended)

    def _words(self, session: Session, one: Held, at: datetime) -> Rendering | End:
        if self._spoiled[one.id] >= SPOILED_TRIES:
            del self._spoiled[one.id]
            return End("failed", "rendering failed: the database refused what was asked")
        try:
            return make_words(session, one, self.renderers, at=at, prefix=self.tandem.prefix)
        except DBAPIError as error:
            if trouble_of(error) is None:
                self._spoiled[one.id] += 1
            raise

    def serve(self, taken: Taken) -> None:
        """Begin to send what is held, now that this is committed."""
        for end in taken.ended:
            self.metrics.sent.labels(end.state).inc()
        if taken.errands:
            crash_point("courier.claimed")
        for errand in taken.errands:
            with traced(errand.held.request_id):
                task = asyncio.create_task(self._serve(errand))
            self._sending.add(task)
            self._busy[errand.held.workspace_id] += 1
            task.add_done_callback(partial(self._served, errand.held.workspace_id))

    def _served(self, workspace_id: int, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        self._busy[workspace_id] -= 1
        if not self._busy[workspace_id]:
            del self._busy[workspace_id]

    def _may_have(self, workspace_id: int) -> int:
        """How many lanes more a workspace may have: it leaves as many free as it has.

        So one whose calls are all slow takes half of the places at the most, and two of them two thirds.
        """
        return self.concurrency - len(self._sending) - self._busy[workspace_id]

    async def _take(self, room: int) -> tuple[Taken, datetime | None]:
        at = self.tandem.clock.now()
        return await self.tandem.db.run(lambda session: (self.hold(session, at, room), lanes.next_due(session)))

    # Serving: the one conversation with Slack about a delivery, then its record.

    async def _serve(self, errand: Errand) -> None:
        held = errand.held
        try:
            if (seconds := self._seconds_left(held)) <= 0:
                return
            async with asyncio.timeout(seconds):
                await self._send(errand)
        except asyncio.CancelledError:
            await self._give_back(errand, Outcome(Meaning.UNSURE, "stopped", cut=True))
        except Exception as error:
            outcome = sort_error(error)
            if outcome.meaning is Meaning.STRANGE and not isinstance(error, SlackApiError):
                log.exception("an error nobody foresaw", kind=held.kind, delivery=held.id)
            await self._give_back(errand, outcome)
        finally:
            self._wake.set()

    def _seconds_left(self, held: Held) -> float:
        """How long this courier may still send. At 0 it stood still, and another courier may have the lane by now.

        Then nothing is sent or recorded here: whoever takes the lane finds the delivery in doubt, and looks.
        """
        left = held.until - self.lease * (1 - SENDING_SHARE) - self.tandem.clock.now()
        if (seconds := left.total_seconds()) <= 0:
            log.warning("lane held for too long to send", kind=held.kind, delivery=held.id)
        return seconds

    async def _give_back(self, errand: Errand, outcome: Outcome) -> None:
        try:
            await self._failed(errand, outcome)
        except Exception:
            # The lease runs out, and whoever takes the lane then finds the delivery in doubt.
            log.exception("a delivery could not be recorded", kind=errand.held.kind, delivery=errand.held.id)

    async def _send(self, errand: Errand) -> None:
        held, rendering = errand.held, errand.rendering
        if held.is_found and held.standing is not None:
            await self._found(held, *held.standing)
            return
        client = self._client(held)
        if held.method == "views.publish":
            # A Home's words take ten times what the rest of its transaction does, so they are read beside the writers.
            made = await self.tandem.db.read(self._words, held, self.tandem.clock.now())
            if isinstance(made, End):
                await self._end(held, made)
                return
            rendering = made
        channel = held.channel or ""
        if "conversations.open" in held.calls:
            channel = await open_place(self.tandem.db, client, held.workspace_id, held.place)
        thread_ts = held.thread.ts if held.thread else None
        if rendering is None:
            looked = await self._looks.look(client, held, channel, self.tandem.clock.now())
            if looked.ts is not None:
                await self._found(held, channel, looked.ts)
            else:
                await self._not_found(held, looked)
            return
        if self._seconds_left(held) <= 0:
            return
        crash_point("courier.before_send")
        ts = await send(client, held, rendering, channel, thread_ts)
        crash_point("courier.sent")

        def record(session: Session, at: datetime) -> None:
            posted = held.method == "chat.postMessage"
            free_at = at + self.pace if self.pace and posted else None
            words = rendering.fingerprint()
            if lanes.record_sent(session, held, at=at, channel=channel, ts=ts, rendering=words, free_at=free_at):
                return
            if held.card is not None and not posted:
                # The lane was lost meanwhile, and this edit may have come after that of its new holder.
                lanes.forget_rendering(session, held.card.id)
                outbox.refresh_cards(session, held.workspace_id, (held.kind,), held.subject_id, at=at)

        await self._record(record)
        crash_point("courier.recorded")
        self.metrics.sent.labels("sent").inc()
        lateness = (self.tandem.clock.now() - held.due_at).total_seconds()
        self.metrics.deliveries.labels(priority_name(held)).observe(max(0.0, lateness))
        told = {"subject": held.subject_id, "place": held.place, "ts": ts, "attempts": held.attempts}
        log.info("delivery sent", kind=held.kind, delivery=held.id, **told, late_ms=round(lateness * 1000))

    async def _end(self, held: Held, end: End) -> None:
        """There is nothing to send after all."""

        def record(session: Session, at: datetime) -> None:
            if lanes.record_end(session, held, end.state, at=at, error=end.error) and end.state == "failed":
                tell_admins(session, held, end.error or "", at)

        await self._record(record)
        self.metrics.sent.labels(end.state).inc()

    def _client(self, held: Held) -> AsyncWebClient:
        """Who speaks for its workspace. Raises Unserved; the registry hears of what is new before long."""
        client = self.client_of(held.workspace_id)
        if client is None:
            raise Unserved
        return client

    async def _found(self, held: Held, channel: str, ts: str) -> None:
        """An earlier attempt did reach Slack. Whatever changed since then has asked for a delivery of its own.

        Which words stand is not known here, so none are recorded, and that delivery is sent whatever it says.
        """

        def record(session: Session, at: datetime) -> None:
            lanes.record_sent(session, held, at=at, channel=channel, ts=ts, rendering=None, free_at=None)

        await self._record(record)
        self.metrics.sent.labels("found").inc()
        log.info("delivery found in Slack", kind=held.kind, delivery=held.id, place=held.place, ts=ts)

    async def _not_found(self, held: Held, looked: Looked) -> None:
        """Where all was seen, Slack has no such message: it may be sent, unless an earlier attempt may come late."""

        def record(session: Session, at: datetime) -> None:
            if not looked.is_over:
                lanes.record_doubt(session, held, next_at=at)
            elif held.late_until is None or looked.began >= held.late_until:
                lanes.record_unsent(session, held, at=at)
            else:
                again = held.late_until if held.distributed else next_look(held.late_until, at)
                lanes.record_doubt(session, held, next_at=again)

        await self._record(record)

    async def _failed(self, errand: Errand, outcome: Outcome) -> None:
        held = errand.held
        outcome = await let_in(lambda: self._client(held), held, outcome, self.tandem.clock.now())
        if outcome.meaning is Meaning.TOKEN and self.speaks_anew and await self.speaks_anew(held.workspace_id):
            outcome = replace(outcome, meaning=Meaning.TRANSIENT)
        self.metrics.slack_errors.labels(outcome.name).inc()
        posting = errand.rendering is not None and held.method == "chat.postMessage"
        log.warning("delivery not sent", kind=held.kind, delivery=held.id, error=outcome.name, attempts=held.attempts)

        ended = False

        def record(session: Session, at: datetime) -> None:
            nonlocal ended
            ended = record_attempt(session, held, outcome, posting=posting, limits=self.limits, at=at)

        crash_point("courier.failed")
        await self._record(record)
        if ended:
            self.metrics.sent.labels("failed").inc()
            log.error("delivery failed", kind=held.kind, delivery=held.id, place=held.place, error=outcome.name)

    async def _record(self, record: Callable[[Session, datetime], Any]) -> None:
        at = self.tandem.clock.now()

        def write(session: Session) -> None:
            record(session, at)
            crash_point("courier.record.before_commit")

        await self.tandem.db.run(write)
