"""Which of what a source sends is which field of a lead: what is picked holds, and never costs a lead."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select, update

from domain.errors import Changed, FieldProblems
from domain.leads.mapping import MappingWrong, SourceMapping, path_id, read_labels, write_mapping
from domain.source_fields import BY_ITSELF, SourceFields, load_fields, put_back, save_fields
from handlers.intake.decoding import decoded
from handlers.intake.flat import flat
from handlers.intake.sample import masked, sample_of
from handlers.setup.fields_views import field_options, fields_form
from storage.models import Lead, Source, SourceHealth
from tests.intake.door import HEADER_SECRET, Door

SECRET_HEADER = {"X-Tandem-Secret": HEADER_SECRET}
ODD = {
    "kontakt": {"w1": "Lee Wong", "w2": "lee@northwind.com", "w3": "+49 30 1234567"},
    "felder": [{"id": 7, "frage": "Was?", "value": "17"}, {"label": "Firma XY", "value": "Northwind"}],
    "stufe": 3,
    "token": "sealed-with-seven-seals",
}


async def put(door: Door, body: Any, **headers: str) -> Any:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = await door.http.post("/intake/crm", content=sent, headers={**SECRET_HEADER, **headers})
    await door.noted.flush()
    return answer


def fields(door: Door) -> SourceFields:
    return door.world.run(load_fields, "crm", by=door.world.member("mia"), at=door.world.now)


def pick(door: Door, labels: str = "", **picks: tuple[str, ...]) -> SourceFields:
    """Save what is picked: a path for each field; an empty one stands for “found by its name”."""
    now = fields(door)
    chosen = {name: path_id(path) if path else BY_ITSELF for name, path in picks.items()}
    return door.world.run(
        save_fields, "crm", chosen, labels, now.version, by=door.world.member("mia"), at=door.world.now
    )


def last(door: Door) -> Lead:
    return door.leads()[-1]


async def test_a_payload_that_says_nobody_s_name_is_seen_mapped_and_then_taken(door: Door) -> None:
    """The whole way: nothing is found, the admin sees the payload, picks, and what is sent again is a lead."""
    strange = {"a": {"x1": "Northwind", "x2": "3"}, "password": "hunter2hunter2"}
    assert (await put(door, strange)).status_code == 422
    sample = fields(door).sample
    assert sample is not None
    assert {one.path: one.shown for one in sample.fields} == {
        ("password",): "(hidden)",
        ("a", "x1"): "N…d",
        ("a", "x2"): "3",
    }
    pick(door, "Tier: 3 = hot", company=("a", "x1"), tier=("a", "x2"))
    assert (await put(door, strange)).status_code == 202
    assert (last(door).company, last(door).tier, last(door).notes) == ("Northwind", "hot", [])


async def test_what_is_picked_holds_and_the_rest_is_found_by_its_name(door: Door) -> None:
    await put(door, ODD)
    pick(
        door,
        "What they want: 17 = A demo\nTier: 3 = hot\ntier: 4 = cool",
        name=("kontakt", "w1"),
        email=("kontakt", "w2"),
        phone=("kontakt", "w3"),
        asked=("felder", "7"),
        company=("felder", "Firma XY"),
        tier=("stufe",),
    )
    await put(door, ODD)
    lead = last(door)
    assert (lead.name, lead.email, lead.phone) == ("Lee Wong", "lee@northwind.com", "+49 30 1234567")
    assert (lead.company, lead.asked, lead.tier) == ("Northwind", "A demo", "hot")
    assert lead.notes == []


@pytest.mark.parametrize(
    ("picks", "labels", "note", "kept"),
    [
        ({"email": ("job",)}, "", "E-mail is not what stands in “job”: read as usual.", ("email", "lee@northwind.com")),
        ({"score": ("job",)}, "", "Score is not what stands in “job”: read as usual.", ("score", 7)),
        ({"name": ("is_it",)}, "", "Name is not what stands in “is_it”: read as usual.", ("name", "Lee Wong")),
        (
            {"company": ("gone", "away")},
            "",
            "Nothing was sent where this source’s mapping looks",
            ("company", "Northwind"),
        ),
        ({}, "What they want: 8 = A call", "What they want “9” has no label in this source’s mapping", ("asked", "9")),
        ({"tier": ("job",)}, "", "Tier “baker” is unknown", ("tier", "warm")),
    ],
)
async def test_a_wrong_mapping_never_costs_a_lead(
    door: Door, picks: Any, labels: str, note: str, kept: tuple[str, Any]
) -> None:
    body = {"name": "Lee Wong", "email": "lee@northwind.com", "company": "Northwind", "asked": "9", "score": 7}
    body |= {"job": "baker", "is_it": True}
    door.world.run(
        lambda session: session.execute(
            update(Source)
            .where(Source.name == "crm")
            .values(mapping=write_mapping(SourceMapping(picks, read_labels(labels))), tier="warm")
        )
    )
    assert (await put(door, body)).status_code == 202
    assert any(note in one for one in last(door).notes), last(door).notes
    assert getattr(last(door), kept[0]) == kept[1]


async def test_a_first_name_that_is_picked_goes_before_a_name_that_is_found(door: Door) -> None:
    body = {"name": "Contact form", "v": "Lee", "n": "Wong", "email": "lee@northwind.com"}
    await put(door, body)
    pick(door, first_name=("v",), last_name=("n",))
    await put(door, body | {"email": "lee@globex.com"})
    assert last(door).name == "Lee Wong"


async def test_a_field_that_was_not_filled_in_is_no_fault_and_can_still_be_picked(door: Door) -> None:
    await put(door, ODD)
    await put(door, {"name": "Kim Oh", "email": "kim@globex.com"})
    assert ("kontakt", "w3") in fields(door).paths().values()
    pick(door, phone=("kontakt", "w3"), email=("email",))
    assert (await put(door, {"name": "Ida Berg", "email": "ida@acme.org"})).status_code == 202
    assert (last(door).name, last(door).phone, last(door).notes) == ("Ida Berg", None, [])


async def test_changes_are_told_and_can_be_put_back_and_whoever_saves_second_hears_of_it(door: Door) -> None:
    mia, at = door.world.member("mia"), door.world.now
    await put(door, ODD)
    opened = fields(door)
    saved = pick(door, "Tier: 3 = hot", email=("kontakt", "w2"))
    assert [(one.who, one.fields) for one in saved.changes] == [("mia", ("email", "tier"))]
    with pytest.raises(Changed):
        door.world.run(save_fields, "crm", {}, "", opened.version, by=mia, at=at)
    before = door.world.run(put_back, "crm", by=mia, at=at)
    assert not before.mapping
    assert len(before.changes) == 2
    again = door.world.run(put_back, "crm", by=mia, at=at)
    assert again.mapping == saved.mapping
    with pytest.raises(FieldProblems) as wrong:
        door.world.run(save_fields, "crm", {"name": "no-such-path"}, "Tier 3", again.version, by=mia, at=at)
    assert sorted(wrong.value.problems) == ["field.name", "labels"]


async def test_what_is_kept_of_a_payload_leads_back_to_nobody(door: Door) -> None:
    ours = HEADER_SECRET
    await put(door, {**ODD, "note": f"call Lee Wong on 0301234567, key {ours}", "lee@northwind.com": "Lee", "x": ours})
    kept = door.world.run(lambda session: json.dumps(session.scalars(select(SourceHealth.sample)).one()))
    for said in ("Wong", "Lee", "northwind", "123456", "seven-seals", ours[:12]):
        assert said not in kept, said


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("anna@example.com", "a…@e…e.com"),
        ("Lee Wong", "L…e W…g"),
        ("+49 30 1234567", "+… … …67"),
        ("17", "17"),
        ("17;4", "…;…"),
        ("DE", "DE"),
        ("Lee", "L…e"),
        ("Jo", "J…"),
        ("true", "true"),
        ("12345", "…45"),
        ("山田太郎", "山…郎"),
        ("call me: a@b.c or x", "c…l m…: a…@b…b.c o… x…"),
        ("", ""),
    ],
)
def test_values_are_masked(text: str, shown: str) -> None:
    assert masked(text) == shown


@pytest.mark.parametrize(
    ("body", "kind", "path", "value"),
    [
        (
            b"fields[3]=lee%40x.com&fields[4][]=a&fields[4][]=b",
            "application/x-www-form-urlencoded",
            ("fields", "3"),
            "lee@x.com",
        ),
        (b"fields[3]=1&fields[4][]=a&fields[4][]=b", "application/x-www-form-urlencoded", ("fields", "4"), ["a", "b"]),
        (b"input_1.3=Lee&input_1.6=Wong", "application/x-www-form-urlencoded", ("input_1.3",), "Lee"),
        (b'{"a":[{"b":[{"c":1}]},{"b":2}]}', "application/json", ("a", "1", "b", "1", "c"), 1),
        (b'[{"email":"a@b.c"}]', "application/json", ("email",), "a@b.c"),
        (b'{"x":{"value":"v","label":"Your mail"}}', "application/json", ("x",), "v"),
        (
            b'{"q":[{"label":"Mail","value":"1"},{"label":"Mail","value":"2"}]}',
            "application/json",
            ("q", "Mail (2)"),
            "2",
        ),
        (b'{"rawRequest":"{\\"q3_mail\\":\\"a@b.c\\"}"}', "application/json", ("rawRequest", "q3_mail"), "a@b.c"),
        (b'{"a":null,"b":[],"c":{}}', "application/json", ("b",), []),
        (b'{"tags":["a",1,true]}', "application/json", ("tags",), ["a", 1, True]),
        (b'\xef\xbb\xbf{"mail":"a@b.c","mail":"d@e.f"}', "application/json", ("mail",), ["a@b.c", "d@e.f"]),
    ],
)
def test_odd_bodies_are_laid_flat(body: bytes, kind: str, path: tuple[str, ...], value: Any) -> None:
    assert flat(decoded(body, kind))[path] == value


def test_a_deep_or_endless_document_is_cut() -> None:
    deep: Any = "x"
    for _ in range(200):
        deep = {"a": deep}
    assert flat(deep) == {}
    assert len(flat({str(number): number for number in range(5_000)})) == 1_000


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Tier 3 = hot", "no_line"),
        ("Tier: 3", "no_line"),
        ("Shoe size: 3 = big", "no_field"),
        ("tier:3=a\nTIER: 3=b", "twice"),
    ],
)
def test_a_label_s_line_that_cannot_be_read_is_refused(text: str, why: str) -> None:
    with pytest.raises(MappingWrong) as wrong:
        read_labels(text)
    assert wrong.value.why == why


async def test_choices_of_one_field_each_get_their_label(door: Door) -> None:
    """HubSpot writes several choices with semicolons, forms send a list."""
    mapping = SourceMapping({"asked": ("w",)}, {"asked": {"1": "A demo", "2": "Prices"}})
    door.world.run(lambda session: session.execute(update(Source).values(mapping=write_mapping(mapping))))
    for number, (sent, read) in enumerate(
        [("1;2", "A demo, Prices"), (["2", "1"], "Prices, A demo"), ("1; other", "A demo, other"), (2, "Prices")]
    ):
        await put(door, {"email": f"lee{number}@northwind.com", "w": sent})
        assert last(door).asked == read


async def test_a_mapping_of_a_newer_release_costs_no_lead(door: Door) -> None:
    door.world.run(lambda session: session.execute(update(Source).values(mapping={"fields": "otherwise"})))
    assert (await put(door, {"email": "lee@northwind.com"})).status_code == 202


def test_a_form_of_a_thousand_fields_opens_and_any_of_them_is_found(door: Door) -> None:
    document = {f"field_{number}": f"value {number}" for number in range(1_000)}
    sample = sample_of(document, (), door.world.now)
    shown = SourceFields("crm", SourceMapping({}, {"tier": {str(n): "hot" for n in range(400)}}), sample, ())
    assert len(fields_form(shown, {})["blocks"]) <= 100
    assert len(field_options(shown, "")) == 100
    assert [label for label, _ in field_options(shown, "field_299")] == ["field_299 · v…e …99"]
