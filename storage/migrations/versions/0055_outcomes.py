"""What came of leads: qualified, nurture, won, lost; and where wins are posted."""

import sqlalchemy as sa
from alembic import op

from storage.base import BigInt, UTCDateTime

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

STANDS = sa.text("state = 'stands'")
REFERENCES = {
    "workspace_id": "workspaces",
    "lead_id": "leads",
    "by_id": "members",
    "item_id": "voc_items",
    "undone_by_id": "members",
}


def upgrade() -> None:
    op.add_column("workspaces", sa.Column("wins_channel", sa.String(), nullable=True))
    op.create_table(
        "outcomes",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("lead_id", BigInt, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("by_id", BigInt, nullable=True),
        sa.Column("origin", sa.String(), nullable=True),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("competitor", sa.String(), nullable=True),
        sa.Column("amount_minor", BigInt, nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("until", UTCDateTime(), nullable=True),
        sa.Column("item_id", BigInt, nullable=True),
        sa.Column("undone_at", UTCDateTime(), nullable=True),
        sa.Column("undone_by_id", BigInt, nullable=True),
        sa.CheckConstraint("kind IN ('qualified', 'nurture', 'won', 'lost')", name=op.f("ck_outcomes_kind_known")),
        sa.CheckConstraint("state IN ('stands', 'replaced', 'undone')", name=op.f("ck_outcomes_state_known")),
        sa.CheckConstraint("(state = 'undone') = (undone_at IS NOT NULL)", name=op.f("ck_outcomes_undone_when")),
        sa.CheckConstraint("(amount_minor IS NULL) = (currency IS NULL)", name=op.f("ck_outcomes_amount_of_what")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_outcomes_{column}_{table}"))
            for column, table in REFERENCES.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcomes")),
    )
    op.create_index(
        "uq_outcomes_stands", "outcomes", ["lead_id"], unique=True, sqlite_where=STANDS, postgresql_where=STANDS
    )
    op.create_index("ix_outcomes_lead", "outcomes", ["lead_id", "id"])
    op.create_index("ix_outcomes_at", "outcomes", ["workspace_id", "at"])


def downgrade() -> None:
    op.drop_table("outcomes")
    op.drop_column("workspaces", "wins_channel")
