"""One process of Tandem: what arrives, what runs by itself, or both, on one database; started and stopped in order."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Coroutine
from typing import Any

import aiohttp
import structlog
from starlette.applications import Starlette

from bot.commands.offline import bring_up_to_date, open_database, usable
from bot.courier.courier import Courier
from bot.figures import Figures, slack_calls
from bot.installations.app import OAuthApp
from bot.installations.fixed import meet_fixed
from bot.installations.registry import Installations
from bot.installations.renewal import Renewal
from bot.llm import chosen_llm
from bot.loops.audit import Audit
from bot.loops.clock import Timekeeper, set_clock
from bot.loops.jobs import JobRunner
from bot.loops.ticker import Ticker
from bot.loops.wakeups import Wakeups
from bot.loops.worker import Worker
from bot.metrics import Metrics
from bot.ownership import Ownership
from bot.process import Process
from bot.seal import Sealer
from bot.settings import Settings, SettingsProblem
from bot.slack.session import make_session
from bot.web.readiness import stopped_workspaces, storage_problems
from bot.web.server import Serving
from bot.web.sockets import Sockets
from bot.web.watching import watch_routes
from bot.web.web import Web
from domain.insight.assign import starter_vocabulary
from domain.wall import WallClock
from domain.webhooks.addresses import read_networks
from handlers.arrival import Tandem
from handlers.catalog import all_listeners, all_renderers
from handlers.words import span
from storage.jobs import TOPIC

log = structlog.get_logger()

STOP_SECONDS = 10.0
LAST_WORDS_SECONDS = 2.0  # of these, for recording what did not end in time
WATCH_PORT = 9464  # of a worker, unless TANDEM_METRICS_PORT says another
ANSWER_PATIENCE = 1.2  # seconds for a locked SQLite file: two such waits in a row still make an answer in time


class Program:
    """One process. `web`: what arrives (bot/web/web.py); `worker`: what runs by itself (bot/loops/worker.py).

    It serves any number of workspaces: that of SLACK_BOT_TOKEN, and those installed by OAuth, be it none yet.
    `port` is known once it is started (0 in the settings picks a free one); a worker serves health and metrics on
    it, or nothing when its port was taken (None). `pace`: seconds between two posts in a channel; 0: Slack's limits
    of calls a minute are not kept either. Raises SettingsProblem from `start` when Slack refuses the token.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        web: bool = True,
        worker: bool = True,
        clock: WallClock | None = None,
        pace: float = 1.0,
        host: str | None = None,
    ) -> None:
        self.oauth = OAuthApp.from_settings(settings)
        if self.oauth is None:
            settings.require("slack_bot_token")
        if web and settings.slack_app_token is None:
            settings.require("slack_signing_secret")
        self.settings = settings
        self.db = open_database(settings, patience=ANSWER_PATIENCE)
        self._ownership = Ownership(self.db.url)
        key = settings.tandem_secret_key
        self.tandem = Tandem(
            self.db,
            clock or WallClock(),
            settings.tandem_command_prefix,
            seal=Sealer(key.get_secret_value()).seal if key else None,
            unseal=Sealer(key.get_secret_value()).unseal if key else None,
            public_url=settings.public_url,
            listeners=all_listeners(),
            renderers=all_renderers(),
            llm=chosen_llm(settings),
            webhook_networks=read_networks(settings.tandem_webhook_networks),
        )
        self.metrics = Metrics()
        self.metrics.watch_database(self.db)
        self.pace = pace
        self.host = host or settings.tandem_host
        self.port: int | None = settings.port
        self.timekeeper = Timekeeper(self.tandem, self.metrics)
        self.wakeups: Wakeups | None = None
        self.installations: Installations
        self.renewal: Renewal | None = None
        self.web: Web | None = None
        self.worker: Worker | None = None
        self._parts = web, worker
        self._watching: Serving | None = None
        self._session: aiohttp.ClientSession | None = None
        self._tasks: list[asyncio.Task[Any]] = []
        self.warming: asyncio.Task[Any] | None = None

    async def start(self) -> None:
        """Start everything. When this returns, requests are answered and loops run."""
        # The event loop must not wait 5 ms, Python's default, each time the database's thread is busy.
        sys.setswitchinterval(0.001)
        self._ownership.take()
        await self._open_database()
        self._session = make_session(
            connector=aiohttp.TCPConnector(limit=100),
            trace_configs=[slack_calls(self.metrics, self.settings.slack_api_url)],
        )
        process = self._make_process(self._session)
        self.renewal = Renewal(self.oauth, self.installations) if self.oauth is not None else None
        await self.installations.refresh()
        new = await meet_fixed(self.tandem, self.installations, self.settings)
        await self.installations.refresh()
        self._spawn(self.installations.keep())
        has_web, has_worker = self._parts
        if has_worker:
            self.worker = Worker(process, self.timekeeper, pace=self.pace)
            await self.worker.meet_members(new)
        if has_web:
            self.web = Web(process)
            self.port = await self.web.start()
        else:
            await self._watch(process)
        if self.worker is not None:
            await self.worker.start()
        if not self.db.is_sqlite:
            self.wakeups = Wakeups(self.db)
            self._spawn(self.wakeups.listen())
            self._spawn(self.wakeups.keep_trying())
        self._spawn(self.timekeeper.run())
        # Last: while Slack gives no connection, clocks and deliveries must not wait for it.
        if self.web is not None:
            await self.web.open_sockets()
            # Or whoever logs first would wait for it. No loop: that it ends is well.
            self.warming = asyncio.create_task(asyncio.to_thread(starter_vocabulary))

    async def stop(self) -> None:
        """Take nothing new, finish what is in hand within ten seconds, and close."""
        within = STOP_SECONDS - LAST_WORDS_SECONDS
        parts = [part.stop(within) for part in (self.web, self.worker) if part is not None]
        await asyncio.gather(*parts)
        if self.renewal is not None:
            await self.renewal.stop()
        if self._watching is not None:
            await self._watching.end(within=1)
        await self._close()

    async def abandon(self) -> None:
        """Close what a failed `start` had opened."""
        for part in (self.web, self.worker):
            if part is not None:
                await part.abandon()
        if self._watching is not None:
            await self._watching.end(within=0)
        await self._close()

    async def look_again(self) -> None:
        """Time was moved: look at once for what is due now."""
        self.db.rouse("ticker")
        self.db.rouse("courier")
        self.db.rouse(TOPIC)
        if self.worker is not None:
            await self.worker.schedule.publish()

    @property
    def workspace_id(self) -> int | None:
        """The workspace of SLACK_BOT_TOKEN, else the first one that is served."""
        if self.installations.fixed is not None:
            return self.installations.fixed.workspace_id
        return next((one.workspace_id for one in self.installations.all()), None)

    @property
    def courier(self) -> Courier:
        assert self.worker is not None
        return self.worker.courier

    @property
    def ticker(self) -> Ticker:
        assert self.worker is not None
        return self.worker.ticker

    @property
    def audit(self) -> Audit:
        assert self.worker is not None
        return self.worker.audit

    @property
    def jobs(self) -> JobRunner:
        assert self.worker is not None
        return self.worker.jobs

    @property
    def sockets(self) -> Sockets | None:
        return self.web.sockets if self.web is not None else None

    async def check_token_now(self) -> None:
        """Stop what Slack refuses the token of, let go on what holds again; each worker asks every minute."""
        if self.worker is not None:
            await self.worker.tokens.look()

    async def problems(self) -> dict[str, str]:
        """What keeps this process from doing its work: empty when it is ready."""
        found = await storage_problems(self.db, self._served())
        if self.web is not None:
            found |= await self.web.problems()
        if self.timekeeper.owed:
            found["clock"] = f"put back by {span(self.timekeeper.owed)}; what waits is not brought back yet"
        if any(task.done() for task in self._tasks):
            found["loops"] = "a loop has ended"
        if self.worker is not None:
            found |= self.worker.problems()
        return found

    async def slowness(self) -> dict[str, str]:
        """What is not as it should be, though this process does its work: empty when nothing is."""
        deaf = self.wakeups.deaf if self.wakeups is not None else None
        found = {"wakeups": deaf} if deaf else {}
        served = self._served()
        stopped = await stopped_workspaces(self.db, served)
        if 0 < stopped < len(served):
            found["workspaces"] = f"{stopped:,} of {len(served):,} are stopped"
        return found

    def _served(self) -> list[int]:
        return [one.workspace_id for one in self.installations.all()]

    def _make_process(self, session: aiohttp.ClientSession) -> Process:
        sealer = Sealer.from_settings(self.settings.tandem_secret_key)
        self.installations = Installations(
            self.db, self.tandem.clock, sealer, api_url=self.settings.slack_api_url, session=session
        )
        return Process(
            self.settings,
            self.tandem,
            self.metrics,
            Figures(self.tandem, self.metrics),
            self.installations,
            session,
            self.host,
            self.oauth,
            self.problems,
            self.slowness,
        )

    async def _open_database(self) -> None:
        with usable(self.db.url):
            await asyncio.to_thread(bring_up_to_date, self.db)
            await set_clock(self.tandem, self.metrics)

    async def _watch(self, process: Process) -> None:
        """A worker takes in nothing, but whoever watches over it must get an answer."""
        wanted = self.settings.tandem_metrics_port
        port = wanted if wanted is not None else (0 if self.settings.port == 0 else WATCH_PORT)
        routes = watch_routes(self.problems, self.metrics, process.figures.refresh, self.slowness)
        try:
            self._watching = await Serving.begin(Starlette(routes=routes), self.host, port, "TANDEM_METRICS_PORT")
        except SettingsProblem as problem:
            if wanted is not None:
                raise
            log.warning("no health and metrics here", reason=problem.lines[0])
        self.port = self._watching.port if self._watching is not None else None

    async def _close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
        await asyncio.to_thread(self.db.close)
        self._ownership.release()

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        self._tasks.append(asyncio.create_task(work))


def settle_memory() -> None:
    """Spare the garbage collector what was loaded for good: its full passes stop everything for 50 ms and more.

    For a process that runs one program until it ends. Garbage of loading is kept, too: two thousand objects are less
    than the tenth of a second for which a start would wait.
    """
    gc.freeze()
