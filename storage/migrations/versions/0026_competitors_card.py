"""What names a competitor, and how the deals of an account went, are found by indexes: a competitor's card."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

NAMED = sa.text("competitor_key IS NOT NULL")
CLOSED = sa.text("state IN ('won', 'lost')")


def upgrade() -> None:
    op.create_index(
        "ix_voc_items_competitor",
        "voc_items",
        ["workspace_id", "competitor_key", "state", "created_at"],
        sqlite_where=NAMED,
        postgresql_where=NAMED,
    )
    op.create_index(
        "ix_leads_closed", "leads", ["account_id", "updated_at"], sqlite_where=CLOSED, postgresql_where=CLOSED
    )


def downgrade() -> None:
    op.drop_index("ix_leads_closed", table_name="leads")
    op.drop_index("ix_voc_items_competitor", table_name="voc_items")
