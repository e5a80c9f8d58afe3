"""Which team and whose turn: rules by what a lead says, owners of accounts, and what a team says of its turns."""

import sqlalchemy as sa
from alembic import op

from storage.base import BigInt, Json, UTCDateTime

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

TO_MEMBERS = (("teams", "fallback_id"), ("accounts", "owner_id"))


def upgrade() -> None:
    op.create_table(
        "routes",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", BigInt, nullable=False),
        sa.Column("conditions", Json, nullable=False),
        sa.Column("team_id", BigInt, nullable=False),
        sa.Column("member_id", BigInt, nullable=True),
        sa.Column("distribution", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_routes_workspace_id_workspaces")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_routes_team_id_teams")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_routes_member_id_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routes")),
        sa.UniqueConstraint("workspace_id", "name", name=op.f("uq_routes_workspace_id_name")),
    )
    op.add_column("teams", sa.Column("distribution", sa.String(), server_default="turns", nullable=False))
    op.add_column("teams", sa.Column("own_hours", sa.Boolean(), server_default=sa.false(), nullable=False))
    for cap in ("most_an_hour", "most_a_day", "most_open"):
        op.add_column("teams", sa.Column(cap, BigInt, nullable=True))
    op.add_column("team_members", sa.Column("weight", BigInt, server_default="1", nullable=False))
    op.add_column("team_members", sa.Column("served", BigInt, nullable=True))
    op.add_column("team_members", sa.Column("lead_at", UTCDateTime(), nullable=True))
    op.add_column("team_members", sa.Column("recent", Json, nullable=True))
    for table, column in TO_MEMBERS:
        key = f"fk_{table}_{column}_members"
        if op.get_bind().dialect.name == "sqlite":
            # SQLite adds a column with its reference in one statement, without copying the table.
            op.execute(f"ALTER TABLE {table} ADD COLUMN {column} INTEGER CONSTRAINT {key} REFERENCES members (id)")
        else:
            op.add_column(table, sa.Column(column, BigInt, nullable=True))
            op.create_foreign_key(key, table, "members", [column], ["id"])


def downgrade() -> None:
    for table, column in TO_MEMBERS:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"UPDATE {table} SET {column} = NULL")
        else:
            op.drop_column(table, column)
    for column in ("recent", "lead_at", "served", "weight"):
        op.drop_column("team_members", column)
    for column in ("most_open", "most_a_day", "most_an_hour", "own_hours", "distribution"):
        op.drop_column("teams", column)
    op.drop_table("routes")
