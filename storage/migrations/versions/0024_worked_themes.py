"""What marketing does with a theme: its status and owner, whom its answer is for, and which theme took its place."""

import sqlalchemy as sa
from alembic import op

from storage.base import BigInt, UTCDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

STATUS = ("status", "status IN ('new', 'looking', 'planned', 'shipped', 'wont_do')", "new")
AUDIENCE = ("answer_audience", "answer_audience IN ('internal', 'safe')", "internal")
REFERENCES = (("status_by_id", "members"), ("owner_id", "members"), ("merged_into_id", "themes"))


def upgrade() -> None:
    # In place: on SQLite, Alembic would write the table anew, to which others refer.
    if op.get_bind().dialect.name == "sqlite":
        for column, check, default in (STATUS, AUDIENCE):
            op.execute(
                f"ALTER TABLE themes ADD COLUMN {column} VARCHAR NOT NULL DEFAULT '{default}' "
                f"CONSTRAINT ck_themes_{column}_known CHECK ({check})"
            )
        left = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("themes")}
        for column, table in REFERENCES:
            if column not in left:
                op.execute(
                    f"ALTER TABLE themes ADD COLUMN {column} INTEGER "
                    f"CONSTRAINT fk_themes_{column}_{table} REFERENCES {table} (id)"
                )
    else:
        for column, check, default in (STATUS, AUDIENCE):
            op.add_column("themes", sa.Column(column, sa.String(), nullable=False, server_default=default))
            op.create_check_constraint(op.f(f"ck_themes_{column}_known"), "themes", check)
        for column, table in REFERENCES:
            op.add_column("themes", sa.Column(column, BigInt, nullable=True))
            op.create_foreign_key(f"fk_themes_{column}_{table}", "themes", table, [column], ["id"])
    op.add_column("themes", sa.Column("status_note", sa.String(), nullable=True))
    op.add_column("themes", sa.Column("status_at", UTCDateTime(), nullable=True))
    op.add_column("themes", sa.Column("answer_until", sa.Date(), nullable=True))


def downgrade() -> None:
    for column in ("answer_until", "status_at", "status_note"):
        op.drop_column("themes", column)
    if op.get_bind().dialect.name == "sqlite":
        # SQLite drops no column that is a foreign key. Empty, such a column does no harm, and `upgrade` finds it.
        op.execute("UPDATE themes SET merged_into_id = NULL, owner_id = NULL, status_by_id = NULL")
    else:
        for column, _ in REFERENCES:
            op.drop_column("themes", column)
    for column, _, _ in (AUDIENCE, STATUS):
        op.drop_column("themes", column)
