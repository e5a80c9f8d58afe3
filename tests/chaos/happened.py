"""What happened to a lead, in what order: by the ids of its events, since their times were read before their turn.

A click's time is that of its arrival, a dropping's that at which a courier began to look. A busy machine gives either
its turn seconds later, so an earlier time proves nothing. The ids of one lead's events are drawn while it is locked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.courier.errands import OVERTAKEN
from storage.models import Clock, Delivery, LeadEvent

HANDING = ("given", "claimed", "reassigned", "taken", "handed_back")
SETTLING = ("contacted", "declined")
GIVING = ("given", "reassigned", "taken")
"""With each of these a clock begins."""


def owner_at(events: Sequence[LeadEvent], event: LeadEvent) -> int:
    """Who had the lead when the event happened. Raises LookupError when nobody had it."""
    for earlier in reversed(events):
        if earlier.id < event.id and earlier.kind in HANDING:
            return recipient(earlier)
    raise LookupError(f"nobody had the lead of event {event.id}")


def recipient(event: LeadEvent) -> int:
    """Who has the lead after this event, by which it changed hands."""
    had = event.by_id if event.kind == "claimed" else event.data["to"]
    assert had is not None
    return int(had)


def is_given_back(event: LeadEvent) -> bool:
    """Whether a lead that was given back came to somebody again: by a ruling, from nurture, or to the next rep."""
    return event.kind == "given" and "back" in event.data


def restored(events: Sequence[LeadEvent], clocks: Sequence[Clock]) -> dict[int, tuple[Clock, LeadEvent, LeadEvent]]:
    """The clocks of a lead that run on as an earlier one did, since a reassignment was taken back, by their ids.

    Each with that earlier one, with the reassignment, and with what took it back.
    """
    found: dict[int, tuple[Clock, LeadEvent, LeadEvent]] = {}
    known, began = {one.id: one for one in clocks}, {one.id: one for one in events}
    for back in events:
        if back.kind != "handed_back":
            continue
        undone = began[back.data["undoes"]]
        before = known.get(undone.data["was"]["clock"] or 0)
        # With each giving one clock begins, so the n-th clock is that of the n-th giving.
        givings = [one for one in events if one.kind in GIVING and one.id <= undone.id]
        late = len(givings) - (1 if _given_on_arrival(events) else 0)
        if before is not None and late < len(clocks):
            found[clocks[late].id] = before, undone, back
    return found


def _given_on_arrival(events: Sequence[LeadEvent]) -> bool:
    """Whether the first giving is that of the arrival, with which the lead's first clock began."""
    return len(events) > 1 and events[1].kind == "given" and events[1].at == events[0].at


def dropped_for(row: Delivery, events: Sequence[LeadEvent]) -> LeadEvent | None:
    """The event of this lead for which a delivery says that it was dropped; None when it names none of them."""
    if row.state != "dropped" or not (row.error or "").startswith(f"{OVERTAKEN} "):
        return None
    named = (row.error or "").removeprefix(OVERTAKEN).split()
    return next((one for one in events if str(one.id) in named), None)


def answered(rows: Sequence[Delivery], alert: LeadEvent, events: Sequence[LeadEvent]) -> bool:
    """Whether an alert was dropped for an event after it that answered it."""
    return any(one.id > alert.id and _answers(one, alert, events) for one in _named(rows, events))


def taken_back(rows: Sequence[Delivery], declined: LeadEvent, events: Sequence[LeadEvent]) -> bool:
    """Whether what tells of a decline was dropped since the decline had been taken back before it left."""
    backs = [one for one in events if one.kind == "reopened" and one.id > declined.id]
    return declined.kind == "declined" and any(
        row.state == "dropped" and row.finished_at is not None and one.at <= row.finished_at
        for one in backs
        for row in rows
    )


def moved_away(rows: Sequence[Delivery], given: LeadEvent, events: Sequence[LeadEvent]) -> bool:
    """Whether the DM of a giving was dropped for an event after it: settled, in other hands, or taken by a click."""
    to = recipient(given)
    return any(
        one.id > given.id
        and (one.kind in SETTLING or (one.kind in HANDING and (recipient(one) != to or one.by_id == to)))
        for one in _named(rows, events)
    )


def joined(rows: Sequence[Delivery], given: LeadEvent, again: Sequence[LeadEvent]) -> bool:
    """Whether the lead came back to the same rep while the DM of this giving still waited: one DM tells of both."""
    return any(
        row.created_at <= one.at and row.finished_at is not None and one.at <= row.finished_at
        for one in again
        if one.id > given.id
        for row in rows
    )


def _named(rows: Sequence[Delivery], events: Sequence[LeadEvent]) -> Iterator[LeadEvent]:
    for row in rows:
        event = dropped_for(row, events)
        if event is not None:
            yield event


def _answers(event: LeadEvent, alert: LeadEvent, events: Sequence[LeadEvent]) -> bool:
    if event.kind in SETTLING or event.kind == "extended":
        return True
    if event.kind != "claimed":
        return event.kind in HANDING
    return bool(alert.data.get("nobody")) or (alert.kind == "reminded" and event.by_id != owner_at(events, alert))
