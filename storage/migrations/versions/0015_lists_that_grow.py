"""lists that grow: rungs and kinds of digests are declared in the program, and the database takes new ones"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

GROWING = (
    ("clocks", "rung_known", " CHECK (rung IS NULL OR rung IN ("),
    ("audiences", "kind_known", " CHECK (kind IN ("),
)


def upgrade() -> None:
    for table, check, begins in GROWING:
        if op.get_bind().dialect.name == "postgresql":
            op.drop_constraint(op.f(f"ck_{table}_{check}"), table)
        else:
            _take_out(table, f"CONSTRAINT ck_{table}_{check}{begins}")


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
    """Nothing: rows may hold what an older list does not."""
