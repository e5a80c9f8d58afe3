"""Where Tandem is installed by OAuth, and whose token speaks for a workspace."""

import sqlalchemy as sa
from alembic import op

from storage.base import BigInt, Json, UTCDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

FOREIGN_KEY = "fk_workspaces_installation_id_installations"


def upgrade() -> None:
    op.create_table(
        "installations",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("app_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=True),
        sa.Column("team_id", sa.String(), nullable=True),
        sa.Column("is_enterprise_install", sa.Boolean(), nullable=False),
        sa.Column("bot_user_id", sa.String(), nullable=False),
        sa.Column("bot_id", sa.String(), nullable=False),
        sa.Column("scopes", Json, nullable=False),
        sa.Column("sealed_token", sa.String(), nullable=False),
        sa.Column("sealed_refresh_token", sa.String(), nullable=True),
        sa.Column("token_expires_at", UTCDateTime(), nullable=True),
        sa.Column("refreshing_by", sa.String(), nullable=True),
        sa.Column("refreshing_until", UTCDateTime(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("stopped_reason", sa.String(), nullable=True),
        sa.Column("installed_by", sa.String(), nullable=False),
        sa.Column("installed_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("state IN ('active', 'stopped', 'removed')", name=op.f("ck_installations_state_known")),
        sa.CheckConstraint(
            "(state = 'active') = (stopped_reason IS NULL)", name=op.f("ck_installations_stopped_has_reason")
        ),
        sa.CheckConstraint("is_enterprise_install = (team_id IS NULL)", name=op.f("ck_installations_org_has_no_team")),
        sa.CheckConstraint(
            "team_id IS NOT NULL OR enterprise_id IS NOT NULL", name=op.f("ck_installations_of_somebody")
        ),
        sa.CheckConstraint(
            "(refreshing_by IS NULL) = (refreshing_until IS NULL)", name=op.f("ck_installations_refreshing_has_end")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installations")),
        sa.UniqueConstraint("key", name=op.f("uq_installations_key")),
    )
    if op.get_bind().dialect.name == "sqlite":
        # Alembic would write the table anew, to which every other table refers.
        op.execute(
            "ALTER TABLE workspaces ADD COLUMN installation_id INTEGER "
            f"CONSTRAINT {FOREIGN_KEY} REFERENCES installations (id)"
        )
    else:
        op.add_column("workspaces", sa.Column("installation_id", BigInt, nullable=True))
        op.create_foreign_key(FOREIGN_KEY, "workspaces", "installations", ["installation_id"], ["id"])
    op.add_column("workspaces", sa.Column("enterprise_id", sa.String(), nullable=True))
    op.create_index("ix_workspaces_installation_id", "workspaces", ["installation_id"])


def downgrade() -> None:
    op.drop_index("ix_workspaces_installation_id", "workspaces")
    op.drop_column("workspaces", "enterprise_id")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("UPDATE workspaces SET installation_id = NULL")
    else:
        op.drop_column("workspaces", "installation_id")
    op.drop_table("installations")
