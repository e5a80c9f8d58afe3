"""sources: which field is what, the secret before, when they were heard, and when they fell silent"""

import sqlalchemy as sa
from alembic import op

from storage.base import BigInt, Json, UTCDateTime

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.add_column("sources", sa.Column("mapping", Json, nullable=True))
    op.add_column("sources", sa.Column("sealed_old_secret", sa.String(), nullable=True))
    op.add_column("sources", sa.Column("old_secret_until", UTCDateTime(), nullable=True))
    op.create_table(
        "source_health",
        sa.Column("source_id", BigInt, nullable=False, autoincrement=False),
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("heard_at", UTCDateTime(), nullable=False),
        sa.Column("heard", Json, nullable=False),
        sa.Column("sample", Json, nullable=True),
        sa.Column("sample_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_source_health_source_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_source_health_workspace_id")),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_source_health")),
    )
    op.create_index(op.f("ix_source_health_workspace_id"), "source_health", ["workspace_id"])
    op.create_index(op.f("ix_source_health_sample_at"), "source_health", ["sample_at"])
    op.create_table(
        "source_silences",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("source_id", BigInt, nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("found_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_source_silences_source_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_source_silences_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_silences")),
    )
    op.create_index(op.f("ix_source_silences_workspace_id"), "source_silences", ["workspace_id"])
    op.create_index(
        "uq_source_silences_open",
        "source_silences",
        ["source_id"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def downgrade() -> None:
    op.drop_table("source_silences")
    op.drop_table("source_health")
    op.drop_column("sources", "old_secret_until")
    op.drop_column("sources", "sealed_old_secret")
    op.drop_column("sources", "mapping")
