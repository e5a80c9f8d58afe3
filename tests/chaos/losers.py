"""What the oracle says of those out of whose hands a lead was taken: each is told of it, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from storage.models import Delivery
from tests.chaos.happened import HANDING, recipient
from tests.chaos.ledger import Said
from tests.chaos.records import Records, Violation

TAKING = ("reassigned", "taken", "claimed", "handed_back")

Posts = Callable[[str, int, str], tuple[Sequence[Said], Sequence[Delivery]]]
"""What was posted of a kind, about a subject, at a place; and the deliveries that said so."""


def look_at_losers(records: Records, posts_of: Posts) -> Iterator[Violation]:
    """Whose lead somebody else's click took reads that once, unless they had it again before that could be sent."""
    for lead_id, events in records.events.items():
        for event in events:
            had = event.data.get("from")
            if event.kind not in TAKING or event.by_id is None or had in (None, event.by_id, event.data.get("to")):
                continue
            posts, rows = posts_of("lead_lost", event.id, records.members[had].slack_user_id)
            again = any(one.id > event.id and one.kind in HANDING and recipient(one) == had for one in events)
            if len(posts) == 1 or (not posts and again and rows and all(row.state == "dropped" for row in rows)):
                continue
            told = f"who had lead {lead_id} before event {event.id} reads of that {len(posts)} times"
            yield Violation("doubled" if posts else "lost", told, tuple(row.token for row in rows))
