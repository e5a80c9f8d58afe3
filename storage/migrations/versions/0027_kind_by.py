"""Who says of what kind an item is: a person, or its own words."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("voc_items", sa.Column("kind_by", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("voc_items", "kind_by")
