"""What was merged, renamed and split, by whom and when, which rows moved, and what leads to something else."""

import sqlalchemy as sa
from alembic import op

from storage.base import BigInt, Json, UTCDateTime

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

OPEN = sa.text("state IN ('moving', 'undoing')")
MERGED = sa.text("merged_into_id IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "regroupings",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("subject_name", sa.String(), nullable=False),
        sa.Column("target_name", sa.String(), nullable=False),
        sa.Column("before", Json, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("moved", BigInt, nullable=False),
        sa.Column("by_id", BigInt, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("undone_by_id", BigInt, nullable=True),
        sa.Column("undone_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("about IN ('theme', 'account', 'competitor')", name=op.f("ck_regroupings_about_known")),
        sa.CheckConstraint("kind IN ('merge', 'rename', 'split')", name=op.f("ck_regroupings_kind_known")),
        sa.CheckConstraint("state IN ('moving', 'done', 'undoing', 'undone')", name=op.f("ck_regroupings_state_known")),
        sa.CheckConstraint(
            "(state IN ('undoing', 'undone')) = (undone_at IS NOT NULL)", name=op.f("ck_regroupings_undone_when")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_regroupings_workspace_id_workspaces")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["members.id"], name=op.f("fk_regroupings_by_id_members")),
        sa.ForeignKeyConstraint(["undone_by_id"], ["members.id"], name=op.f("fk_regroupings_undone_by_id_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regroupings")),
    )
    op.create_index("ix_regroupings_subject", "regroupings", ["workspace_id", "about", "subject"])
    op.create_index("ix_regroupings_target", "regroupings", ["workspace_id", "about", "target"])
    op.create_index("ix_regroupings_open", "regroupings", ["workspace_id"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_table(
        "regrouped_rows",
        sa.Column("regrouping_id", BigInt, nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("row_id", BigInt, nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.CheckConstraint("what IN ('item', 'asset')", name=op.f("ck_regrouped_rows_what_known")),
        sa.ForeignKeyConstraint(
            ["regrouping_id"], ["regroupings.id"], name=op.f("fk_regrouped_rows_regrouping_id_regroupings")
        ),
        sa.PrimaryKeyConstraint("regrouping_id", "what", "row_id", name=op.f("pk_regrouped_rows")),
    )
    op.create_index("ix_regrouped_rows_row", "regrouped_rows", ["what", "row_id"])
    op.create_table(
        "kept_names",
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kept_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("about IN ('account', 'competitor')", name=op.f("ck_kept_names_about_known")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_kept_names_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "about", "key", name=op.f("pk_kept_names")),
    )
    _let_accounts_lead()
    for table in ("themes", "accounts"):
        op.create_index(f"ix_{table}_merged", table, ["merged_into_id"], sqlite_where=MERGED, postgresql_where=MERGED)
    op.add_column("workspaces", sa.Column("merged_competitors", Json, server_default="{}", nullable=False))


def _let_accounts_lead() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.add_column("accounts", sa.Column("merged_into_id", BigInt, nullable=True))
        op.create_foreign_key("fk_accounts_merged_into_id_accounts", "accounts", "accounts", ["merged_into_id"], ["id"])
        return
    # In place: Alembic would write the table anew, to which others refer.
    if "merged_into_id" not in {column["name"] for column in sa.inspect(op.get_bind()).get_columns("accounts")}:
        op.execute(
            "ALTER TABLE accounts ADD COLUMN merged_into_id INTEGER "
            "CONSTRAINT fk_accounts_merged_into_id_accounts REFERENCES accounts (id)"
        )


def downgrade() -> None:
    op.drop_column("workspaces", "merged_competitors")
    for table in ("accounts", "themes"):
        op.drop_index(f"ix_{table}_merged", table)
    if op.get_bind().dialect.name == "sqlite":
        # SQLite drops no column that is a foreign key. Empty, such a column does no harm, and `upgrade` finds it.
        op.execute("UPDATE accounts SET merged_into_id = NULL")
    else:
        op.drop_column("accounts", "merged_into_id")
    for table in ("kept_names", "regrouped_rows", "regroupings"):
        op.drop_table(table)
