"""Pairs of leads of which marketing is asked whether they are one person's."""

import sqlalchemy as sa
from alembic import op

from storage.base import BigInt, UTCDateTime

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None

ASKED = sa.text("state = 'asked'")
DUE = sa.text("late_from IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "doubts",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("lead_id", BigInt, nullable=False),
        sa.Column("other_id", BigInt, nullable=False),
        sa.Column("pair", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("batch_id", BigInt, nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("late_from", UTCDateTime(), nullable=True),
        sa.Column("decided_by_id", BigInt, nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("state IN ('asked', 'same', 'two')", name=op.f("ck_doubts_state_known")),
        sa.CheckConstraint("why IN ('crm', 'name', 'phone')", name=op.f("ck_doubts_why_known")),
        sa.CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name=op.f("ck_doubts_decided_when")),
        sa.CheckConstraint("state = 'asked' OR late_from IS NULL", name=op.f("ck_doubts_only_asked_is_due")),
        sa.CheckConstraint("lead_id < other_id", name=op.f("ck_doubts_in_order")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_doubts_workspace_id_workspaces")),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_doubts_lead_id_leads")),
        sa.ForeignKeyConstraint(["other_id"], ["leads.id"], name=op.f("fk_doubts_other_id_leads")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["members.id"], name=op.f("fk_doubts_decided_by_id_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_doubts")),
        sa.UniqueConstraint("workspace_id", "pair", name=op.f("uq_doubts_workspace_id_pair")),
    )
    op.create_index("ix_doubts_asked", "doubts", ["workspace_id", "id"], sqlite_where=ASKED, postgresql_where=ASKED)
    op.create_index("ix_doubts_due", "doubts", ["late_from"], sqlite_where=DUE, postgresql_where=DUE)
    op.create_index("ix_doubts_batch", "doubts", ["batch_id"])
    op.create_index("ix_doubts_at", "doubts", ["workspace_id", "at"])


def downgrade() -> None:
    op.drop_table("doubts")
