"""As of when items were counted last, so that a clock that was put back is noticed."""

import sqlalchemy as sa
from alembic import op

from storage.base import UTCDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tally_books", sa.Column("folded_at", UTCDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("tally_books", "folded_at")
