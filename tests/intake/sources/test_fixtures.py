"""Every kind of source keeps the same promises, shown with its own deliveries in the folder of its name."""

import contextlib
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from domain.errors import FieldProblems
from domain.sources import AUTHS
from handlers.intake.adapter import Delivery, Sender
from handlers.intake.sources import ADAPTERS
from handlers.intake.views import BadBody
from storage.models import Source, Wish
from tests.intake.door import SEALER
from tests.intake.sources.signing import ADDRESS, headers_for
from tests.intake.sources.vendor import Vendor, VendorOf

HERE = Path(__file__).parent
ROOT = HERE.parent.parent.parent
EXAMPLE = ROOT / "tests" / "examples" / "source" / "guestbook"
FIXTURES = {
    path: json.loads(path.read_text()) for path in (*sorted(HERE.glob("*/*.json")), *sorted(EXAMPLE.glob("*.json")))
}


def where(promise: Callable[[dict[str, Any]], Any]) -> pytest.MarkDecorator:
    """Only for the fixtures of which that holds."""
    paths = [path for path, sent in FIXTURES.items() if promise(sent)]
    return pytest.mark.parametrize("vendor", paths, ids=map(_called, paths), indirect=True)


def _called(path: Path) -> str:
    return f"{path.parent.name}-{path.stem}"


def _is_json(sent: dict[str, Any]) -> bool:
    return sent["body"].lstrip()[:1] in ("{", "[")


SIGNS_A_TIME = where(lambda sent: sent["stale_after"] is not None)
SIGNS_BYTES = where(lambda sent: sent["signed"])
JSON = where(_is_json)


@pytest.fixture(params=list(FIXTURES), ids=_called)
async def vendor(request: pytest.FixtureRequest, vendor_of: VendorOf) -> Vendor:
    if request.param.parent.name == EXAMPLE.name:
        request.getfixturevalue("guestbook")
    return await vendor_of(request.param)


async def test_a_delivery_is_believed_and_a_redelivery_stores_nothing_new(vendor: Vendor) -> None:
    first = await vendor.post()
    again = await vendor.post()
    assert first.status_code == vendor.sent["status"], first.text
    sent = vendor.sent
    if "again" in sent:
        assert again.status_code in (200, first.status_code)
        assert again.json()["status"] == sent["again"]
    else:
        assert (again.status_code, again.content) == (first.status_code, first.content)
    assert vendor.brought() == [*sent["names"], *sent.get("items", ()), *sent.get("asked", ())]


async def test_a_delivery_with_another_secret_is_refused(vendor: Vendor) -> None:
    def change(session: Any) -> None:
        secret = vendor.sent["secret"]
        session.scalars(select(Source)).one().sealed_secret = SEALER.seal(secret[:-8] + secret[-8:].swapcase())

    vendor.world.run(change)
    assert (await vendor.post()).status_code == 401
    assert vendor.brought() == []


@SIGNS_A_TIME
@pytest.mark.parametrize("way", [1, -1], ids=["replayed", "future"])
async def test_a_delivery_of_another_time_is_refused(vendor: Vendor, way: int) -> None:
    vendor.clock.at += timedelta(seconds=way * vendor.sent["stale_after"])
    assert (await vendor.post()).status_code == 401
    assert vendor.brought() == []


@where(lambda sent: sent["stale_after"] is None)
async def test_a_replay_of_what_bears_no_time_is_known_by_its_name(vendor: Vendor) -> None:
    await vendor.post()
    before = vendor.brought()
    vendor.clock.at += timedelta(days=1)
    assert (await vendor.post()).status_code == vendor.sent["status"] or "again" in vendor.sent
    assert vendor.brought() == before


@SIGNS_BYTES
async def test_a_body_that_was_tampered_with_is_refused(vendor: Vendor) -> None:
    body = vendor.sent["body"].encode()
    for place in (0, len(body) // 3, len(body) // 2, len(body) - 1):
        changed = bytes([*body[:place], body[place] ^ 1, *body[place + 1 :]])
        assert (await vendor.post(changed)).status_code == 401, place
    assert vendor.brought() == []


@where(lambda sent: not sent.get("ends_anywhere"))  # a form that ends early, under a secret, is still a form
async def test_a_body_that_was_cut_short_is_refused(vendor: Vendor) -> None:
    body = vendor.sent["body"].encode()
    for length in (1, len(body) // 2, len(body.rstrip()) - 1):
        answer = await vendor.post(body[:length])
        assert answer.status_code in (401, 422), (length, answer.text)
    assert vendor.brought() == []


@JSON
async def test_a_body_that_was_written_anew_proves_nothing_and_brings_nothing_twice(vendor: Vendor) -> None:
    body, document = vendor.sent["body"], vendor.payload()
    anew = [
        json.dumps(document, ensure_ascii=False, indent=1),
        json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + " ",
        json.dumps(document, ensure_ascii=True, separators=(", ", ": ")) + "\n",
        body.replace("/", "\\/") + " ",
    ]
    if not vendor.sent["signed"]:
        await vendor.post()
    before = vendor.brought()
    for other in anew:
        answer = await vendor.post(other.encode())
        assert answer.status_code == 401 or not vendor.sent["signed"], other
    assert vendor.brought() == before


@where(lambda sent: "proof" in sent)
async def test_a_header_of_proof_that_is_not_quite_right_is_refused(vendor: Vendor) -> None:
    name = vendor.sent["proof"]
    good = vendor.sent["headers"][name]
    rest = [(other, value) for other, value in vendor.sent["headers"].items() if other != name]
    start, _, end = good.rpartition("=") if "=" in good.rstrip("=") else ("", "", good)
    spoilt = [
        "",
        good[:-1],
        good + "0",
        good.upper(),
        good.swapcase(),
        end,
        f"sha1={end}",
        f"{start}={end[:-2]}é1",
        '"' + good + '"',
        "=",
        ",",
        "t=1,v1=",
    ]
    for value in spoilt:
        if value == good:
            continue
        answer = await vendor.post(headers={**dict(rest), name: value})
        assert answer.status_code == 401, value
    assert (await vendor.post(headers=rest)).status_code == 401
    assert (await vendor.post(headers=[*rest, (name, good), (name, good)])).status_code == 401
    assert (await vendor.post(headers=[*rest, (name, good), (name, "x")])).status_code == 401
    assert vendor.brought() == []
    assert (await vendor.post(headers=[*rest, (name.title(), good)])).status_code == vendor.sent["status"]


@SIGNS_A_TIME
async def test_a_time_that_is_none_or_in_another_unit_is_refused_though_it_is_signed(vendor: Vendor) -> None:
    body, now = vendor.sent["body"].encode(), vendor.stamp()
    other = now[:-3] if vendor.sent["stamp"] == "ms" else now + "000"
    for stamp in ("", "soon", "-1", "1e9", other, "9" * 30, "٣" * 10, vendor.stamp(360), vendor.stamp(-360)):
        signed = headers_for(vendor.kind, vendor.sent, body, stamp)
        answer = await vendor.post(body, signed)
        assert answer.status_code == 401, stamp
    assert vendor.brought() == []
    assert (await vendor.post_signed(body)).status_code == vendor.sent["status"]


@where(lambda sent: sent["body"].startswith("{"))
async def test_fields_that_a_vendor_adds_change_nothing(vendor: Vendor) -> None:
    more = {**vendor.payload(), "zz_new": {"a": [1, None, {"b": True}]}, "zz_newer": None, "zz_newest": 1e300}
    answer = await vendor.post_signed(json.dumps(more, ensure_ascii=False).encode())
    assert answer.status_code == vendor.sent["status"], answer.text
    assert vendor.brought() == [*vendor.sent["names"], *vendor.sent.get("items", ()), *vendor.sent.get("asked", ())]


@JSON
async def test_a_value_of_any_shape_costs_nothing_but_itself(vendor: Vendor) -> None:
    """Each value of the payload in turn is something else: read, or refused with a reason; never an error of ours."""
    adapter, sent = ADAPTERS[vendor.kind], vendor.sent
    sender = Sender(1, 1, "vendor", vendor.kind, sent["secret"], None, None, False, "m")
    document = vendor.payload()
    odds: list[Any] = [None, True, 7, 1.5, "", "x", [], {}, [None], {"a": {"b": []}}, 10**30, "\ud800"]
    for odd in odds:
        for changed in _changed(document, odd):
            delivery = Delivery(json.dumps(changed).encode(), sent["headers"], url=ADDRESS + sent.get("query", ""))
            with contextlib.suppress(BadBody, FieldProblems):
                adapter.read(delivery, sender)
            adapter.verify(delivery, sent["secret"], vendor.clock.at)


async def test_odd_bytes_get_a_clear_answer_and_store_nothing(vendor: Vendor) -> None:
    for body in (b"", b"\0\xff\xfe", b"{" * 1000, b"[" * 100_000 + b"]" * 100_000, b"<a/>", b"x" * 1_100_000):
        answer = await vendor.post(body)
        assert answer.status_code in (401, 413, 422), (body[:20], answer.text)
        assert answer.json()["error"]
    assert vendor.brought() == []


def _changed(node: Any, odd: Any) -> Iterator[Any]:
    """The document with one of its values changed, for each of them, and with one left out."""
    yield odd
    if isinstance(node, dict):
        for name, value in node.items():
            yield from ({**node, name: one} for one in _changed(value, odd))
            yield {other: value for other, value in node.items() if other != name}
    if isinstance(node, list):
        for place, value in enumerate(node):
            yield from ([*node[:place], one, *node[place + 1 :]] for one in _changed(value, odd))


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
