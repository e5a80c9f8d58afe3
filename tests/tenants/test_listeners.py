"""Every listener is asked with the ids and names of another workspace, and finds nothing of it."""

from __future__ import annotations

import pytest

from handlers.catalog import all_listeners
from handlers.listeners import Kind
from storage.database import Database
from tests.tenants.asking import Desk
from tests.tenants.conftest import AT
from tests.tenants.furniture import ROLES, Tenant
from tests.tenants.requests import Request, Requests, names_of, swapped
from tests.tenants.rows import strays
from tests.tenants.tour import leaks, look_around


async def test_what_people_ask_for_shows_nothing_of_another_workspace(db: Database, two: tuple[Tenant, Tenant]) -> None:
    us, them = two
    asked = await look_around(Desk(db, us, (them,), AT), Requests(us, all_listeners()))
    assert [one for request, came in asked for one in leaks(request, came, them.word)] == []
    assert {(one.listener.kind, one.listener.name) for one, _ in asked} == {
        (one.kind, one.name) for one in all_listeners()
    }


async def test_everything_is_asked_as_the_product_shows_it_and_works_with_one_s_own_ids(
    db: Database, two: tuple[Tenant, Tenant]
) -> None:
    """Else a request with another workspace's ids could be refused for what is wrong besides."""
    us, _ = two
    requests = Requests(us, all_listeners())
    asked = await look_around(Desk(db, us, (), AT), requests)
    assert [one.name for one in all_listeners() if not requests.is_shown(one)] == []
    works = {(one.listener.kind, one.listener.name, one.listener.word) for one, came in asked if not came.refused}
    left = [one for one in all_listeners() if (one.kind, one.name, one.word) not in works]
    assert [(one.kind, one.name, one.word) for one in left] == []


@pytest.mark.parametrize("person", ["mia", "mona", "max", "ana"])
async def test_the_ids_of_another_workspace_name_nothing(db: Database, two: tuple[Tenant, Tenant], person: str) -> None:
    us, them = two
    desk, requests = Desk(db, us, (them,), AT), Requests(us, all_listeners())
    await look_around(desk, requests)
    ours, theirs = db.read_sync(names_of, us), db.read_sync(names_of, them)
    wrong: list[str] = []
    for listener in all_listeners():
        if ROLES[person] not in listener.roles or listener.kind is Kind.COMMAND:
            continue
        for request in requests.of(listener, person):
            for foreign in swapped(request, ours, theirs, us, them):
                came = await desk.ask(listener, person, foreign.body, foreign.text)
                wrong += leaks(foreign, came, them.word)
    assert wrong == []


async def test_the_names_of_another_workspace_find_nothing(db: Database, two: tuple[Tenant, Tenant]) -> None:
    us, them = two
    desk, requests = Desk(db, us, (them,), AT), Requests(us, all_listeners())
    ours, theirs = db.read_sync(names_of, us), db.read_sync(names_of, them)
    typed = [
        *(f"{them.word}{one}" for one in (" user", "-sso", "corp", "soft", " sales", "-two", "-forms")),
        *(f"#{them.word}-sso", f"@{them.word}corp", f"<@{them.users['ana']}>", f"<#{them.sales}>", them.team_id),
        *(name for marks in theirs.marks.values() for name in (marks[0], marks[0].partition("-")[0])),
    ]
    assert ours != theirs
    wrong: list[str] = []
    for listener in all_listeners():
        if listener.kind not in (Kind.COMMAND, Kind.OPTIONS):
            continue
        for name in typed:
            make = requests.bodies
            body = (
                make.command_body(listener.name, name, "mia")
                if listener.kind is Kind.COMMAND
                else make.other_body(listener.kind, listener.name, "mia", name)
            )
            came = await desk.ask(listener, "mia", body, name)
            wrong += leaks(Request(listener, body, name), came, them.secret)
    assert wrong == []


def test_no_row_refers_to_one_of_another_workspace(db: Database, two: tuple[Tenant, Tenant]) -> None:
    for one in two:
        assert list(db.read_sync(strays, one.id)) == []
