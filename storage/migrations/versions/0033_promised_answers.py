"""Marketing's clock: by when the first answer to a theme is promised, and what both sides agreed on for that."""

import sqlalchemy as sa
from alembic import op

from storage.base import BigInt, UTCDateTime

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

WAITS = "answer_due_at IS NOT NULL AND answer IS NULL"


def upgrade() -> None:
    op.add_column("workspaces", sa.Column("answer_days", BigInt, server_default="5", nullable=False))
    op.add_column("workspaces", sa.Column("answer_accounts", BigInt, server_default="3", nullable=False))
    for column in ("answer_wanted_at", "answer_due_at", "answer_late_told_at"):
        op.add_column("themes", sa.Column(column, UTCDateTime(), nullable=True))
    op.create_index(
        "ix_themes_waiting",
        "themes",
        ["answer_due_at"],
        sqlite_where=sa.text(WAITS),
        postgresql_where=sa.text(WAITS),
    )


def downgrade() -> None:
    op.drop_index("ix_themes_waiting", "themes")
    for column in ("answer_late_told_at", "answer_due_at", "answer_wanted_at"):
        op.drop_column("themes", column)
    for column in ("answer_accounts", "answer_days"):
        op.drop_column("workspaces", column)
