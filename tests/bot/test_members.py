"""The list of members: however long it is and whatever befalls its pages, everybody on it is known in the end."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from bot.loops import members
from bot.loops.members import PAGE, keep_members, sync_from_slack
from bot.program import Program
from domain.people import default_team
from handlers.catalog import all_listeners
from handlers.manifest import make_manifest
from playground import Fault, Playground
from storage.database import Database
from storage.models import Member, Workspace
from tests.bot.conftest import Post
from tests.running import settings_for

CROWD = 2_500


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "FIRST_PAUSE", 0.01)


@pytest.fixture
def held(db: Database) -> Iterator[Counter[Session]]:
    """How many members each transaction read or added."""
    counts: Counter[Session] = Counter()

    def note(session: Session, one: object) -> None:
        counts[session] += isinstance(one, Member)

    for name in ("loaded_as_persistent", "pending_to_persistent"):
        event.listen(Session, name, note)
    yield counts
    for name in ("loaded_as_persistent", "pending_to_persistent"):
        event.remove(Session, name, note)


async def sync(post: Post) -> int:
    return await sync_from_slack(post.courier.tandem, post.client, post.workspace_id)


async def known(db: Database) -> int:
    return await db.read(lambda session: session.scalar(select(func.count()).select_from(Member)) or 0)


async def manager(db: Database, workspace_id: int) -> str | None:
    """The name of who manages the default team."""

    def ask(session: Session) -> str | None:
        member_id = default_team(session, workspace_id).manager_id
        return session.get_one(Member, member_id).name if member_id else None

    return await db.read(ask)


def crowd(slack: Playground, size: int) -> None:
    for number in range(size):
        slack.add_member(f"person-{number}")


async def test_thousands_are_stored_a_page_at_a_time_whatever_befalls_pages_in_between(
    post: Post, held: Counter[Session]
) -> None:
    crowd(post.slack, CROWD)
    hiccups = (Fault.rate_limited(1), Fault.server_error(), Fault.lost_reply(), Fault.refuse("internal_error"))
    post.slack.faults.next("users.list", None, None, *hiccups, None, None, Fault.rate_limited(1))
    began = time.monotonic()
    assert await sync(post) > CROWD
    assert time.monotonic() - began >= 2  # as long as Slack said
    assert await known(post.db) == CROWD + 2
    assert held.total() >= CROWD + 2
    assert max(held.values()) <= PAGE + 1  # and the owner
    held.clear()
    await sync(post)  # all known by now
    assert await known(post.db) == CROWD + 2
    assert max(held.values()) <= PAGE + 1


async def test_what_was_read_before_the_list_broke_off_stays(post: Post) -> None:
    crowd(post.slack, 900)
    post.slack.faults.next("users.list", None, None, None, Fault.refuse("invalid_cursor"))
    with pytest.raises(Exception, match="invalid_cursor"):
        await sync(post)
    assert 3 * PAGE - 5 < await known(post.db) <= 3 * PAGE


async def test_a_page_that_hangs_is_asked_for_again(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "CALL_SECONDS", 0.2)
    post.slack.faults.next("users.list", Fault.hang(600))
    async with asyncio.timeout(60):
        await sync(post)


async def test_patience_with_a_page_ends_and_the_list_is_read_anew_soon(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "PAGE_PATIENCE", 0.5)
    monkeypatch.setattr(members, "SOON_SECONDS", 0.05)
    crowd(post.slack, 300)
    post.slack.faults.next("users.list", None, Fault.rate_limited(1))
    read = asyncio.Event()
    keeping = asyncio.create_task(keep_members(post.courier.tandem, post.client, post.workspace_id, read))
    async with asyncio.timeout(60):
        await read.wait()
        assert await known(post.db) < 300
        while await known(post.db) < 302:  # noqa: ASYNC110  # nothing tells when a page is stored
            await asyncio.sleep(0.02)
    keeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await keeping


@pytest.mark.parametrize("boss", ["the owner on the last page", "only an admin"])
async def test_the_owner_is_adopted_though_an_admin_stands_before_them(db: Database, boss: str, tmp_path: Path) -> None:
    async with Playground(make_manifest(all_listeners()), mode="http") as slack:
        slack.add_member("adam", real_name="Adam", is_admin=True)
        crowd(slack, 300)
        if boss != "only an admin":
            slack.add_member("olga", real_name="Olga", is_admin=True, is_primary_owner=True)
        slack.faults.next("users.list", None, Fault.rate_limited(1))
        program = Program(settings_for(slack, str(db.url.render_as_string(hide_password=False))), web=False)
        await program.start()
        assert program.workspace_id is not None
        assert await manager(db, program.workspace_id) == ("Adam" if boss == "only an admin" else "Olga")
        assert await program.problems() == {}
        await program.stop()


async def test_the_start_does_not_wait_for_all_and_the_stop_ends_the_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.loops.worker.FIRST_MEMBERS_SECONDS", 0.5)
    url = f"sqlite:///{tmp_path / 'tandem.db'}"
    async with Playground(make_manifest(all_listeners()), mode="http") as slack:
        slack.add_member("adam", is_admin=True)
        crowd(slack, 300)
        slack.faults.next("users.list", None, Fault.rate_limited(600))
        program = Program(settings_for(slack, url), web=False)
        async with asyncio.timeout(60):
            await program.start()
        assert program.workspace_id is not None
        admin = select(Member.name).where(Member.role == "admin")
        assert await program.db.read(lambda session: session.scalars(admin).all()) == ["Adam"]
        assert await program.problems() == {}
        async with asyncio.timeout(60):
            await program.stop()


async def test_a_refused_list_does_not_keep_the_program_from_starting(tmp_path: Path) -> None:
    async with Playground(make_manifest(all_listeners()), mode="http") as slack:
        slack.faults.next("users.list", Fault.refuse("missing_scope"))
        program = Program(settings_for(slack, f"sqlite:///{tmp_path / 'tandem.db'}"), web=False)
        async with asyncio.timeout(60):
            await program.start()
        assert await program.problems() == {}
        assert await program.db.read(lambda session: session.scalars(select(Workspace.state)).one()) == "active"
        await program.stop()
