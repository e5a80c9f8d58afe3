"""What other systems post, as they post it: the person is found, and a detail in another shape costs no lead."""

import json
from typing import Any

import pytest

from domain.errors import FieldProblems
from domain.leads.arriving import NewLead
from domain.leads.taken import taken_lead
from handlers.intake.decoding import decoded
from handlers.intake.reading import read_lead
from handlers.intake.sent import as_sent
from tests.intake.door import HEADER_SECRET, Door
from tests.intake.shapes import ENCODINGS, SHAPES
from tests.refused import refused


def read(body: Any, content_type: str = "") -> NewLead:
    """The lead in a body, as the intake reads it."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    found = read_lead(decoded(raw, content_type))
    return taken_lead(found.values, source="forms", external_id=found.id, rest=found.rest)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_person_is_found_in_what_real_systems_send(shape: str) -> None:
    body, content_type, expected = SHAPES[shape]
    lead = read(body, content_type)
    found = {**{name: getattr(lead, name) for name in expected}, "marks": lead.marks}
    if "touches" in expected:
        found["touches"] = [touch.what for touch in lead.touches]
    assert found == {**expected, "marks": ()}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_any_encoding_is_read(encoding: str) -> None:
    assert read(*ENCODINGS[encoding]).name == "Zoë"


@pytest.mark.parametrize(
    ("sent", "email", "marked"),
    [
        ("someone@northwind", "someone@northwind", False),
        ("lee@münchen.example", "lee@münchen.example", False),
        ("lee@xn--mnchen-3ya.example", "lee@xn--mnchen-3ya.example", False),
        ('"lee wong"@x.example', '"lee wong"@x.example', False),
        ("mailto:lee@x.example?subject=Hi", "lee@x.example", False),
        ("Lee Wong <lee@x.example>", "lee@x.example", False),
        ("<mailto:lee@x.example|lee@x.example>", "lee@x.example", False),
        ("lee@x.example, kim@x.example", "lee@x.example", True),
        (["lee@x.example", "kim@x.example"], "lee@x.example", True),
        (["", "lee@x.example"], "lee@x.example", False),
        ("lee@x.example.", "lee@x.example.", False),
        ("lee", None, True),
        ("None@none.com", None, True),
        (["none@none.com", "lee@x.example"], "lee@x.example", True),
        (7, None, True),
        (True, None, True),
        ({"at": 1}, None, False),
        ("x" * 250 + "@x.example", None, True),
        (None, None, False),
        ("", None, False),
    ],
)
def test_an_address_of_any_shape_costs_no_lead(sent: Any, email: str | None, marked: bool) -> None:
    lead = read({"name": "Lee", "email": sent})
    assert (lead.email, bool(lead.marks)) == (email, marked)


@pytest.mark.parametrize(
    ("sent", "score", "mark"),
    [
        (135, 135, None),
        (87.5, 88, None),
        ("87,4", 87, None),
        ("40000", 40000, None),
        (-3, -3, None),
        ("90%", 90, None),
        ("", None, None),
        (None, None, None),
        ([], None, None),
        ("high", None, "Score “high” was not understood: kept as sent."),
        (True, None, "Score “yes” was not understood: kept as sent."),
        ({"a": {"b": 1}}, None, None),
        (10**400, None, "Score “1000000000000000000000000000000000000000…” was not understood: kept as sent."),
    ],
)
def test_a_score_of_any_shape_costs_no_lead(sent: Any, score: int | None, mark: str | None) -> None:
    lead = read({"name": "Lee", "score": sent})
    assert lead.score == score
    if mark is None:
        assert lead.marks == ()
    else:
        assert [one.split("“")[0] for one in lead.marks] == [mark.split("“")[0]]
        assert lead.marks[0].endswith("was not understood: kept as sent.")


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ({"Prénom": "Zoé", "Nom": "Müller"}, "Zoé Müller"),
        ({"Nombre": "Zoé", "Apellidos": "Núñez Gil"}, "Zoé Núñez Gil"),
        ({"Nome": "Giulia", "Cognome": "Rossi"}, "Giulia Rossi"),
        ({"Vorname": "Jörg", "Name": "Groß"}, "Jörg Groß"),
        ({"first_name": "Lee", "name": "lee wong"}, "lee wong"),
        ({"first_name": "Lee", "last_name": "Wong", "name": "Newsletter"}, "Newsletter"),
        ({"first_name": "Lee", "last_name": "Null"}, "Lee Null"),
        ({"first_name": "n/a", "last_name": "Wong"}, "Wong"),
        ({"name": "N/A", "full_name": "Lee Wong"}, "Lee Wong"),
        ({"name": "unknown"}, "a@x.example"),
        ({"name": "Nan"}, "Nan"),
    ],
)
def test_a_name_is_whole_in_any_language(sent: dict[str, str], name: str) -> None:
    assert read({**sent, "email": "a@x.example"}).name == name


@pytest.mark.parametrize("nothing", ["N/A", "n.a.", "-", "—", "null", "[not provided]", "Keine Angabe", "[[Unknown]]"])
def test_what_stands_in_a_field_that_had_to_be_filled_in_is_no_company(nothing: str) -> None:
    """Else all who have none would be one account: one rep's, and a buying committee."""
    sent = {"name": "Lee Wong", "company": nothing, "phone": nothing, "title": nothing, "email": nothing}
    lead = read(sent)
    assert (lead.company, lead.phone, lead.job_title, lead.email, lead.marks) == (None, None, None, None, ())


@pytest.mark.parametrize(
    ("sent", "phone", "marked"),
    [("4.93055501997E+11", "493055501997", False), ("4,93055E+11", None, True), ("+49 30 1E", "+49 30 1E", False)],
)
def test_a_phone_number_that_a_spreadsheet_took_for_a_sum(sent: str, phone: str | None, marked: bool) -> None:
    lead = read({"name": "Lee", "phone": sent})
    assert (lead.phone, bool(lead.marks)) == (phone, marked)


def test_what_is_too_long_is_cut_and_marked() -> None:
    lead = read({"name": "x" * 10_000, "company": "y" * 300, "message": "z" * 20_000, "touches": ["t" * 500] * 120})
    assert (len(lead.name), len(lead.company or ""), len(lead.asked or "")) == (200, 200, 12_000)
    assert len(lead.touches) == 100
    assert any("Name has 10,000 characters" in mark for mark in lead.marks)
    assert any("120 touches were sent" in mark for mark in lead.marks)


def test_touches_are_kept_in_their_order() -> None:
    """By their times, however they are sorted and written; without times as they were sent."""
    dated = [
        {"what": "demo page", "at": "2026-11-20T10:00:00Z"},
        {"name": "webinar", "timestamp": 1_700_000_000},
        {"event": "e-book", "occurred_at": "2025-01-01"},
    ]
    assert [touch.what for touch in read({"name": "Lee", "touches": dated}).touches] == [
        "webinar",
        "e-book",
        "demo page",
    ]
    plain = read({"name": "Lee", "touches": ["first", {"what": "second"}, None, 3, {}]})
    assert [touch.what for touch in plain.touches] == ["first", "second", "3"]
    assert [touch.what for touch in read({"name": "Lee", "touches": "webinar"}).touches] == ["webinar"]
    assert read({"name": "Lee", "touches": None}).touches == ()


def test_a_campaign_is_a_touch() -> None:
    lead = read({"name": "Lee", "utm_campaign": "spring", "utm_source": "news", "touches": ["e-book"]})
    assert [touch.what for touch in lead.touches] == ["e-book", "spring · news"]


@pytest.mark.parametrize(
    ("sent", "name"),
    [({"company": "Northwind"}, "Northwind"), ({"phone": "+49 30 1"}, "+49 30 1"), ({"email": "lee"}, "lee")],
)
def test_the_least_that_is_a_lead(sent: Any, name: str) -> None:
    assert read(sent).name == name


@pytest.mark.parametrize("sent", [{"score": 3}, {"touches": ["x"]}, {"name": " "}, {"data": {"plan": "Pro"}}])
def test_what_names_nobody_is_refused(sent: Any) -> None:
    with refused(FieldProblems, "something to know the person by"):
        read(sent)


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        ({"id": 7}, "7"),
        ({"lead_id": "7"}, "7"),
        ({"id": 1e5}, "100000"),
        ({"id": 1.5}, "1.5"),
        ({"id": {"$oid": "65a"}}, "65a"),
        ({"id": {"a": 1, "b": 2}}, '{"a": 1, "b": 2}'),
        ({"id": [1, 2]}, "[1, 2]"),
        ({"submission_id": 7}, "submission:7"),
        ({"event_id": 7, "id": " x "}, "x"),
        ({"id": True}, None),
        ({"id": None}, None),
        ({"id": ""}, None),
        ({"form_id": 7}, None),
    ],
)
def test_an_id_has_a_kind(sent: Any, key: str | None) -> None:
    assert read({"name": "Lee", **sent}).external_id == key


async def test_a_long_id_names_its_lead(door: Door) -> None:
    """By its hash: two that differ in their last character are two leads, and a resend is no second one."""
    long = "x" * 5_000
    first = await door.post({"name": "Lee", "id": long + "1"})
    again = await door.post({"name": "Lee", "id": long + "1"})
    other = await door.post({"name": "Kim", "id": long + "2"})
    assert again.json() == {"lead_id": first.json()["lead_id"], "status": "duplicate"}
    assert other.json()["status"] == "accepted"


async def test_a_detail_costs_no_lead_and_is_marked_and_kept(door: Door) -> None:
    secret = {"x-tandem-secret": HEADER_SECRET}
    body = {"name": "Lee", "email": "nobody", "score": "high", "google_key": "hush", "note_to": f"key {HEADER_SECRET}"}
    assert (await door.post(body, source="crm", headers=secret)).status_code == 202
    [lead], [wish] = door.leads(), door.wishes()
    assert lead.notes == [
        "E-mail “nobody” was not understood: kept as sent.",
        "Score “high” was not understood: kept as sent.",
    ]
    assert '"score": "high"' in str(wish.sent)
    assert "hush" not in str(wish.sent)
    assert HEADER_SECRET not in str(wish.sent)


def test_what_is_kept_of_a_huge_body_is_its_beginning() -> None:
    """In little time, whatever it holds: what is kept is made before the sender is answered."""
    huge: list[Any] = [list(range(150_000)), {str(n): {"a": [n]} for n in range(20_000)}, "x" * 900_000]
    deep: Any = "end"
    for _ in range(900):
        deep = [deep]
    for extra in (*huge, deep):
        sent = as_sent({"name": "Lee", "extra": extra}, "secret")
        assert sent is not None
        assert len(sent) <= 20_000
        assert sent.startswith('{\n "name": "Lee"')


async def test_a_test_of_metas_that_a_zap_passes_on_is_no_lead(door: Door) -> None:
    sent = {"full_name": "<test lead: dummy data for full_name>", "email": "test@fb.com"}
    answer = await door.http.post("/intake/crm", json=sent, headers={"X-Tandem-Secret": HEADER_SECRET})
    assert answer.json()["status"] == "ignored"
    assert door.leads() == []
