"""A SQLite file is its owner's alone, and what is kept in a file that is gone is not called kept."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from storage.database import Database, trouble_of
from storage.file import MOVED


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tandem.db"


@pytest.fixture
def db(path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{path}")
    database.run_sync(lambda session: session.execute(text("CREATE TABLE notes (words TEXT)")))
    yield database
    database.close()


def write(session: Session) -> None:
    session.execute(text("INSERT INTO notes VALUES ('kept')"))


def modes(path: Path) -> dict[str, int]:
    return {one.name: one.stat().st_mode & 0o777 for one in path.parent.iterdir()}


def test_nobody_else_may_read_a_new_database(path: Path) -> None:
    before = os.umask(0o000)
    try:
        database = Database(f"sqlite:///{path}")
        database.run_sync(lambda session: session.execute(text("CREATE TABLE notes (words TEXT)")))
        assert modes(path) == {"tandem.db": 0o600, "tandem.db-wal": 0o600, "tandem.db-shm": 0o600}
        database.close()
    finally:
        os.umask(before)


def test_a_database_that_others_could_read_is_taken_from_their_eyes(path: Path, db: Database) -> None:
    for one in path.parent.iterdir():
        one.chmod(0o644)
    again = Database(f"sqlite:///{path}")
    again.run_sync(write)
    assert set(modes(path).values()) == {0o600}
    again.close()


def test_a_folder_that_was_named_by_mistake_stays_open_to_others(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    database = Database(f"sqlite:///{tmp_path}")
    with pytest.raises(OperationalError):
        database.run_sync(write)
    database.close()
    assert tmp_path.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("how", ["deleted", "replaced", "moved away"])
def test_what_a_file_that_is_gone_would_keep_is_refused(path: Path, db: Database, how: str) -> None:
    db.run_sync(write)
    if how == "replaced":
        shutil.copy(path, path.with_name("copy"))
        path.with_name("copy").replace(path)
    elif how == "deleted":
        path.unlink()
    else:
        path.rename(path.with_name("away"))
    with pytest.raises(OperationalError) as refused:
        db.run_sync(write)
    assert trouble_of(refused.value) == MOVED
    assert db.trouble is not None
    assert db.trouble[1] == MOVED
    if how == "moved away":
        path.with_name("away").rename(path)
        db.run_sync(write)


def test_a_link_to_the_file_is_the_file(path: Path, db: Database) -> None:
    link = path.with_name("link.db")
    link.symlink_to(path)
    linked = Database(f"sqlite:///{link}")
    linked.run_sync(write)
    assert db.run_sync(lambda session: session.scalar(text("SELECT count(*) FROM notes"))) == 1
    linked.close()
