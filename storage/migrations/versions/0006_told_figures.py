"""told figures: which content figures an audience has been told"""

import sqlalchemy as sa
from alembic import op

from storage.base import BigInt

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "told_figures",
        sa.Column("audience_id", BigInt, nullable=False),
        sa.Column("asset_id", BigInt, nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("views", sa.Boolean(), nullable=False),
        sa.Column("leads", sa.Boolean(), nullable=False),
        sa.Column("influenced_wins", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_told_figures_asset_id")),
        sa.ForeignKeyConstraint(["audience_id"], ["audiences.id"], name=op.f("fk_told_figures_audience_id")),
        sa.PrimaryKeyConstraint("audience_id", "asset_id", "week", name=op.f("pk_told_figures")),
    )
    op.create_index("ix_told_figures_week", "told_figures", ["audience_id", "week"])


def downgrade() -> None:
    op.drop_table("told_figures")
