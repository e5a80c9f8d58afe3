"""Owners and statuses that are written back into the CRM that a lead came from."""

import sqlalchemy as sa
from alembic import op

from storage.base import BigInt, Json, UTCDateTime

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

DUE = sa.text("due")


def upgrade() -> None:
    op.create_table(
        "write_backs",
        sa.Column("source_id", BigInt, nullable=False, autoincrement=False),
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("statuses", Json, nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("client_id", sa.String(), nullable=True),
        sa.Column("worked_at", UTCDateTime(), nullable=True),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.Column("trouble_with", sa.String(), nullable=True),
        sa.Column("trouble_at", UTCDateTime(), nullable=True),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("state IN ('on', 'off', 'stopped')", name=op.f("ck_write_backs_state_known")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_write_backs_source_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_write_backs_workspace_id")),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_write_backs")),
    )
    op.create_index(op.f("ix_write_backs_workspace_id"), "write_backs", ["workspace_id"])
    op.create_table(
        "written_records",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("source_id", BigInt, nullable=False),
        sa.Column("lead_id", BigInt, nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("sent", Json, nullable=False),
        sa.Column("job_id", BigInt, nullable=True),
        sa.Column("turn", BigInt, nullable=False),
        sa.Column("unsure", sa.Boolean(), nullable=False),
        sa.Column("failures", BigInt, nullable=False),
        sa.Column("due", sa.Boolean(), nullable=False),
        sa.Column("gone_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_written_records_workspace_id")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_written_records_source_id")),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_written_records_lead_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_written_records")),
        sa.UniqueConstraint("source_id", "record", name=op.f("uq_written_records_source_id_record")),
    )
    op.create_index(op.f("ix_written_records_workspace_id"), "written_records", ["workspace_id"])
    op.create_index(op.f("ix_written_records_lead_id"), "written_records", ["lead_id"])
    op.create_index("ix_written_records_due", "written_records", ["source_id"], sqlite_where=DUE, postgresql_where=DUE)


def downgrade() -> None:
    op.drop_table("written_records")
    op.drop_table("write_backs")
