"""The look for an erased person in texts: neither database misses what Python would take out, in whatever case."""

from __future__ import annotations

import pytest

from domain.persons.finding import leads_of_person
from domain.persons.sweeping import find_traces
from domain.persons.traces import TAKEN_OUT, Traces
from domain.voc.items import log_line
from storage.base import Base
from tests.world import World

ITEMS = Base.metadata.tables["voc_items"]
PERSON = Traces.of(["zoé.o'neil+x@globex-tests.example"], ["+49 170 555 66 77"], ["Zoé  O'Neil-Núñez"])


@pytest.mark.parametrize(
    "text",
    [
        "zoé.o'neil+x@globex-tests.example wrote",
        "mail ZOÉ.O'NEIL+X@Globex-Tests.EXAMPLE please",
        "zoé o'neil-núñez said so",
        "ZOÉ   O'NEIL-NÚÑEZ said so",
        "O'Neil-Núñez, Zoé said so",
        "call 0170 and then +49 (170) 555-6677 today",
        "call 0170 5556677 today",
        "call 0049 (0)170/555 66 77 today",
        "call 170-555-66-77 today",
    ],
)
def test_what_would_be_taken_out_is_found(world: World, text: str) -> None:
    assert TAKEN_OUT in PERSON.without(text)
    world.run(log_line, "nothing of that #pricing", by=world.member("ana"), at=world.now)
    item = world.run(log_line, text, by=world.member("ana"), at=world.now).item.id
    found = world.db.read_sync(find_traces, world.workspace_id, ITEMS, PERSON)
    assert found == [(item,)]


@pytest.mark.parametrize(
    "text",
    [
        "zoe writes",
        "azoé.o'neil+x@globex-tests.example.org",
        "Zoé Núñez",
        "+49 170 555 66 78",
        "5556677",
        "9170 555 66 77",
    ],
)
def test_what_is_somebody_else_s_stays(world: World, text: str) -> None:
    world.run(log_line, f"{text} said it is dear", by=world.member("ana"), at=world.now)
    assert world.db.read_sync(find_traces, world.workspace_id, ITEMS, PERSON) == []


def test_a_lead_is_found_by_an_address_in_any_case(world: World) -> None:
    theirs = world.lead("Zoé", email="Zoe.Neil@Globex.example")
    world.lead("Zed", email="zed.neil@globex.example")
    assert world.run(leads_of_person, world.workspace_id, set(), "ZOE.NEIL@globex.EXAMPLE.") == [theirs]


@pytest.mark.parametrize(
    ("sent", "written"),
    [
        ("0170 7654321", "+49 (0)170 765 43 21"),
        ("(408) 555-0100", "+1 408 555 0100"),
        ("+1 408 555 0100", "408-555-0100"),
        ("+47 12 34 56 78", "12 34 56 78"),
        ("555-0100", "555 0100"),
    ],
)
def test_a_number_is_found_however_it_is_dialled(sent: str, written: str) -> None:
    assert Traces.of([], [sent], []).without(f"call {written} today") == f"call {TAKEN_OUT} today"
