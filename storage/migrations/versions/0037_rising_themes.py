"""Themes that rise: what marketing was told of them, and from when on it is told."""

import sqlalchemy as sa
from alembic import op

from storage.base import BigInt, UTCDateTime

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

SETTINGS = {"rising_accounts": "3", "rising_times": "2", "rising_a_day": "3"}


def upgrade() -> None:
    for column, default in SETTINGS.items():
        op.add_column("workspaces", sa.Column(column, BigInt, server_default=default, nullable=False))
    op.create_table(
        "theme_rises",
        sa.Column("theme_id", BigInt, nullable=False),
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("look_at", UTCDateTime(), nullable=True),
        sa.Column("told_at", UTCDateTime(), nullable=True),
        sa.Column("counted_at", UTCDateTime(), nullable=True),
        *(
            sa.Column(column, BigInt, server_default="0", nullable=False)
            for column in ("accounts", "accounts_before", "items", "items_before")
        ),
        sa.ForeignKeyConstraint(["theme_id"], ["themes.id"], name=op.f("fk_theme_rises_theme_id_themes")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_theme_rises_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("theme_id", name=op.f("pk_theme_rises")),
    )
    for name, column in (("look", "look_at"), ("told", "told_at")):
        there = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_theme_rises_{name}",
            "theme_rises",
            ["workspace_id", column],
            sqlite_where=there,
            postgresql_where=there,
        )


def downgrade() -> None:
    op.drop_table("theme_rises")
    for column in reversed(SETTINGS):
        op.drop_column("workspaces", column)
