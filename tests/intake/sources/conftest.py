"""Vendors that post their fixtures; and the worked example of CONTRIBUTING.md, dropped in: its file, its line."""

import importlib.util
import json
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

import domain.sources
import handlers.intake.sources as kinds
from domain.sources import add_source
from handlers.arrival import Tandem
from handlers.intake.listeners import routes
from tests.intake.door import SEALER
from tests.intake.sources.signing import ADDRESS
from tests.intake.sources.vendor import HERE, Clock, Vendor, VendorOf
from tests.world import World

FILE = Path(__file__).parent.parent.parent / "examples" / "source" / "guestbook.py"


@pytest.fixture
def guestbook(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"{kinds.__name__}.guestbook"
    spec = importlib.util.spec_from_file_location(name, FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    monkeypatch.setattr(domain.sources, "AUTHS", (*domain.sources.AUTHS, "guestbook"))
    monkeypatch.setitem(kinds.ADAPTERS, "guestbook", kinds.adapter_of("guestbook"))


@pytest.fixture
async def vendor_of(world: World) -> AsyncIterator[VendorOf]:
    async with AsyncExitStack() as stack:

        async def make(fixture: Path | str) -> Vendor:
            path = HERE / f"{fixture}.json" if isinstance(fixture, str) else fixture
            kind, sent = path.parent.name, json.loads(path.read_text())
            world.run(
                add_source,
                world.workspace_id,
                "vendor",
                auth=kind,
                secret=sent["secret"],
                seal=SEALER.seal,
                at=world.now,
            )
            clock = Clock(datetime.fromisoformat(sent["at"]))
            public_url = ADDRESS.removesuffix("/intake/vendor")
            tandem = Tandem(world.db, clock, public_url=public_url)  # type: ignore[arg-type]  # a clock that stands
            app = Starlette(routes=routes(tandem, SEALER.unseal))
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            http = await stack.enter_async_context(
                httpx.AsyncClient(transport=transport, base_url="http://tandem.example")
            )
            return Vendor(world, http, clock, kind, sent)

        yield make
