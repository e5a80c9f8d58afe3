"""channels in which Tandem suggests what to log, where it did so, and whose messages it leaves alone"""

import sqlalchemy as sa
from alembic import op

from storage.base import BigInt, Json, UTCDateTime

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("workspaces", sa.Column("watched_channels", Json, nullable=True))
    op.add_column("members", sa.Column("suggested_at", UTCDateTime(), nullable=True))
    op.add_column("members", sa.Column("unsuggested_at", UTCDateTime(), nullable=True))
    op.create_table(
        "watch_suggestions",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("ts", sa.String(), nullable=False),
        sa.Column("thread_ts", sa.String(), nullable=True),
        sa.Column("member_id", BigInt, nullable=False),
        sa.Column("emoji", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("suggested_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("state IN ('asked', 'shown', 'withdrawn')", name=op.f("ck_watch_suggestions_state_known")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_watch_suggestions_workspace_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_watch_suggestions_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_suggestions")),
        sa.UniqueConstraint("workspace_id", "channel", "ts", name=op.f("uq_watch_suggestions_workspace_id_channel_ts")),
    )
    op.create_index(
        op.f("ix_watch_suggestions_member_id_suggested_at"), "watch_suggestions", ["member_id", "suggested_at"]
    )
    op.create_index(
        op.f("ix_watch_suggestions_workspace_id_channel_suggested_at"),
        "watch_suggestions",
        ["workspace_id", "channel", "suggested_at"],
    )
    op.create_index(op.f("ix_watch_suggestions_suggested_at"), "watch_suggestions", ["suggested_at"])


def downgrade() -> None:
    op.drop_table("watch_suggestions")
    op.drop_column("members", "unsuggested_at")
    op.drop_column("members", "suggested_at")
    op.drop_column("workspaces", "watched_channels")
