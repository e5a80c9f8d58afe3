"""Full-text search over voc items, and how a customer's words may be used.

The words themselves are kept by domain/voc/wording.py, newest items first, since only there words are folded. Triggers
note which items wait for it: so an earlier release, which knows nothing of words, goes on writing items as ever.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

from storage.base import BigInt

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

CONSENT = "consent IN ('internal', 'anonymous', 'named')"
SAID = "verbatim, line, quote, kind, theme_id, account_id, member_id, competitor, competitor_key, state, created_at, version"
"""The columns of voc_items that words are made of, or that say that something was changed."""

OF_NAMES = (("theme", "themes", "slug"), ("account", "accounts", "name"))
"""What items are found by besides their own words: name of the trigger, table, column."""

SQLITE = (
    """CREATE VIRTUAL TABLE voc_words_index USING fts5(
        words, content='voc_words', content_rowid='item_id', columnsize=0, tokenize="ascii tokenchars '+#'")""",
    """CREATE TRIGGER voc_words_kept AFTER INSERT ON voc_words BEGIN
        INSERT INTO voc_words_index (rowid, words) VALUES (NEW.item_id, NEW.words);
    END""",
    """CREATE TRIGGER voc_words_dropped AFTER DELETE ON voc_words BEGIN
        INSERT INTO voc_words_index (voc_words_index, rowid, words) VALUES ('delete', OLD.item_id, OLD.words);
    END""",
    """CREATE TRIGGER voc_words_changed AFTER UPDATE ON voc_words BEGIN
        INSERT INTO voc_words_index (voc_words_index, rowid, words) VALUES ('delete', OLD.item_id, OLD.words);
        INSERT INTO voc_words_index (rowid, words) VALUES (NEW.item_id, NEW.words);
    END""",
    """CREATE TRIGGER voc_items_logged AFTER INSERT ON voc_items BEGIN
        INSERT INTO voc_words_due (workspace_id, item_id) VALUES (NEW.workspace_id, NEW.id) ON CONFLICT DO NOTHING;
    END""",
    f"""CREATE TRIGGER voc_items_changed AFTER UPDATE OF {SAID} ON voc_items BEGIN
        INSERT INTO voc_words_due (workspace_id, item_id) VALUES (NEW.workspace_id, NEW.id) ON CONFLICT DO NOTHING;
    END""",
    """CREATE TRIGGER voc_items_gone AFTER DELETE ON voc_items BEGIN
        DELETE FROM voc_words WHERE item_id = OLD.id;
        DELETE FROM voc_words_due WHERE workspace_id = OLD.workspace_id AND item_id = OLD.id;
    END""",
    *(
        f"""CREATE TRIGGER voc_{name}_renamed AFTER UPDATE OF {column} ON {table} WHEN OLD.{column} <> NEW.{column} BEGIN
            INSERT INTO voc_words_due (workspace_id, item_id)
            SELECT workspace_id, id FROM voc_items WHERE {name}_id = NEW.id ON CONFLICT DO NOTHING;
        END"""
        for name, table, column in OF_NAMES
    ),
)

# "DO UPDATE" and not "DO NOTHING": whoever keeps the words must wait for this transaction, or would keep the old ones.
_AGAIN = "ON CONFLICT (workspace_id, item_id) DO UPDATE SET times = voc_words_due.times + 1"
POSTGRESQL = (
    # Without a list of what is still to be sorted in: every search would go through it.
    "CREATE INDEX voc_words_index ON voc_words USING gin (words) WITH (fastupdate = off)",
    f"""CREATE FUNCTION voc_item_said() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO voc_words_due (workspace_id, item_id) VALUES (NEW.workspace_id, NEW.id) {_AGAIN};
        RETURN NULL;
    END $$""",
    "CREATE TRIGGER voc_items_logged AFTER INSERT ON voc_items FOR EACH ROW EXECUTE FUNCTION voc_item_said()",
    f"CREATE TRIGGER voc_items_changed AFTER UPDATE OF {SAID} ON voc_items FOR EACH ROW EXECUTE FUNCTION voc_item_said()",
    """CREATE FUNCTION voc_item_gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        DELETE FROM voc_words WHERE item_id = OLD.id;
        DELETE FROM voc_words_due WHERE workspace_id = OLD.workspace_id AND item_id = OLD.id;
        RETURN NULL;
    END $$""",
    "CREATE TRIGGER voc_items_gone AFTER DELETE ON voc_items FOR EACH ROW EXECUTE FUNCTION voc_item_gone()",
    *(
        statement
        for name, table, column in OF_NAMES
        for statement in (
            f"""CREATE FUNCTION voc_{name}_renamed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                INSERT INTO voc_words_due (workspace_id, item_id)
                SELECT workspace_id, id FROM voc_items WHERE {name}_id = NEW.id {_AGAIN};
                RETURN NULL;
            END $$""",
            f"""CREATE TRIGGER voc_{name}_renamed AFTER UPDATE OF {column} ON {table} FOR EACH ROW
                WHEN (OLD.{column} <> NEW.{column}) EXECUTE FUNCTION voc_{name}_renamed()""",
        )
    ),
)


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "voc_words",
        sa.Column("item_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("workspace_id", BigInt, nullable=False),
        sa.Column("words", sa.Text().with_variant(TSVECTOR(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("item_id", name="pk_voc_words"),
    )
    op.create_table(
        "voc_words_due",
        sa.Column("workspace_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("item_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("times", BigInt, nullable=False, server_default="1"),
        sa.PrimaryKeyConstraint("workspace_id", "item_id", name="pk_voc_words_due"),
    )
    op.create_table(
        "voc_terms",
        sa.Column("workspace_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("term", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "term", name="pk_voc_terms"),
    )
    for statement in SQLITE if is_sqlite else POSTGRESQL:
        op.execute(statement)
    # Everything that there is waits for its words: a second for a million items. The worker keeps them, bit by bit.
    op.execute("INSERT INTO voc_words_due (workspace_id, item_id) SELECT workspace_id, id FROM voc_items")
    if is_sqlite:
        # In place: Alembic would write the table anew, to which others refer, and its triggers would be gone.
        op.execute(
            f"ALTER TABLE voc_items ADD COLUMN consent VARCHAR CONSTRAINT ck_voc_items_consent_known CHECK ({CONSENT})"
        )
    else:
        op.add_column("voc_items", sa.Column("consent", sa.String(), nullable=True))
        op.create_check_constraint(op.f("ck_voc_items_consent_known"), "voc_items", CONSENT)


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    triggers = [("voc_items", f"voc_items_{what}") for what in ("logged", "changed", "gone")]
    triggers += [(table, f"voc_{name}_renamed") for name, table, _ in OF_NAMES]
    for table, trigger in triggers:
        op.execute(f"DROP TRIGGER {trigger}" if is_sqlite else f"DROP TRIGGER {trigger} ON {table}")
    if is_sqlite:
        op.execute("DROP TABLE voc_words_index")
    else:
        for function in ("voc_item_said", "voc_item_gone", *(f"voc_{name}_renamed" for name, _, _ in OF_NAMES)):
            op.execute(f"DROP FUNCTION {function}()")
    for table in ("voc_terms", "voc_words_due", "voc_words"):
        op.drop_table(table)  # with their triggers, which SQLite reads before it drops a column
    op.drop_column("voc_items", "consent")
