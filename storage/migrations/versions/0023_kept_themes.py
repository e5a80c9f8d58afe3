"""When somebody said that a theme's spelling is meant, so that nobody is asked about it again."""

import sqlalchemy as sa
from alembic import op

from storage.base import UTCDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("themes", sa.Column("kept_at", UTCDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("themes", "kept_at")
