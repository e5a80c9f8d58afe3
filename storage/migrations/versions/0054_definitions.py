"""The definition of a lead that sales gets, by versions, and the leads that are held since they fail it."""

import sqlalchemy as sa
from alembic import op

from storage.base import BigInt, Json, UTCDateTime

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

CHECK = "ck_leads_state_known"
BEFORE = "state IN ('new', 'claimed', 'contacted', 'won', 'lost', 'nurture', 'declined')"
AFTER = "state IN ('new', 'claimed', 'contacted', 'won', 'lost', 'nurture', 'declined', 'held', 'dropped', 'qualified')"
HELD = sa.text("state = 'held'")
DUE = sa.text("late_from IS NOT NULL")


def upgrade() -> None:
    _state_check(BEFORE, AFTER)
    op.add_column("workspaces", sa.Column("definition_id", BigInt, nullable=True))
    op.add_column("workspaces", sa.Column("sql_means", sa.String(), nullable=True))
    op.create_table(
        "definitions",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("version", BigInt, nullable=False),
        sa.Column("criteria", Json, nullable=False),
        sa.Column("triage_seconds", BigInt, nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("by_id", BigInt, nullable=True),
        sa.Column("marketing_by_id", BigInt, nullable=True),
        sa.Column("marketing_at", UTCDateTime(), nullable=True),
        sa.Column("sales_by_id", BigInt, nullable=True),
        sa.Column("sales_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_definitions_workspace_id_workspaces")
        ),
        *(
            sa.ForeignKeyConstraint([column], ["members.id"], name=op.f(f"fk_definitions_{column}_members"))
            for column in ("by_id", "marketing_by_id", "sales_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_definitions")),
        sa.UniqueConstraint("workspace_id", "version", name=op.f("uq_definitions_workspace_id_version")),
    )
    op.create_table(
        "holds",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("lead_id", BigInt, nullable=False),
        sa.Column("definition_id", BigInt, nullable=False),
        sa.Column("failed", Json, nullable=False),
        sa.Column("met", Json, nullable=False),
        sa.Column("fields", Json, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=True),
        sa.Column("late_from", UTCDateTime(), nullable=True),
        sa.Column("decided_by_id", BigInt, nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint("state IN ('held', 'fixed', 'passed', 'dropped')", name=op.f("ck_holds_state_known")),
        sa.CheckConstraint("(state = 'held') = (decided_at IS NULL)", name=op.f("ck_holds_decided_when")),
        sa.CheckConstraint("state = 'held' OR late_from IS NULL", name=op.f("ck_holds_only_held_is_due")),
        sa.CheckConstraint(
            "state NOT IN ('passed', 'dropped') OR reason IS NOT NULL", name=op.f("ck_holds_decided_why")
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_holds_workspace_id_workspaces")),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_holds_lead_id_leads")),
        sa.ForeignKeyConstraint(["definition_id"], ["definitions.id"], name=op.f("fk_holds_definition_id_definitions")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["members.id"], name=op.f("fk_holds_decided_by_id_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )
    op.create_index("uq_holds_held", "holds", ["lead_id"], unique=True, sqlite_where=HELD, postgresql_where=HELD)
    op.create_index("ix_holds_waiting", "holds", ["workspace_id", "id"], sqlite_where=HELD, postgresql_where=HELD)
    op.create_index("ix_holds_due", "holds", ["late_from"], sqlite_where=DUE, postgresql_where=DUE)
    op.create_index("ix_holds_lead", "holds", ["lead_id", "id"])
    op.create_index("ix_holds_at", "holds", ["workspace_id", "at"])


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
    """The states stay allowed: leads may be in them."""
    op.drop_table("holds")
    op.drop_table("definitions")
    op.drop_column("workspaces", "sql_means")
    op.drop_column("workspaces", "definition_id")
