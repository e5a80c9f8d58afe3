"""Fireflies names a meeting; a job asks what customers said in it, and keeps no more than that."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from aiohttp import web
from sqlalchemy import select

from bot.seal import Sealer
from domain.sources import add_source
from handlers.intake import fireflies_call
from handlers.intake.fireflies_call import read_answer, said_in
from handlers.jobs import Impossible, Retry
from playground import Modal
from storage.models import Job, Member, Source, Theme, VocItem
from tests.intake.door import SEALER, Door
from tests.progress import until
from tests.running import KEY, Running, running

SECRET = "a-secret-for-tests-of-32-letters"
API_KEY = "an-api-key-of-fireflies"


def spoken(index: int, speaker: str, text: str, **marks: str | None) -> dict[str, Any]:
    return {"index": index, "speaker_name": speaker, "text": text, "ai_filters": marks or None}


def transcript(*sentences: dict[str, Any], **changed: Any) -> dict[str, Any]:
    people = [
        {"displayName": "Ana Ruiz", "name": None, "email": "ana@example.com"},
        {"displayName": None, "name": None, "email": "lee.wong@northwind.example"},
    ]
    found = {
        "title": "Northwind: Q3 review",
        "host_email": "ana@example.com",
        "organizer_email": "ana@example.com",
        "transcript_url": "https://app.fireflies.ai/view/M1",
        "meeting_attendees": people,
        "sentences": list(sentences),
    }
    return {**found, **changed}


TOO_DEAR = spoken(
    3, "Lee Wong", "This costs us twice what we pay today.", pricing="costs us twice", sentiment="negative"
)


def test_only_what_a_customer_said_and_fireflies_marks_as_price_is_taken() -> None:
    found = said_in(
        transcript(
            spoken(0, "Ana Ruiz", "Our price is forty thousand a year.", pricing="forty thousand"),
            spoken(1, "Lee Wong", "Let us look at the slides once more.", task="look at the slides"),
            spoken(2, "Speaker 2", "That is a price nobody here will pay.", pricing="a price"),
            TOO_DEAR,
            spoken(4, "Lee Wong", "How much?", pricing="how much", question="How much?"),
            spoken(5, "lee  WONG", "What does the second year cost us?", pricing="cost", question="What does …?"),
        ),
        "M1",
    )
    assert [(one.kind, one.text, one.quote) for one in found] == [
        ("objection", "This costs us twice what we pay today.", "This costs us twice what we pay today."),
        ("question", "What does the second year cost us?", "What does the second year cost us?"),
    ]
    assert [one.key for one in found] == ["fireflies:M1:3", "fireflies:M1:5"]
    assert {(one.host, one.domains, one.permalink) for one in found} == {
        ("ana@example.com", ("northwind.example",), "https://app.fireflies.ai/view/M1")
    }


@pytest.mark.parametrize(
    "changed",
    [
        {"meeting_attendees": None},
        {"meeting_attendees": [{"displayName": "Lee Wong", "email": "lee.wong@example.com"}]},
        {"meeting_attendees": [{"displayName": "Lee Wong", "email": None}, 7, None]},
        {"host_email": None, "organizer_email": 7},
        {"sentences": "all of it"},
    ],
)
def test_where_nobody_can_be_told_from_a_customer_nothing_is_taken(changed: dict[str, Any]) -> None:
    assert said_in(transcript(TOO_DEAR, **changed), "M1") == []


def test_a_meeting_all_about_price_brings_five_items() -> None:
    sentences = [spoken(n, "Lee Wong", f"The price of module {n} is too high.", pricing="x") for n in range(40)]
    assert len(said_in(transcript(*sentences), "M1")) == 5


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"errors": [{"code": "too_many_requests", "message": "x"}]}, Retry),
        ({"errors": [{"extensions": {"code": "auth_failed"}}], "data": None}, Impossible),
        ({"errors": [{"code": "object_not_found"}]}, Impossible),
        ({"errors": [{"message": "a field is gone"}]}, ValueError),
        ({"data": {"transcript": None}}, Impossible),
        ([], Impossible),
        (7, Impossible),
    ],
)
def test_an_answer_without_a_transcript_says_what_is_to_be_done(body: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_answer(json.dumps(body).encode())


@pytest.fixture
def fireflies(door: Door) -> Door:
    world = door.world
    world.run(
        add_source, world.workspace_id, "fireflies", auth="fireflies", secret=SECRET, seal=SEALER.seal, at=world.now
    )
    return door


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"X-Hub-Signature": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


async def post(fireflies: Door, document: Any, headers: dict[str, str] | None = None) -> httpx.Response:
    body = json.dumps(document).encode()
    return await fireflies.http.post("/intake/fireflies", content=body, headers=headers or signed(body))


def asked(door: Door) -> list[str]:
    """The meetings that are asked about."""
    return door.world.run(
        lambda session: [str(job.arguments["meeting_id"]) for job in session.scalars(select(Job).order_by(Job.id))]
    )


async def test_a_meeting_that_is_transcribed_and_then_summarized_is_asked_about_once(fireflies: Door) -> None:
    for event in ("meeting.transcribed", "meeting.summarized"):
        assert (await post(fireflies, {"event": event, "meeting_id": "M1", "timestamp": 1})).status_code == 202
    await post(fireflies, {"eventType": "Transcription completed", "meetingId": "M1"})
    await post(fireflies, {"event": "meeting.transcribed", "meeting_id": "M2"})
    assert asked(fireflies) == ["M1", "M2"]


@pytest.mark.parametrize("event", ["meeting.bot_joined", "meeting.something_new"])
async def test_an_event_with_nothing_to_read_is_ignored_and_uses_nothing_up(fireflies: Door, event: str) -> None:
    answer = await post(fireflies, {"event": event, "meeting_id": "M1"})
    assert (answer.status_code, answer.json()["status"]) == (200, "ignored")
    await post(fireflies, {"event": "meeting.transcribed", "meeting_id": "M1"})
    assert asked(fireflies) == ["M1"]


@pytest.mark.parametrize("document", [{}, [], {"event": "meeting.transcribed"}, {"event": ["x"], "meeting_id": "M1"}])
async def test_what_names_no_meeting_is_refused_with_the_reason(fireflies: Door, document: Any) -> None:
    answer = await post(fireflies, document)
    assert answer.status_code == 422
    assert answer.json()["problems"]


async def test_a_signature_is_of_these_very_bytes(fireflies: Door) -> None:
    document = {"event": "meeting.transcribed", "meeting_id": "M1"}
    body = json.dumps(document).encode()
    good = signed(body)["X-Hub-Signature"]
    for bad in (
        "",
        "sha256=",
        good[:-1],
        good.removeprefix("sha256="),
        good.replace("sha256", "sha1"),
        good.upper(),
        "sha256=" + good.removeprefix("sha256=").upper(),
        "sha256=" + "f" * 64,
    ):
        answer = await post(fireflies, document, {"X-Hub-Signature": bad})
        assert answer.status_code == 401, bad
    spaced = json.dumps(document, separators=(",", ":")).encode()
    again = await fireflies.http.post("/intake/fireflies", content=spaced, headers={"X-Hub-Signature": good})
    assert again.status_code == 401
    assert (await post(fireflies, document, {"x-HUB-signature": good})).status_code == 202


class Api:
    """Fireflies' GraphQL on loopback: its next answers, and what it was asked, with which key."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, Any]] = []
        self.asked: list[tuple[str, str]] = []

    async def serve(self, request: web.Request) -> web.Response:
        self.asked.append((request.headers["Authorization"], (await request.json())["variables"]["id"]))
        status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return web.json_response(body, status=status)


@pytest.fixture
async def api(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Api]:
    api, app = Api(), web.Application()
    app.router.add_post("/graphql", api.serve)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    monkeypatch.setattr(fireflies_call, "ENDPOINT", f"http://127.0.0.1:{runner.addresses[0][1]}/graphql")
    yield api
    await runner.cleanup()


async def meeting_ends(tandem: Running, meeting: str = "M1") -> None:
    """The source is there, and Fireflies tells of the meeting."""
    body = json.dumps({"event": "meeting.transcribed", "meeting_id": meeting}).encode()
    async with httpx.AsyncClient() as http:
        url = f"http://127.0.0.1:{tandem.program.port}/intake/calls"
        assert (await http.post(url, content=body, headers=signed(body))).status_code == 202


async def add(tandem: Running, *, host: str = "ana@example.com", key: str | None = API_KEY) -> None:
    def work(session: Any) -> None:
        assert tandem.program.workspace_id is not None
        seal, at = Sealer(KEY).seal, tandem.clock.now()
        add_source(session, tandem.program.workspace_id, "calls", auth="fireflies", secret=SECRET, seal=seal, at=at)
        source = session.scalars(select(Source).where(Source.name == "calls")).one()
        source.sealed_key = seal(key) if key else None
        ana = session.scalars(select(Member).where(Member.slack_user_id == tandem.slack.member("ana").id)).one()
        ana.email = host

    await tandem.program.db.run(work)


async def items(tandem: Running) -> list[tuple[Any, ...]]:
    found = (
        select(VocItem.verbatim, VocItem.quote, Theme.slug)
        .outerjoin(Theme, Theme.id == VocItem.theme_id)
        .order_by(VocItem.id)
    )
    return await tandem.program.db.read(lambda session: [tuple(row) for row in session.execute(found)])


async def test_what_a_customer_said_is_read_and_the_host_is_told(migrated_url: str, api: Api) -> None:
    api.answers = [(503, {}), (200, {"data": {"transcript": transcript(TOO_DEAR)}})]
    async with running(migrated_url) as tandem:
        await add(tandem)
        await meeting_ends(tandem)
        told = await tandem.slack.dm("ana").message(containing="1 item from the call “Northwind: Q3 review”")
        assert "This costs us twice what we pay today." in told.text
        assert "you held the call" in told.text
        assert "/voc list" in told.text
        words = "This costs us twice what we pay today."
        assert await items(tandem) == [(words, words, "pricing")]
    assert api.asked == [(f"Bearer {API_KEY}", "M1")] * 2


async def test_without_a_key_admins_are_told_and_the_meeting_is_read_once_the_key_is_there(
    migrated_url: str, api: Api
) -> None:
    api.answers = [(200, {"data": {"transcript": transcript(TOO_DEAR)}})]
    async with running(migrated_url) as tandem:
        await add(tandem, key=None)
        await meeting_ends(tandem)
        told = await tandem.slack.dm("mia").message(containing="has no API key of Fireflies")
        await tandem.slack.channel("#general").command("/tandem setup", by="mia")
        await modal(tandem).button("Open", near="Sources").click(by="mia")
        await modal(tandem).button("Change", near="calls").click(by="mia")
        form = modal(tandem)
        assert form.fields == ["API key of Fireflies"]
        form.fill({"API key of Fireflies": "short"})
        assert "no API key" in (await form.submit())["key"]
        form.fill({"API key of Fireflies": API_KEY})
        assert not await form.submit()
        sealed = await tandem.program.db.read(
            lambda session: session.scalar(select(Source.sealed_key).where(Source.name == "calls"))
        )
        assert sealed
        assert API_KEY not in sealed
        await told.button("Try again").click(by="mia")

        async def read() -> bool:
            return bool(await items(tandem))

        await until(read, lambda: api.asked, what="the meeting's items", still=30, pause=0.05)


def modal(tandem: Running) -> Modal:
    shown = tandem.slack.modal("mia")
    assert shown is not None
    return shown


async def test_a_key_that_fireflies_refuses_ends_the_job_with_the_remedy(migrated_url: str, api: Api) -> None:
    api.answers = [(200, {"errors": [{"code": "auth_failed"}]})]
    async with running(migrated_url) as tandem:
        await add(tandem)
        await meeting_ends(tandem)
        told = await tandem.slack.dm("mia").message(containing="refuses the API key")
        assert API_KEY not in told.text
        assert await items(tandem) == []
