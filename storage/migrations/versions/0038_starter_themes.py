"""Whether somebody answered the offer of themes to begin with."""

import sqlalchemy as sa
from alembic import op

from storage.base import UTCDateTime

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("workspaces", sa.Column("starters_answered_at", UTCDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("workspaces", "starters_answered_at")
