"""The next rep in turn, the newest names and the leads that were given back are found by indexes"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

DECLINED = "state = 'declined'"


def upgrade() -> None:
    op.create_index("ix_team_members_turn", "team_members", ["team_id", "last_given_at", "position", "member_id"])
    op.create_index("ix_accounts_newest", "accounts", ["workspace_id", "id"])
    op.create_index("ix_themes_newest", "themes", ["workspace_id", "id"])
    op.create_index(
        "ix_leads_declined",
        "leads",
        ["workspace_id", "arrived_at"],
        sqlite_where=sa.text(DECLINED),
        postgresql_where=sa.text(DECLINED),
    )


def downgrade() -> None:
    op.drop_index("ix_leads_declined", "leads")
    op.drop_index("ix_themes_newest", "themes")
    op.drop_index("ix_accounts_newest", "accounts")
    op.drop_index("ix_team_members_turn", "team_members")
