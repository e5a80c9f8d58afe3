"""Keeps the words of voc items, so that each is found by what it says (storage/words.py).

Triggers of the database note which items wait, whoever wrote them. The worker keeps their words every two seconds, and
whoever searches keeps those that wait first: so an item is found right after it was logged. After an upgrade all items
wait, and their words are kept from the newest on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, exists, literal_column, select
from sqlalchemy.orm import Session

from domain.people import Actor
from domain.voc.words import Wording, tokens_of, words_in
from storage.models import Account, Theme, VocItem, VocWordsDue, Workspace
from storage.statements import Statement
from storage.words import count_due, drop_words, items_due, keep_terms, keep_words, no_longer_due

KEPT_BY_A_SEARCH: Final = 100
"""Whoever searches keeps the words of so many items that wait, and is told when more do."""

_LIVE: Final = Statement(
    select(
        VocItem.id,
        VocItem.workspace_id,
        VocItem.member_id,
        VocItem.kind,
        VocItem.line,
        VocItem.verbatim,
        VocItem.quote,
        VocItem.theme_id,
        Theme.slug,
        VocItem.account_id,
        Account.name,
        VocItem.competitor,
        VocItem.competitor_key,
        VocItem.created_at,
    )
    .outerjoin(Theme, Theme.id == VocItem.theme_id)
    .outerjoin(Account, Account.id == VocItem.account_id)
    .where(
        VocItem.id.in_(bindparam("items", expanding=True)),
        # "+ 0": by their ids. SQLite would else read all items of the workspace, by a guess.
        VocItem.workspace_id + literal_column("0") == bindparam("workspace"),
        VocItem.state == "live",
    )
)


def workspaces_to_word(session: Session) -> Sequence[int]:
    """The workspaces in which items wait for their words to be kept."""
    waits = exists().where(VocWordsDue.workspace_id == Workspace.id)
    return session.scalars(select(Workspace.id).where(waits).order_by(Workspace.id)).all()


def word_items(session: Session, workspace_id: int, *, limit: int) -> int:
    """Keep the words of up to `limit` items that wait, the newest first. Returns how many there were."""
    due = items_due(session, workspace_id, limit=limit)
    if not due:
        return 0
    live = [Wording(*row) for row in _LIVE.all(session, {"items": due, "workspace": workspace_id})]
    tokens = {item.item_id: tokens_of(item) for item in live}
    drop_words(session, [item for item in due if item not in tokens])
    keep_words(session, workspace_id, tokens)
    keep_terms(session, workspace_id, {word for each in tokens.values() for word in words_in(each)})
    no_longer_due(session, workspace_id, due)
    return len(due)


def catch_up(session: Session, *, by: Actor, at: datetime) -> Actor:  # noqa: ARG001  # whenever it is asked for
    """Keep the words of what was logged and changed lately, before somebody searches; who that is."""
    word_items(session, by.workspace_id, limit=KEPT_BY_A_SEARCH)
    return by


def still_waiting(session: Session, workspace_id: int) -> int:
    """How many items cannot be found yet, or not as they are now; no more than 10,000 are counted."""
    return count_due(session, workspace_id, at_most=10_000)
