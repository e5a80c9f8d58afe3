"""Of whom a vendor tells only an id, the vendor is asked: labels instead of ids, and each refusal with its remedy."""

import contextlib
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import aiohttp
import httpx
import pytest
from aiohttp import web
from sqlalchemy import select

from bot.seal import Sealer
from domain.leads.arriving import NewLead
from domain.sources import add_source
from handlers.intake.adapter import Ignored, Sender
from handlers.intake.asking import Asking, LeadFetch
from handlers.intake.sources import ADAPTERS, hubspot, linkedin_leads, meta_leads
from handlers.jobs import Impossible, Retry
from playground import Modal
from storage.models import Lead, Source
from tests.intake.sources.signing import headers_for
from tests.intake.sources.vendor import VendorOf
from tests.progress import until
from tests.running import KEY, Running, running

TOKEN = "an-access-token-that-nobody-may-read"
APP_SECRET = "an-app-secret-for-tests-only-0123"
CONTACT = {
    "id": "1042",
    "properties": {
        "email": "zoe@northwind.example",
        "firstname": "Zoë",
        "lastname": "Wong",
        "company": "Northwind",
        "lifecyclestage": "marketingqualifiedlead",
        "phone": None,
        "message": "",
    },
    "archived": False,
}
FORM = {
    "name": "Ask for a demo",
    "hiddenFields": [{"name": "utm_source", "value": "linkedin"}],
    "content": {
        "questions": [
            {"questionId": 1, "predefinedField": "FIRST_NAME", "question": {"localized": {"de_DE": "Vorname"}}},
            {"questionId": 2, "predefinedField": "LAST_NAME", "name": "lastName"},
            {"questionId": 3, "predefinedField": "WORK_EMAIL", "question": {"localized": {"de_DE": "E-Mail"}}},
            {
                "questionId": 4,
                "question": {"localized": {"de_DE": "Wie viele seid ihr?"}},
                "questionDetails": {
                    "multipleChoiceQuestionDetails": {
                        "options": [
                            {"id": 0, "text": {"localized": {"de_DE": "unter 40"}}},
                            {"id": 1, "label": "40 und mehr"},
                        ]
                    }
                },
            },
        ]
    },
}


def written(number: int, text: Any) -> dict[str, Any]:
    return {"questionId": number, "answerDetails": {"textQuestionAnswer": {"answer": text}}}


RESPONSE = {
    "id": "52dcb737-4",
    "testLead": False,
    "leadType": "SPONSORED",
    "submittedAt": 1935835200000,
    "form": FORM,
    "formResponse": {
        "consentResponses": [],
        "answers": [
            written(1, "Zoë"),
            written(2, "Wong"),
            written(3, "zoe@northwind.example"),
            {"questionId": 4, "answerDetails": {"multipleChoiceAnswer": {"options": [1]}}},
        ],
    },
}
META = {
    "created_time": "2031-05-06T11:59:55+0000",
    "id": "123123123123123123",
    "form_id": "555000",
    "field_data": [
        {"name": "full_name", "values": ["Zoë Wong"]},
        {"name": "email", "values": ["zoe@northwind.example"]},
        {"name": "company_name", "values": ["Northwind"]},
        {"name": "how_many_seats?", "values": ["40", "50"]},
    ],
}


class Api:
    """The vendors' APIs on loopback: their next answers, and what they were asked."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, Any, dict[str, str]]] = []
        self.asked: list[web.Request] = []

    def says(self, status: int, body: Any, **headers: str) -> None:
        self.answers.append((status, body, headers))

    async def serve(self, request: web.Request) -> web.Response:
        self.asked.append(request)
        status, body, headers = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        text = body if isinstance(body, str) else json.dumps(body)
        return web.Response(text=text, status=status, headers=headers, content_type="application/json")


@pytest.fixture
async def api(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Api]:
    api, app = Api(), web.Application()
    app.router.add_get("/{path:.*}", api.serve)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    for vendor in (hubspot, meta_leads, linkedin_leads):
        monkeypatch.setattr(vendor, "ENDPOINT", f"http://127.0.0.1:{runner.addresses[0][1]}/api")
    yield api
    await runner.cleanup()


Ask = Callable[[str, str], Awaitable[NewLead | Ignored]]


@pytest.fixture
async def ask(api: Api) -> AsyncIterator[Ask]:
    async with aiohttp.ClientSession() as http:

        async def asked(kind: str, number: str) -> NewLead | Ignored:
            adapter = ADAPTERS[kind]
            assert adapter.ask is not None
            sender = Sender(7, 1, "vendor", kind, APP_SECRET, None, None, False, "m")
            return await adapter.ask(Asking(http, adapter.key_of, TOKEN), LeadFetch(7, number, "k"), sender)

        yield asked


async def test_hubspots_contact_is_asked_for_with_what_a_lead_needs(api: Api, ask: Ask) -> None:
    api.says(200, CONTACT)
    lead = await ask("hubspot", "1042")
    assert isinstance(lead, NewLead)
    assert (lead.name, lead.email, lead.company, lead.external_id) == (
        "Zoë Wong",
        "zoe@northwind.example",
        "Northwind",
        "record:1042",
    )
    asked = api.asked[0]
    assert (asked.path, asked.headers["Authorization"]) == ("/api/1042", f"Bearer {TOKEN}")
    assert {"email", "firstname", "phone", "message"} < set(asked.query["properties"].split(","))


async def test_metas_lead_is_read_by_its_answers(api: Api, ask: Ask) -> None:
    api.says(200, META)
    lead = await ask("meta_leads", "123123123123123123")
    assert isinstance(lead, NewLead)
    assert (lead.name, lead.email, lead.company) == ("Zoë Wong", "zoe@northwind.example", "Northwind")
    assert lead.external_id == "meta:123123123123123123"
    assert "how_many_seats?" in (lead.sent or "")
    assert len(api.asked[0].query["appsecret_proof"]) == 64


async def test_a_lead_that_metas_testing_tool_made_is_a_test(api: Api, ask: Ask) -> None:
    dummy = [{"name": "full_name", "values": ["<test lead: dummy data for full_name>"]}]
    api.says(200, {**META, "field_data": [*dummy, {"name": "email", "values": ["test@meta.com"]}]})
    assert await ask("meta_leads", "1") == Ignored("a test of Meta’s", test=True)


async def test_linkedins_answers_stand_under_their_questions_and_choices_by_their_labels(api: Api, ask: Ask) -> None:
    api.says(200, RESPONSE)
    lead = await ask("linkedin_leads", "52dcb737-4")
    assert isinstance(lead, NewLead)
    assert (lead.name, lead.email, lead.asked) == ("Zoë Wong", "zoe@northwind.example", "Ask for a demo")
    assert [touch.what for touch in lead.touches] == ["linkedin"]
    sent = json.loads(lead.sent or "")
    assert sent["answers"][-1] == {"question": "Wie viele seid ihr?", "answer": "40 und mehr"}
    assert api.asked[0].headers["LinkedIn-Version"]


async def test_without_its_form_a_response_is_still_a_lead(api: Api, ask: Ask) -> None:
    api.says(200, {name: value for name, value in RESPONSE.items() if name != "form"})
    lead = await ask("linkedin_leads", "52dcb737-4")
    assert isinstance(lead, NewLead)
    assert lead.email == "zoe@northwind.example"


async def test_a_test_of_linkedins_makes_no_lead(api: Api, ask: Ask) -> None:
    api.says(200, {**RESPONSE, "testLead": True})
    assert await ask("linkedin_leads", "1") == Ignored("a test of LinkedIn’s", test=True)


def graph(code: int) -> dict[str, Any]:
    return {"error": {"message": "x", "code": code, "error_subcode": 33, "fbtrace_id": "A"}}


@pytest.mark.parametrize(
    ("kind", "status", "body", "error"),
    [
        *((kind, 401, {}, Impossible) for kind in ("hubspot", "meta_leads", "linkedin_leads")),
        *((kind, 403, {}, Impossible) for kind in ("hubspot", "meta_leads", "linkedin_leads")),
        *((kind, 404, {}, Impossible) for kind in ("hubspot", "meta_leads", "linkedin_leads")),
        *((kind, 429, {}, Retry) for kind in ("hubspot", "meta_leads", "linkedin_leads")),
        *((kind, 503, "<html>", OSError) for kind in ("hubspot", "meta_leads", "linkedin_leads")),
        *((kind, 302, {}, OSError) for kind in ("hubspot", "linkedin_leads")),
        ("meta_leads", 400, graph(100), Impossible),
        ("meta_leads", 400, graph(190), Impossible),
        ("meta_leads", 400, graph(4), Retry),
        ("meta_leads", 400, graph(613), Retry),
        ("meta_leads", 200, {"id": "1"}, Impossible),
        ("meta_leads", 200, [], Impossible),
        ("linkedin_leads", 426, {}, Impossible),
        ("linkedin_leads", 200, "{", Impossible),
    ],
)
async def test_what_a_vendor_refuses_is_tried_again_or_told(
    api: Api, ask: Ask, kind: str, status: int, body: Any, error: type[Exception]
) -> None:
    api.says(status, body)
    with pytest.raises(error) as refused:
        await ask(kind, "1042")
    assert TOKEN not in str(refused.value)
    assert APP_SECRET not in str(refused.value)


async def test_a_vendor_says_how_long_to_wait(api: Api, ask: Ask) -> None:
    api.says(429, {}, **{"Retry-After": "11"})
    with pytest.raises(Retry) as wait:
        await ask("hubspot", "1")
    assert wait.value.after == timedelta(seconds=11)


async def test_a_contact_whom_nothing_names_is_no_lead(api: Api, ask: Ask) -> None:
    api.says(200, {"id": "1", "properties": {"lifecyclestage": "lead"}})
    assert isinstance(await ask("hubspot", "1"), Ignored)


@pytest.mark.parametrize("odd", [None, 7, "x", [], [None], {"a": 1}])
async def test_answers_of_any_shape_are_no_errors_of_ours(api: Api, ask: Ask, odd: Any) -> None:
    found = (
        ("hubspot", {"id": odd, "properties": odd}),
        ("hubspot", {"properties": {"email": odd, "firstname": "Zoë"}}),
        (
            "meta_leads",
            {"field_data": [{"name": odd, "values": odd}, {"name": "email", "values": ["a@adatum.example"]}]},
        ),
        ("linkedin_leads", {**RESPONSE, "form": odd}),
        (
            "linkedin_leads",
            {**RESPONSE, "formResponse": {"answers": [odd, written(1, odd), written(3, "a@b.example")]}},
        ),
    )
    for kind, body in found:
        api.answers = [(200, body, {})]
        with contextlib.suppress(Impossible):
            await ask(kind, "1")


async def test_metas_check_of_the_address_is_answered_for_the_right_token_only(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("meta_leads/notice")
    asked = {"hub.mode": "subscribe", "hub.verify_token": "vendor", "hub.challenge": "1158201444"}
    good = await vendor.http.get("/intake/vendor", params=asked)
    assert (good.status_code, good.text) == (200, "1158201444")
    assert good.headers["content-type"].startswith("text/plain")
    for wrong in ({"hub.verify_token": "other"}, {"hub.verify_token": ""}, {"hub.challenge": "<script>"}):
        assert (await vendor.http.get("/intake/vendor", params={**asked, **wrong})).status_code == 403
    assert (await vendor.http.get("/intake/vendor")).status_code == 405


async def test_the_test_of_metas_dashboard_is_told_on_the_screen_only(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("meta_leads/notice")
    notice = {"object": "page", "entry": [{"changes": [{"field": "leadgen", "value": {"leadgen_id": "444444444444"}}]}]}
    assert (await vendor.tell(notice)).status_code == 200
    assert vendor.brought() == []
    tested = vendor.world.run(lambda session: session.scalar(select(Source.tested_at)))
    assert tested == vendor.clock.at


async def test_linkedins_check_of_the_address_is_answered_with_its_word_signed(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("linkedin_leads/created")
    word = "890e4665-4dfe-4ab1-b689-ed553bceeed0"
    answer = await vendor.http.get("/intake/vendor", params={"challengeCode": word, "applicationId": "1"})
    signed = hmac.new(vendor.sent["secret"].encode(), word.encode(), hashlib.sha256).hexdigest()
    assert answer.json() == {"challengeCode": word, "challengeResponse": signed}
    assert (await vendor.http.get("/intake/vendor")).status_code == 405


async def test_a_response_that_was_withdrawn_is_not_asked_for(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("linkedin_leads/created")
    assert (await vendor.tell({**vendor.payload(), "leadAction": "DELETED"})).content == b"{}"
    assert vendor.brought() == []


async def test_hubspots_good_events_are_kept_and_each_of_the_others_is_listed(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("hubspot/events")
    results = (await vendor.tell([*vendor.payload(), 7, {"subscriptionType": "contact.creation"}])).json()["results"]
    assert [one["status"] for one in results] == ["accepted"] * 3 + ["ignored"] * 7
    assert vendor.brought() == ["1042", "1043", "1044"]


async def test_an_event_that_hubspot_tries_again_is_asked_for_once(vendor_of: VendorOf) -> None:
    vendor = await vendor_of("hubspot/events")
    for attempt in range(3):
        await vendor.tell([{**vendor.payload()[0], "attemptNumber": attempt}])
    assert vendor.brought() == ["1042"]


async def add(tandem: Running, *, token: str | None) -> None:
    def work(session: Any) -> None:
        assert tandem.program.workspace_id is not None
        seal, at = Sealer(KEY).seal, tandem.clock.now()
        workspace_id = tandem.program.workspace_id
        add_source(session, workspace_id, "vendor", auth="meta_leads", secret=APP_SECRET, seal=seal, at=at)
        session.scalars(select(Source).where(Source.name == "vendor")).one().sealed_key = seal(token) if token else None

    await tandem.program.db.run(work)


async def told_of(tandem: Running, number: str) -> None:
    """Meta tells of a lead."""
    notice = {"entry": [{"changes": [{"field": "leadgen", "value": {"leadgen_id": number}}]}]}
    body = json.dumps(notice).encode()
    headers = headers_for("meta_leads", {"proof": "x-hub-signature-256", "secret": APP_SECRET, "headers": {}}, body, "")
    async with httpx.AsyncClient() as http:
        url = f"http://127.0.0.1:{tandem.program.port}/intake/vendor"
        assert (await http.post(url, content=body, headers=headers)).status_code == 200


async def leads(tandem: Running) -> list[str]:
    return await tandem.program.db.read(lambda session: list(session.scalars(select(Lead.name).order_by(Lead.id))))


async def test_a_lead_that_was_told_of_is_given_to_a_rep_once_it_is_known(migrated_url: str, api: Api) -> None:
    api.says(503, {})
    api.says(200, META)
    async with running(migrated_url) as tandem:
        await add(tandem, token=TOKEN)
        await told_of(tandem, "123123123123123123")
        await told_of(tandem, "123123123123123123")

        async def known() -> bool:
            return await leads(tandem) == ["Zoë Wong"]

        await until(known, lambda: len(api.asked), what="the lead", still=30, pause=0.05)
    assert len(api.asked) == 2


async def test_without_a_token_admins_are_told_and_the_lead_comes_once_it_is_there(migrated_url: str, api: Api) -> None:
    api.says(200, META)
    async with running(migrated_url) as tandem:
        await add(tandem, token=None)
        await told_of(tandem, "123123123123123123")
        told = await tandem.slack.dm("mia").message(containing="has no access token of Meta")
        await tandem.slack.channel("#general").command("/tandem setup", by="mia")
        await modal(tandem).button("Open", near="Sources").click(by="mia")
        assert "No access token of Meta yet" in modal(tandem).text
        await modal(tandem).button("Change", near="vendor").click(by="mia")
        form = modal(tandem)
        form.fill({"Access token of Meta": TOKEN})
        assert not await form.submit()
        await told.button("Try again").click(by="mia")

        async def known() -> bool:
            return await leads(tandem) == ["Zoë Wong"]

        await until(known, lambda: len(api.asked), what="the lead", still=30, pause=0.05)
    assert api.asked[0].headers["Authorization"] == f"Bearer {TOKEN}"


def modal(tandem: Running) -> Modal:
    shown = tandem.slack.modal("mia")
    assert shown is not None
    return shown
