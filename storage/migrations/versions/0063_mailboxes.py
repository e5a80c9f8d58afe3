"""Who asked is named by their mailbox: in Gmail neither dots nor what follows a plus make another one."""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

WITHOUT_DOTS = ("gmail.com", "googlemail.com")
WITH_PLUS = (
    *WITHOUT_DOTS,
    *("outlook.com", "hotmail.com", "live.com", "msn.com", "outlook.de", "hotmail.de", "outlook.fr", "hotmail.fr"),
    *("hotmail.co.uk", "live.co.uk", "icloud.com", "me.com", "mac.com", "proton.me", "protonmail.com", "pm.me"),
    "fastmail.com",
)
"""As domain/leads/addresses.py had them when this was written."""

WISHES = sa.table("wishes", sa.column("workspace_id", sa.BigInteger), sa.column("person", sa.String))


def upgrade() -> None:
    database = op.get_bind()
    named = sa.and_(
        sa.or_(*(WISHES.c.person.like(f"%@{domain}") for domain in WITH_PLUS)), WISHES.c.person.not_like("tel:%")
    )
    people = database.execute(sa.select(WISHES.c.workspace_id, WISHES.c.person).where(named).distinct()).all()
    for workspace_id, person in people:
        mailbox = mailbox_of(person)
        if mailbox != person:
            mine = (WISHES.c.workspace_id == workspace_id, WISHES.c.person == person)
            database.execute(sa.update(WISHES).where(*mine).values(person=mailbox))


def mailbox_of(person: str) -> str:
    local, _, domain = person.rpartition("@")
    local = local.partition("+")[0] or local
    if domain in WITHOUT_DOTS:
        local, domain = local.replace(".", "") or local, "gmail.com"
    return f"{local}@{domain}"


def downgrade() -> None:
    """How the addresses were written stands with the leads."""
