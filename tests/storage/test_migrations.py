"""The migrations build exactly the tables that the models describe, on both engines."""

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

import storage.models  # noqa: F401  # fills the metadata
from storage.base import Base
from storage.database import Database
from storage.migrate import MIGRATIONS, _config, head_revision, is_current, migrate
from storage.models.words import WORDS_INDEX


def is_described(name: str | None, _kind: str, _parents: object) -> bool:
    """The full-text index is each engine's own: on SQLite a virtual table with tables of its own."""
    return not (name or "").startswith(WORDS_INDEX)


def test_migrations_and_models_agree(db: Database) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_described})
        assert compare_metadata(context, Base.metadata) == []


def test_check_constraints_are_those_of_the_models(db: Database) -> None:
    inspector = inspect(db.engine)
    for table in Base.metadata.sorted_tables:
        wanted = {str(one.name) for one in table.constraints if type(one).__name__ == "CheckConstraint"}
        there = {str(one["name"]) for one in inspector.get_check_constraints(table.name)}
        assert wanted <= there, table.name


def test_migrating_twice_changes_nothing(db: Database) -> None:
    migrate(db.engine)
    assert is_current(db.engine)


def test_an_empty_database_is_not_current(database_url: str) -> None:
    database = Database(database_url)
    assert not is_current(database.engine)
    migrate(database.engine)
    assert is_current(database.engine)
    database.close()


def test_each_migration_follows_the_one_before() -> None:
    """The newest is found by its name, so numbers have no gaps, no doubles, and name the order of the chain."""
    names = sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
    assert names == [f"{number:04}" for number in range(1, len(names) + 1)]
    chain = list(reversed([one.revision for one in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]))
    assert chain == names
    assert head_revision() == names[-1]


@pytest.mark.parametrize(("made", "before"), [("0024", "0023"), ("0033", "0032"), ("0034", "0033"), ("0035", "0034")])
def test_what_marketing_works_with_can_be_taken_back_and_made_again(database_url: str, made: str, before: str) -> None:
    database = Database(database_url)
    with database.engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, made)
        command.downgrade(config, before)
    assert not is_current(database.engine)
    migrate(database.engine)
    assert is_current(database.engine)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_described})
        assert compare_metadata(context, Base.metadata) == []
    database.close()
