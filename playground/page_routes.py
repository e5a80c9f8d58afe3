"""Which address of the page's own interface (`docs/playground.md`) calls what, in which workspace."""

import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

from playground.errors import SlackError
from playground.page_api import PageApi, PageRefusal, refused
from playground.page_live import Live
from playground.records import Json

PAGE = Path(__file__).with_name("page")

Pages = Mapping[str, tuple[PageApi, Live]]
"""The page and the live socket of each workspace, by team id. A call without `team` is about the first."""


def _of_team(pages: Pages, team: Any) -> tuple[PageApi, Live]:
    if team in (None, ""):
        return next(iter(pages.values()))
    if str(team) not in pages:
        raise PageRefusal("team_not_found", "There is no such workspace.")
    return pages[str(team)]


def _endpoint(pages: Pages, name: str) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        args: Json = {**request.query_params, **request.path_params}
        if request.method == "POST":
            body: Any = None
            with suppress(ValueError):
                body = json.loads(await request.body() or b"{}")
            if not isinstance(body, dict):
                return refused(PageRefusal("invalid_json", "The page sent something unreadable."))
            args |= body
        try:
            handler = getattr(_of_team(pages, args.get("team"))[0], name)
            return JSONResponse({"ok": True, **await handler(args)})
        except PageRefusal as refusal:
            return refused(refusal)
        except SlackError as refusal:
            return refused(PageRefusal(refusal.name, f"Slack refused: {refusal.name}"))

    return endpoint


async def _index(_request: Request) -> Response:
    return FileResponse(PAGE / "index.html") if (PAGE / "index.html").exists() else Response("no page yet", 404)


async def _open_app(request: Request) -> Response:
    """Slack's link to an app: the page of the workspace that it names."""
    team = request.query_params.get("team", "")
    return RedirectResponse(f"/#{urlencode({'team': team})}" if team else "/", 302)


_READS = ("state", "messages", "thread")
_WRITES = (
    *(
        "post",
        "react",
        "open_dm",
        "read",
        "command",
        "action",
        "options",
        "submit",
        "close",
        "shortcut",
        "home",
        "messages_tab",
    ),
    *("install", "uninstall", "take"),
)


def page_routes(pages: Pages) -> list[BaseRoute]:
    """The routes of `docs/playground.md`."""

    async def upload(request: Request) -> Response:
        try:
            return await _of_team(pages, request.query_params.get("team"))[0].upload(request)
        except PageRefusal as refusal:
            return refused(refusal)

    async def live(socket: WebSocket) -> None:
        team = socket.query_params.get("team", "")
        if team and team not in pages:
            await socket.close(4004)
            return
        await _of_team(pages, team)[1].serve(socket)

    return [
        Route("/", _index),
        Route("/app_redirect", _open_app),
        *(Route(f"/page/{name}", _endpoint(pages, name)) for name in _READS),
        *(Route(f"/page/{name}", _endpoint(pages, name), methods=["POST"]) for name in _WRITES),
        Route("/page/control/{id}", _endpoint(pages, "control"), methods=["POST"]),
        Route("/page/upload", upload, methods=["POST"]),
        WebSocketRoute("/page/live", live),
        Mount("/page/static", StaticFiles(directory=PAGE, check_dir=False)),
    ]
