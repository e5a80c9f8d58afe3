"""Where Slack's own event says that a post stands, so that a delivery in doubt need not be looked for."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("stands_in", sa.String(), nullable=True))
    op.add_column("deliveries", sa.Column("stands_at", sa.String(), nullable=True))
