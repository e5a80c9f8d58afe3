"""Puts the running program together: database, Slack, web server, sockets, loops; starts and stops them in order."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import sys
from collections.abc import Coroutine
from datetime import timedelta
from functools import partial
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.types import ASGIApp

from bot.commands.offline import bring_up_to_date, open_database, usable
from bot.courier.courier import Courier
from bot.figures import Figures, slack_calls
from bot.installations.app import OAuthApp
from bot.installations.registry import Installations, Installed
from bot.installations.routes import Installing
from bot.loops.audit import AUDIT_SECONDS, Audit
from bot.loops.clock import Timekeeper, go_on, set_clock, take_up
from bot.loops.jobs import JobRunner
from bot.loops.schedule import Schedule
from bot.loops.ticker import Ticker
from bot.loops.wakeups import Wakeups
from bot.metrics import Metrics
from bot.ownership import Ownership
from bot.seal import CannotUnseal, Sealer
from bot.settings import HOW_TO_GET, Settings, SettingsProblem
from bot.slack.bolt import make_bolt
from bot.slack.client import make_client, sort_error
from bot.slack.introduction import check_token, introduce, scopes_of
from bot.slack.members import keep_members
from bot.slack.session import make_session
from bot.web.edge import SlackEdge, make_web
from bot.web.readiness import storage_problems
from bot.web.server import listening_socket, make_server
from bot.web.sockets import Sockets
from bot.web.watching import stalled, watch_routes
from domain.people import ensure_workspace
from domain.wall import WallClock
from handlers.arrival import Tandem
from handlers.catalog import all_job_kinds, all_listeners, all_renderers
from handlers.dispatch import Dispatcher
from handlers.intake.allowance import Allowance
from handlers.intake.listeners import routes as intake_routes
from handlers.intake.refusals import Refusals
from handlers.words import span
from storage.jobs import TOPIC
from storage.models import Member, Workspace

log = structlog.get_logger()

STOP_SECONDS = 10.0
LAST_WORDS_SECONDS = 2.0  # of these, for recording what did not end in time
WATCH_PORT = 9464  # of a worker, unless TANDEM_METRICS_PORT says another
FIRST_MEMBERS_SECONDS = 5.0
ANSWER_PATIENCE = 1.2  # seconds for a locked SQLite file: two such waits in a row still make an answer in time


class Program:
    """One process of Tandem. `web`: what arrives; `worker`: clocks, deliveries, digests; `serve` is both.

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
        settings.require("slack_bot_token")
        if web and settings.slack_app_token is None:
            settings.require("slack_signing_secret")
        self.settings = settings
        self.oauth = OAuthApp.from_settings(settings)
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
        )
        self.metrics = Metrics()
        self.metrics.watch_database(self.db)
        self.web, self.worker, self.pace = web, worker, pace
        self.host = host or settings.tandem_host
        self.port: int | None = settings.port
        self.workspace_id: int | None = None
        self.sockets: Sockets | None = None
        self._session: aiohttp.ClientSession | None = None
        self.timekeeper = Timekeeper(self.tandem, self.metrics)
        self._tasks: list[asyncio.Task[Any]] = []
        self._working = False
        self._identity: dict[str, str] = {}
        self.wakeups: Wakeups | None = None

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
        assert self.settings.slack_bot_token is not None
        self.client = make_client(
            self.settings.slack_bot_token.get_secret_value(), self.settings.slack_api_url, self._session
        )
        self.installations = Installations(
            self.db,
            self.tandem.clock,
            Sealer.from_settings(self.settings.tandem_secret_key),
            api_url=self.settings.slack_api_url,
            session=self._session,
        )
        await self._meet_slack()
        await self.installations.refresh()
        self._spawn(self.installations.keep())
        assert self.workspace_id is not None
        self.figures = Figures(self.tandem, self.metrics, self.workspace_id)
        if self.web:
            await self._start_web()
        else:
            await self._start_watch()
        if self.worker:
            at, lease = self.tandem.clock.now(), timedelta(seconds=self.settings.tandem_lease_seconds)
            await self.db.run(take_up, at, lease, alone=self.db.is_sqlite)
            self._start_worker()
        if not self.db.is_sqlite:
            self.wakeups = Wakeups(self.db)
            self._spawn(self.wakeups.listen())
            self._spawn(self.wakeups.keep_trying())
        self._spawn(self.timekeeper.run())
        # Last: while Slack gives no connection, clocks and deliveries must not wait for it.
        if self.sockets is not None:
            await self._open_sockets(self.sockets)

    async def stop(self) -> None:
        """Take nothing new, finish what is in hand within ten seconds, and close."""
        within = STOP_SECONDS - LAST_WORDS_SECONDS
        await asyncio.gather(self._stop_web(within), self._stop_worker(within))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
        await asyncio.to_thread(self.db.close)
        self._ownership.release()

    async def _stop_web(self, within: float) -> None:
        if not self.web:
            return
        loop = asyncio.get_running_loop()
        until = loop.time() + within
        self._server.should_exit = True
        if self.sockets is not None:
            await self.sockets.stop()
        await asyncio.wait([self._serving], timeout=max(0.0, until - loop.time()))
        await self.dispatcher.settle(timeout=max(0.0, until - loop.time()))
        await self.refusals.stop()

    async def _stop_worker(self, within: float) -> None:
        if not self.worker:
            return
        self.schedule.stop()
        await self.ticker.stop()
        await asyncio.gather(self.courier.stop(within), self.jobs.stop(within))
        if not self.web and self.port is not None:
            self._server.should_exit = True
            await asyncio.wait([self._serving], timeout=1)

    async def abandon(self) -> None:
        """Close what a failed `start` had opened."""
        if self.sockets is not None:
            await self.sockets.stop()
        if self._working:
            self.schedule.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
        await asyncio.to_thread(self.db.close)
        self._ownership.release()

    async def look_again(self) -> None:
        """Time was moved: look at once for what is due now."""
        self.db.rouse("ticker")
        self.db.rouse("courier")
        self.db.rouse(TOPIC)
        if self.worker:
            await self.schedule.publish()

    async def _open_database(self) -> None:
        with usable(self.db.url):
            await asyncio.to_thread(bring_up_to_date, self.db)
            await set_clock(self.tandem, self.metrics)

    async def _meet_slack(self) -> None:
        """Who are we, and where? Warms the connection, so that Slack's API is not in the way of the first ack."""
        me = await introduce(self.client, self.settings.slack_api_url)
        self._identity = {name: str(me.get(name) or "") for name in ("team_id", "user_id", "bot_id", "team", "url")}
        domain = self._identity["url"].removeprefix("https://").partition(".")[0]

        def arrive(session: Session) -> tuple[int, bool]:
            workspace_id = ensure_workspace(
                session,
                self._identity["team_id"],
                name=self._identity["team"],
                domain=domain,
                bot_user_id=self._identity["user_id"],
                at=self.tandem.clock.now(),
            )
            workspace = session.get_one(Workspace, workspace_id)
            workspace.state, workspace.stopped_reason = "active", None
            known = session.scalar(select(Member.id).where(Member.workspace_id == workspace_id).limit(1))
            return workspace_id, known is None

        workspace_id, is_new = await self.db.run(arrive)
        self.workspace_id = workspace_id
        self.installations.fixed = Installed(
            workspace_id,
            self._identity["team_id"],
            me.get("enterprise_id") or None,
            self._identity["user_id"],
            self._identity["bot_id"],
            scopes_of(me.headers),
            self.client,
        )
        if self.worker:
            read = asyncio.Event()
            self._spawn(keep_members(self.tandem, self.client, workspace_id, read))
            if is_new:  # who clicks first is known then; but nothing else waits for a list of thousands
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(read.wait(), FIRST_MEMBERS_SECONDS)

    async def check_token_now(self) -> None:
        """Stop when Slack refuses the token, go on when it holds again; each worker asks every minute."""
        if self.workspace_id is not None:
            await check_token(self.tandem, self.client, self.workspace_id)

    async def _start_web(self) -> None:
        secret = self.settings.slack_signing_secret
        assert self._session is not None
        app = make_bolt(self.client, self._session, self._identity)
        self.dispatcher = Dispatcher(
            self.tandem, self.tandem.listeners, team_id=self._identity["team_id"], bot_user_id=self._identity["user_id"]
        )
        self.dispatcher.attach(app)
        edge = SlackEdge(app, secret.get_secret_value() if secret else None, self.metrics, self.tandem.clock)
        key = self.settings.tandem_secret_key
        unseal = Sealer(key.get_secret_value()).unseal if key else _no_key
        allowance = Allowance(self.settings.tandem_intake_per_minute, self.settings.tandem_intake_burst)
        self.refusals = Refusals(self.tandem, workspace_id=self.workspace_id, watch=self.metrics.count_refused_lead)
        routes = intake_routes(self.tandem, unseal, allowance, self.refusals)
        if self.oauth is not None:
            routes += Installing(self.oauth, self.tandem, self.installations.sealer, self._session).routes()
        web = make_web(edge, self.problems, self.metrics, routes, self.figures.refresh, self.slowness)
        await self._serve(web, self.settings.port, "PORT")
        token = self.settings.slack_app_token
        if token is not None:
            self.sockets = Sockets(
                app,
                token.get_secret_value(),
                self.settings.slack_api_url,
                self.metrics,
                connections=self.settings.tandem_socket_connections,
            )

    async def _start_watch(self) -> None:
        """A worker takes in nothing, but whoever watches over it must get an answer."""
        wanted = self.settings.tandem_metrics_port
        port = wanted if wanted is not None else (0 if self.settings.port == 0 else WATCH_PORT)
        routes = watch_routes(self.problems, self.metrics, self.figures.refresh, self.slowness)
        try:
            await self._serve(Starlette(routes=routes), port, "TANDEM_METRICS_PORT")
        except SettingsProblem as problem:
            if wanted is not None:
                raise
            self.port = None
            log.warning("no health and metrics here", reason=problem.lines[0])

    async def _serve(self, app: ASGIApp, port: int, setting: str) -> None:
        try:
            listening = listening_socket(self.host, port)
        except socket.gaierror:
            raise SettingsProblem([f"TANDEM_HOST is not usable. It should be {HOW_TO_GET['tandem_host']}."]) from None
        except OSError as error:
            raise SettingsProblem(
                [f"Port {port} cannot be used ({error.strerror}). Set {setting} to a free one."]
            ) from None
        self.port = listening.getsockname()[1]
        self._server = make_server(app)
        self._serving = self._spawn(self._server.serve([listening]))
        await self._server.ready.wait()

    async def _open_sockets(self, sockets: Sockets) -> None:
        try:
            await sockets.start()
        except SlackApiError as error:
            name = sort_error(error).name
            raise SettingsProblem(
                [f"Slack refuses SLACK_APP_TOKEN ({name}). It should be {HOW_TO_GET['slack_app_token']}."]
            ) from None

    def _start_worker(self) -> None:
        self.courier = Courier(
            self.tandem,
            self.client,
            self.tandem.renderers,
            self.metrics,
            pace=self.pace,
            limits=self.settings.tandem_slack_limits if self.pace else 0.0,
            lease=self.settings.tandem_lease_seconds,
            workspace_id=self.workspace_id,
        )
        self.ticker = Ticker(self.tandem, self.metrics, self.courier)
        assert self._session is not None
        self.jobs = JobRunner(
            self.tandem,
            all_job_kinds(),
            self.metrics,
            client_of=self.installations.client_of,
            http=self._session,
            lease=self.settings.tandem_lease_seconds,
        )
        self.schedule = Schedule(self.tandem, self.metrics, self.check_token_now)
        assert self.workspace_id is not None
        self.audit = Audit(self.tandem, self.metrics, self.workspace_id)
        self.schedule.every(AUDIT_SECONDS, self.audit.look, "audit")
        self.timekeeper.put_back = partial(go_on, self.tandem, self.workspace_id, self.courier.lease)
        self.timekeeper.moved = self.schedule.look_anew
        self._spawn(self.courier.run())
        self._spawn(self.ticker.run())
        self._spawn(self.jobs.run())
        self.schedule.start()
        self._working = True

    async def problems(self) -> dict[str, str]:
        """What keeps this process from doing its work: empty when it is ready."""
        found = await storage_problems(self.db, self.workspace_id)
        if self.web and self.sockets is not None and not await self.sockets.connected():
            found["socket"] = "not connected"
        if self.timekeeper.owed:
            found["clock"] = f"put back by {span(self.timekeeper.owed)}; what waits is not brought back yet"
        if any(task.done() for task in self._tasks):
            found["loops"] = "a loop has ended"
        if self._working:
            found |= stalled({"ticker": self.ticker, "courier": self.courier, "jobs": self.jobs})
        return found

    async def slowness(self) -> dict[str, str]:
        """What makes this process slower than it should be, though it does its work: empty when nothing does."""
        deaf = self.wakeups.deaf if self.wakeups is not None else None
        return {"wakeups": deaf} if deaf else {}

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._tasks.append(task)
        return task


def settle_memory() -> None:
    """Spare the garbage collector what was loaded for good: its full passes stop everything for 50 ms and more.

    For a process that runs one program until it ends.
    """
    gc.collect()
    gc.freeze()


def _no_key(_sealed: str) -> str:
    """Secrets of sources were sealed with a key that this process was not given."""
    raise CannotUnseal
