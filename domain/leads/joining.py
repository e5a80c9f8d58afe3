"""Two leads of one person become one, with one clock, when it is said that they are the same person.

Who works on one of them goes on: a lead in which the person was reached stays before one that is claimed, that before
one that was only given to somebody, else the older. What the other one was asked for stands on it from then on, and
the deadline that comes first counts: the person waits since then. The other ends, and whoever had it is told once.
Whatever names either of them leads to the one that stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from domain.leads.announce import ENDED_CARD, note_event, refresh_lead, tell_loser
from domain.leads.arriving import NewLead, Touch
from domain.leads.clocks import live_clock, stop_clock, take_over_clock
from domain.leads.fields import LIMITS
from domain.leads.holding import TRIAGE_CARD, refresh_marketing
from domain.leads.meetings import booked_at
from domain.leads.news import ASKED_BEFORE, add_news
from domain.leads.nurture import end_nurture
from domain.leads.returning import BY_MERGE, give_back
from domain.leads.terms import Terms
from domain.leads.wishes import JOINED, Said, find_known, keep_wishes, wish_row
from domain.leads.withdrawing import WITHDRAWN, end_hold
from domain.text import shorten
from storage import outbox
from storage.locking import locked
from storage.models import OPEN_LEAD_STATES, Clock, Lead, LeadEvent, Wish

REACHED: Final = ("contacted", "qualified")
MERGE_IS_LATE: Final = timedelta(days=3)
"""So long after a contact was deleted it may be said that it was merged: so long a CRM tries to deliver."""


@dataclass(frozen=True, slots=True)
class Joined:
    """What became of the leads of one person. `into`: where all that names them leads to now.

    `ended`: leads that became part of it; `undecided`: leads that are worked on by others, which a person must decide.
    """

    into: int
    ended: tuple[int, ...]
    undecided: tuple[int, ...]


def join_records(
    session: Session, workspace_id: int, source: str, records: Sequence[str], *, at: datetime
) -> Joined | None:
    """`source` says that these records of its are one person; None where no lead is known by any of them.

    The first record is the one under which the person is known from now on.
    """
    known = find_known(session, workspace_id, [Said(source, one, None, None) for one in records]).by_name
    wishes = [known[source, one] for one in records if (source, one) in known]
    if not wishes:
        return None
    ids = sorted({wish.lead_id for wish in wishes})
    found = session.scalars(locked(select(Lead).where(Lead.id.in_(ids)).order_by(Lead.id))).all()
    joined = join_leads(session, found, source, at=at)
    apart = set(joined.undecided)
    rows = []
    for record in dict.fromkeys(records):
        wish = known.get((source, record))
        if wish is not None and (wish.lead_id in (joined.into, *joined.ended) or wish.lead_id in apart):
            continue
        said = Said(source, record, wish.person if wish is not None else None, JOINED)
        asked = (wish or wishes[0]).asked
        rows.append(wish_row(workspace_id, joined.into, said, at, asked=asked, sent=None))
    keep_wishes(session, rows)
    return joined


def join_leads(session: Session, leads: Sequence[Lead], source: str, *, at: datetime) -> Joined:
    """Make the locked leads of one person one, as far as that is no matter of opinion; there is at least one."""
    open_ones = [one for one in leads if one.state in OPEN_LEAD_STATES]
    deletions = {one.id: _deleted_by(session, one, source, at) for one in leads}
    deleted = [one for one in leads if deletions[one.id] is not None]
    held = [one for one in leads if one.state == "held"]
    reached = [one for one in leads if one.state in REACHED and _covers(one, [*open_ones, *deleted, *held])]
    stays = min([*open_ones, *reached], key=rank, default=None)
    if stays is None and deleted:
        stays = min(deleted, key=rank)
        give_back(session, stays, by=None, at=at, because={"back": BY_MERGE})
    if stays is None:
        latest = max(leads, key=lambda one: (one.state == "held", one.arrived_at, one.id))
        return Joined(latest.id, (), ())
    ended: list[int] = []
    undecided: list[int] = []
    for other in open_ones:
        if other is stays:
            continue
        if other.state == "claimed" and other.owner_id != stays.owner_id:
            undecided.append(other.id)
            continue
        join_lead(session, stays, other, source, at=at)
        ended.append(other.id)
    for other in deleted:
        if other is not stays:
            join_lead(session, stays, other, source, at=at)
            ended.append(other.id)
    for other in held:
        _join_held(session, stays, other, source, at)
        ended.append(other.id)
    for event_id in deletions.values():
        if event_id is not None:  # whoever was told not to contact them
            outbox.refresh_cards(session, stays.workspace_id, (ENDED_CARD,), event_id, at=at)
    for other in leads:
        if other.state == "nurture":
            end_nurture(session, other.id, "overtaken", at)
    return Joined(stays.id, tuple(ended), tuple(undecided))


def join_lead(session: Session, stays: Lead, other: Lead, source: str, *, at: datetime) -> None:
    """End `other`, which is open, held, or was just deleted, as a part of `stays`; both are locked.

    `source`: who says that they are one person.
    """
    had = other.owner_id if other.state in OPEN_LEAD_STATES else None
    events = session.execute(select(LeadEvent.__table__).where(LeadEvent.lead_id == other.id).order_by(LeadEvent.id))
    meeting = booked_at(events.all()) is not None
    other.state, other.updated_at = "joined", at
    before = stop_clock(session, other, at)
    if before is not None and stays.state in OPEN_LEAD_STATES:
        _hurry(session, stays, other, before, at)
    session.execute(update(Wish).where(Wish.lead_id == other.id).values(lead_id=stays.id))
    event_id = note_event(session, other, "joined", at=at, by=None, data={"into": stays.id, "source": source})
    add_news(session, stays, _what_it_says(stays, other, source, meeting=meeting), at, joined=other.id)
    refresh_lead(session, other, at)
    if had is not None and had != stays.owner_id:
        tell_loser(session, other, had, event_id, at)


def _join_held(session: Session, stays: Lead, other: Lead, source: str, at: datetime) -> None:
    """Marketing need not decide about a lead whose person sales has already."""
    hold = end_hold(session, other, "joined", None, at)
    join_lead(session, stays, other, source, at=at)
    if hold is not None:
        outbox.refresh_cards(session, other.workspace_id, (TRIAGE_CARD,), hold.id, at=at)
        refresh_marketing(session, other.workspace_id, at)


def _deleted_by(session: Session, lead: Lead, source: str, at: datetime) -> int | None:
    """The event by which the source took the open lead back lately; None where it did not.

    Of two contacts that are merged, HubSpot says that one is deleted, and may say so first.
    """
    if lead.state != WITHDRAWN or lead.erased_at is not None or at - lead.updated_at > MERGE_IS_LATE:
        return None
    told = select(LeadEvent).where(LeadEvent.lead_id == lead.id, LeadEvent.kind == WITHDRAWN)
    last = session.scalars(told.order_by(LeadEvent.id.desc()).limit(1)).first()
    if last is None or last.data.get("origin") != source or last.data.get("was") not in OPEN_LEAD_STATES:
        return None
    return last.id


def _covers(reached: Lead, open_ones: Sequence[Lead]) -> bool:
    """Whether the person was reached while one of the open leads waited: what they asked for later is a new wish."""
    return reached.contacted_at is not None and any(one.arrived_at <= reached.contacted_at for one in open_ones)


def rank(lead: Lead) -> tuple[bool, bool, bool, datetime, int]:
    """Which of several leads of a person stays: the one with the least."""
    reached, claimed = lead.state in REACHED, lead.state == "claimed"
    return not reached, not claimed, lead.owner_id is None, lead.arrived_at, lead.id


def _hurry(session: Session, stays: Lead, other: Lead, before: Clock, at: datetime) -> None:
    """The earlier of two deadlines for the same thing counts. One whose person was tried already is past the first."""
    clock = live_clock(session, stays.id)
    if clock is None or clock.purpose != before.purpose or clock.due_at <= before.due_at:
        return
    if Terms.from_json(before.policy).contact_seconds < Terms.from_json(clock.policy).contact_seconds:
        stays.tier = other.tier
    breaches = select(func.max(LeadEvent.at)).where(
        LeadEvent.lead_id.in_([stays.id, other.id]), LeadEvent.kind == "breached"
    )
    take_over_clock(session, stays, before, session.scalar(breaches), at)


def _what_it_says(stays: Lead, other: Lead, source: str, *, meeting: bool) -> NewLead:
    """The other lead as news of the one that stays: its wish, where it is the newer one, else as one of before."""
    touches = [Touch(one["what"], one["at"]) for one in other.touches]
    newer = other.arrived_at >= stays.arrived_at
    if other.asked and not newer and " ".join(other.asked.split()) != " ".join((stays.asked or "").split()):
        words = shorten(f"{ASKED_BEFORE}{' '.join(other.asked.split())}", LIMITS["touch"])
        touches.append(Touch(words, other.arrived_at.isoformat()))
    marks = [f"Also: {one}" for one in (other.email, other.phone) if one and one not in (stays.email, stays.phone)]
    return NewLead(
        name=other.name,
        source=source,
        email=None if stays.email else other.email,
        phone=None if stays.phone else other.phone,
        company=None if stays.company else other.company,
        job_title=None if stays.job_title else other.job_title,
        asked=other.asked if newer else None,
        score=other.score if stays.score is None or (other.score or 0) > stays.score else None,
        touches=tuple(touches),
        marks=tuple(marks),
        meeting=meeting,
    )
