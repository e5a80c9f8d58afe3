"""The HTTP addresses beside the Web API that an app is given: where to send a file's bytes, where to read them,
and response URLs.
"""

import json
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from playground.errors import SlackError
from playground.grants import Grants
from playground.multipart import parse_multipart
from playground.records import File


class WebFiles:
    """Handlers for all workspaces."""

    def __init__(self, grants: Grants) -> None:
        self._grants = grants

    def _file(self, request: Request) -> File | None:
        file_id = request.path_params["file_id"]
        found = (one.workspace.files.get(file_id) for one in self._grants.installations.values())
        return next((file for file in found if file), None)

    async def upload(self, request: Request) -> Response:
        """Take the bytes of a file whose upload URL was asked for: raw, or as a form's only file."""
        file = self._file(request)
        if file is None or file.uploaded:
            return PlainTextResponse("no such upload", 404)
        body = await request.body()
        content_type = request.headers.get("content-type", "")
        if content_type.startswith("multipart/form-data"):
            parts = parse_multipart(content_type, body)
            body = next((part.content for part in parts.values()), b"")
        if len(body) != file.length:
            return PlainTextResponse(f"expected {file.length} bytes, got {len(body)}", 400)
        file.content, file.uploaded = body, True
        return PlainTextResponse(f"OK - {len(body)}")

    async def download(self, request: Request) -> Response:
        """The bytes of a file; apps need `files:read` and their token, the page (same origin) needs nothing.

        Whoever may not read it is sent to where people sign in, which answers 200 with a web page, as in life.
        """
        if not self._may_read(request):
            return RedirectResponse(f"/?{urlencode({'redir': request.url.path})}", 302)
        file = self._file(request)
        if file is None or not file.uploaded:
            return PlainTextResponse("no such file", 404)
        return Response(file.content, media_type=file.mimetype)

    def _may_read(self, request: Request) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if not scheme:
            page = f"{request.url.scheme}://{request.url.netloc}/"
            same = request.headers.get("sec-fetch-site") == "same-origin"
            return same or request.headers.get("referer", "").startswith(page)
        if scheme.casefold() != "bearer" or self._grants.trouble(token) is not None:
            return False
        file_id = request.path_params["file_id"]
        within = self._grants.of_token(token)
        return any(file_id in one.workspace.files and "files:read" in one.app.scopes for one in within)

    async def respond(self, request: Request) -> Response:
        """Carry out what the app posts to a response URL."""
        key = f"{request.path_params['team']}/{request.path_params['number']}"
        installation = self._grants.installations.get(request.path_params["team"], self._grants.home)
        raw = await request.body()
        try:
            body = json.loads(raw)
        except ValueError:
            body = None
            form = dict(parse_qsl(raw.decode("utf-8", "replace")))
            if "payload" in form:
                body = json.loads(form["payload"])
        try:
            if not isinstance(body, dict):
                raise SlackError("invalid_payload")
            installation.response_urls.redeem(key, body)
        except SlackError as refusal:
            installation.refuse("response_url", refusal.name, refusal.messages, body if isinstance(body, dict) else {})
            return JSONResponse(refusal.as_json(), 404 if refusal.name in ("used_url", "expired_url") else 400)
        return PlainTextResponse("ok")
