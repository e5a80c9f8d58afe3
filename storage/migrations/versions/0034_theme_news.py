"""What marketing did with themes and to whom it was told, and whether answers helped."""

import sqlalchemy as sa
from alembic import op

from storage.base import BigInt, Json, UTCDateTime

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

DUE = sa.text("due_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "theme_news",
        sa.Column("theme_id", BigInt, nullable=False),
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("first_at", UTCDateTime(), nullable=False),
        sa.Column("last_at", UTCDateTime(), nullable=False),
        _refers("theme_news", "theme_id", "themes"),
        _refers("theme_news", "workspace_id", "workspaces"),
        sa.PrimaryKeyConstraint("theme_id", name=op.f("pk_theme_news")),
    )
    op.create_index(op.f("ix_theme_news_workspace_id"), "theme_news", ["workspace_id"])
    op.create_table(
        "theme_tellings",
        sa.Column("member_id", BigInt, nullable=False),
        sa.Column("theme_id", BigInt, nullable=False),
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=True),
        sa.Column("noted_at", UTCDateTime(), nullable=False),
        sa.Column("with_deal", sa.Boolean(), nullable=False),
        sa.Column("told_status", sa.String(), nullable=True),
        sa.Column("told_answer", sa.String(), nullable=True),
        sa.Column("told_at", UTCDateTime(), nullable=True),
        _refers("theme_tellings", "member_id", "members"),
        _refers("theme_tellings", "theme_id", "themes"),
        _refers("theme_tellings", "workspace_id", "workspaces"),
        sa.PrimaryKeyConstraint("member_id", "theme_id", name=op.f("pk_theme_tellings")),
    )
    op.create_index(op.f("ix_theme_tellings_theme_id_member_id"), "theme_tellings", ["theme_id", "member_id"])
    op.create_index(
        "ix_theme_tellings_due", "theme_tellings", ["workspace_id", "due_at"], sqlite_where=DUE, postgresql_where=DUE
    )
    op.create_table(
        "theme_letters",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("member_id", BigInt, nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        _refers("theme_letters", "workspace_id", "workspaces"),
        _refers("theme_letters", "member_id", "members"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_theme_letters")),
    )
    op.create_table(
        "answer_verdicts",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("theme_id", BigInt, nullable=False),
        sa.Column("member_id", BigInt, nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("verdict IN ('used', 'helped', 'no_help')", name=op.f("ck_answer_verdicts_verdict_known")),
        _refers("answer_verdicts", "workspace_id", "workspaces"),
        _refers("answer_verdicts", "theme_id", "themes"),
        _refers("answer_verdicts", "member_id", "members"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_verdicts")),
        sa.UniqueConstraint(
            "theme_id", "version", "member_id", name=op.f("uq_answer_verdicts_theme_id_version_member_id")
        ),
    )
    op.create_index(
        op.f("ix_answer_verdicts_theme_id_version_verdict"), "answer_verdicts", ["theme_id", "version", "verdict"]
    )
    op.create_index(op.f("ix_answer_verdicts_workspace_id_at"), "answer_verdicts", ["workspace_id", "at"])
    op.create_index(op.f("ix_assets_theme_id"), "assets", ["theme_id"])


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))


def downgrade() -> None:
    op.drop_index(op.f("ix_assets_theme_id"), "assets")
    for table in ("answer_verdicts", "theme_letters", "theme_tellings", "theme_news"):
        op.drop_table(table)
