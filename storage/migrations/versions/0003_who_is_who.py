"""Whether a member is of this workspace, and a time zone of theirs that could not be used."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("members", sa.Column("kind", sa.String(), nullable=True))
    op.add_column("members", sa.Column("refused_zone", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("members", "refused_zone")
    op.drop_column("members", "kind")
