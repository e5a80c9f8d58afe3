"""Several clocks: a time to claim, tries, a first meeting, where a policy sets them."""

import sqlalchemy as sa
from alembic import op

from storage.base import BigInt

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("policies", sa.Column("claim_seconds", BigInt, nullable=True))
    op.add_column("policies", sa.Column("tries", BigInt, nullable=True))
    op.add_column("policies", sa.Column("tries_days", BigInt, nullable=False, server_default="3"))
    op.add_column("policies", sa.Column("meeting_days", BigInt, nullable=True))
    op.add_column("clocks", sa.Column("purpose", sa.String, nullable=False, server_default="contact"))


def downgrade() -> None:
    op.drop_column("clocks", "purpose")
    for name in ("meeting_days", "tries_days", "tries", "claim_seconds"):
        op.drop_column("policies", name)
