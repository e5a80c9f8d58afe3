"""The doors that ask nobody who they are: they tell and change nothing of any workspace."""

from __future__ import annotations

from typing import Final

import aiohttp
import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy.orm import Session
from starlette.applications import Starlette

from bot.figures import Figures
from bot.installations.app import OAuthApp
from bot.installations.registry import Installations
from bot.installations.routes import Installing
from bot.metrics import Metrics
from bot.process import Process
from bot.seal import Sealer
from bot.settings import Settings
from bot.web.readiness import storage_problems
from bot.web.watching import watch_routes
from bot.web.web import Web
from domain.installing import begin_installing
from handlers.arrival import Tandem
from handlers.catalog import all_listeners
from storage.database import Database
from storage.models import Workspace
from tests.running import KEY
from tests.tenants.asking import StillClock
from tests.tenants.conftest import AT
from tests.tenants.furniture import Tenant
from tests.tenants.rows import rows_of

WATCHED: Final = {"/healthz", "/readyz", "/metrics"}
INSTALLING: Final = {"/slack/install", "/slack/oauth_redirect"}
ELSEWHERE: Final = {"/slack/events", "/intake/{source}"}
"""What asks for a signature: test_listeners.py and test_intake.py go through these."""


@pytest.mark.parametrize("stopped", [False, True])
async def test_what_is_open_to_everybody_names_no_workspace_and_changes_nothing(
    db: Database, two: tuple[Tenant, Tenant], stopped: bool
) -> None:
    """The name of a source is a label of /metrics by intent: it stands in an address that its workspace gave out."""
    if stopped:
        for one in two:
            db.run_sync(_stop, one.id)
    before = [db.read_sync(rows_of, one.id) for one in two]
    tandem, metrics = Tandem(db, StillClock(AT), listeners=all_listeners()), Metrics()
    foreign = db.run_sync(begin_installing, "another browser", at=AT)
    async with aiohttp.ClientSession() as http:
        url = "http://127.0.0.1:9/api/"
        registry = Installations(db, tandem.clock, Sealer(KEY), api_url=url, session=http)
        installing = Installing(OAuthApp("1.2", "client secret", "http://tandem.example", url), tandem, registry)

        async def ready() -> dict[str, str]:
            return await storage_problems(db, [one.id for one in two])

        watching = watch_routes(ready, metrics, Figures(tandem, metrics).refresh)
        doors = [*watching, *installing.routes()]
        assert {getattr(one, "path", "") for one in doors} == WATCHED | INSTALLING
        transport = httpx.ASGITransport(Starlette(routes=doors))
        async with httpx.AsyncClient(transport=transport, base_url="http://tandem.example") as browser:
            said = [(await browser.get(path)).text for path in sorted(WATCHED)]
            for team in (two[0].team_id, two[1].team_id, "T9"):
                page = await browser.get("/slack/install", params={"team": team})
                said.append(page.text.replace(f"team={team}&", ""))
            for state in (foreign, "never given", ""):
                page = await browser.get("/slack/oauth_redirect", params={"state": state, "code": "c1"})
                assert page.status_code == 400
                said.append(page.text)
    words = [word for one in two for word in (one.word, one.sales, *one.users.values())]
    assert [word for word in words if word.casefold() in "".join(said).casefold()] == []
    assert len(set(said[3:6])) == 1, "whoever asks for a workspace reads not whether Tandem is there"
    assert [db.read_sync(rows_of, one.id) for one in two] == before


async def test_the_assembled_program_has_no_other_doors(db: Database) -> None:
    settings = Settings(
        _env_file=None,
        slack_client_id="1.2",
        slack_client_secret=SecretStr("client secret"),
        public_url="http://tandem.example",
        database_url="sqlite:///nowhere.db",
        tandem_secret_key=SecretStr(KEY),
    )
    tandem, metrics = Tandem(db, StillClock(AT), unseal=Sealer(KEY).unseal, listeners=all_listeners()), Metrics()
    async with aiohttp.ClientSession() as http:
        registry = Installations(db, tandem.clock, Sealer(KEY), api_url=settings.slack_api_url, session=http)

        async def well() -> dict[str, str]:
            return {}

        oauth = OAuthApp.from_settings(settings)
        process = Process(settings, tandem, metrics, Figures(tandem, metrics), registry, http, "", oauth, well, well)
        app = Web(process).app()
    assert {getattr(one, "path", "") for one in app.routes} == WATCHED | INSTALLING | ELSEWHERE


def _stop(session: Session, workspace_id: int) -> None:
    workspace = session.get_one(Workspace, workspace_id)
    workspace.state, workspace.stopped_reason = "stopped", "token_revoked"
