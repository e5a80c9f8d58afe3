"""What a transaction noted for its end (storage/outbox.py) is undone together with what gave cause to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any

from sqlalchemy.orm import Session


@contextmanager
def taken_back(session: Session) -> Iterator[None]:
    """What is wanted within is not said: what gives cause to say it is rolled back. What was wanted before stays."""
    before = _noted(session)
    try:
        yield
    finally:
        session.info.update(before)


@contextmanager
def all_or_nothing(session: Session) -> Iterator[None]:
    """What is done within counts only when all of it succeeds, and so does what is wanted; the error goes on."""
    before = _noted(session)
    try:
        with session.begin_nested():
            yield
    except BaseException:
        session.info.update(before)
        raise


def _noted(session: Session) -> dict[str, Any]:
    empty: dict[str, Any] = {"outbox": [], "refreshes": {}, "first_cards": []}
    return {name: copy(session.info.get(name, none)) for name, none in empty.items()}
