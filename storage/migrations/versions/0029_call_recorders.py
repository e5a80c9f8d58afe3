"""items of call recorders: where items come from is declared in the program, and a source keeps a key to ask with"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

CHECK = "ck_voc_items_origin_known"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f(CHECK), "voc_items")
    else:
        _take_out("voc_items", f"CONSTRAINT {CHECK} CHECK (origin IN (")
    op.add_column("sources", sa.Column("sealed_key", sa.String(), nullable=True))


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
    """The check stays away: rows may hold an origin that an older list does not."""
    op.drop_column("sources", "sealed_key")
