"""Keys under which words are compared, and a deal's size as it was typed."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ACCOUNTS_LEFT = "keyed IS NULL"
ITEMS_LEFT = "competitor IS NOT NULL AND competitor_key IS NULL"


def upgrade() -> None:
    # Filled in by domain/keys.py, since only there words are compared; NULL: an earlier release wrote the row.
    op.add_column("accounts", sa.Column("keyed", sa.Boolean(), nullable=True))
    op.create_index(
        "ix_accounts_unkeyed",
        "accounts",
        ["id"],
        sqlite_where=sa.text(ACCOUNTS_LEFT),
        postgresql_where=sa.text(ACCOUNTS_LEFT),
    )
    op.add_column("themes", sa.Column("key", sa.String(), nullable=True))
    op.create_index("ix_themes_workspace_id_key", "themes", ["workspace_id", "key"])
    op.add_column("members", sa.Column("name_key", sa.String(), nullable=True))
    op.add_column("members", sa.Column("first_name_key", sa.String(), nullable=True))
    op.create_index("ix_members_workspace_id_name_key", "members", ["workspace_id", "name_key"])
    op.create_index("ix_members_workspace_id_first_name_key", "members", ["workspace_id", "first_name_key"])
    op.add_column("voc_items", sa.Column("competitor_key", sa.String(), nullable=True))
    op.add_column("voc_items", sa.Column("deal_typed", sa.String(), nullable=True))
    op.create_index(
        "ix_voc_items_unkeyed",
        "voc_items",
        ["id"],
        sqlite_where=sa.text(ITEMS_LEFT),
        postgresql_where=sa.text(ITEMS_LEFT),
    )


def downgrade() -> None:
    op.drop_index("ix_voc_items_unkeyed", "voc_items")
    op.drop_column("voc_items", "deal_typed")
    op.drop_column("voc_items", "competitor_key")
    op.drop_index("ix_members_workspace_id_first_name_key", "members")
    op.drop_index("ix_members_workspace_id_name_key", "members")
    op.drop_column("members", "first_name_key")
    op.drop_column("members", "name_key")
    op.drop_index("ix_themes_workspace_id_key", "themes")
    op.drop_column("themes", "key")
    op.drop_index("ix_accounts_unkeyed", "accounts")
    op.drop_column("accounts", "keyed")
