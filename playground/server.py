"""The playground itself: one workspace with one app, served over HTTP and WebSockets on this machine.

async with Playground(manifest) as slack:
    slack.add_member("ana")
    ...  # the bot talks to slack.api_url, the test acts through slack.channel("#leads")
"""

import asyncio
import json
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Thread
from time import time
from typing import Literal, Self

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount, Route, WebSocketRoute

from playground.client import Slack
from playground.delivery import Delivery
from playground.events import Events
from playground.faults import Faults
from playground.installation import Installation
from playground.limits import Limits
from playground.page_api import Control, PageApi, Task, page_routes
from playground.page_live import Live
from playground.people import People
from playground.records import Channel, Json, Member
from playground.signed_http import SignedHttp
from playground.socket_mode import SocketMode
from playground.web_api import WebApi
from playground.web_files import WebFiles


class Playground(Slack):
    """A Slack workspace for one app, described by its `manifest` (parsed).

    `mode`: `socket` sends over Socket Mode, and to `events_url` only while no socket is open; `http` always to
    `events_url`. `now` gives the time of messages (epoch seconds). `rate_limits`: how many times Slack's limits of
    calls a minute are enforced, 0 for none. `ack_within` is Slack's deadline in seconds. `port` 0 picks a free one.
    `host`: the address to listen on. Whoever reaches it may act as anybody.
    """

    def __init__(
        self,
        manifest: Json,
        *,
        members: Sequence[str] = (),
        mode: Literal["socket", "http"] = "socket",
        events_url: str | None = None,
        now: Callable[[], float] = time,
        rate_limits: float = 0.0,
        controls: Sequence[Control] = (),
        tasks: Sequence[Task] = (),
        host: str = "127.0.0.1",
        port: int = 0,
        ack_within: float = 3.0,
        team_name: str = "Playground",
        seed: int = 0,
    ) -> None:
        installation = Installation(manifest, now=now, team_name=team_name)
        self.sockets = SocketMode(installation.app.id)
        self._http = SignedHttp(lambda: installation.app.signing_secret, url=events_url)
        self.delivery = Delivery(self.sockets, self._http, mode=mode, ack_within=ack_within)
        super().__init__(installation, People(installation, self.delivery))
        self.faults = Faults(seed)
        self._events = Events(installation, self.delivery.event)
        self._web_api = WebApi(installation, self.faults, None, self._cut)
        self.set_rate_limits(rate_limits > 0, rate_limits)
        self._page = PageApi(installation, self.people, controls, tasks)
        self._live = Live(installation)
        self._host, self._port = host, port
        self._server: uvicorn.Server | None = None
        installation.new_socket_url = lambda: f"{installation.ws_base_url}/link/?ticket={self.sockets.new_ticket()}"
        for name in members:
            self.add_member(name)

    # who and where

    def add_member(
        self,
        name: str,
        *,
        real_name: str | None = None,
        email: str | None = None,
        tz: str = "UTC",
        title: str = "",
        is_admin: bool = False,
        is_owner: bool = False,
        is_primary_owner: bool = False,
        is_guest: bool = False,
        home: str | None = None,
        deleted: bool = False,
    ) -> Member:
        """Let someone join the workspace; the answer carries their `id`. The app hears `team_join`."""
        return self.workspace.add_member(
            name,
            real_name=real_name,
            email=email,
            tz=tz,
            title=title,
            is_admin=is_admin,
            is_owner=is_owner,
            is_primary_owner=is_primary_owner,
            is_guest=is_guest,
            home=home,
            deleted=deleted,
        )

    def add_channel(
        self,
        name: str,
        *,
        members: Sequence[str] | None = None,
        app: bool = False,
        private: bool = False,
        archived: bool = False,
        topic: str = "",
    ) -> Channel:
        """Make a channel with these members (None: everyone so far); `app` puts the bot in it."""
        workspace = self.workspace
        people = [one for one in workspace.members.values() if not one.is_bot and not one.deleted]
        inside = people if members is None else [workspace.member(one) for one in members]
        return workspace.add_channel(
            name,
            members=[*inside, *([workspace.bot] if app else [])],
            private=private,
            archived=archived,
            topic=topic,
        )

    # where the bot finds it

    @property
    def api_url(self) -> str:
        """What the bot uses as `SLACK_API_URL`; ends with `/api/`."""
        return f"{self.page_url}api/"

    @property
    def page_url(self) -> str:
        """The page in the browser."""
        # Who listens on every address of the computer is reached at its own.
        return f"http://{'127.0.0.1' if self._host == '0.0.0.0' else self._host}:{self._port}/"  # noqa: S104

    @property
    def bot_token(self) -> str:
        """The bot's `xoxb-` token."""
        return self.installation.app.bot_token

    @property
    def app_token(self) -> str:
        """The `xapp-` token for Socket Mode."""
        return self.installation.app.app_token

    @property
    def signing_secret(self) -> str:
        """What requests to the app are signed with."""
        return self.installation.app.signing_secret

    @property
    def events_url(self) -> str | None:
        """Where signed requests go."""
        return self._http.url

    @events_url.setter
    def events_url(self, url: str | None) -> None:
        self._http.url = url

    @property
    def environment(self) -> dict[str, str]:
        """The environment that points a bot at this workspace."""
        app = self.installation.app
        env = {
            "SLACK_API_URL": self.api_url,
            "SLACK_BOT_TOKEN": app.bot_token,
            "SLACK_SIGNING_SECRET": app.signing_secret,
            "SLACK_CLIENT_ID": app.client_id,
            "SLACK_CLIENT_SECRET": app.client_secret,
        }
        return env | ({"SLACK_APP_TOKEN": app.app_token} if self.delivery.mode == "socket" else {})

    def set_rate_limits(self, on: bool, times: float = 1.0) -> None:
        """Turn Slack's rate limits on (fresh) or off; `times` lets so many times as many calls a minute pass."""
        self._web_api.limits = Limits(self.workspace.now, times) if on else None

    def tick(self) -> None:
        """Tell pages that the workspace's clock was moved."""
        self._live.tell_time()

    # the app's connection

    async def app_connected(self, seconds: float = 10.0) -> None:
        """Wait until the app has a socket open; TimeoutError when it has none in time."""
        if not await self.sockets.wait_connected(seconds):
            raise TimeoutError(f"the app opened no socket within {seconds} s")

    async def verify_events_url(self) -> bool:
        """Send `url_verification`, as Slack does for a new request URL; whether the app gave the challenge back."""
        challenge = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"
        token = self.installation.app.verification_token
        payload: Json = {"token": token, "challenge": challenge, "type": "url_verification"}
        ack = await self._http.send_event(payload, self.delivery.ack_within)
        return challenge in json.dumps(ack.body or {})

    def uninstall_app(self) -> None:
        """Remove the app, as an admin would: its token is revoked and it hears `app_uninstalled`."""
        self.workspace.on_event({"type": "app_uninstalled"})
        self.installation.app.revoked = True

    # running

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen; on return the addresses are real and answer."""
        # asyncio turns Nagle's algorithm off only where the protocol is named: else each answer waits 40 ms.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((self._host, self._port))
        listener.setblocking(False)
        self._port = listener.getsockname()[1]
        base = self.page_url.rstrip("/")
        self.installation.base_url = self.installation.response_urls.base = base
        config = uvicorn.Config(
            self._routes(),
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="websockets-sansio",
            server_header=False,
            timeout_keep_alive=120,
        )
        config.load()
        # uvicorn's own serve() takes over signals and polls ten times a second; a guest in someone's loop does neither.
        server = self._server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        await server.startup(sockets=[listener])

    async def stop(self) -> None:
        """Close every connection and stop listening, at once."""
        server, self._server = self._server, None
        if server is None:
            return
        await self.delivery.stop()
        await self.sockets.drop()
        await self._live.stop()
        for listening in server.servers:
            listening.close()
        await asyncio.sleep(0)
        for connection in list(server.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        running = list(server.server_state.tasks)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self._web_api.stop()
        await self._http.stop()

    @contextmanager
    def in_thread(self) -> Iterator[Self]:
        """Run in a thread of its own, for programs without an event loop; only the addresses may be used meanwhile."""
        loop = asyncio.new_event_loop()
        thread = Thread(target=loop.run_forever, name="playground", daemon=True)
        thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self.start(), loop).result(10)
            yield self
        finally:
            asyncio.run_coroutine_threadsafe(self.stop(), loop).result(10)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(10)
            loop.close()

    def _routes(self) -> Starlette:
        files = WebFiles(self.installation)
        return Starlette(
            routes=[
                Route("/api/{method:path}", self._web_api.handle, methods=["GET", "POST"]),
                WebSocketRoute("/link/", self.sockets.serve),
                Route("/response/{team}/{number}", files.respond, methods=["POST"]),
                Route("/upload/{file_id}", files.upload, methods=["POST", "PUT"]),
                Route("/files/{file_id}/{name}", files.download),
                Route("/oauth/v2/authorize", files.authorize),
                Mount("/", routes=page_routes(self._page, self._live)),
            ]
        )

    def _cut(self, client: tuple[str, int]) -> None:
        for connection in list(self._server.server_state.connections) if self._server else []:
            if getattr(connection, "client", None) == client and connection.transport is not None:
                connection.transport.abort()
