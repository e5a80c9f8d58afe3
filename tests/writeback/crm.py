"""A CRM on this machine that keeps records, as HubSpot does: real HTTP, its statuses, its refusals."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

TOKEN = "pat-eu1-a-token-of-tests-only"
OWNERS = {"ana@example.com": "501", "bo@example.com": "502", "mia@example.com": "503"}
STATUSES = {"NEW", "IN_PROGRESS", "CONNECTED", "OPEN_DEAL", "BAD_TIMING", "UNQUALIFIED"}


@dataclass
class FakeHubSpot:
    """`contacts`: by id, their properties. `writes`: each update that was taken, in order. `asked`: all requests.

    `answer`: an answer instead of the usual one, for a request (method, path). `hold`: updates wait for it.
    """

    url: str = ""
    token: str = TOKEN
    contacts: dict[str, dict[str, str]] = field(default_factory=lambda: {"1042": {}, "1043": {}})
    writes: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    answer: Callable[[str, str], web.Response | None] = lambda _method, _path: None
    hold: asyncio.Event | None = None
    held: int = 0

    async def serve(self, request: web.Request) -> web.Response:
        self.asked.append(f"{request.method} {request.path}")
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return _error(401, "Authentication credentials not found.")
        given = self.answer(request.method, request.path)
        if given is not None:
            return given
        if request.path == "/crm/v3/owners":
            owner = OWNERS.get(request.query.get("email", ""))
            found = [{"id": owner, "email": request.query["email"], "userId": 9, "archived": False}] if owner else []
            return web.json_response({"results": found})
        start = "/crm/v3/objects/contacts/"
        if request.method != "PATCH" or not request.path.startswith(start):
            return _error(405, "no such request")
        return await self._update(request.path.removeprefix(start), json.loads(await request.read()))

    async def _update(self, number: str, body: dict[str, Any]) -> web.Response:
        if self.hold is not None:
            self.held += 1
            await self.hold.wait()
        if number not in self.contacts:
            return _error(404, "Object not found. objectId are usually numeric.")
        properties: dict[str, str] = body["properties"]
        if (status := properties.get("hs_lead_status")) is not None and status not in STATUSES:
            return _error(400, f'Property values were not valid: "{status}" was not one of the allowed options')
        if (owner := properties.get("hubspot_owner_id")) is not None and owner not in OWNERS.values():
            return _error(400, "Owner does not exist")
        self.contacts[number] |= properties
        self.writes.append((number, properties))
        return web.json_response({"id": number, "properties": self.contacts[number]})


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"status": "error", "message": message, "category": "X"}, status=status)


@asynccontextmanager
async def serving(crm: Any) -> AsyncIterator[Any]:
    """The CRM on a free port of this machine."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", crm.serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    crm.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield crm
    finally:
        if crm.hold is not None:
            crm.hold.set()
        await runner.cleanup()


CLIENT, SECRET = "3MVG9.tests.only", "a-consumer-secret-of-tests"
USERS = {"ana@example.com": ["005A"], "bo@example.com": ["005B"], "mia@example.com": ["005M", "005N"]}


@dataclass
class FakeSalesforce:
    """`leads`: by id, their fields. `writes`: each update that was taken. `queries`: as they came.

    `secret`: the one that opens. `refuse`: an answer to updates instead of the usual one: (status, errorCode, message).
    """

    url: str = ""
    secret: str = SECRET
    leads: dict[str, dict[str, str]] = field(default_factory=lambda: {"00Q5g000001AbCd": {}})
    writes: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)
    refuse: tuple[int, str, str] | None = None
    hold: asyncio.Event | None = None

    async def serve(self, request: web.Request) -> web.Response:
        self.asked.append(f"{request.method} {request.path}")
        if request.path == "/services/oauth2/token":
            form = await request.post()
            given = (form.get("grant_type"), form.get("client_id"), form.get("client_secret"))
            if given != ("client_credentials", CLIENT, self.secret):
                said = {"error": "invalid_client", "error_description": "invalid client credentials"}
                return web.json_response(said, status=400)
            # Whoever follows this leaks the token.
            return web.json_response({"access_token": "00D!tests", "instance_url": "http://169.254.169.254"})
        if request.headers.get("Authorization") != "Bearer 00D!tests":
            return self._no(401, "INVALID_SESSION_ID", "Session expired or invalid")
        if request.path == "/services/data/v60.0/query":
            self.queries.append(request.query["q"])
            email = request.query["q"].split("Email = '")[1].split("' AND")[0]
            ids = USERS.get(email, [])
            return web.json_response({"totalSize": len(ids), "done": True, "records": [{"Id": one} for one in ids]})
        number = request.path.removeprefix("/services/data/v60.0/sobjects/Lead/")
        if request.method != "PATCH":
            return self._no(405, "METHOD_NOT_ALLOWED", "no")
        if self.refuse is not None:
            return self._no(*self.refuse)
        if number not in self.leads:
            return self._no(404, "NOT_FOUND", "The requested resource does not exist")
        fields = json.loads(await request.read())
        self.leads[number] |= fields
        self.writes.append((number, fields))
        return web.Response(status=204)

    @staticmethod
    def _no(status: int, code: str, message: str) -> web.Response:
        return web.json_response([{"message": message, "errorCode": code, "fields": []}], status=status)
