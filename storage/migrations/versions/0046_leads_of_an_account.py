"""an index of the leads of an account, which its list of all that happened reads"""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

IS_NAMED = sa.text("account_id IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_leads_account", "leads", ["account_id", "arrived_at"], sqlite_where=IS_NAMED, postgresql_where=IS_NAMED
    )


def downgrade() -> None:
    op.drop_index("ix_leads_account", "leads")
