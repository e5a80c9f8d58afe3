"""what was sent about each lead, a lead's job title, and refused deliveries"""

import sqlalchemy as sa
from alembic import op

from storage.base import BigInt, UTCDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

AT_ONCE = 5_000


def upgrade() -> None:
    op.add_column("leads", sa.Column("job_title", sa.String(), nullable=True))
    op.create_table(
        "wishes",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("lead_id", BigInt, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("said", sa.String(), nullable=True),
        sa.Column("asked", sa.String(), nullable=True),
        sa.Column("sent", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_wishes_lead_id_leads")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_wishes_workspace_id_workspaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wishes")),
    )
    op.create_table(
        "refusals",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("count", BigInt, nullable=False),
        sa.Column("first_at", UTCDateTime(), nullable=False),
        sa.Column("last_at", UTCDateTime(), nullable=False),
        sa.Column("detail", sa.String(), nullable=True),
        sa.Column("recent", BigInt, nullable=False),
        sa.Column("recent_at", UTCDateTime(), nullable=False),
        sa.Column("told_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "reason IN ('unknown_source', 'no_proof', 'wrong_proof', 'stale', 'paused', 'too_many', 'too_large',"
            " 'unreadable', 'nobody', 'no_key')",
            name=op.f("ck_refusals_reason_known"),
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_refusals_workspace_id_workspaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refusals")),
        sa.UniqueConstraint("workspace_id", "source", "reason", name=op.f("uq_refusals_workspace_id_source_reason")),
    )
    _remember_the_known()
    op.create_index("ix_wishes_external", "wishes", ["workspace_id", "source", "external_id"])
    op.create_index("ix_wishes_person", "wishes", ["workspace_id", "person", "at"])
    op.create_index("ix_wishes_said", "wishes", ["workspace_id", "said"])
    op.create_index("ix_wishes_lead", "wishes", ["lead_id", "id"])


def _remember_the_known() -> None:
    """Who asked before is known by their address. What they said then is not known: `said` stays empty."""
    leads = sa.table(
        "leads",
        *(sa.column(name) for name in ("id", "workspace_id", "source", "external_id", "email", "asked")),
        sa.column("arrived_at", UTCDateTime()),
    )
    wishes = sa.table(
        "wishes",
        *(sa.column(name) for name in ("workspace_id", "lead_id", "source", "external_id", "person", "asked")),
        sa.column("at", UTCDateTime()),
    )
    connection, last = op.get_bind(), 0
    while rows := connection.execute(
        sa.select(leads)
        .where(leads.c.id > last, sa.or_(leads.c.email.is_not(None), leads.c.external_id.is_not(None)))
        .order_by(leads.c.id)
        .limit(AT_ONCE)
    ).all():
        last = rows[-1].id
        connection.execute(
            sa.insert(wishes),
            [
                {
                    "workspace_id": row.workspace_id,
                    "lead_id": row.id,
                    "at": row.arrived_at,
                    "source": row.source,
                    "external_id": row.external_id,
                    "person": row.email.casefold() if row.email else None,
                    "asked": row.asked,
                }
                for row in rows
            ],
        )


def downgrade() -> None:
    op.drop_table("refusals")
    op.drop_table("wishes")
    op.drop_column("leads", "job_title")
