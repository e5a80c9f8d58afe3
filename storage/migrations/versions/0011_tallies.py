"""Counts of what came up lately are kept, and menus find names by how they begin."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
UNCOUNTED = "tallied_version <> version"
COUNTED = "tallied IS NOT NULL"


def upgrade() -> None:
    # 0 is no version: whatever an earlier release writes waits to be counted, and so does all that there is.
    op.add_column("voc_items", sa.Column("tallied_version", BIG, nullable=False, server_default="0"))
    op.add_column("voc_items", sa.Column("tallied", sa.String(), nullable=True))
    for name, columns, where in (
        ("ix_voc_items_uncounted", ["workspace_id", "tallied_version", "id"], UNCOUNTED),
        ("ix_voc_items_counted", ["workspace_id", "created_at"], COUNTED),
    ):
        op.create_index(name, "voc_items", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.create_table(
        "tally_books",
        sa.Column("workspace_id", BIG, sa.ForeignKey("workspaces.id", name="fk_tally_books_workspace_id_workspaces")),
        sa.Column("folds", BIG, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", name="pk_tally_books"),
    )
    op.create_table(
        "tallies",
        sa.Column("id", BIG, nullable=False),
        sa.Column(
            "workspace_id",
            BIG,
            sa.ForeignKey("workspaces.id", name="fk_tallies_workspace_id_workspaces"),
            nullable=False,
        ),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("items", BIG, nullable=False),
        sa.Column("objections", BIG, nullable=False),
        sa.Column("reps", BIG, nullable=False),
        sa.Column("accounts", BIG, nullable=False),
        sa.Column("deals", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tallies"),
        sa.UniqueConstraint("workspace_id", "about", "subject", name="uq_tallies_workspace_id_about_subject"),
    )
    op.create_index("ix_tallies_items", "tallies", ["workspace_id", "about", "items"])
    op.create_index("ix_tallies_accounts", "tallies", ["workspace_id", "about", "accounts", "items"])
    op.create_table(
        "tally_parts",
        sa.Column("tally_id", BIG, sa.ForeignKey("tallies.id", name="fk_tally_parts_tally_id_tallies"), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("minor", BIG, nullable=False),
        sa.Column("count", BIG, nullable=False),
        sa.PrimaryKeyConstraint("tally_id", "part", "minor", name="pk_tally_parts"),
    )
    op.create_index(
        "ix_accounts_begin", "accounts", ["workspace_id", "slug"], postgresql_ops={"slug": "text_pattern_ops"}
    )
    op.create_index("ix_themes_begin", "themes", ["workspace_id", "slug"], postgresql_ops={"slug": "text_pattern_ops"})
    op.create_index(
        "ix_accounts_known",
        "accounts",
        ["workspace_id", "slug"],
        sqlite_where=sa.text("known"),
        postgresql_where=sa.text("known"),
    )


def downgrade() -> None:
    op.drop_index("ix_accounts_known", "accounts")
    op.drop_index("ix_themes_begin", "themes")
    op.drop_index("ix_accounts_begin", "accounts")
    op.drop_table("tally_parts")
    op.drop_table("tallies")
    op.drop_table("tally_books")
    op.drop_index("ix_voc_items_counted", "voc_items")
    op.drop_index("ix_voc_items_uncounted", "voc_items")
    op.drop_column("voc_items", "tallied")
    op.drop_column("voc_items", "tallied_version")
