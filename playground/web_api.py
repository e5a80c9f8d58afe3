"""The Web API over HTTP: reads a call, checks its token, scopes and arguments, runs it, and answers as Slack does.

Source: https://docs.slack.dev/apis/web-api
"""

import asyncio
import json
from base64 import b64decode
from collections.abc import Callable
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from playground.errors import SlackError
from playground.faults import Fault, FaultKind, Faults
from playground.grants import Grants
from playground.installation import Installation
from playground.limits import Limits
from playground.methods import FACTS, METHODS, ApiCall, Method, MethodFacts
from playground.multipart import parse_multipart
from playground.oauth import OAuth
from playground.records import Json

_SECRETS = {"token", "client_secret", "code", "refresh_token"}
"""Arguments that the log of calls leaves out."""

_HISTORIES = ("conversations.history", "conversations.replies")
_HISTORY_PAGE = 15
_PAGE = "<html><body><h1>Something went wrong</h1></body></html>"


async def read_args(request: Request) -> Json:
    """The arguments of a call: the query, then a form or a JSON object in the body."""
    args: Json = dict(request.query_params) | _client_credentials(request)
    body = await request.body()
    if not body:
        return args
    content_type = request.headers.get("content-type", "")
    if content_type.startswith("application/json"):
        try:
            parsed = json.loads(body)
        except ValueError:
            raise SlackError("invalid_json") from None
        if not isinstance(parsed, dict):
            raise SlackError("json_not_object")
        return args | parsed
    if content_type.startswith("multipart/form-data"):
        return args | {name: part.text for name, part in parse_multipart(content_type, body).items()}
    try:
        return args | dict(parse_qsl(body.decode(), keep_blank_values=True))
    except UnicodeDecodeError:
        raise SlackError("invalid_charset") from None


def _client_credentials(request: Request) -> Json:
    """The OAuth client's id and secret, which may come by HTTP's basic authentication."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        client_id, _, secret = b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return {}
    return {"client_id": client_id, "client_secret": secret}


def _json_response(answer: Json, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    body = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    return Response(body, status, headers, media_type="application/json")


def _number(value: object) -> int:
    return int(str(value)) if str(value).isdigit() else 0


class Broken(Response):
    """Stands for no answer at all: the connection broke. Who serves without a socket must break it by itself."""


class WebApi:
    """`/api/{method}`. `cut` breaks the connection of a client (its address and port) without an answer.

    A call that names no workspace (its token is unknown) is noted in the first one's log. `limits` makes the limits of
    one workspace.
    """

    def __init__(self, grants: Grants, oauth: OAuth, faults: Faults, cut: Callable[[tuple[str, int]], None]) -> None:
        self._grants = grants
        self._oauth = oauth
        self._faults = faults
        self._limits: Callable[[], Limits] | None = None
        self._limited: dict[str, Limits] = {}
        self._history_limits: Callable[[], Limits] | None = None
        self._history_limited: dict[str, Limits] = {}
        self._cut = cut
        self._late: set[asyncio.Task[None]] = set()

    async def handle(self, request: Request) -> Response:
        """Answer one call."""
        method = request.path_params["method"]
        try:
            args = await read_args(request)
        except SlackError as refusal:
            self._grants.home.note_call(method, {}, refusal.as_json(), 200)
            return _json_response(refusal.as_json())
        token = self._token(request, args)
        installation = self._meant(token, method, args)
        logged = {name: value for name, value in args.items() if name not in _SECRETS}
        fault = self._faults.take(method, logged)
        if fault is not None and (early := await self._fail_before(fault, installation, method, logged, request)):
            return early
        if wait := self._over_limit(installation, method, args):
            return self._rate_limited(installation, method, logged, wait)
        if fault is not None and fault.kind is FaultKind.STORED_LATE:
            late = asyncio.create_task(self._run_late(fault.seconds, installation, method, args, token))
            self._late.add(late)
            late.add_done_callback(self._late.discard)
            await asyncio.sleep(fault.held)
            return self._break(request)
        answer = self._run(installation, method, args, token)
        installation.note_call(method, logged, answer, 200)
        if fault is not None:
            return await self._fail_after(fault, answer, request)
        headers = {
            "X-OAuth-Scopes": ",".join(installation.app.scopes),
            "X-Slack-Req-Id": "playground",
            "Date": formatdate(installation.clock() + installation.date_ahead, usegmt=True),
        }
        return _json_response(answer, headers=headers)

    def limit(self, limits: Callable[[], Limits] | None) -> None:
        """From now on (afresh), limit the calls of each workspace; None: no more."""
        self._limits = limits
        self._limited = {}

    def limit_history(self, limits: Callable[[], Limits] | None) -> None:
        """From now on (afresh), limit the reading of histories to 15 messages once a minute; None: no more."""
        self._history_limits = limits
        self._history_limited = {}

    async def stop(self) -> None:
        """Forget the calls that were to take effect later."""
        for task in self._late:
            task.cancel()
        await asyncio.gather(*self._late, return_exceptions=True)

    def _meant(self, token: str, method: str, args: Json) -> Installation:
        """The workspace in whose log and limits a call belongs."""
        try:
            return self._grants.chosen(token, method, args)
        except SlackError:
            return self._grants.of_token(token)[0]
        except IndexError:
            return self._grants.home

    async def _run_late(self, seconds: float, installation: Installation, method: str, args: Json, token: str) -> None:
        self._faults.late += 1
        try:
            await asyncio.sleep(seconds)
            answer = self._run(installation, method, args, token)
            logged = {name: value for name, value in args.items() if name not in _SECRETS}
            installation.note_call(method, logged, answer, 200)
        finally:
            self._faults.late -= 1

    def _run(self, installation: Installation, method: str, args: Json, token: str) -> Json:
        try:
            facts = FACTS.get(method)
            if facts is None:
                raise SlackError("unknown_method", req_method=method)
            self._authenticate(facts, token)
            if facts.token == "bot":  # noqa: S105 (a kind of token)
                installation = self._grants.chosen(token, method, args)
            call = ApiCall(installation, self._grants, self._oauth, method, args)
            if facts.token == "bot":  # noqa: S105 (a kind of token)
                call.need_scope(*facts.scopes)
            missing = [name for name in facts.required if args.get(name) in (None, "")]
            if missing:
                messages = [f"[ERROR] missing required field: {name}" for name in missing]
                raise SlackError("invalid_arguments", messages=messages)
            function: Method = METHODS[method]
            return function(call)
        except SlackError as refusal:
            return refusal.as_json()

    def _authenticate(self, facts: MethodFacts, token: str) -> None:
        app_token = self._grants.home.app.app_token
        if facts.token == "none":  # noqa: S105 (a kind of token)
            return
        if not token:
            raise SlackError("not_authed")
        if token != app_token and not self._grants.of_token(token):
            raise SlackError("invalid_auth")
        if (token == app_token) != (facts.token == "app"):  # noqa: S105 (a kind of token)
            raise SlackError("not_allowed_token_type")
        if token != app_token and (trouble := self._grants.trouble(token)):
            raise SlackError(trouble)

    @staticmethod
    def _token(request: Request, args: Json) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else str(args.get("token", ""))

    def _over_limit(self, installation: Installation, method: str, args: Json) -> int:
        facts = FACTS.get(method)
        team = installation.workspace.team_id
        if self._history_limits is not None and method in _HISTORIES:
            args["limit"] = min(_number(args.get("limit")) or _HISTORY_PAGE, _HISTORY_PAGE)
            if team not in self._history_limited:
                self._history_limited[team] = self._history_limits()
            return self._history_limited[team].wait_for(method, 1, "")
        if self._limits is None or facts is None:
            return 0
        if team not in self._limited:
            self._limited[team] = self._limits()
        return self._limited[team].wait_for(method, facts.tier, str(args.get("channel", "")))

    def _rate_limited(self, installation: Installation, method: str, args: Json, seconds: int) -> Response:
        answer = {"ok": False, "error": "ratelimited"}
        installation.note_call(method, args, answer, 429)
        return _json_response(answer, 429, {"Retry-After": str(seconds)})

    async def _fail_before(
        self, fault: Fault, installation: Installation, method: str, args: Json, request: Request
    ) -> Response | None:
        """The answer to a call that a fault keeps from taking effect; None when it should run."""
        match fault.kind:
            case FaultKind.RATE_LIMITED:
                return self._rate_limited(installation, method, args, int(fault.seconds))
            case FaultKind.SERVER_ERROR:
                installation.note_call(method, args, {"ok": False, "error": "internal_error"}, 500)
                return Response("upstream error", 500)
            case FaultKind.REFUSE:
                answer = {"ok": False, "error": fault.error}
                installation.note_call(method, args, answer, 200, injected=True)
                return _json_response(answer)
            case FaultKind.PAGE:
                installation.note_call(method, args, {"ok": False, "error": "internal_error"}, 200)
                return Response(_PAGE, media_type="text/html")
            case FaultKind.HANG:
                installation.note_call(method, args, {"ok": False, "error": "request_timeout"}, 0)
                await asyncio.sleep(fault.seconds)
                return self._break(request)
            case _:
                return None

    async def _fail_after(self, fault: Fault, answer: Json, request: Request) -> Response:
        """What reaches the caller of a call that took effect."""
        match fault.kind:
            case FaultKind.SERVER_ERROR_STORED:
                return Response("upstream error", 500)
            case FaultKind.SLOW:
                await asyncio.sleep(fault.seconds)
                return _json_response(answer)
            case FaultKind.REFUSE_STORED:
                return _json_response({"ok": False, "error": fault.error})
            case FaultKind.BARE:
                return _json_response({"ok": True} if answer.get("ok") else answer)
            case FaultKind.PAGE_STORED:
                return Response(_PAGE, media_type="text/html")
            case FaultKind.CUT_SHORT:
                body = bytes(_json_response(answer).body)
                return Response(body[: len(body) // 2], media_type="application/json")
            case _:
                return self._break(request)

    def _break(self, request: Request) -> Response:
        client: Any = request.scope.get("client")
        if client:
            self._cut((client[0], client[1]))
        return Broken("", 500)
