"""The courier: takes deliveries out of the outbox, makes their words, sends them, and records what became of them.

A message reaches Slack once in effect. Each post carries its delivery's token; when an outcome is in doubt
(a lost reply, a time-out, a 5xx, a crash), the courier looks the token up in Slack before it posts again.
"""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.orm import Session

from bot.metrics import Metrics
from bot.places import open_place, place_of
from bot.remedies import record_failure, stop_workspace
from bot.slack import Fault, Outcome, find_posted, metadata, sort_error
from handlers.arrival import Tandem
from handlers.messages import Renderer, Rendering, Subject
from storage import dispatch, outbox
from storage.crash import crash_point
from storage.dispatch import Held
from storage.trace import traced

log = structlog.get_logger()

LEASE_SECONDS = 45.0
SENDING_SHARE = 2 / 3  # of a lease: nothing may be on its way to Slack when another courier takes the lane over
TAKEN_AT_ONCE = 8  # so that an alarm waits for a short transaction only
COARSE_SECONDS = 5.0
BREATH_SECONDS = 0.01
LONGEST_WAIT = timedelta(minutes=5)
GIVE_UP_AFTER = timedelta(hours=24)
STRANGE_FOR = timedelta(minutes=10)
RELEVANT_FOR = {"home": timedelta(hours=1)}
LEAST_TRIES = 8  # before a delivery is given up, however old: it may have waited for a token, or for us


@dataclass(frozen=True, slots=True)
class Errand:
    """A held delivery, where it goes (None: still to be opened) and its words (None while in doubt)."""

    held: Held
    channel: str | None
    rendering: Rendering | None


class Courier:
    """One of any number of couriers on the same outbox.

    `pace`: seconds between two posts in one channel (Slack allows about one a second). `concurrency`: how many
    lanes are served at once. `lease`: seconds for which a lane is held; what a dead courier held waits so long.
    """

    def __init__(
        self,
        tandem: Tandem,
        client: AsyncWebClient,
        renderers: Mapping[str, Renderer],
        metrics: Metrics,
        *,
        pace: float = 1.0,
        concurrency: int = 32,
        lease: float = LEASE_SECONDS,
    ) -> None:
        self.tandem = tandem
        self.client = client
        self.renderers = renderers
        self.metrics = metrics
        self.pace = timedelta(seconds=pace)
        self.concurrency = concurrency
        self.lease = timedelta(seconds=lease)
        self.holder = f"{os.getpid()}-{secrets.token_hex(4)}"
        self.looked_at = time.monotonic()  # when the outbox was last read, for whoever watches
        self._wake = asyncio.Event()
        self._sending: set[asyncio.Task[None]] = set()
        self._running: asyncio.Task[None] | None = None
        self._stopping = False

    async def run(self) -> None:
        """Serve the outbox until `stop`. A database that fails for a while is tried again."""
        self._running = asyncio.current_task()
        self.tandem.db.on_wake("courier", self._wake.set)
        while not self._stopping:
            self._wake.clear()
            room = min(TAKEN_AT_ONCE, self.concurrency - len(self._sending))
            try:
                errands, due = await self._take(room) if room else ([], None)
            except Exception:
                log.exception("courier could not read the outbox")
                await asyncio.sleep(1)
                continue
            self.looked_at = time.monotonic()
            for errand in errands:
                with traced(errand.held.request_id):
                    task = asyncio.create_task(self._serve(errand))
                self._sending.add(task)
                task.add_done_callback(self._sending.discard)
            await self._rest(due, least=0.0 if errands else BREATH_SECONDS)

    async def stop(self, within: float = 10.0) -> None:
        """Take nothing more, and finish what is on its way; what does not end in time goes back, in doubt."""
        self._stopping = True
        self._wake.set()
        try:
            async with asyncio.timeout(within):
                # What is being taken at this moment is held already: it is served, too.
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

    # Taking: one transaction holds lanes and renders what they say now.

    async def _take(self, room: int) -> tuple[list[Errand], datetime | None]:
        at = self.tandem.clock.now()

        def take(session: Session) -> tuple[list[Errand], datetime | None]:
            held = dispatch.hold_lanes(session, holder=self.holder, at=at, lease=self.lease, limit=room)
            errands = []
            for one in held:
                with traced(one.request_id):
                    errand = self._prepare(session, one, at)
                if errand is not None:
                    errands.append(errand)
            if errands:
                crash_point("courier.claim.before_commit")
            return errands, dispatch.next_due(session)

        taken = await self.tandem.db.run(take)
        if taken[0]:
            crash_point("courier.claimed")
        return taken

    def _prepare(self, session: Session, held: Held, at: datetime) -> Errand | None:
        """Render; a delivery with nothing (new) to say ends here, in the transaction that took it."""
        channel = place_of(session, held.workspace_id, held.place)
        if held.unsure and method_of(held) != "chat.postMessage":
            held = replace(held, unsure=False)  # it can be repeated: it says the same thing twice
        if held.unsure:
            return Errand(held, channel, None)
        until = dispatch.method_pauses(session, [held.workspace_id], at).get((held.workspace_id, method_of(held)))
        if until is not None:
            dispatch.record_untried(session, held, next_at=until, error="ratelimited")
            return None
        rendering = self._render(session, held, at)
        if isinstance(rendering, Rendering):
            return Errand(held, channel, rendering)
        if rendering is None:
            dispatch.record_end(session, held, "dropped", at=at)
        else:
            dispatch.record_end(session, held, "failed", at=at, error=rendering)
        self.metrics.sent.labels("dropped").inc()
        return None

    def _render(self, session: Session, held: Held, at: datetime) -> Rendering | str | None:
        """The words, None when nothing (new) is left to say, or the reason why they could not be made."""
        renderer = self.renderers.get(held.kind)
        if renderer is None:
            return f"no renderer for {held.kind}"
        standing = held.card is not None and held.card.ts is not None
        subject = Subject(
            held.subject_id, held.workspace_id, held.place, held.data, at, standing=standing, prefix=self.tandem.prefix
        )
        try:
            rendering = renderer(session, subject)
            unchanged = rendering is not None and rendering.fingerprint() == (held.card and held.card.rendering)
            return None if unchanged else rendering
        except Exception as error:
            log.exception("a message could not be made", kind=held.kind, subject_id=held.subject_id)
            return f"rendering failed: {type(error).__name__}"

    # Serving: the one conversation with Slack about a delivery, then its record.

    async def _serve(self, errand: Errand) -> None:
        held = errand.held
        unsafe = held.until - self.lease * (1 - SENDING_SHARE)
        seconds = (unsafe - self.tandem.clock.now()).total_seconds()
        try:
            if seconds <= 0:
                log.warning("lane held for too long to send", kind=held.kind, delivery=held.id)
                return  # we slept, and another courier may have the lane: it finds the delivery in doubt
            async with asyncio.timeout(seconds):
                await self._send(errand)
        except asyncio.CancelledError:
            await self._give_back(errand, Outcome(Fault.UNSURE, "stopped"))
        except Exception as error:
            outcome = sort_error(error)
            if outcome.fault is Fault.STRANGE and not isinstance(error, SlackApiError):
                log.exception("an error nobody foresaw", kind=held.kind, delivery=held.id)
            await self._give_back(errand, outcome)
        finally:
            self._wake.set()

    async def _give_back(self, errand: Errand, outcome: Outcome) -> None:
        try:
            await self._failed(errand, outcome)
        except Exception:
            # The lease runs out, and whoever takes the lane then finds the delivery in doubt.
            log.exception("a delivery could not be recorded", kind=errand.held.kind, delivery=errand.held.id)

    async def _send(self, errand: Errand) -> None:
        held, rendering = errand.held, errand.rendering
        channel = errand.channel or await open_place(self.tandem.db, self.client, held.workspace_id, held.place)
        thread_ts = held.thread.ts if held.thread else None
        if rendering is None:
            ts = await find_posted(self.client, channel, held.token, held.first_tried_at, thread_ts)
            if ts is not None:
                await self._found(held, channel, ts)
            else:
                await self._settled_as_unsent(held)
            return
        crash_point("courier.before_send")
        ts = await self._call(held, channel, thread_ts, rendering)
        crash_point("courier.sent")
        await self._record(
            lambda session, at: dispatch.record_sent(
                session,
                held,
                at=at,
                channel=channel,
                ts=ts,
                rendering=rendering.fingerprint(),
                free_at=at + self.pace if self.pace and method_of(held) == "chat.postMessage" else None,
            )
        )
        crash_point("courier.recorded")
        self.metrics.sent.labels("sent").inc()
        lateness = (self.tandem.clock.now() - held.due_at).total_seconds()
        self.metrics.deliveries.labels(priority_name(held)).observe(max(0.0, lateness))
        log.info(
            "delivery sent",
            kind=held.kind,
            subject=held.subject_id,
            delivery=held.id,
            place=held.place,
            ts=ts,
            attempts=held.attempts,
            late_ms=round(lateness * 1000),
        )

    async def _call(self, held: Held, channel: str, thread_ts: str | None, rendering: Rendering) -> str | None:
        if rendering.view is not None:
            await self.client.views_publish(user_id=held.place, view=rendering.view)
            return None
        if held.card is not None and held.card.ts is not None:
            await self.client.chat_update(
                channel=held.card.channel or channel,
                ts=held.card.ts,
                metadata=metadata(held.token),
                **rendering.content(),
            )
            return held.card.ts
        answer = await self.client.chat_postMessage(
            channel=channel,
            thread_ts=thread_ts,
            metadata=metadata(held.token),
            unfurl_links=False,
            unfurl_media=False,
            **rendering.content(),
        )
        return str(answer["ts"])

    async def _found(self, held: Held, channel: str, ts: str) -> None:
        """An earlier attempt did reach Slack. What stands may be out of date, so the card is queued again."""

        def record(session: Session, at: datetime) -> None:
            if not dispatch.record_sent(session, held, at=at, channel=channel, ts=ts, rendering=None, free_at=None):
                return
            if held.card is not None:
                outbox.refresh_cards(session, held.workspace_id, (held.kind,), held.subject_id, at=at)

        await self._record(record)
        self.metrics.sent.labels("found").inc()
        log.info("delivery found in Slack", kind=held.kind, delivery=held.id, place=held.place, ts=ts)

    async def _settled_as_unsent(self, held: Held) -> None:
        """Slack has no such message: the delivery goes back, free of doubt, to be sent at once."""

        def record(session: Session, at: datetime) -> None:
            dispatch.record_unsent(session, held, at=at)

        await self._record(record)

    async def _joined(self, held: Held, outcome: Outcome) -> bool:
        """Whether the bot could let itself in: public channels need no invitation."""
        if outcome.name != "not_in_channel" or held.error == "not_in_channel":
            return False
        try:
            await self.client.conversations_join(channel=held.place)
        except Exception as error:
            return sort_error(error).fault in (Fault.LIMITED, Fault.UNSURE, Fault.TRANSIENT)
        return True

    async def _failed(self, errand: Errand, outcome: Outcome) -> None:
        held = errand.held
        if await self._joined(held, outcome):
            outcome = Outcome(Fault.TRANSIENT, outcome.name)
        self.metrics.slack_errors.labels(outcome.name).inc()
        posting = errand.rendering is not None and method_of(held) == "chat.postMessage"
        log.warning("delivery not sent", kind=held.kind, delivery=held.id, error=outcome.name, attempts=held.attempts)

        def record(session: Session, at: datetime) -> None:
            patience = STRANGE_FOR if outcome.fault is Fault.STRANGE else RELEVANT_FOR.get(held.kind, GIVE_UP_AFTER)
            expired = held.attempts >= LEAST_TRIES and at - held.first_tried_at > patience
            match outcome.fault:
                case Fault.GONE if held.card is not None:
                    if dispatch.record_retry(session, held, next_at=at, unsure=False, error=outcome.name):
                        dispatch.forget_card(session, held.card.id)
                case Fault.PERMANENT | Fault.GONE:
                    record_failure(session, held, outcome, at)
                case Fault.TOKEN:
                    stop_workspace(session, held.workspace_id, outcome, at)
                    dispatch.record_retry(session, held, next_at=at, unsure=False, error=outcome.name)
                case Fault.LIMITED:
                    until = at + timedelta(seconds=outcome.retry_after)
                    if method_of(held) != "chat.postMessage":
                        dispatch.pause_method(session, held.workspace_id, method_of(held), until)
                    dispatch.record_retry(
                        session, held, next_at=until, unsure=False, error=outcome.name, lane_free_at=until
                    )
                case _ if expired:
                    record_failure(session, held, outcome, at)
                case fault:
                    dispatch.record_retry(
                        session,
                        held,
                        next_at=at + backoff(held.attempts),
                        unsure=posting and fault in (Fault.UNSURE, Fault.STRANGE),
                        error=outcome.name,
                    )

        await self._record(record)

    async def _record(self, record: Callable[[Session, datetime], Any]) -> None:
        at = self.tandem.clock.now()

        def write(session: Session) -> None:
            record(session, at)
            crash_point("courier.record.before_commit")

        await self.tandem.db.run(write)


def method_of(held: Held) -> str:
    """The Web API method that this delivery needs now."""
    if held.kind == "home":
        return "views.publish"
    return "chat.update" if held.card is not None and held.card.ts is not None else "chat.postMessage"


def priority_name(held: Held) -> str:
    """The delivery's priority as a metric label."""
    return outbox.Priority(held.priority).name.lower()


def backoff(attempts: int) -> timedelta:
    """Half a second, doubling, with up to a quarter more at random; five minutes at the most."""
    seconds = min(LONGEST_WAIT.total_seconds(), 0.5 * 2.0 ** min(attempts - 1, 12))
    return timedelta(seconds=seconds * (1 + random.random() / 4))  # noqa: S311  # spreads retries, guards nothing
