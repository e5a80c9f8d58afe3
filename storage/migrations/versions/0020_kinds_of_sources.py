"""kinds of sources are declared in the program, and the database takes new ones"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

CHECK = "ck_sources_auth_known"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f(CHECK), "sources")
    else:
        _take_out("sources", f"CONSTRAINT {CHECK} CHECK (auth IN (")


def _take_out(table: str, begins: str) -> None:
    """SQLite cannot drop a check. Its manual allows to edit the table's text, since no stored row is touched."""
    database = op.get_bind()
    asked = "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?"
    sql: str = database.exec_driver_sql(asked, (table,)).scalar_one()
    start = sql.index(begins)
    end = sql.index(")", start + len(begins)) + 2
    comma = sql.index(",", end) + 1
    database.exec_driver_sql("PRAGMA writable_schema = ON")
    database.exec_driver_sql(
        "UPDATE sqlite_schema SET sql = ? WHERE type = 'table' AND name = ?",
        (sql[:start] + sql[comma:].lstrip(), table),
    )
    version = database.exec_driver_sql("PRAGMA schema_version").scalar_one()
    database.exec_driver_sql(f"PRAGMA schema_version = {int(version) + 1}")
    database.exec_driver_sql("PRAGMA writable_schema = OFF")


def downgrade() -> None:
    """Nothing: rows may hold a kind that an older list does not."""
