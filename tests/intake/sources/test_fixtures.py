"""Every kind of source keeps the same promises, shown with its own deliveries in the folder of its name."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from domain.sources import AUTHS, add_source
from handlers.arrival import Tandem
from handlers.intake.listeners import routes
from handlers.intake.sources import ADAPTERS
from storage.models import Lead, Source, Wish
from tests.intake.door import SEALER
from tests.world import World

HERE = Path(__file__).parent
ROOT = HERE.parent.parent.parent
EXAMPLE = ROOT / "tests" / "examples" / "source" / "guestbook"
FIXTURES = [*sorted(HERE.glob("*/*.json")), *sorted(EXAMPLE.glob("*.json"))]


@dataclass
class Clock:
    """The time that is told."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def outside(self) -> datetime:
        return self.at


@dataclass
class Vendor:
    """A source of the fixture's kind, which posts its delivery."""

    world: World
    http: httpx.AsyncClient
    clock: Clock
    sent: dict[str, Any]

    async def post(self, body: bytes | None = None) -> httpx.Response:
        content = self.sent["body"].encode() if body is None else body
        return await self.http.post("/intake/vendor", content=content, headers=self.sent["headers"])

    def names(self) -> list[str]:
        return self.world.run(lambda session: list(session.scalars(select(Lead.name).order_by(Lead.id))))


@pytest.fixture(
    params=[(path.parent.name, json.loads(path.read_text())) for path in FIXTURES],
    ids=[f"{path.parent.name}-{path.stem}" for path in FIXTURES],
)
async def vendor(
    world: World, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Vendor]:
    kind, sent = request.param
    if kind == EXAMPLE.name:
        request.getfixturevalue("guestbook")
    world.run(
        add_source, world.workspace_id, "vendor", auth=kind, secret=sent["secret"], seal=SEALER.seal, at=world.now
    )
    clock = Clock(datetime.fromisoformat(sent["at"]))
    app = Starlette(routes=routes(Tandem(world.db, clock), SEALER.unseal))  # type: ignore[arg-type]  # a clock that stands
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://tandem.example") as http:
        yield Vendor(world, http, clock, sent)


async def test_a_delivery_is_believed_and_a_redelivery_stores_nothing_new(vendor: Vendor) -> None:
    first = await vendor.post()
    again = await vendor.post()
    assert first.status_code == vendor.sent["status"], first.text
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert vendor.names() == vendor.sent["names"]


async def test_a_delivery_with_another_secret_is_refused(vendor: Vendor) -> None:
    def change(session: Any) -> None:
        secret = vendor.sent["secret"]
        session.scalars(select(Source)).one().sealed_secret = SEALER.seal(secret[:-8] + secret[-8:].swapcase())

    vendor.world.run(change)
    assert (await vendor.post()).status_code == 401
    assert vendor.names() == []


async def test_a_delivery_that_is_too_old_is_refused(vendor: Vendor) -> None:
    if vendor.sent["stale_after"] is None:
        pytest.skip("nothing that this kind sends says when it was sent")
    vendor.clock.at += timedelta(seconds=vendor.sent["stale_after"])
    assert (await vendor.post()).status_code == 401
    assert vendor.names() == []


async def test_odd_bytes_get_a_clear_answer_and_store_nothing(vendor: Vendor) -> None:
    for body in (b"", b"\0\xff\xfe", b"{" * 1000, b"[" * 100_000 + b"]" * 100_000, b"<a/>", b"x" * 1_100_000):
        answer = await vendor.post(body)
        assert answer.status_code in (401, 413, 422), (body[:20], answer.text)
        assert answer.json()["error"]
    assert vendor.names() == []


async def test_the_secret_is_not_kept_with_what_was_sent(vendor: Vendor) -> None:
    await vendor.post()
    kept = vendor.world.run(lambda session: list(session.scalars(select(Wish.sent))))
    assert len(kept) == len(vendor.sent["names"])
    assert not any(vendor.sent["secret"] in (one or "") for one in kept)


def test_every_kind_has_its_file_and_its_fixtures() -> None:
    files = {path.stem for path in (ROOT / "handlers/intake/sources").glob("[a-z]*.py")}
    assert files == set(AUTHS) == set(ADAPTERS)
    assert {path.parent.name for path in FIXTURES} - {EXAMPLE.name} == set(AUTHS)


def test_the_senders_page_names_every_kind() -> None:
    page = (ROOT / "docs/intake.md").read_text()
    assert [name for name in AUTHS if f"`{name}`" not in page] == []


def test_contributing_quotes_the_example_as_it_is() -> None:
    assert f"```python\n{(EXAMPLE.parent / 'guestbook.py').read_text()}```" in (ROOT / "CONTRIBUTING.md").read_text()
