"""Who gave an item its theme: a person who typed it, the item's words, or a person who took or refused a proposal."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("voc_items", sa.Column("theme_by", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("voc_items", "theme_by")
