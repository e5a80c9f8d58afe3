"""What runs by the calendar: digests every minute's look, housekeeping, and a coarse rouse behind the wake-ups.

APScheduler keeps the time and never the memory: what is due stands in rows, so a missed minute costs nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy.orm import Session

from bot.metrics import Metrics
from digests.editions import due_audiences, publish_if_due
from domain import refusals, source_health
from domain.folding import fold, workspaces_to_fold
from domain.keys import renew_keys
from domain.leads.doubts import (
    find_alike,
    is_doubt_late,
    look_for_doubts,
    show_late_doubts,
    workspaces_to_look_at,
)
from domain.leads.returning import is_one_due, return_nurtured
from domain.leads.triage import is_hold_late, show_late_holds
from domain.llm.answers import forget_answers_before
from domain.one_company import find_companies, look_for_companies
from domain.proposals.asking import ask_marketing, find_maybes, workspaces_to_ask
from domain.proposals.labelling import overtake_proposals
from domain.sources import forget_old_secrets
from domain.voc import dm_questions, drafts, watching
from domain.voc.moving import find_strays, gather_strays
from domain.voc.promise import begin_promises, tell_late, workspaces_with_late
from domain.voc.rising import tell_rising, workspaces_to_compare
from domain.voc.wording import word_items, workspaces_to_word
from domain.wall import local_time
from domain.webhooks.endpoints import forget_messages_before, forget_removed
from domain.webhooks.rounds import call_round, endpoints_due
from handlers.arrival import Tandem
from storage import inbox, jobs, outbox
from storage.crash import crash_point
from storage.trace import new_request_id, traced

log = structlog.get_logger()

INBOX_KEPT = timedelta(days=7)
DELIVERIES_KEPT = timedelta(days=30)
FOLD_SECONDS = 2.0
WORD_SECONDS = 2.0
GATHER_SECONDS = 15.0
WEBHOOK_SECONDS = 2.0
NURTURE_SECONDS = 5.0
TRIAGE_SECONDS = 15.0
ITEMS_AT_ONCE = 64  # what somebody waits for goes in between
JOBS_KEPT = timedelta(days=7)
DEAD_JOBS_KEPT = timedelta(days=90)
WEBHOOKS_KEPT = timedelta(days=7)  # those that were delivered, to be sent again when somebody asks
UNSENT_WEBHOOKS_KEPT = timedelta(days=30)
ANSWERS_KEPT = timedelta(days=90)
LEADS_AT_ONCE = 25
TIDIED_AT_ONCE = 1000  # rows: what somebody waits for goes in between


class Schedule:
    """The jobs of one worker process. Two workers may run them at once: each claims rows under lock."""

    def __init__(
        self,
        tandem: Tandem,
        metrics: Metrics,
        check_token: Callable[[], Awaitable[None]],
    ) -> None:
        self.tandem = tandem
        self.metrics = metrics
        self._check_token = check_token
        self._scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )

    def every(self, seconds: float, job: Callable[[], Awaitable[None]], name: str) -> None:
        """Run one more job, time and again."""
        self._scheduler.add_job(self._guard(job), "interval", seconds=seconds, id=name)

    def start(self) -> None:
        """Start all jobs in the running event loop."""
        add = self._scheduler.add_job
        add(self._guard(self.publish), "cron", second=0, id="editions")
        add(self._guard(self.publish), id="editions-at-start")
        add(self._guard(self.remind_marketing), "cron", second=30, id="marketing")
        add(self._guard(self.ask_marketing), "cron", second=45, id="questions")
        add(self._guard(self.look_at_sources), "cron", minute="*/10", second=20, id="sources")
        add(self._guard(self.renew), id="keys-at-start")
        add(self._guard(self._rouse), "interval", seconds=15, id="rouse")
        self.every(FOLD_SECONDS, self.fold, "tallies")
        self.every(WORD_SECONDS, self.word, "words")
        self.every(GATHER_SECONDS, self.gather, "strays")
        self.every(WEBHOOK_SECONDS, self.call_webhooks, "webhooks")
        self.every(NURTURE_SECONDS, self.return_leads, "nurture")
        self.every(TRIAGE_SECONDS, self.show_late_holds, "triage")
        add(self._guard(self.look_for_doubts), "cron", minute="*/20", second=40, id="doubts")
        add(self._guard(self.tidy), "cron", hour=3, minute=17, id="tidy")
        add(self._guard(self._check_token), "interval", minutes=1, id="token")
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)

    def look_anew(self) -> None:
        """This computer's clock was stepped: APScheduler goes by it, and would wait until time has caught up."""
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=local_time())

    async def publish(self) -> None:
        """Make the editions that are due, each in a transaction of its own: one that fails harms no others."""
        at = self.tandem.clock.now()
        for audience_id in await self.tandem.db.read(due_audiences, at=at):
            try:
                await self._publish(audience_id, at)
            except Exception:
                log.exception("an edition could not be made", audience=audience_id)

    async def _publish(self, audience_id: int, at: datetime) -> None:
        def publish(session: Session) -> list[int]:
            made = publish_if_due(session, audience_id, at=at)
            if made:
                crash_point("edition.before_commit")
            return made

        began = time.perf_counter()
        with traced(new_request_id("edition")):
            made = await self.tandem.db.run(publish)
            if made:
                crash_point("edition.committed")
                log.info("editions made", editions=made)
                self.metrics.editions.observe(time.perf_counter() - began)

    async def remind_marketing(self) -> None:
        """Tell of promised answers that are late, and of themes that rise; one workspace that fails harms no others."""
        at = self.tandem.clock.now()
        for found, tell in ((workspaces_with_late, tell_late), (workspaces_to_compare, tell_rising)):
            for workspace_id in await self.tandem.db.read(found, at):
                try:
                    with traced(new_request_id("marketing")):
                        await self.tandem.db.run(tell, workspace_id, at=at)
                except Exception:
                    log.exception("marketing could not be told", what=tell.__name__, workspace=workspace_id)

    async def ask_marketing(self) -> None:
        """Ask about items that may belong to a theme, where it is time; one workspace that fails harms no others."""
        at = self.tandem.clock.now()
        for workspace_id in await self.tandem.db.read(workspaces_to_ask, at):
            try:
                with traced(new_request_id("marketing")):
                    found = await self.tandem.db.read(find_maybes, workspace_id, at=at)
                    if found is not None:
                        asked = await self.tandem.db.run(ask_marketing, workspace_id, found, at=at)
                        self.metrics.asked.inc(asked)
            except Exception:
                log.exception("marketing could not be asked", workspace=workspace_id)

    async def look_at_sources(self) -> None:
        """Tell of sources that fell silent, and forget secrets that are over; one that fails harms no others."""
        at = self.tandem.clock.now()
        await self.tandem.db.run(forget_old_secrets, at)
        await self.tandem.db.run(source_health.end_paused, at)
        for source_id in await self.tandem.db.read(source_health.find_silent, at):
            try:
                with traced(new_request_id("sources")):
                    await self.tandem.db.run(source_health.tell_silent, source_id, at=at)
            except Exception:
                log.exception("nobody could be told of a silent source", source=source_id)

    async def renew(self) -> None:
        """Make the keys of what an earlier release wrote, so that words compare as they do now."""
        while await self.tandem.db.run(renew_keys, limit=TIDIED_AT_ONCE):
            pass

    async def fold(self) -> None:
        """Count what was logged and changed, and take off what grew too old.

        Themes that enough accounts raised get their promise of an answer. One that fails harms no others.
        """
        at = self.tandem.clock.now()
        found = list(await self.tandem.db.read(workspaces_to_fold, at))
        await self._in_pieces(found, partial(fold, at=at), "items could not be counted")
        for workspace_id in found:
            try:
                await self.tandem.db.run(begin_promises, workspace_id, at=at)
            except Exception:
                log.exception("promises of answers could not begin", workspace=workspace_id)

    async def word(self) -> None:
        """Keep the words of what was logged and changed, so that it is found."""
        left = await self.tandem.db.read(workspaces_to_word)
        await self._in_pieces(left, word_items, "words of items could not be kept")

    async def gather(self) -> None:
        """Move what landed under a theme, say, that leads to another one, a few at a time."""
        moved = True
        while moved and (strays := await self.tandem.db.read(find_strays)) is not None:
            began = time.perf_counter()
            moved = await self.tandem.db.run(gather_strays, strays, at=self.tandem.clock.now()) > 0
            await asyncio.sleep(time.perf_counter() - began)  # as long for everybody else

    async def call_webhooks(self) -> None:
        """Have delivered what waits for other systems; one endpoint that fails harms no others."""
        at = self.tandem.clock.now()
        for endpoint_id in await self.tandem.db.read(endpoints_due, at):
            try:
                with traced(new_request_id("webhooks")):
                    await self.tandem.db.run(call_round, endpoint_id, at=at)
            except Exception:
                log.exception("no round of webhooks could be called", endpoint=endpoint_id)

    async def return_leads(self) -> None:
        """Give sales back the leads whose time in nurture is over; one that fails harms no others."""
        at = self.tandem.clock.now()
        while await self.tandem.db.read(is_one_due, at):
            with traced(new_request_id("nurture")):
                returned = await self.tandem.db.run(return_nurtured, at=at, limit=LEADS_AT_ONCE)
            for lead_id, error_name in returned.broken:
                log.error("a lead could not come back from nurture", lead=lead_id, error=error_name)
            if len(returned.broken) == returned.count:
                return

    async def show_late_holds(self) -> None:
        """Turn the cards red of held leads, and of pairs of leads, that marketing has not looked at in time."""
        at = self.tandem.clock.now()
        while await self.tandem.db.read(is_hold_late, at):
            with traced(new_request_id("triage")):
                await self.tandem.db.run(show_late_holds, at=at, limit=LEADS_AT_ONCE)
        while await self.tandem.db.read(is_doubt_late, at):
            with traced(new_request_id("triage")):
                await self.tandem.db.run(show_late_doubts, at=at, limit=LEADS_AT_ONCE)

    async def look_for_doubts(self) -> None:
        """Ask marketing about leads that may be one person's, and accounts that may be one company.

        One workspace that fails harms no others.
        """
        at = self.tandem.clock.now()
        for workspace_id in await self.tandem.db.read(workspaces_to_look_at):
            try:
                with traced(new_request_id("doubts")):
                    if await self.tandem.db.read(find_alike, workspace_id):
                        await self.tandem.db.run(look_for_doubts, workspace_id, at=at)
                    if await self.tandem.db.read(find_companies, workspace_id, at):
                        await self.tandem.db.run(look_for_companies, workspace_id, at=at)
            except Exception:
                log.exception("marketing could not be asked what is one", workspace=workspace_id)

    async def _in_pieces(self, workspaces: Iterable[int], step: Callable[..., int], failed: str) -> None:
        """Do the step in each workspace in turn, as long as there are ITEMS_AT_ONCE. One that fails harms no others."""
        left = list(workspaces)
        while left:
            still = []
            for workspace_id in left:
                began = time.perf_counter()
                try:
                    count = await self.tandem.db.run(step, workspace_id, limit=ITEMS_AT_ONCE)
                except Exception:
                    log.exception(failed, workspace=workspace_id)
                    continue
                if count >= ITEMS_AT_ONCE:
                    still.append(workspace_id)
                    await asyncio.sleep(time.perf_counter() - began)  # as long for everybody else
            left = still

    async def tidy(self) -> None:
        """Forget what no redelivery can ask for any more."""
        at = self.tandem.clock.now()
        await self.renew()
        while await self.tandem.db.run(inbox.forget_before, at - INBOX_KEPT, limit=TIDIED_AT_ONCE):
            pass
        while await self.tandem.db.run(outbox.forget_before, at - DELIVERIES_KEPT, limit=TIDIED_AT_ONCE):
            pass
        while await self.tandem.db.run(
            jobs.forget_jobs_before, at - JOBS_KEPT, at - DEAD_JOBS_KEPT, limit=TIDIED_AT_ONCE
        ):
            pass
        while await self.tandem.db.run(
            forget_messages_before, at - WEBHOOKS_KEPT, at - UNSENT_WEBHOOKS_KEPT, limit=TIDIED_AT_ONCE
        ):
            pass
        while await self.tandem.db.run(forget_removed, limit=TIDIED_AT_ONCE):
            pass
        await self.tandem.db.run(refusals.forget_before, at - DELIVERIES_KEPT)
        await self.tandem.db.run(overtake_proposals, at)
        while await self.tandem.db.run(forget_answers_before, at - ANSWERS_KEPT, limit=TIDIED_AT_ONCE):
            pass
        while await self.tandem.db.run(dm_questions.forget_before, at - dm_questions.KEPT, limit=TIDIED_AT_ONCE):
            pass
        await self.tandem.db.run(drafts.forget_before, at - drafts.KEPT)
        await self.tandem.db.run(watching.forget_before, at - watching.KEPT)
        await self.tandem.db.run(source_health.forget_samples, at - source_health.SAMPLE_KEPT)

    async def _rouse(self) -> None:
        self.tandem.db.rouse("courier")
        self.tandem.db.rouse("ticker")
        self.tandem.db.rouse(jobs.TOPIC)

    def _guard(self, job: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        name = getattr(job, "__name__", "job")

        async def guarded() -> None:
            try:
                await job()
            except asyncio.CancelledError:
                log.debug("a scheduled job was broken off", job=name)  # APScheduler would call it an error
            except Exception:
                log.exception("a scheduled job failed", job=name)

        return guarded
