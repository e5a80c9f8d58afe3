"""where changes are sent, and each change that is on its way there"""

import sqlalchemy as sa
from alembic import op

from storage.base import BigInt, Json, UTCDateTime

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

WAITS = sa.text("due_at IS NOT NULL")
DEAD = sa.text("state = 'dead'")


def upgrade() -> None:
    op.create_table(
        "webhook_endpoints",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("events", Json, nullable=False),
        sa.Column("sealed_secret", sa.String(), nullable=False),
        sa.Column("sealed_old_secret", sa.String(), nullable=True),
        sa.Column("old_until", UTCDateTime(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("paused_why", sa.String(), nullable=True),
        sa.Column("failures", BigInt, nullable=False),
        sa.Column("failing_since", UTCDateTime(), nullable=True),
        sa.Column("rests_until", UTCDateTime(), nullable=True),
        sa.Column("succeeded_at", UTCDateTime(), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("round_id", BigInt, nullable=True),
        sa.Column("dead_told_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("state IN ('active', 'paused', 'removed')", name=op.f("ck_webhook_endpoints_state_known")),
        sa.CheckConstraint(
            "(state = 'paused') = (paused_why IS NOT NULL)", name=op.f("ck_webhook_endpoints_paused_has_reason")
        ),
        _refers("webhook_endpoints", "workspace_id", "workspaces"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoints")),
    )
    op.create_index(op.f("ix_webhook_endpoints_workspace_id"), "webhook_endpoints", ["workspace_id"])
    op.create_table(
        "webhook_messages",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("endpoint_id", BigInt, nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=True),
        sa.Column("tries", BigInt, nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'delivered', 'dead')", name=op.f("ck_webhook_messages_state_known")),
        sa.CheckConstraint(
            "(state = 'waiting') = (due_at IS NOT NULL)", name=op.f("ck_webhook_messages_waiting_is_due")
        ),
        sa.CheckConstraint(
            "(due_at IS NULL) = (finished_at IS NOT NULL)", name=op.f("ck_webhook_messages_finished_when")
        ),
        sa.CheckConstraint("state <> 'dead' OR error IS NOT NULL", name=op.f("ck_webhook_messages_dead_has_reason")),
        _refers("webhook_messages", "workspace_id", "workspaces"),
        _refers("webhook_messages", "endpoint_id", "webhook_endpoints"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_messages")),
    )
    for name, columns, where in (
        ("ix_webhook_messages_due", ["endpoint_id", "due_at", "id"], WAITS),
        ("ix_webhook_messages_order", ["endpoint_id", "subject", "id"], WAITS),
        ("ix_webhook_messages_dead", ["endpoint_id", "id"], DEAD),
    ):
        op.create_index(name, "webhook_messages", columns, sqlite_where=where, postgresql_where=where)
    op.create_index(
        op.f("ix_webhook_messages_endpoint_id_created_at"), "webhook_messages", ["endpoint_id", "created_at"]
    )
    op.create_index(op.f("ix_webhook_messages_created_at"), "webhook_messages", ["created_at"])


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def downgrade() -> None:
    for table in ("webhook_messages", "webhook_endpoints"):
        op.drop_table(table)
