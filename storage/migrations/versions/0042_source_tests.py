"""when a vendor last tried a source"""

import sqlalchemy as sa
from alembic import op

from storage.base import UTCDateTime

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sources", sa.Column("tested_at", UTCDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("sources", "tested_at")
