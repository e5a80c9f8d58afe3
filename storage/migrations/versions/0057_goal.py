"""What marketing's leads are to bring a month, and what a deal and a lead are reckoned with."""

import sqlalchemy as sa
from alembic import op

from storage.base import BigInt

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

COLUMNS = ("goal_a_month", "average_deal", "won_of_1000")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("workspaces", sa.Column(name, BigInt, nullable=False, server_default="0"))


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("workspaces", name)
