"""The migrations build exactly the tables that the models describe, on both engines."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

import storage.models  # noqa: F401  # fills the metadata
from storage.base import Base
from storage.database import Database
from storage.migrate import MIGRATIONS, head_revision, is_current, migrate


def test_migrations_and_models_agree(db: Database) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
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
