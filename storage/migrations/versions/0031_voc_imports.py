"""files of what customers said that were taken in"""

import sqlalchemy as sa
from alembic import op

from storage.base import BigInt, UTCDateTime

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "voc_imports",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("rows", BigInt, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_voc_imports_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voc_imports")),
        sa.UniqueConstraint("workspace_id", "sha256", name=op.f("uq_voc_imports_workspace_id_sha256")),
    )


def downgrade() -> None:
    op.drop_table("voc_imports")
