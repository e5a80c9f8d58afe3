"""messages that somebody reacted to in order to log them, and the emoji that does so"""

import sqlalchemy as sa
from alembic import op

from storage.base import BigInt, UTCDateTime

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("workspaces", sa.Column("capture_emoji", sa.String(), server_default="ear", nullable=False))
    op.create_table(
        "captured_messages",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("ts", sa.String(), nullable=False),
        sa.Column("thread_ts", sa.String(), nullable=True),
        sa.Column("member_id", BigInt, nullable=False),
        sa.Column("item_id", BigInt, nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reacted_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('asked', 'logged', 'taken_back', 'refused')", name=op.f("ck_captured_messages_state_known")
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_captured_messages_workspace_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_captured_messages_member_id")),
        sa.ForeignKeyConstraint(["item_id"], ["voc_items.id"], name=op.f("fk_captured_messages_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_captured_messages")),
        sa.UniqueConstraint(
            "workspace_id",
            "channel",
            "ts",
            "member_id",
            name=op.f("uq_captured_messages_workspace_id_channel_ts_member_id"),
        ),
    )


def downgrade() -> None:
    op.drop_table("captured_messages")
    op.drop_column("workspaces", "capture_emoji")
