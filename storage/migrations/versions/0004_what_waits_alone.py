"""A delivery that met an error nobody foresaw waits alone; the others of its lane go past."""

import sqlalchemy as sa
from alembic import op

from storage.base import UTCDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WHERE = sa.text("state IN ('pending', 'sending') AND alone_since IS NOT NULL")


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("alone_since", UTCDateTime(), nullable=True))
    op.create_index(
        "ix_deliveries_alone", "deliveries", ["lane_id", "next_at"], sqlite_where=WHERE, postgresql_where=WHERE
    )


def downgrade() -> None:
    op.drop_index("ix_deliveries_alone", table_name="deliveries", sqlite_where=WHERE, postgresql_where=WHERE)
    op.drop_column("deliveries", "alone_since")
