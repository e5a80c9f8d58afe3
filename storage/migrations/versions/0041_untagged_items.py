"""an index of the items without a theme, which the board counts"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

COUNTED = ("theme_id", "kind", "account_id", "member_id", "deal_minor", "deal_currency")


def upgrade() -> None:
    op.create_index(
        "ix_voc_items_untagged",
        "voc_items",
        ["workspace_id", "state", "created_at", *COUNTED],
        sqlite_where=sa.text("theme_id IS NULL"),
        postgresql_where=sa.text("theme_id IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_voc_items_untagged", "voc_items")
