"""What a search looks in: the words of voc items, which of them wait to be kept, and every word that there is."""

from __future__ import annotations

from typing import Final

from sqlalchemy import String, Text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base

WORDS_INDEX: Final = "voc_words_index"
"""The full-text index over `voc_words.words`: a virtual table of FTS5 on SQLite, an index on PostgreSQL."""


class VocWords(Base):
    """The words of one live item as domain/voc/words.py makes them: joined by spaces, with their places on PostgreSQL.

    Without foreign keys, as the two tables below: triggers of the database take a row away with its item.
    """

    __tablename__ = "voc_words"

    item_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    workspace_id: Mapped[int]
    words: Mapped[str] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"))


class VocWordsDue(Base):
    """An item whose words are to be kept anew. Triggers of the database add the row, whichever release wrote the item.

    `times`: how often it was changed meanwhile. Whoever changes an item holds this row until the change is committed.
    """

    __tablename__ = "voc_words_due"

    workspace_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    item_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    times: Mapped[int] = mapped_column(server_default="1")


class VocTerm(Base):
    """A word that items of the workspace have or had: what is typed so far finds the words that begin so.

    In the order of characters, whatever language the database was made for.
    """

    __tablename__ = "voc_terms"

    workspace_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    term: Mapped[str] = mapped_column(String().with_variant(String(collation="C"), "postgresql"), primary_key=True)
