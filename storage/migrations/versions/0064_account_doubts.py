"""Pairs of accounts of which marketing is asked whether they are one company."""

import sqlalchemy as sa
from alembic import op

from storage.base import BigInt, UTCDateTime

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None

TABLE = "account_doubts"
ASKED = sa.text("state = 'asked'")
DUE = sa.text("late_from IS NOT NULL")


def _leads_to(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_{TABLE}_{column}_{table}"))


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", BigInt, nullable=False),
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("account_id", BigInt, nullable=False),
        sa.Column("other_id", BigInt, nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("batch_id", BigInt, nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("late_from", UTCDateTime(), nullable=True),
        sa.Column("decided_by_id", BigInt, nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("state IN ('asked', 'one', 'two')", name=op.f("ck_account_doubts_state_known")),
        sa.CheckConstraint("why IN ('name', 'domain')", name=op.f("ck_account_doubts_why_known")),
        sa.CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name=op.f("ck_account_doubts_decided_when")),
        sa.CheckConstraint("state = 'asked' OR late_from IS NULL", name=op.f("ck_account_doubts_only_asked_is_due")),
        _leads_to("workspace_id", "workspaces"),
        _leads_to("account_id", "accounts"),
        _leads_to("other_id", "accounts"),
        _leads_to("decided_by_id", "members"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_doubts")),
        sa.UniqueConstraint(
            "workspace_id", "account_id", "other_id", name=op.f("uq_account_doubts_workspace_id_account_id_other_id")
        ),
    )
    op.create_index(
        "ix_account_doubts_asked", TABLE, ["workspace_id", "id"], sqlite_where=ASKED, postgresql_where=ASKED
    )
    op.create_index("ix_account_doubts_due", TABLE, ["late_from"], sqlite_where=DUE, postgresql_where=DUE)
    op.create_index("ix_account_doubts_batch", TABLE, ["batch_id"])
    op.create_index("ix_account_doubts_at", TABLE, ["workspace_id", "at"])


def downgrade() -> None:
    op.drop_table(TABLE)
