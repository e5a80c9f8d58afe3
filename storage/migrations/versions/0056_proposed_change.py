"""What whoever ruled on a dispute proposes to change in the definition."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("declines", sa.Column("proposed", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("declines", "proposed")
