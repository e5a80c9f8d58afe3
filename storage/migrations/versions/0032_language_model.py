"""What a language model cost and answered, what it proposes for voc items, and whether a workspace wants it."""

import sqlalchemy as sa
from alembic import op

from storage.base import BigInt, Json, UTCDateTime

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

UNLABELLED = sa.text("theme_id IS NULL AND of_item_id IS NULL AND state = 'live' AND labelled_version <> version")
PROPOSED = sa.text("state = 'proposed'")


def upgrade() -> None:
    op.create_table(
        "llm_usage",
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("tokens", BigInt, nullable=False),
        sa.Column("calls", BigInt, nullable=False),
        sa.Column("remembered", BigInt, nullable=False),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.Column("trouble_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_llm_usage_workspace_id_workspaces")),
        sa.PrimaryKeyConstraint("workspace_id", "month", name=op.f("pk_llm_usage")),
    )
    op.create_table(
        "llm_answers",
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("answer", Json, nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_llm_answers_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "key", name=op.f("pk_llm_answers")),
    )
    op.create_index(op.f("ix_llm_answers_created_at"), "llm_answers", ["created_at"])
    op.create_table(
        "voc_proposals",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("item_id", BigInt, nullable=False),
        sa.Column("theme_id", BigInt, nullable=True),
        sa.Column("kind", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("confidence", BigInt, nullable=True),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("prompt", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("decided_by_id", BigInt, nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('proposed', 'accepted', 'refused', 'overtaken', 'none')",
            name=op.f("ck_voc_proposals_state_known"),
        ),
        sa.CheckConstraint(
            "state IN ('none', 'overtaken') OR theme_id IS NOT NULL", name=op.f("ck_voc_proposals_proposes_theme")
        ),
        sa.CheckConstraint(
            "(state IN ('accepted', 'refused')) = (decided_by_id IS NOT NULL)",
            name=op.f("ck_voc_proposals_decided_by_whom"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_voc_proposals_workspace_id_workspaces")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["voc_items.id"], name=op.f("fk_voc_proposals_item_id_voc_items")),
        sa.ForeignKeyConstraint(["theme_id"], ["themes.id"], name=op.f("fk_voc_proposals_theme_id_themes")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["members.id"], name=op.f("fk_voc_proposals_decided_by_id_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voc_proposals")),
        sa.UniqueConstraint("item_id", name=op.f("uq_voc_proposals_item_id")),
    )
    op.create_index(
        "ix_voc_proposals_open",
        "voc_proposals",
        ["workspace_id", "id"],
        sqlite_where=PROPOSED,
        postgresql_where=PROPOSED,
    )
    op.add_column("voc_items", sa.Column("labelled_version", BigInt, nullable=False, server_default="0"))
    op.create_index(
        "ix_voc_items_unlabelled",
        "voc_items",
        ["workspace_id", "id"],
        sqlite_where=UNLABELLED,
        postgresql_where=UNLABELLED,
    )
    op.add_column("workspaces", sa.Column("llm_off_at", UTCDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("workspaces", "llm_off_at")
    op.drop_index("ix_voc_items_unlabelled", table_name="voc_items")
    op.drop_column("voc_items", "labelled_version")
    op.drop_table("voc_proposals")
    op.drop_table("llm_answers")
    op.drop_table("llm_usage")
