"""The HTTP addresses beside the Web API that an app is given: where to send a file's bytes, where to read them,
response URLs, and the consent page of an installation.
"""

import json
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from playground.errors import SlackError
from playground.installation import Installation
from playground.multipart import parse_multipart


class WebFiles:
    """Handlers for one installation."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    async def upload(self, request: Request) -> Response:
        """Take the bytes of a file whose upload URL was asked for: raw, or as a form's only file."""
        file = self._installation.workspace.files.get(request.path_params["file_id"])
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
        """The bytes of a file; apps need `files:read` and their token, the page (same origin) needs nothing."""
        file = self._installation.workspace.files.get(request.path_params["file_id"])
        if file is None or not file.uploaded:
            return PlainTextResponse("no such file", 404)
        return Response(file.content, media_type=file.mimetype)

    async def respond(self, request: Request) -> Response:
        """Carry out what the app posts to a response URL."""
        key = f"{request.path_params['team']}/{request.path_params['number']}"
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
            self._installation.response_urls.redeem(key, body)
        except SlackError as refusal:
            self._installation.refuse(
                "response_url", refusal.name, refusal.messages, body if isinstance(body, dict) else {}
            )
            return JSONResponse(refusal.as_json(), 404 if refusal.name in ("used_url", "expired_url") else 400)
        return PlainTextResponse("ok")

    async def authorize(self, request: Request) -> Response:
        """`/oauth/v2/authorize`: everybody consents here, and is sent back with a code."""
        app = self._installation.app
        code = f"code-{len(app.oauth_codes) + 1}-{self._installation.workspace.new_ts()}"
        app.oauth_codes.add(code)
        target = request.query_params.get("redirect_uri")
        if request.query_params.get("client_id") != app.client_id or not target:
            return PlainTextResponse("invalid_client_id or no redirect_uri", 400)
        query = urlencode({"code": code, "state": request.query_params.get("state", "")})
        return RedirectResponse(f"{target}{'&' if '?' in target else '?'}{query}", 302)
