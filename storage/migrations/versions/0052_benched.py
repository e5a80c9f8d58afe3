"""Who let leads lapse leaves the rotation until they are back; a team's manager may have a delegate."""

import sqlalchemy as sa
from alembic import op

from storage.base import BigInt, UTCDateTime

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("members", sa.Column("benched_at", UTCDateTime(), nullable=True))
    op.add_column("members", sa.Column("lapses", BigInt, nullable=False, server_default="0"))
    op.add_column("members", sa.Column("lapsed_at", UTCDateTime(), nullable=True))
    op.add_column("policies", sa.Column("bench_after", BigInt, nullable=False, server_default="2"))
    op.add_column("policies", sa.Column("untouched_after_seconds", BigInt, nullable=True))
    key = "fk_teams_delegate_id_members"
    if op.get_bind().dialect.name == "sqlite":
        # SQLite adds a column with its reference in one statement, without copying the table.
        op.execute(f"ALTER TABLE teams ADD COLUMN delegate_id INTEGER CONSTRAINT {key} REFERENCES members (id)")
    else:
        op.add_column("teams", sa.Column("delegate_id", BigInt, nullable=True))
        op.create_foreign_key(key, "teams", "members", ["delegate_id"], ["id"])


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("UPDATE teams SET delegate_id = NULL")
    else:
        op.drop_column("teams", "delegate_id")
    op.drop_column("policies", "untouched_after_seconds")
    op.drop_column("policies", "bench_after")
    for name in ("lapsed_at", "lapses", "benched_at"):
        op.drop_column("members", name)
