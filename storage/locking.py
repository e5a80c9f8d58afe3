"""Rows held for a transaction."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import Select

Query = TypeVar("Query", bound=Select[Any])


def locked(query: Query) -> Query:
    """The query, with the rows that it finds held until the transaction ends.

    The session may know the rows from before somebody else changed them, so they are read anew.
    """
    return query.with_for_update().execution_options(populate_existing=True)
