"""The words of voc items that `bench/grown.py` made, kept by a few statements in the database itself.

Their text is such that folding changes nothing in it, so that SQL can say what domain/voc/words.py would. `check_words`
compares the two.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from domain.voc.wording import word_items
from domain.voc.words import stems_of
from storage.database import Database
from storage.models import VocItem, VocWords, VocWordsDue
from storage.words import BLOCK

SAID: Final = ("the", "rollout", "takes", "too", "long", "for", "us", "number", "theme")
COMPARED: Final = 30


def keep_all_words(db: Database, workspace_id: int) -> None:
    """Keep the words of all items of a grown workspace, as the worker would have."""
    line = _line(sqlite=db.is_sqlite)
    with db.engine.begin() as connection:
        if not db.is_sqlite:
            connection.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
            connection.execute(text("DROP INDEX voc_words_index"))  # made in one go at the end, in a tenth of the time
        connection.execute(
            text(
                f"""INSERT INTO voc_words (item_id, workspace_id, words)
                    SELECT i.id, i.workspace_id, {line if db.is_sqlite else _vector(line)}
                    FROM voc_items AS i JOIN themes AS t ON t.id = i.theme_id
                    LEFT JOIN accounts AS a ON a.id = i.account_id WHERE i.workspace_id = :here"""
            ),
            {"here": workspace_id, **_stems()},
        )
        connection.execute(
            text(
                """INSERT INTO voc_terms (workspace_id, term)
                    SELECT workspace_id, substr(verbatim, length(:said) + 1) FROM voc_items
                    WHERE workspace_id = :here"""
            ),
            {"here": workspace_id, "said": "the rollout takes too long for us number "},
        )
        for word in (*SAID, "account", "rival"):
            connection.execute(
                text("INSERT INTO voc_terms (workspace_id, term) VALUES (:here, :word)"),
                {"here": workspace_id, "word": word},
            )
        connection.execute(text("DELETE FROM voc_words_due"))
        if not db.is_sqlite:
            connection.execute(
                text("CREATE INDEX voc_words_index ON voc_words USING gin (words) WITH (fastupdate = off)")
            )
    if not db.is_sqlite:
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as vacuuming:
            vacuuming.execute(text("VACUUM ANALYZE"))


def check_words(db: Database, workspace_id: int) -> None:
    """What is measured must be right: the program would keep the same words."""
    assert db.run_sync(_differing, workspace_id) == []


def _differing(session: Session, workspace_id: int) -> list[int]:
    newest = select(VocItem.id).where(VocItem.workspace_id == workspace_id).order_by(VocItem.id.desc()).limit(COMPARED)
    items = session.scalars(newest).all()
    told = select(VocWords.item_id, VocWords.words).where(VocWords.item_id.in_(items))
    before = dict(session.execute(told).tuples().all())
    session.execute(update(VocItem).where(VocItem.id.in_(items)).values(verbatim=VocItem.verbatim))
    assert session.scalar(select(func.count()).select_from(VocWordsDue)) == COMPARED
    word_items(session, workspace_id, limit=COMPARED)
    after = dict(session.execute(told).tuples().all())
    return [item for item in items if before[item] != after[item]]


def _stems() -> dict[str, str]:
    """The stems of an item's words: of those that each has, with an account, with a competitor, with both."""
    more = {"none": (), "account": ("account",), "rival": ("rival",), "both": ("account", "rival")}
    return {
        f"stems_of_{name}": " ".join(sorted({stem for word in (*SAID, *words) for stem in stems_of(word)}))
        for name, words in more.items()
    }


def _line(*, sqlite: bool) -> str:
    """The tokens of an item, with spaces between them, as SQL."""
    day = "strftime('%Y%m%d', i.created_at)" if sqlite else "to_char(i.created_at AT TIME ZONE 'UTC', 'YYYYMMDD')"
    return f"""
        i.verbatim || ' § ' || replace(t.slug, '-', ' ') || ' § '
        || COALESCE(lower(a.name) || ' § ', '') || COALESCE(lower(i.competitor) || ' § ', '')
        || CASE WHEN a.id IS NULL AND i.competitor IS NULL THEN CAST(:stems_of_none AS text)
                WHEN i.competitor IS NULL THEN CAST(:stems_of_account AS text)
                WHEN a.id IS NULL THEN CAST(:stems_of_rival AS text)
                ELSE CAST(:stems_of_both AS text) END
        || ' §w' || i.workspace_id || ' §k' || replace(i.kind, '_', '§') || ' §m' || i.member_id
        || ' §d' || substr({day}, 1, 6) || ' §d' || {day} || ' §t' || i.theme_id || COALESCE(' §a' || i.account_id, '')
        || COALESCE(' §c' || replace(i.competitor_key, '-', '§'), '')"""


def _vector(line: str) -> str:
    """A line of tokens as PostgreSQL's tsvector, with the block of the item's id."""
    return f"""(
        SELECT string_agg(quote_literal(token) || '\\:' || place, ' ')
        FROM unnest(string_to_array({line} || ' §b' || (i.id >> {BLOCK}), ' ')) WITH ORDINALITY AS one (token, place)
        )\\:\\:tsvector"""
