"""The figures that somebody must fetch: what waits in the database, when asked; how long Slack takes, by listening."""

from __future__ import annotations

import time
from itertools import chain
from types import SimpleNamespace

import aiohttp
import structlog

from bot.metrics import Metrics
from domain.lateness import add_up, find_overdue_everywhere
from domain.webhooks.endpoints import count_failed
from domain.webhooks.rounds import read_waiting
from handlers.arrival import Tandem
from storage.jobs import read_jobs
from storage.outbox import Priority
from storage.queue import read_queue

log = structlog.get_logger()

FRESH_SECONDS = 5.0
SHARE_OF_TIME = 20  # reading takes a twentieth of the time at most, however much waits


class Figures:
    """Brings the gauges of the moment up to date before they are shown, but not at every request.

    They add up all workspaces: a label for each would make a thousand series of every gauge.
    """

    def __init__(self, tandem: Tandem, metrics: Metrics) -> None:
        self.tandem = tandem
        self.metrics = metrics
        self._good_until = 0.0

    async def refresh(self) -> None:
        """Read what waits, rests and is overdue. A database that fails leaves the figures as they were."""
        began = time.monotonic()
        if began < self._good_until:
            return
        self._good_until = began + FRESH_SECONDS
        at = self.tandem.clock.now()
        try:
            queue = await self.tandem.db.read(read_queue, None, at)
            jobs = await self.tandem.db.read(read_jobs, None, at)
            webhooks = await self.tandem.db.read(read_waiting, at)
            paused = await self.tandem.db.read(count_failed)
            overdue = await self.tandem.db.read(find_overdue_everywhere, at)
        except Exception as error:
            log.warning("figures could not be read", error=type(error).__name__)
            return
        waits = {one.priority: one for one in queue.waits}
        for priority in Priority:
            wait = waits.get(priority)
            self.metrics.waiting.labels(priority.name.lower()).set(wait.count if wait else 0)
            self.metrics.oldest.labels(priority.name.lower()).set(wait.oldest.total_seconds() if wait else 0)
        self.metrics.pauses.clear()
        for pause in queue.pauses:
            self.metrics.pauses.labels(pause.method).set((pause.until - at).total_seconds())
        self.metrics.show_jobs(jobs)
        self.metrics.show_webhooks(webhooks, paused)
        self.metrics.show_overdue(add_up(chain.from_iterable(overdue.values())), at.timestamp())
        ended = time.monotonic()
        self._good_until = ended + max(FRESH_SECONDS, SHARE_OF_TIME * (ended - began))


def slack_calls(metrics: Metrics, api_url: str) -> aiohttp.TraceConfig:
    """What a session needs so that each of its calls of Slack's Web API is timed, whoever makes it."""
    base = api_url.rstrip("/") + "/"

    async def began(_session: aiohttp.ClientSession, context: SimpleNamespace, _params: object) -> None:
        context.began = time.perf_counter()

    async def ended(
        _session: aiohttp.ClientSession,
        context: SimpleNamespace,
        params: aiohttp.TraceRequestEndParams | aiohttp.TraceRequestExceptionParams,
    ) -> None:
        url = str(params.url)
        if url.startswith(base):
            method = url.removeprefix(base).partition("?")[0]
            metrics.slack_calls.labels(method).observe(time.perf_counter() - context.began)

    trace = aiohttp.TraceConfig()
    trace.on_request_start.append(began)
    trace.on_request_end.append(ended)
    trace.on_request_exception.append(ended)
    return trace
