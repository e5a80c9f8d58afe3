"""Files of leads that admins gave in Slack: what was seen in them, and how far they are stored."""

import sqlalchemy as sa
from alembic import op

from storage.base import BigInt, Json, UTCDateTime

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lead_imports",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("member_id", BigInt, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("preview", Json, nullable=True),
        sa.Column("rows", BigInt, nullable=False),
        sa.Column("done", BigInt, nullable=False),
        sa.Column("accepted", BigInt, nullable=False),
        sa.Column("added", BigInt, nullable=False),
        sa.Column("duplicates", BigInt, nullable=False),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('reading', 'waiting', 'storing', 'stored', 'dropped', 'refused')",
            name=op.f("ck_lead_imports_state_known"),
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_lead_imports_workspace_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_lead_imports_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_imports")),
    )
    op.create_index(op.f("ix_lead_imports_workspace_id"), "lead_imports", ["workspace_id"])
    op.create_index(op.f("ix_lead_imports_member_id"), "lead_imports", ["member_id"])


def downgrade() -> None:
    op.drop_table("lead_imports")
