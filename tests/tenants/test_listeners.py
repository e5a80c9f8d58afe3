"""Every listener is asked with the ids and names of another workspace, and finds nothing of it.

The two workspaces are furnished, and looked around in, once on each engine: what is asked afterwards leaves no trace.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from handlers.catalog import all_listeners
from handlers.listeners import Kind
from storage.database import Database
from tests.conftest import fresh_database
from tests.tenants.asking import Came, Desk
from tests.tenants.conftest import AT, furnish_two
from tests.tenants.furniture import ROLES, Tenant
from tests.tenants.requests import Request, Requests, names_of, swapped
from tests.tenants.rows import strays
from tests.tenants.tour import leaks, look_around


@dataclass(frozen=True, slots=True)
class Toured:
    """Two workspaces in one database. `asked`: what was asked on the tour through ours; `requests` know what it saw."""

    db: Database
    us: Tenant
    them: Tenant
    requests: Requests
    asked: list[tuple[Request, Came]]

    def desk(self) -> Desk:
        return Desk(self.db, self.us, (self.them,), AT)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def toured(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Toured]:
    folder: Path = tmp_path_factory.mktemp("toured")
    with fresh_database(request.param, folder, request) as url:
        db = Database(url)
        us, them = furnish_two(db)
        requests = Requests(us, all_listeners())

        async def tour() -> list[tuple[Request, Came]]:
            return [each async for each in look_around(Desk(db, us, (them,), AT), requests)]

        yield Toured(db, us, them, requests, asyncio.run(tour()))
        db.close()


def test_what_people_ask_for_shows_nothing_of_another_workspace(toured: Toured) -> None:
    assert [one for request, came in toured.asked for one in leaks(request, came, toured.them.word)] == []
    assert {(one.listener.kind, one.listener.name) for one, _ in toured.asked} == {
        (one.kind, one.name) for one in all_listeners()
    }


def test_everything_is_asked_as_the_product_shows_it_and_works_with_one_s_own_ids(toured: Toured) -> None:
    """Else a request with another workspace's ids could be refused for what is wrong besides."""
    assert [one.name for one in all_listeners() if not toured.requests.is_shown(one)] == []
    works = {
        (one.listener.kind, one.listener.name, one.listener.word) for one, came in toured.asked if not came.refused
    }
    left = [one for one in all_listeners() if (one.kind, one.name, one.word) not in works]
    assert [(one.kind, one.name, one.word) for one in left] == []


@pytest.mark.parametrize("person", ["mia", "mona", "max", "ana"])
async def test_the_ids_of_another_workspace_name_nothing(toured: Toured, person: str) -> None:
    desk, us, them = toured.desk(), toured.us, toured.them
    ours, theirs = toured.db.read_sync(names_of, us), toured.db.read_sync(names_of, them)
    wrong: list[str] = []
    known: set[str] = set()
    for listener in all_listeners():
        if ROLES[person] not in listener.roles or listener.kind is Kind.COMMAND:
            continue
        for request in toured.requests.of(listener, person):
            for foreign in swapped(request, ours, theirs, us, them):
                if (name := repr(foreign)) in known:  # two buttons of ours become the same one of theirs
                    continue
                known.add(name)
                came = await desk.ask(listener, person, foreign.body, foreign.text)
                wrong += leaks(foreign, came, them.word)
    assert wrong == []


async def test_the_names_of_another_workspace_find_nothing(toured: Toured) -> None:
    desk, us, them = toured.desk(), toured.us, toured.them
    ours, theirs = toured.db.read_sync(names_of, us), toured.db.read_sync(names_of, them)
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
            make = toured.requests.bodies
            body = (
                make.command_body(listener.name, name, "mia")
                if listener.kind is Kind.COMMAND
                else make.other_body(listener.kind, listener.name, "mia", name)
            )
            came = await desk.ask(listener, "mia", body, name)
            wrong += leaks(Request(listener, body, name), came, them.secret)
    assert wrong == []


def test_no_row_refers_to_one_of_another_workspace(toured: Toured) -> None:
    for one in (toured.us, toured.them):
        assert toured.db.read_sync(strays, one.id) == []
