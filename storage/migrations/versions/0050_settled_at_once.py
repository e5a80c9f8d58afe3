"""Leads that were settled within seconds of being given: shown to the manager."""

import sqlalchemy as sa
from alembic import op

from storage.base import BigInt

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

AT_ONCE = sa.text("settled_after IS NOT NULL")


def upgrade() -> None:
    op.add_column("lead_events", sa.Column("settled_after", BigInt, nullable=True))
    op.create_index(
        "ix_lead_events_at_once",
        "lead_events",
        ["workspace_id", "at"],
        sqlite_where=AT_ONCE,
        postgresql_where=AT_ONCE,
    )


def downgrade() -> None:
    op.drop_index("ix_lead_events_at_once", "lead_events")
    op.drop_column("lead_events", "settled_after")
