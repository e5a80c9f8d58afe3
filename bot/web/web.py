"""What arrives, in one process: Slack over HTTP or Socket Mode, leads, and the doors of whoever watches."""

from __future__ import annotations

import asyncio

from slack_sdk.errors import SlackApiError
from starlette.applications import Starlette

from bot.installations.routes import Installing
from bot.process import Process
from bot.seal import CannotUnseal
from bot.settings import HOW_TO_GET, SettingsProblem
from bot.slack.bolt import make_bolt
from bot.slack.client import sort_error
from bot.web.edge import SlackEdge, make_web
from bot.web.server import Serving
from bot.web.sockets import Sockets
from handlers.dispatch import Dispatcher
from handlers.intake.allowance import Allowance
from handlers.intake.heard import HeardSources
from handlers.intake.listeners import routes as intake_routes
from handlers.intake.refusals import Refusals


class Web:
    """Everything that is answered. Of several workspaces: whose an arrival is, the dispatcher finds out.

    `sockets`: None without SLACK_APP_TOKEN. One app token serves all workspaces of the app.
    """

    def __init__(self, process: Process) -> None:
        self.process = process
        settings, tandem, metrics = process.settings, process.tandem, process.metrics
        self.bolt = make_bolt(settings.slack_api_url, process.http)
        self.dispatcher = Dispatcher(tandem, tandem.listeners, process.installations)
        self.dispatcher.attach(self.bolt)
        self.refusals = Refusals(tandem, only_workspace=self._only_workspace, watch=metrics.count_refused_lead)
        self.heard = HeardSources(tandem)
        token = settings.slack_app_token
        self.sockets = (
            Sockets(
                self.bolt,
                token.get_secret_value(),
                settings.slack_api_url,
                metrics,
                connections=settings.tandem_socket_connections,
            )
            if token is not None
            else None
        )
        self.serving: Serving | None = None

    async def start(self) -> int:
        """Listen; the port. Raises SettingsProblem when it cannot be used."""
        self.serving = await Serving.begin(self.app(), self.process.host, self.process.settings.port, "PORT")
        return self.serving.port

    def app(self) -> Starlette:
        """Everything that is answered over HTTP."""
        process, settings = self.process, self.process.settings
        secret = settings.slack_signing_secret
        edge = SlackEdge(
            self.bolt, secret.get_secret_value() if secret else None, process.metrics, process.tandem.clock
        )
        allowance = Allowance(settings.tandem_intake_per_minute, settings.tandem_intake_burst)
        routes = intake_routes(process.tandem, process.tandem.unseal or _no_key, allowance, self.refusals, self.heard)
        if process.oauth is not None:
            routes += Installing(process.oauth, process.tandem, process.installations).routes()
        return make_web(edge, process.problems, process.metrics, routes, process.figures.refresh, process.slowness)

    async def open_sockets(self) -> None:
        """Let Slack come by Socket Mode. Raises SettingsProblem when it refuses the app token."""
        if self.sockets is None:
            return
        try:
            await self.sockets.start()
        except SlackApiError as error:
            name = sort_error(error).name
            raise SettingsProblem(
                [f"Slack refuses SLACK_APP_TOKEN ({name}). It should be {HOW_TO_GET['slack_app_token']}."]
            ) from None

    async def stop(self, within: float) -> None:
        """Take nothing new, and finish within so many seconds what is being answered."""
        loop = asyncio.get_running_loop()
        until = loop.time() + within
        if self.serving is not None:
            self.serving.take_no_more()
        if self.sockets is not None:
            await self.sockets.stop()
        if self.serving is not None:
            await self.serving.end(max(0.0, until - loop.time()))
        await self.dispatcher.settle(timeout=max(0.0, until - loop.time()))
        await self.refusals.stop()
        await self.heard.stop()

    async def abandon(self) -> None:
        """Break everything off."""
        if self.sockets is not None:
            await self.sockets.stop()
        if self.serving is not None:
            await self.serving.end(within=0)

    async def problems(self) -> dict[str, str]:
        """What keeps arrivals from being answered."""
        found: dict[str, str] = {}
        if self.sockets is not None and not await self.sockets.connected():
            found["socket"] = "not connected"
        if self.serving is not None and self.serving.task.done():
            found["loops"] = "a loop has ended"
        return found

    def _only_workspace(self) -> int | None:
        """The one workspace that is served, None where there are none or several."""
        served = self.process.installations.all()
        return served[0].workspace_id if len(served) == 1 else None


def _no_key(_sealed: str) -> str:
    """Secrets of sources were sealed with a key that this process was not given."""
    raise CannotUnseal
