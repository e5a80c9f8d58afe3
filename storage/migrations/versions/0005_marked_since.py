"""Since when a workspace's messages name rows by marks: what was posted before carries bare ids."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from storage.base import UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("workspaces", sa.Column("marked_since", UTCDateTime(), nullable=True))
    workspaces = sa.table("workspaces", sa.column("marked_since", UTCDateTime()))
    # Rows are stamped by the database's clock where it has one.
    on_postgres = op.get_bind().dialect.name == "postgresql"
    now = sa.func.clock_timestamp() if on_postgres else datetime.now(UTC)
    op.execute(workspaces.update().values(marked_since=now))


def downgrade() -> None:
    op.drop_column("workspaces", "marked_since")
