"""Finds rows by how a text of theirs begins, as a step in an index on both databases."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import InstrumentedAttribute, Session

_LAST = "\U0010ffff"  # sorts behind every character


def begins_with(session: Session, column: InstrumentedAttribute[str], typed: str) -> ColumnElement[bool]:
    """The column's text begins with `typed`. The index must have `text_pattern_ops` for it on PostgreSQL, whose order
    is otherwise that of a language.
    """
    if session.get_bind().dialect.name == "postgresql":
        least: Any = column.op("~>=~", is_comparison=True)
        most: Any = column.op("~<~", is_comparison=True)
        return and_(least(typed), most(typed + _LAST))
    return and_(column >= typed, column < typed + _LAST)
