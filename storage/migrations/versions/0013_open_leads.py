"""Open leads are counted, and the most urgent found, by indexes alone."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_leads_team_owner_open", "leads", ["team_id", "owner_id"], "state IN ('new', 'claimed')"),
    ("ix_leads_contacted", "leads", ["team_id", "contacted_at", "breached_at"], "contacted_at IS NOT NULL"),
    ("ix_leads_breached", "leads", ["team_id", "breached_at"], "breached_at IS NOT NULL"),
    ("ix_clocks_live_due", "clocks", ["workspace_id", "due_at", "lead_id"], "state <> 'stopped'"),
)


def upgrade() -> None:
    for name, table, columns, where in INDEXES:
        op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.drop_index("ix_leads_team_open", "leads")


def downgrade() -> None:
    where = sa.text("state IN ('new', 'claimed')")
    op.create_index("ix_leads_team_open", "leads", ["team_id"], sqlite_where=where, postgresql_where=where)
    for name, table, *_ in reversed(INDEXES):
        op.drop_index(name, table)
