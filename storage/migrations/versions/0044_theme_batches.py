"""What marketing was asked in a day's one message about items that may belong to a theme, and when it is asked next."""

import sqlalchemy as sa
from alembic import op

from storage.base import BigInt, UTCDateTime

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("workspaces", sa.Column("asked_a_day", BigInt, server_default="20", nullable=False))
    op.add_column("workspaces", sa.Column("ask_at", UTCDateTime(), nullable=True))
    op.create_table(
        "theme_batches",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_theme_batches_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_theme_batches")),
        sa.UniqueConstraint("workspace_id", "day", name=op.f("uq_theme_batches_workspace_id_day")),
    )
    op.create_table(
        "asked_proposals",
        sa.Column("proposal_id", BigInt, nullable=False),
        sa.Column("batch_id", BigInt, nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["voc_proposals.id"], name=op.f("fk_asked_proposals_proposal_id_voc_proposals")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["theme_batches.id"], name=op.f("fk_asked_proposals_batch_id_theme_batches")
        ),
        sa.PrimaryKeyConstraint("proposal_id", name=op.f("pk_asked_proposals")),
    )
    op.create_index(op.f("ix_asked_proposals_batch_id"), "asked_proposals", ["batch_id"])


def downgrade() -> None:
    op.drop_table("asked_proposals")
    op.drop_table("theme_batches")
    op.drop_column("workspaces", "ask_at")
    op.drop_column("workspaces", "asked_a_day")
