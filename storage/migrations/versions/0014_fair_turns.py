"""Whoever takes lanes and clocks finds those of each workspace by index, so that workspaces take turns."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The indexes without a workspace stay: processes of the release before go by them.
    for name, table, columns, where in (
        ("ix_lanes_turn", "lanes", ["priority", "workspace_id", "due_at"], "due_at IS NOT NULL"),
        ("ix_clocks_turn", "clocks", ["workspace_id", "next_at"], "next_at IS NOT NULL"),
    ):
        op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
