"""Declines with what became of each, disputes and rulings; leads that wait in nurture; reasons that grow."""

import sqlalchemy as sa
from alembic import op

from storage.base import BigInt, UTCDateTime

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

CHECK = "ck_leads_decline_reason_known"
UNDECIDED = sa.text("state IN ('open', 'disputed')")
WAITING = sa.text("state = 'waiting'")
DUE = sa.text("next_at IS NOT NULL")
MEMBERS = ("by_id", "answered_by_id", "judge_id", "ruled_by_id")

# What was declined before, and is still: marketing read it in the thread, and nothing more is asked of it.
KEPT = """
    INSERT INTO declines (workspace_id, lead_id, event_id, team_id, source, at, by_id, reason, note, consequence, state)
    SELECT leads.workspace_id, leads.id, lead_events.id, leads.team_id, leads.source,
           lead_events.at, lead_events.by_id, leads.decline_reason, leads.decline_note, 'marketing', 'settled'
    FROM leads
    JOIN lead_events ON lead_events.id = (
        SELECT max(latest.id) FROM lead_events latest WHERE latest.lead_id = leads.id AND latest.kind = 'declined'
    )
    WHERE leads.state = 'declined'
    ORDER BY leads.id
"""


def upgrade() -> None:
    # Reasons are declared in the program (domain/leads/reasons.py), and the database takes new ones.
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f(CHECK), "leads")
    else:
        _take_out("leads", f"CONSTRAINT {CHECK} CHECK (decline_reason IS NULL OR decline_reason IN (")
    op.create_table(
        "declines",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("lead_id", BigInt, nullable=False),
        sa.Column("event_id", BigInt, nullable=True),
        sa.Column("team_id", BigInt, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("by_id", BigInt, nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("consequence", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("answered_by_id", BigInt, nullable=True),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("dispute", sa.String(), nullable=True),
        sa.Column("judge_id", BigInt, nullable=True),
        sa.Column("ruled_by_id", BigInt, nullable=True),
        sa.Column("ruled_at", UTCDateTime(), nullable=True),
        sa.Column("verdict", sa.String(), nullable=True),
        sa.Column("ruling", sa.String(), nullable=True),
        sa.Column("undone_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'disputed', 'ruled', 'settled', 'undone')",
            name=op.f("ck_declines_state_known"),
        ),
        sa.CheckConstraint(
            "consequence IN ('marketing', 'nurture', 'reroute')", name=op.f("ck_declines_consequence_known")
        ),
        sa.CheckConstraint(
            "verdict IS NULL OR verdict IN ('sales', 'stands', 'nurture')", name=op.f("ck_declines_verdict_known")
        ),
        sa.CheckConstraint(
            "(state = 'ruled') = (verdict IS NOT NULL) AND (verdict IS NULL) = (ruled_at IS NULL)",
            name=op.f("ck_declines_ruled_how"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('accepted', 'disputed', 'ruled') OR answered_at IS NOT NULL",
            name=op.f("ck_declines_answered"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('disputed', 'ruled') OR dispute IS NOT NULL", name=op.f("ck_declines_disputed_why")
        ),
        sa.CheckConstraint("(state = 'undone') = (undone_at IS NOT NULL)", name=op.f("ck_declines_undone_when")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_declines_workspace_id_workspaces")),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_declines_lead_id_leads")),
        sa.ForeignKeyConstraint(["event_id"], ["lead_events.id"], name=op.f("fk_declines_event_id_lead_events")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_declines_team_id_teams")),
        *(sa.ForeignKeyConstraint([one], ["members.id"], name=op.f(f"fk_declines_{one}_members")) for one in MEMBERS),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declines")),
    )
    op.create_index("ix_declines_lead", "declines", ["lead_id", "id"])
    op.create_index("ix_declines_event", "declines", ["event_id"])
    op.create_index("ix_declines_at", "declines", ["workspace_id", "at"])
    op.create_index(
        "uq_declines_undecided",
        "declines",
        ["lead_id"],
        unique=True,
        sqlite_where=UNDECIDED,
        postgresql_where=UNDECIDED,
    )
    op.create_table(
        "nurtures",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("lead_id", BigInt, nullable=False),
        sa.Column("decline_id", BigInt, nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.Column("next_at", UTCDateTime(), nullable=True),
        sa.Column("began_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'returned', 'undone', 'overtaken')", name=op.f("ck_nurtures_state_known")
        ),
        sa.CheckConstraint("(state = 'waiting') = (next_at IS NOT NULL)", name=op.f("ck_nurtures_waiting_has_time")),
        sa.CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", name=op.f("ck_nurtures_ended_when")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_nurtures_workspace_id_workspaces")),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_nurtures_lead_id_leads")),
        sa.ForeignKeyConstraint(["decline_id"], ["declines.id"], name=op.f("fk_nurtures_decline_id_declines")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nurtures")),
    )
    op.create_index(
        "uq_nurtures_waiting", "nurtures", ["lead_id"], unique=True, sqlite_where=WAITING, postgresql_where=WAITING
    )
    op.create_index("ix_nurtures_due", "nurtures", ["next_at"], sqlite_where=DUE, postgresql_where=DUE)
    op.create_index("ix_nurtures_lead", "nurtures", ["lead_id", "id"])
    op.execute(KEPT)


def _take_out(table: str, begins: str) -> None:
    """SQLite cannot drop a check. Its manual allows to edit the table's text, since no stored row is touched."""
    database = op.get_bind()
    asked = "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?"
    sql: str = database.exec_driver_sql(asked, (table,)).scalar_one()
    start = sql.index(begins)
    end = sql.index(")", start + len(begins)) + 2
    comma = sql.index(",", end) + 1
    database.exec_driver_sql("PRAGMA writable_schema = ON")
    database.exec_driver_sql(
        "UPDATE sqlite_schema SET sql = ? WHERE type = 'table' AND name = ?",
        (sql[:start] + sql[comma:].lstrip(), table),
    )
    version = database.exec_driver_sql("PRAGMA schema_version").scalar_one()
    database.exec_driver_sql(f"PRAGMA schema_version = {int(version) + 1}")
    database.exec_driver_sql("PRAGMA writable_schema = OFF")


def downgrade() -> None:
    """The check stays away: rows may hold a reason that an older list does not."""
    op.drop_table("nurtures")
    op.drop_table("declines")
