"""missed deadlines: contacts after a deadline that the ticker had not looked at yet were counted as in time"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "UPDATE leads SET breached_at = (SELECT min(clocks.due_at) FROM clocks WHERE clocks.lead_id = leads.id"
        " AND clocks.due_at <= leads.contacted_at AND clocks.due_at <= clocks.stopped_at)"
        " WHERE contacted_at IS NOT NULL AND breached_at IS NULL"
    )


def downgrade() -> None:
    """What is known now was true before."""
