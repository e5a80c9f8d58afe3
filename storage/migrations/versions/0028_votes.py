"""Votes: items that say that somebody heard the same from another account."""

import sqlalchemy as sa
from alembic import op

from storage.base import BigInt

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

KEY = "fk_voc_items_of_item_id_voc_items"
VOTES = sa.text("of_item_id IS NOT NULL")


def upgrade() -> None:
    # In place: on SQLite, Alembic would write the table anew, to which others refer.
    if op.get_bind().dialect.name == "sqlite":
        if "of_item_id" not in {column["name"] for column in sa.inspect(op.get_bind()).get_columns("voc_items")}:
            op.execute(
                f"ALTER TABLE voc_items ADD COLUMN of_item_id INTEGER CONSTRAINT {KEY} REFERENCES voc_items (id)"
            )
    else:
        op.add_column("voc_items", sa.Column("of_item_id", BigInt, nullable=True))
        op.create_foreign_key(KEY, "voc_items", "voc_items", ["of_item_id"], ["id"])
    op.create_index(
        "ix_voc_items_votes",
        "voc_items",
        ["of_item_id"],
        sqlite_where=VOTES,
        postgresql_where=VOTES,
    )


def downgrade() -> None:
    op.drop_index("ix_voc_items_votes", table_name="voc_items")
    if op.get_bind().dialect.name == "sqlite":
        # SQLite drops no column that a key speaks of; empty, it does no harm.
        op.execute("UPDATE voc_items SET of_item_id = NULL")
    else:
        op.drop_column("voc_items", "of_item_id")
