"""Jobs: slow steps that outlive the process that was asked for them."""

import sqlalchemy as sa
from alembic import op

from storage.base import BigInt, Json, UTCDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

OPEN = sa.text("due_at IS NOT NULL")
DEAD = sa.text("state = 'dead'")
FINISHED = sa.text("finished_at IS NOT NULL")
WHAT = "what IN ('rungs', 'deliveries', 'leases', 'editions'{})"


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("arguments", Json, nullable=False),
        sa.Column("secret", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("once", sa.String(), nullable=True),
        sa.Column("due_at", UTCDateTime(), nullable=True),
        sa.Column("holder", sa.String(), nullable=True),
        sa.Column("fence", BigInt, nullable=False),
        sa.Column("attempts", BigInt, nullable=False),
        sa.Column("failures", BigInt, nullable=False),
        sa.Column("lost", BigInt, nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("request_id", sa.String(), nullable=True),
        sa.Column("wanted_at", UTCDateTime(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'dead', 'dropped')", name=op.f("ck_jobs_state_known")
        ),
        sa.CheckConstraint(
            "(state IN ('waiting', 'running')) = (due_at IS NOT NULL)", name=op.f("ck_jobs_open_is_due")
        ),
        sa.CheckConstraint("(due_at IS NULL) = (finished_at IS NOT NULL)", name=op.f("ck_jobs_finished_when")),
        sa.CheckConstraint("(state = 'running') = (holder IS NOT NULL)", name=op.f("ck_jobs_running_is_held")),
        sa.CheckConstraint("state <> 'dead' OR error IS NOT NULL", name=op.f("ck_jobs_dead_has_reason")),
        sa.CheckConstraint("finished_at IS NULL OR secret IS NULL", name=op.f("ck_jobs_ended_without_secret")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_jobs_workspace_id_workspaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("token", name=op.f("uq_jobs_token")),
        sa.UniqueConstraint("workspace_id", "kind", "once", name=op.f("uq_jobs_workspace_id_kind_once")),
    )
    _index("ix_jobs_turn", ["kind", "workspace_id", "due_at", "id"], OPEN)
    _index("ix_jobs_open", ["workspace_id", "kind", "due_at"], OPEN)
    _index("ix_jobs_dead", ["workspace_id", "kind"], DEAD)
    _index("ix_jobs_finished", ["finished_at"], FINISHED)
    _let_incidents_be(WHAT.format(", 'jobs'"))


def _index(name: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, "jobs", columns, sqlite_where=where, postgresql_where=where)


def _let_incidents_be(known: str) -> None:
    """SQLite cannot change a constraint: the table, which is small, is written anew."""
    with op.batch_alter_table("incidents") as table:
        table.drop_constraint(op.f("ck_incidents_what_known"), type_="check")
        table.create_check_constraint(op.f("ck_incidents_what_known"), known)


def downgrade() -> None:
    op.execute("DELETE FROM incidents WHERE what = 'jobs'")
    _let_incidents_be(WHAT.format(""))
    op.drop_table("jobs")
