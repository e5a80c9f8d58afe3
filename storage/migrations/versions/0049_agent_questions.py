"""What people ask Tandem in its Messages tab, and whether the answer helped."""

import sqlalchemy as sa
from alembic import op

from storage.base import BigInt, UTCDateTime

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agent_questions",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("member_id", BigInt, nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("ts", sa.String(), nullable=False),
        sa.Column("thread_ts", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("begun_at", UTCDateTime(), nullable=True),
        sa.Column("answer_ts", sa.String(), nullable=True),
        sa.Column("helped", sa.Boolean(), nullable=True),
        sa.Column("judged_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'answered', 'hinted', 'refused', 'dropped')",
            name=op.f("ck_agent_questions_state_known"),
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_agent_questions_workspace_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_agent_questions_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_questions")),
        sa.UniqueConstraint("workspace_id", "channel", "ts", name=op.f("uq_agent_questions_workspace_id_channel_ts")),
    )
    op.create_index(op.f("ix_agent_questions_asked_at"), "agent_questions", ["asked_at"])
    op.create_index(op.f("ix_agent_questions_workspace_id_asked_at"), "agent_questions", ["workspace_id", "asked_at"])


def downgrade() -> None:
    op.drop_table("agent_questions")
