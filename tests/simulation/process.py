"""A simulated process: everything of one `tandem serve`, but that its sockets and its database's threads are none."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from math import inf
from typing import Any, Final

from pydantic import SecretStr
from starlette.applications import Starlette

from bot.figures import Figures
from bot.installations.app import OAuthApp
from bot.installations.fixed import meet_fixed
from bot.installations.registry import Installations
from bot.installations.renewal import Renewal
from bot.loops.clock import Timekeeper, go_on, take_up
from bot.loops.schedule import NURTURE_SECONDS, WEBHOOK_SECONDS
from bot.loops.worker import Worker
from bot.metrics import Metrics
from bot.process import Process
from bot.seal import Sealer
from bot.settings import Settings, SettingsProblem
from bot.web.web import Web
from domain.wall import WallClock
from handlers.arrival import Tandem
from handlers.catalog import all_listeners, all_renderers
from storage.database import trouble_of
from tests.chaos.installing import PUBLIC_URL
from tests.running import KEY
from tests.simulation.choices import Choices
from tests.simulation.loop import Owner, VirtualLoop
from tests.simulation.store import Shared, Store
from tests.simulation.wire import Reply

LEASE: Final = 45.0
FOLD_SECONDS: Final = 10.0
"""Tallies are folded more seldom than in life: nothing here waits for them."""
ROUSE_SECONDS: Final = 15.0
MINUTE: Final = 60.0
STOP_SECONDS: Final = 8.0


@dataclass
class Living:
    """One process that lives, and how others reach it. `spans`: from when until when it was at work (loop time)."""

    owner: Owner
    db: Shared
    app: Starlette | None = None
    worker: Worker | None = None
    spans: list[tuple[float, float]] = field(default_factory=list)

    def stops(self, now: float, until: float) -> None:
        """It is at work no more, until then."""
        if self.spans and self.spans[-1][1] > now:
            self.spans[-1] = self.spans[-1][0], now
            self.spans.append((until, inf))


def make_settings(slack: Any) -> Settings:
    """Settings that point at this Slack in memory."""
    return Settings(
        slack_bot_token=SecretStr(slack.playground.bot_token),
        slack_signing_secret=SecretStr(slack.signing_secret),
        slack_client_id=slack.playground.environment["SLACK_CLIENT_ID"],
        slack_client_secret=SecretStr(slack.playground.environment["SLACK_CLIENT_SECRET"]),
        public_url=PUBLIC_URL,
        slack_api_url=slack.api_url,
        database_url="sqlite:///nowhere.db",  # the store is another one
        port=0,
        tandem_secret_key=SecretStr(KEY),
        tandem_command_prefix="",
        tandem_intake_per_minute=6000,
        tandem_intake_burst=6000,
        tandem_lease_seconds=LEASE,
    )


LOOKED_AFTER: Final = 0.85
"""Of requests, so many go to a process that is at work if there is one."""


class Births:
    """Brings processes to life over one store and one Slack."""

    def __init__(self, loop: VirtualLoop, store: Store, slack: Any, settings: Settings, choose: Choices) -> None:
        self.loop = loop
        self.store = store
        self.slack = slack
        self.settings = settings
        self.choose = choose
        self.metrics = Metrics()  # of all of them: to make its series takes a process ten milliseconds
        self.tells = False  # whether a system outside is to be told of leads
        self.all: list[Living] = []

    @property
    def living(self) -> list[Living]:
        return [one for one in self.all if not one.owner.dead]

    def reached(self, whom: str) -> Living | None:
        """The process that a request from outside comes to; None when there is none.

        What stands before the processes looks after their health, so few requests come to one that stands still.
        """
        up = [one for one in self.living if one.app is not None]
        dice = self.choose.stream(whom)
        if dice.random() < LOOKED_AFTER:
            up = [one for one in up if one.owner.frozen_until <= self.loop.time()] or up
        return up[dice.randrange(len(up))] if up else None

    def begin(self) -> Living:
        """One more process starts."""
        owner = Owner(f"process {len(self.all) + 1}")
        db = Shared(self.store, owner, self.choose, lambda: [one.db for one in self.living])
        one = Living(owner, db)
        self.all.append(one)
        self._spawn(one, self._start(one))
        return one

    async def _start(self, one: Living) -> None:
        try:
            await self._live(one)
        except Exception as error:  # whoever keeps it running starts it again
            self.kill(one)
            if not isinstance(error, SettingsProblem) and trouble_of(error) is None:
                self.loop.call_exception_handler({"message": "a start failed", "exception": error})

    def kill(self, one: Living) -> None:
        """As by SIGKILL."""
        if not one.owner.dead:
            one.owner.dead = True
            one.stops(self.loop.time(), inf)

    def retire(self, one: Living) -> None:
        """As by SIGTERM: it takes nothing more, finishes what it holds or gives it back, and is gone."""
        if one.worker is not None and one.app is not None:
            one.app = None
            self._spawn(one, self._retire(one, one.worker))

    async def _retire(self, one: Living, worker: Worker) -> None:
        await worker.ticker.stop()
        await asyncio.gather(worker.courier.stop(STOP_SECONDS), worker.jobs.stop(STOP_SECONDS))
        self.kill(one)

    def freeze(self, one: Living, seconds: float) -> None:
        """As by SIGSTOP, and SIGCONT so many seconds later."""
        self.loop.freeze(one.owner, seconds)
        one.stops(self.loop.time(), self.loop.time() + seconds)

    async def _live(self, one: Living) -> None:
        tandem = Tandem(
            one.db,
            WallClock(),
            "",
            seal=Sealer(KEY).seal,
            unseal=Sealer(KEY).unseal,
            listeners=all_listeners(),
            renderers=all_renderers(),
        )
        metrics = self.metrics
        installations = Installations(
            one.db, tandem.clock, Sealer(KEY), api_url=self.slack.api_url, session=self.slack.session
        )
        oauth = OAuthApp.from_settings(self.settings)
        assert oauth is not None
        process = Process(
            self.settings,
            tandem,
            metrics,
            Figures(tandem, metrics),
            installations,
            self.slack.session,
            "0.0.0.0",  # nobody listens
            oauth,
            _nothing,
            _nothing,
        )
        Renewal(oauth, installations)
        await installations.refresh()
        await meet_fixed(tandem, installations, self.settings)
        await installations.refresh()
        timekeeper = Timekeeper(tandem, metrics)
        worker = Worker(process, timekeeper, pace=1.0)
        alone = len(self.living) == 1
        await one.db.run(take_up, tandem.clock.now, timedelta(seconds=LEASE), alone=alone)
        lease = worker.courier.lease
        timekeeper.put_back = lambda by: go_on(tandem, lease, by)
        one.worker, one.app = worker, Web(process).app()
        for work in (
            installations.keep(),
            worker.courier.run(),
            worker.ticker.run(),
            worker.jobs.run(),
            timekeeper.run(),
            _every(MINUTE, worker.schedule.publish),
            _every(FOLD_SECONDS, worker.schedule.fold),
            _every(ROUSE_SECONDS, worker.schedule._rouse),
            _every(NURTURE_SECONDS, worker.schedule.return_leads),
            _every(MINUTE, worker.tokens.look),
            *([_every(WEBHOOK_SECONDS, worker.schedule.call_webhooks)] if self.tells else []),
        ):
            self._spawn(one, self._guarded(one, work))
        one.spans.append((self.loop.time(), inf))

    async def _guarded(self, one: Living, work: Coroutine[Any, Any, None]) -> None:
        """A loop of a process that ends is a violation of its own."""
        try:
            await work
        except Exception as error:
            self.loop.call_exception_handler({"message": f"a loop of {one.owner.name} ended", "exception": error})

    def _spawn(self, one: Living, work: Coroutine[Any, Any, None]) -> None:
        self.loop.create_task(work, context=one.owner.context.copy())

    async def call(
        self, one: Living, path: str, headers: Mapping[str, str], body: bytes = b"", *, method: str = "POST"
    ) -> Reply:
        """Ask a process over HTTP. Raises ConnectionError when nobody answers, or when it dies meanwhile."""
        if one.app is None or one.owner.dead:
            raise ConnectionRefusedError
        answered: asyncio.Future[Reply] = self.loop.create_future()

        async def serve(app: Starlette) -> None:
            reply = await _ask(app, method, path, headers, body)
            if not answered.done():
                answered.set_result(reply)

        self._spawn(one, serve(one.app))
        while not answered.done():
            await asyncio.wait({answered}, timeout=0.5)
            if one.owner.dead and not answered.done():
                raise ConnectionResetError
        return answered.result()


async def _ask(app: Starlette, method: str, address: str, headers: Mapping[str, str], body: bytes) -> Reply:
    """One HTTP request to the app."""
    path, _, query = address.partition("?")
    sent: list[Any] = []
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("192.0.2.1", 1),
        "server": ("app.example", 80),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start = sent[0]
    content = b"".join(one.get("body", b"") for one in sent[1:])
    kinds = {name.decode(): value.decode() for name, value in start["headers"]}
    return Reply(
        start["status"],
        content,
        kinds.get("content-type", "").partition(";")[0],
        kinds.get("location", ""),
        kinds.get("set-cookie", "").partition(";")[0],
    )


async def _every(seconds: float, work: Any) -> None:
    while True:
        with contextlib.suppress(Exception):  # as the schedule guards it: the next time comes
            await work()
        await asyncio.sleep(seconds)


async def _nothing() -> Mapping[str, str]:
    return {}
