"""Persons who were erased: when, and leads that ended since their person, or the system they came from, withdrew."""

import sqlalchemy as sa
from alembic import op

from storage.base import UTCDateTime

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None

CHECK = "ck_leads_state_known"
BEFORE = (
    "state IN ('new', 'claimed', 'contacted', 'won', 'lost', 'nurture', 'declined', 'held', 'dropped', 'qualified', "
    "'joined')"
)
AFTER = f"{BEFORE[:-1]}, 'withdrawn')"


def upgrade() -> None:
    _state_check(BEFORE, AFTER)
    op.add_column("leads", sa.Column("erased_at", UTCDateTime(), nullable=True))


def _state_check(before: str, after: str) -> None:
    """SQLite cannot change a check. Its manual allows to edit the table's text, since no stored row is touched."""
    database = op.get_bind()
    if database.dialect.name == "postgresql":
        op.drop_constraint(op.f(CHECK), "leads")
        op.create_check_constraint(op.f(CHECK), "leads", after)
        return
    asked = "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = 'leads'"
    sql: str = database.exec_driver_sql(asked).scalar_one()
    assert sql.count(before) == 1
    database.exec_driver_sql("PRAGMA writable_schema = ON")
    database.exec_driver_sql(
        "UPDATE sqlite_schema SET sql = ? WHERE type = 'table' AND name = 'leads'", (sql.replace(before, after),)
    )
    version = database.exec_driver_sql("PRAGMA schema_version").scalar_one()
    database.exec_driver_sql(f"PRAGMA schema_version = {int(version) + 1}")
    database.exec_driver_sql("PRAGMA writable_schema = OFF")


def downgrade() -> None:
    """The state stays allowed: leads may be in it."""
    op.drop_column("leads", "erased_at")
