"""Several alarms within ten minutes for one manager are one message: what is gathered on a card, and where."""

import sqlalchemy as sa
from alembic import op

from storage.base import BigInt, UTCDateTime

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lanes", sa.Column("gathers_card_id", BigInt, nullable=True))
    op.add_column("lanes", sa.Column("gathers_since", UTCDateTime(), nullable=True))
    op.create_table(
        "gathered",
        sa.Column("card_id", BigInt, nullable=False),
        sa.Column("subject_id", BigInt, nullable=False),
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.ForeignKeyConstraint(["card_id"], ["cards.id"], name=op.f("fk_gathered_card_id_cards")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_gathered_workspace_id_workspaces")),
        sa.PrimaryKeyConstraint("card_id", "subject_id", name=op.f("pk_gathered")),
    )
    op.create_index("ix_gathered_subject", "gathered", ["workspace_id", "subject_id"])


def downgrade() -> None:
    op.drop_table("gathered")
    op.drop_column("lanes", "gathers_since")
    op.drop_column("lanes", "gathers_card_id")
