"""Of when the newest news is whether an organization's token reaches one of its workspaces."""

import sqlalchemy as sa
from alembic import op

from storage.base import UTCDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("workspaces", sa.Column("access_told_at", UTCDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("workspaces", "access_told_at")
