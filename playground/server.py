"""The playground itself: a workspace with one app, or several of them, served over HTTP and WebSockets on this machine.

async with Playground(manifest) as slack:
    slack.add_member("ana")
    ...  # the bot talks to slack.api_url, the test acts through slack.channel("#leads")
"""

import asyncio
import json
import socket
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from threading import Thread
from time import time
from typing import Literal, Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute

from playground.client import Slack
from playground.consent import Consent
from playground.delivery import Delivery
from playground.events import Events
from playground.faults import Faults
from playground.grants import Grants
from playground.installation import Installation
from playground.limits import Limits
from playground.oauth import OAuth, read_address
from playground.page_api import Control, PageApi, Task
from playground.page_live import Live
from playground.page_routes import page_routes
from playground.people import People
from playground.records import Json, Organization
from playground.signed_http import Post, SignedHttp
from playground.socket_mode import SocketMode
from playground.web_api import WebApi
from playground.web_files import WebFiles

_MARKS = "0GHJKLMNQRSTVWXYZ123456789ABCDEF"
"""The second letter of a workspace's ids, by its number."""


class Playground(Slack):
    """A Slack workspace for one app, described by its `manifest` (parsed).

    `mode`: `socket` sends over Socket Mode, and to `events_url` only while no socket is open; `http` always to
    `events_url`. `now` gives the time of messages (epoch seconds). `rate_limits`: how many times Slack's limits of
    calls a minute are enforced, 0 for none. `ack_within` is Slack's deadline in seconds. `port` 0 picks a free one.
    `host`: the address to listen on. Whoever reaches it may act as anybody. `installed`: whether the app is in the
    workspace from the start. `workspaces` has this one and those that were added, by their team ids.

    Without a socket, in the app's own process: `handle` takes its calls, `post` takes requests to it. `clock` is then
    this computer's (epoch seconds), `faults` what the calls and events meet.
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
        installed: bool = True,
        seed: int = 0,
        clock: Callable[[], float] | None = None,
        post: Post | None = None,
        faults: Faults | None = None,
    ) -> None:
        self._clock = clock
        installation = Installation(manifest, now=now, team_name=team_name, installed=installed, clock=clock)
        self.sockets = SocketMode(installation.app.id)
        self._http = SignedHttp(lambda: installation.app.signing_secret, url=events_url, clock=clock or time, post=post)
        self.faults = faults or Faults(seed)
        self.delivery = Delivery(self.sockets, self._http, self.faults, mode=mode, ack_within=ack_within)
        super().__init__(installation, People(installation, self.delivery), Grants())
        self.workspaces: dict[str, Slack] = {}
        self._oauth = OAuth(self.grants)
        self._web_api = WebApi(self.grants, self._oauth, self.faults, self._cut)
        self._files = WebFiles(self.grants)
        self.set_rate_limits(rate_limits > 0, rate_limits)
        self._pages: dict[str, tuple[PageApi, Live]] = {}
        self._host, self._port = host, port
        self._server: uvicorn.Server | None = None
        self._open(self, controls, tasks)
        for name in members:
            self.add_member(name)

    # more workspaces

    def add_workspace(self, name: str, *, organization: Organization | None = None, installed: bool = False) -> Slack:
        """One more workspace, with people, channels and a bot user of its own; `installed`: the app is in it already.

        All workspaces share the app: its credentials, its sockets, its request URL.
        """
        number = len(self.workspaces) + 1
        installation = Installation(
            self.installation.manifest,
            now=self.workspace.now,
            team_name=name,
            team_id=f"T0PLAYGRND{number}",
            mark=f"P{_MARKS[number]}",
            organization=organization,
            installed=installed,
            clock=self._clock,
        )
        slack = Slack(installation, People(installation, self.delivery), self.grants)
        self._open(slack)
        return slack

    def add_organization(self, name: str, workspaces: Sequence[str]) -> list[Slack]:
        """An Enterprise organization with these workspaces, none of which has the app yet."""
        number = len(self.grants.organizations) + 1
        organization = Organization(f"E0PLAYGRND{number}", name, name.lower().replace(" ", "-"))
        return [self.add_workspace(one, organization=organization) for one in workspaces]

    def allow(self, address: str, place: str = "", *, without: Collection[str] = (), by: str | None = None) -> str:
        """Somebody opens the app's install link and allows it: the address that their browser is sent back to.

        `place` is a workspace's id or (org-wide) an organization's, by default the one that the link names or the
        first; `without` are the optional scopes they untick, `by` the member's id.
        """
        asked = self._oauth.asked(read_address(address))
        return self._oauth.allow(asked, place or asked.team or self.team_id, without=without, by=by)

    def cancel(self, address: str) -> str:
        """Somebody opens the app's install link and cancels: the address that their browser is sent back to."""
        return self._oauth.cancel(self._oauth.asked(read_address(address)))

    @property
    def page(self) -> PageApi:
        """What the page of the first workspace calls."""
        return self._pages[self.team_id][0]

    def _open(self, slack: Slack, controls: Sequence[Control] = (), tasks: Sequence[Task] = ()) -> None:
        installation = slack.installation
        self.workspaces[slack.team_id] = slack
        self.grants.add(installation)
        page = PageApi(installation, slack.people, self.grants, controls, tasks)
        self._pages[slack.team_id] = page, Live(installation)
        self._tell_address(installation)
        Events(installation, self.delivery.event)
        installation.new_socket_url = lambda: f"{installation.ws_base_url}/link/?ticket={self.sockets.new_ticket()}"

    def offer_install(self, url: str) -> None:
        """Let the pages' Install buttons lead to the app's own install link."""
        for page, _live in self._pages.values():
            page.install_url = url

    def _tell_address(self, installation: Installation) -> None:
        installation.base_url = installation.response_urls.base = self.page_url.rstrip("/")

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
        self._web_api.limit((lambda: Limits(self.workspace.now, times)) if on else None)

    def set_slow_history(self, on: bool) -> None:
        """Limit reading of histories as for an app distributed outside the Marketplace: 15 messages, once a minute.

        Source: https://docs.slack.dev/changelog/2025/05/29/rate-limit-changes-for-non-marketplace-apps
        """
        self._web_api.limit_history((lambda: Limits(self.workspace.now)) if on else None)

    def tick(self) -> None:
        """Tell pages that the workspace's clock was moved."""
        for _page, live in self._pages.values():
            live.tell_time()

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
        for installation in self.grants.installations.values():
            self._tell_address(installation)
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
        await self.delivery.stop()
        server, self._server = self._server, None
        if server is not None:
            await self._close(server)
        await self._web_api.stop()
        await self._http.stop()

    async def _close(self, server: uvicorn.Server) -> None:
        await self.sockets.drop()
        for _page, live in self._pages.values():
            await live.stop()
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

    async def handle(self, request: Request) -> Response:
        """Answer what the app asks for (a call, a response URL, a file) without a socket; Broken: no answer at all."""
        match request.scope["path"].strip("/").split("/"):
            case ["api", method]:
                request.path_params["method"] = method
                return await self._web_api.handle(request)
            case ["response", team, number]:
                request.path_params.update(team=team, number=number)
                return await self._files.respond(request)
            case ["files", file_id, name]:
                request.path_params.update(file_id=file_id, name=name)
                return await self._files.download(request)
            case _:
                return PlainTextResponse("Not Found", 404)

    def _routes(self) -> Starlette:
        files, consent = self._files, Consent(self.grants, self._oauth)
        return Starlette(
            routes=[
                Route("/api/{method:path}", self._web_api.handle, methods=["GET", "POST"]),
                WebSocketRoute("/link/", self.sockets.serve),
                Route("/response/{team}/{number}", files.respond, methods=["POST"]),
                Route("/upload/{file_id}", files.upload, methods=["POST", "PUT"]),
                Route("/files/{file_id}/{name}", files.download),
                Route("/oauth/v2/authorize", consent.handle, methods=["GET", "POST"]),
                Mount("/", routes=page_routes(self._pages)),
            ]
        )

    def _cut(self, client: tuple[str, int]) -> None:
        for connection in list(self._server.server_state.connections) if self._server else []:
            if getattr(connection, "client", None) == client and connection.transport is not None:
                connection.transport.abort()
