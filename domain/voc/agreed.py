"""Who else heard what an item tells: its votes (domain/voc/votes.py), for whoever shows the item."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Account, Member, VocItem

VOTES_NAMED: Final = 3
"""So many votes of an item are told by name."""


@dataclass(frozen=True, slots=True)
class Votes:
    """Who else heard an item: `named` are the first VOTES_NAMED votes as (member, account), of `count`."""

    count: int
    named: tuple[tuple[str, str | None], ...]


NO_VOTES: Final = Votes(0, ())


def votes_of(session: Session, item_ids: Collection[int]) -> dict[int, Votes]:
    """The live votes of each of these items, the oldest first; no entry where there are none."""
    rows = session.execute(
        select(VocItem.of_item_id, Member.name, Account.name)
        .join(Member, Member.id == VocItem.member_id)
        .outerjoin(Account, Account.id == VocItem.account_id)
        .where(VocItem.of_item_id.in_(item_ids), VocItem.state == "live")
        .order_by(VocItem.created_at, VocItem.id)
    )
    found: dict[int | None, list[tuple[str, str | None]]] = {}
    for item_id, member, account in rows:
        found.setdefault(item_id, []).append((member, account))
    return {item_id: Votes(len(each), tuple(each[:VOTES_NAMED])) for item_id, each in found.items() if item_id}
