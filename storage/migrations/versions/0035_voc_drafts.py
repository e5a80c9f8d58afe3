"""what members typed into the voc form and did not submit"""

import sqlalchemy as sa
from alembic import op

from storage.base import BigInt, Json, UTCDateTime

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "voc_drafts",
        sa.Column("member_id", BigInt, nullable=False),
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("view_id", sa.String(), nullable=False),
        sa.Column("moment", sa.String(), nullable=False),
        sa.Column("fields", Json, nullable=False),
        sa.Column("typed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_voc_drafts_member_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_voc_drafts_workspace_id")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_voc_drafts")),
    )
    op.create_index("ix_voc_drafts_typed_at", "voc_drafts", ["typed_at"])


def downgrade() -> None:
    op.drop_table("voc_drafts")
