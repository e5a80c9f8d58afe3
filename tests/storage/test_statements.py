"""Hot statements do what SQLAlchemy's own way does: types, defaults, lists, errors, on both engines."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Text, bindparam, delete, event, func, insert, or_, select, text, tuple_, update
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from storage.database import Database
from storage.models import InboxKey, Member, Workspace
from storage.statements import Statement
from tests.world import World

NEW_WORKSPACE = Statement(insert(Workspace))
NEW_MEMBER = Statement(insert(Member))
REMEMBER = Statement(insert(InboxKey))
NAMED = Statement(
    select(Member.id, Member.name, Member.active, Member.created_at, Workspace.competitors)
    .join(Workspace, Workspace.id == Member.workspace_id)
    .where(Member.slack_user_id.in_(bindparam("users", expanding=True)), Member.workspace_id == bindparam("workspace"))
    .order_by(Member.slack_user_id)
)


def people(session: Session, names: list[str], at: datetime) -> int:
    """A workspace with those people; its id."""
    values = {
        "slack_team_id": "T9",
        "name": "100 % ours",
        "competitors": ["Rivalsoft", "Größer & Co"],
        "created_at": at,
    }
    workspace = NEW_WORKSPACE.insert(session, values)
    for name in names:
        NEW_MEMBER.insert(
            session, {"workspace_id": workspace, "slack_user_id": f"U{name}", "name": name, "created_at": at}
        )
    return workspace


def test_what_was_stored_is_read_back_with_its_types_and_defaults(world: World) -> None:
    at = world.now + timedelta(microseconds=7)
    workspace = world.run(people, ["ana"], at)
    (row,) = world.run(NAMED.all, {"users": ["Uana"], "workspace": workspace})
    assert (row.name, row.active, row.created_at) == ("ana", True, at)
    assert row.created_at.tzinfo is not None
    assert row.competitors == ["Rivalsoft", "Größer & Co"]
    stored = world.run(Session.get_one, Member, row.id)
    assert (stored.role, stored.tz, stored.is_owner, stored.email) == ("rep", "UTC", False, None)


def test_several_are_stored_at_once_and_their_ids_come_in_the_same_order(world: World) -> None:
    names = [f"rep{number:02}" for number in range(23, 0, -1)]

    def store(session: Session) -> tuple[list[int], list[int]]:
        workspace = people(session, [], world.now)
        rows = [
            {"workspace_id": workspace, "slack_user_id": f"U{one}", "name": one, "created_at": world.now}
            for one in names
        ]
        ids = NEW_MEMBER.insert_many(session, rows)
        stored = {row.name: row.id for row in session.scalars(select(Member).where(Member.id.in_(ids)))}
        return ids, [stored[one] for one in names]

    given, stored = world.run(store)
    assert given == stored
    assert world.run(NEW_MEMBER.insert_many, []) == []


def test_of_several_the_one_that_cannot_be_stored_fails_them_all(world: World) -> None:
    def store(session: Session) -> None:
        workspace = people(session, [], world.now)
        rows = [
            {"workspace_id": workspace, "slack_user_id": one, "name": one, "created_at": world.now}
            for one in ("Uana", "Ubob", "Uana")
        ]
        NEW_MEMBER.insert_many(session, rows)

    with pytest.raises(IntegrityError):
        world.run(store)
    assert world.run(lambda session: session.scalar(select(func.count()).where(Member.slack_user_id == "Ubob"))) == 0


@pytest.mark.parametrize("users", [["Uana"], ["Uana", "Ubob"], [], ["Uana", "Ubob", "Ucy"], ["Ubob", "Unobody"]])
def test_a_list_may_have_any_length(world: World, users: list[str]) -> None:
    def both(session: Session) -> tuple[list[Any], list[Any]]:
        asked = {"users": users, "workspace": people(session, ["ana", "bob", "cy"], world.now)}
        slow = [tuple(row) for row in session.execute(NAMED.statement, asked)]
        return [tuple(row) for row in NAMED.all(session, asked)], slow

    fast, slow = world.run(both)
    assert fast == slow


def test_one_value_one_row_and_none_at_all(world: World) -> None:
    count = Statement(select(func.count()).select_from(Member).where(Member.workspace_id == bindparam("workspace")))
    first = Statement(select(Member.name).where(Member.workspace_id == bindparam("workspace")).order_by(Member.id))

    def ask(session: Session) -> None:
        workspace = people(session, ["ana", "bob"], world.now)
        assert count.scalar(session, {"workspace": workspace}) == 2
        assert first.first(session, {"workspace": workspace}).name == "ana"
        assert first.scalars(session, {"workspace": workspace}) == ["ana", "bob"]
        assert first.first(session, {"workspace": 0}) is None
        assert first.scalar(session, {"workspace": 0}) is None
        assert first.all(session, {"workspace": 0}) == []

    world.run(ask)


def test_an_update_sets_what_is_handed_over_and_says_how_many_rows_it_met(world: World) -> None:
    change = Statement(update(Member).where(Member.workspace_id == bindparam("which")))
    remove = Statement(delete(Member).where(Member.slack_user_id == bindparam("user")))

    def work(session: Session) -> list[tuple[str, str]]:
        workspace = people(session, ["ana", "bob", "cy"], world.now)
        assert change.run(session, {"which": workspace, "name": "50 %"}) == 3
        assert change.run(session, {"which": workspace, "tz": "Europe/Berlin"}) == 3
        assert remove.run(session, {"user": "Ucy"}) == 1
        rows = session.execute(select(Member.name, Member.tz).where(Member.workspace_id == workspace))
        return [(name, tz) for name, tz in rows]

    assert world.run(work) == [("50 %", "Europe/Berlin")] * 2


def test_several_rows_go_at_once_and_json_comes_back_as_it_was(world: World) -> None:
    answers: list[Any] = [None, {"text": "50 % of “it”"}, [1, 2.5, None], "words"]

    def work(session: Session) -> list[Any]:
        REMEMBER.run_many(session, [])
        REMEMBER.run_many(
            session,
            [
                {"origin": "t", "key": f"k{number}", "answer": answer, "at": world.now}
                for number, answer in enumerate(answers)
            ],
        )
        return list(session.scalars(select(InboxKey.answer).where(InboxKey.origin == "t").order_by(InboxKey.key)))

    assert world.run(work) == answers


def test_a_taken_name_is_an_integrity_error_and_nothing_of_it_stays(world: World) -> None:
    world.run(people, [], world.now)
    with pytest.raises(IntegrityError) as caught:
        world.run(people, ["zoe"], world.now)
    assert "zoe" not in str(caught.value)
    assert world.run(lambda session: session.scalar(select(Member.id).where(Member.name == "zoe"))) is None


def test_a_value_that_is_missing_is_an_error_and_not_a_null(world: World) -> None:
    with pytest.raises((KeyError, ProgrammingError)):
        world.run(NAMED.all, {"users": ["Uana"]})


def test_it_sees_what_ran_before_in_the_same_transaction(world: World) -> None:
    def work(session: Session) -> str:
        workspace = people(session, ["ana"], world.now)
        session.execute(text("UPDATE members SET name = 'later' WHERE workspace_id = :w"), {"w": workspace})
        found: str = NAMED.first(session, {"users": ["Uana"], "workspace": workspace}).name
        return found

    assert world.run(work) == "later"


def test_who_listens_to_the_engine_hears_of_it(world: World) -> None:
    heard: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        heard.append(statement)

    event.listen(world.db.engine, "before_cursor_execute", listen)
    world.run(NAMED.all, {"users": ["Uana"], "workspace": 1})
    event.remove(world.db.engine, "before_cursor_execute", listen)
    assert any("members.slack_user_id IN" in statement for statement in heard)


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_connection_that_is_lost_is_not_used_again(world: World) -> None:
    """The unit of work knows the error by its name, and tries once more on another connection."""
    ended: list[int] = []

    def work(session: Session) -> int:
        if not ended:
            ended.append(session.scalars(text("SELECT pg_backend_pid()")).one())
            world.db.read_sync(
                lambda other: other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": ended[0]}).all()
            )
        return len(NAMED.all(session, {"users": ["Uana"], "workspace": 1}))

    assert world.run(work) == 0
    assert ended


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_file_that_somebody_else_writes_to_is_an_operational_error(migrated_url: str) -> None:
    first, second = Database(migrated_url), Database(migrated_url, patience=0.01)
    taken, done = threading.Event(), threading.Event()

    def hold(session: Session) -> None:
        session.connection()
        taken.set()
        done.wait(10)

    holder = threading.Thread(target=lambda: first.run_sync(hold))
    holder.start()
    try:
        taken.wait(10)
        with pytest.raises(OperationalError):
            second.run_sync(NAMED.all, {"users": [], "workspace": 1})
    finally:
        done.set()
        holder.join()
        first.close()
        second.close()


def test_a_list_may_stand_in_a_statement_twice(world: World) -> None:
    names: Any = bindparam("names", type_=Text, expanding=True)
    either = Statement(
        select(Member.name).where(or_(Member.name.in_(names), Member.first_name_key.in_(names))).order_by(Member.name)
    )
    assert world.run(either.scalars, {"names": ["ana", "nobody", "max"]}) == ["ana", "max"]


def test_a_list_may_hold_pairs(world: World) -> None:
    pairs = Statement(
        select(Member.name)
        .where(tuple_(Member.name, Member.role).in_(bindparam("pairs", expanding=True)))
        .order_by(Member.name)
    )
    assert world.run(pairs.scalars, {"pairs": [("ana", "rep"), ("bo", "admin")]}) == ["ana"]
    assert world.run(pairs.scalars, {"pairs": []}) == []


def test_a_parameter_that_is_called_like_a_value_of_a_list_is_refused(world: World) -> None:
    """SQLAlchemy hands the second id's value to the other parameter, or the other's to the second id."""
    clash = Statement(
        select(Member.id).where(
            Member.id.in_(bindparam("ids", expanding=True)), Member.workspace_id == bindparam("ids_1")
        )
    )
    with pytest.raises(ValueError, match=r"^ids_1 is a value of the list ids"):
        world.run(clash.all, {"ids": [1, 2], "ids_1": 3})
    other = Statement(
        select(Member.id).where(
            Member.id.in_(bindparam("ids", expanding=True)), Member.workspace_id == bindparam("ids_of")
        )
    )
    assert world.run(other.all, {"ids": [], "ids_of": 3}) == []


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_more_values_than_postgresql_can_number_are_refused_before_it_is_asked(world: World) -> None:
    """The driver's own error has no state, as if the database were away: everybody would be told so."""
    some = Statement(select(Member.id).where(Member.id.in_(bindparam("ids", expanding=True))))
    assert world.run(some.all, {"ids": list(range(-65_535, 0))}) == []
    with pytest.raises(ValueError, match=r"65,536 values in one statement; 65,535 is the most"):
        world.run(some.all, {"ids": list(range(-65_536, 0))})
    assert world.db.trouble is None


@pytest.mark.parametrize("way", [NEW_MEMBER.run_many, NEW_MEMBER.insert_many])
def test_several_rows_of_unlike_names_are_refused_and_none_is_stored(world: World, way: Callable[..., Any]) -> None:
    def store(session: Session) -> None:
        workspace = people(session, [], world.now)
        row = {"workspace_id": workspace, "slack_user_id": "Uana", "name": "ana", "created_at": world.now}
        way(session, [row, {**row, "slack_user_id": "Ubob", "tz": "Europe/Berlin"}])

    with pytest.raises(ValueError, match=r"^row 2 does not have the names of the first row: tz$"):
        world.run(store)
    assert world.run(lambda session: session.scalar(select(func.count()).where(Member.slack_user_id == "Uana"))) == 0


def test_several_runs_with_lists_of_unlike_length_are_refused(world: World) -> None:
    remove = Statement(delete(Member).where(Member.id.in_(bindparam("ids", expanding=True))))
    world.run(remove.run_many, [{"ids": [-1, -2]}, {"ids": [-3, -4]}])
    with pytest.raises(ValueError, match="not of one length"):
        world.run(remove.run_many, [{"ids": [-1, -2]}, {"ids": [-3]}])


def test_what_a_statement_has_by_itself_is_no_parameter_on_postgresql(world: World, engine_name: str) -> None:
    """Of a LIMIT that is a parameter it keeps no plan."""
    odd = "it's 100 % %(most)s \\"
    some = Statement(select(InboxKey.key).where(InboxKey.origin == odd).order_by(InboxKey.key).offset(1).limit(2))
    named = Statement(
        select(InboxKey.key)
        .where(
            InboxKey.key.in_(bindparam("keys", expanding=True)),
            InboxKey.origin == odd,
            InboxKey.key != "100 %(param_1)s",
        )
        .order_by(InboxKey.key)
        .limit(bindparam("most"))
    )
    heard: list[str] = []

    def work(session: Session) -> tuple[list[str], list[str]]:
        REMEMBER.run_many(session, [{"origin": odd, "key": key, "at": world.now} for key in "abcd"])
        found = named.scalars(session, {"keys": ["a", "b", "c"], "most": 2})
        return some.scalars(session), found

    def listen(_connection: Any, _cursor: Any, sql: str, *_more: Any) -> None:
        heard.append(sql)

    event.listen(world.db.engine, "before_cursor_execute", listen)
    assert world.run(work) == (["b", "c"], ["a", "b"])
    event.remove(world.db.engine, "before_cursor_execute", listen)
    asked = [sql for sql in heard if sql.startswith("SELECT inbox_keys")]
    assert len(asked) == 2
    assert "most" in asked[0] or engine_name == "sqlite"
    assert ("LIMIT 2" in asked[1] and "it''s 100 %%" in asked[1]) == (engine_name == "postgresql")
