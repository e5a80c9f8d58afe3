"""Who let leads lapse leaves the rotation until they are back; a team's manager may have a delegate."""

import sqlalchemy as sa
from alembic import op

from storage.base import BigInt, UTCDateTime

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("members", sa.Column("benched_at", UTCDateTime(), nullable=True))
    op.add_column("members", sa.Column("lapses", BigInt, nullable=False, server_default="0"))
    op.add_column("members", sa.Column("lapsed_at", UTCDateTime(), nullable=True))
    op.add_column("policies", sa.Column("bench_after", BigInt, nullable=False, server_default="2"))


def downgrade() -> None:
    op.drop_column("policies", "bench_after")
    for name in ("lapsed_at", "lapses", "benched_at"):
        op.drop_column("members", name)
