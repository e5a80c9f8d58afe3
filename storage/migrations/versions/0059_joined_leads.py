"""A lead may end as a part of another one of the same person."""

from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None

CHECK = "ck_leads_state_known"
BEFORE = (
    "state IN ('new', 'claimed', 'contacted', 'won', 'lost', 'nurture', 'declined', 'held', 'dropped', 'qualified')"
)
AFTER = f"{BEFORE[:-1]}, 'joined')"


def upgrade() -> None:
    """SQLite cannot change a check. Its manual allows to edit the table's text, since no stored row is touched."""
    database = op.get_bind()
    if database.dialect.name == "postgresql":
        op.drop_constraint(op.f(CHECK), "leads")
        op.create_check_constraint(op.f(CHECK), "leads", AFTER)
        return
    asked = "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = 'leads'"
    sql: str = database.exec_driver_sql(asked).scalar_one()
    assert sql.count(BEFORE) == 1
    database.exec_driver_sql("PRAGMA writable_schema = ON")
    database.exec_driver_sql(
        "UPDATE sqlite_schema SET sql = ? WHERE type = 'table' AND name = 'leads'", (sql.replace(BEFORE, AFTER),)
    )
    version = database.exec_driver_sql("PRAGMA schema_version").scalar_one()
    database.exec_driver_sql(f"PRAGMA schema_version = {int(version) + 1}")
    database.exec_driver_sql("PRAGMA writable_schema = OFF")


def downgrade() -> None:
    """The state stays allowed: leads may be in it."""
