"""Leads that wait for somebody to be there are found by an index of their own"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

UNOWNED = "owner_id IS NULL AND state IN ('new', 'claimed')"


def upgrade() -> None:
    op.create_index(
        "ix_leads_unowned",
        "leads",
        ["team_id", "id"],
        sqlite_where=sa.text(UNOWNED),
        postgresql_where=sa.text(UNOWNED),
    )


def downgrade() -> None:
    op.drop_index("ix_leads_unowned", "leads")
