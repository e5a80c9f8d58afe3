"""Two open leads that may be of one person: no rule makes them one, marketing is asked once and the answer is kept.

What a CRM merged while two reps work on the leads is asked at once. The rest is found by a look at the open leads, some
times an hour and never when a lead arrives. All of a day are asked by one card, which grows, and each has a clock: the
working time that marketing has for a lead that is held.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.calendar import WorkingHours
from domain.errors import NotFound
from domain.leads.errors import DoubtMoved, StepRefused
from domain.leads.holding import refresh_marketing
from domain.leads.joining import REACHED, join_lead, rank
from domain.leads.wishes import LEAST_DIGITS, person_key
from domain.people import Actor, audit, default_team, marketing_places
from domain.zones import stored_zone
from storage import outbox
from storage.locking import locked
from storage.models import IS_OPEN, OPEN_LEAD_STATES, AccountDoubt, Definition, Doubt, Lead, Member, Team, Workspace
from storage.outbox import Priority

DOUBT_CARD: Final = "doubt_card"
COMPANY_CARD: Final = "company_card"
TRIAGE_TIME: Final = timedelta(hours=8)
"""Working time in which marketing decides where no definition says how long a held lead may wait."""
MOST_LOOKED_AT: Final = 2_000
MOST_A_LOOK: Final = 10
LAST_DIGITS: Final = 8
"""By which two phone numbers are compared: one may be written with the number of its country, 00 or a 0."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two leads that may be one. `why`: as storage/models/doubts.py has it; `source`: who merged them."""

    one: Lead
    other: Lead
    why: str
    source: str | None = None

    @property
    def key(self) -> str:
        """What names the pair of persons for good; of those whom nothing names, the pair of their leads."""
        named = (person_key(lead.email, lead.phone, lead.name) or f"lead:{lead.id}" for lead in (self.one, self.other))
        return "\n".join(sorted(named))


def ask_doubts(session: Session, workspace_id: int, pairs: Sequence[Pair], *, at: datetime) -> int:
    """Ask marketing about those of these pairs that nobody was asked about. Returns how many."""
    found = {pair.key: pair for pair in pairs}
    known = session.scalars(select(Doubt.pair).where(Doubt.workspace_id == workspace_id, Doubt.pair.in_(found)))
    new = [pair for key, pair in found.items() if key not in set(known)]
    if not new:
        return 0
    hours = WorkingHours.from_json(default_team(session, workspace_id).hours)
    due_at = hours.add(at, time_to_decide(session, workspace_id))
    batch = _batch_of_today(session, workspace_id, hours, at)
    for pair in new:
        first, second = sorted((pair.one.id, pair.other.id))
        doubt = Doubt(
            workspace_id=workspace_id,
            lead_id=first,
            other_id=second,
            pair=pair.key,
            why=pair.why,
            source=pair.source,
            state="asked",
            batch_id=batch,
            at=at,
            due_at=due_at,
            late_from=due_at,
        )
        session.add(doubt)
        session.flush()
        batch = batch or doubt.id
    assert batch is not None
    shown_at = at if hours.is_open(at) else hours.next_opening(at)
    for place in marketing_places(session, workspace_id):
        outbox.put_card(session, workspace_id, DOUBT_CARD, batch, place, at=shown_at, priority=Priority.REMINDER)
    refresh_marketing(session, workspace_id, at)
    return len(new)


def look_for_doubts(session: Session, workspace_id: int, *, at: datetime) -> int:
    """Ask about open leads that look like one person's: the first MOST_A_LOOK that nobody was asked about."""
    return ask_doubts(session, workspace_id, find_alike(session, workspace_id), at=at)


def find_alike(session: Session, workspace_id: int) -> list[Pair]:
    """The first MOST_A_LOOK pairs of open leads that look like one person's, and that nobody was asked about."""
    teams = select(Team.id).where(Team.workspace_id == workspace_id)
    leads = session.scalars(
        select(Lead).where(Lead.team_id.in_(teams), IS_OPEN).order_by(Lead.id.desc()).limit(MOST_LOOKED_AT)
    ).all()
    pairs = {pair.key: pair for pair in alike(leads)}
    if not pairs:
        return []
    known = set(session.scalars(select(Doubt.pair).where(Doubt.workspace_id == workspace_id, Doubt.pair.in_(pairs))))
    return [pair for key, pair in pairs.items() if key not in known][:MOST_A_LOOK]


def alike(leads: Iterable[Lead]) -> list[Pair]:
    """The leads that have a name and an account in common, or a phone number and a surname; each with its next."""
    groups: dict[tuple[str, Any, str], list[Lead]] = {}
    for lead in sorted(leads, key=lambda one: one.id):
        words = lead.name.casefold().split()
        if lead.account_id is not None and len(words) > 1:
            groups.setdefault(("name", lead.account_id, " ".join(words)), []).append(lead)
        digits = "".join(char for char in lead.phone or "" if char.isdecimal())
        if len(digits) >= LEAST_DIGITS and words:
            groups.setdefault(("phone", digits[-LAST_DIGITS:], words[-1]), []).append(lead)
    return [Pair(one, other, why) for (why, *_), group in groups.items() for one, other in pairwise(group)]


def decide_same(session: Session, doubt_id: int, *, by: Actor, at: datetime) -> None:
    """They are one person's: the leads become one. So is it where somebody had said that they are two.

    Raises DoubtMoved where they are one already, or neither is open any more; NotFound.
    """
    leads, doubt = _for_update(session, doubt_id, by.workspace_id)
    if doubt.state == "same":
        raise _moved(session, doubt, at)
    stays, other = sorted(leads, key=rank)
    if other.state not in OPEN_LEAD_STATES or stays.state not in (*OPEN_LEAD_STATES, *REACHED):
        raise DoubtMoved("over", None, None, at)
    _decide(session, doubt, "same", by, at)
    join_lead(session, stays, other, session.get_one(Member, by.id).name, at=at)
    _refresh(session, doubt, at)


def decide_two(session: Session, doubt_id: int, *, by: Actor, at: datetime) -> None:
    """They are two people, and nobody is asked again. Raises DoubtMoved, NotFound."""
    _, doubt = _for_update(session, doubt_id, by.workspace_id)
    if doubt.state != "asked":
        raise _moved(session, doubt, at)
    _decide(session, doubt, "two", by, at)
    _refresh(session, doubt, at)


def show_late_doubts(session: Session, *, at: datetime, limit: int = 25) -> int:
    """The cards of up to `limit` pairs of leads, and as many of accounts, that are not decided in time say so.

    Returns how many there were.
    """
    due = select(Doubt).where(Doubt.late_from.is_not(None), Doubt.late_from <= at)
    of_accounts = select(AccountDoubt).where(AccountDoubt.late_from.is_not(None), AccountDoubt.late_from <= at)
    found: list[Doubt | AccountDoubt] = [
        *session.scalars(due.order_by(Doubt.late_from, Doubt.id).limit(limit).with_for_update(skip_locked=True)),
        *session.scalars(
            of_accounts.order_by(AccountDoubt.late_from, AccountDoubt.id).limit(limit).with_for_update(skip_locked=True)
        ),
    ]
    for doubt in found:
        doubt.late_from = None
        card = DOUBT_CARD if isinstance(doubt, Doubt) else COMPANY_CARD
        outbox.refresh_cards(session, doubt.workspace_id, (card,), doubt.batch_id or doubt.id, at=at)
    session.flush()
    for workspace_id in sorted({doubt.workspace_id for doubt in found}):
        refresh_marketing(session, workspace_id, at)
    return len(found)


def is_doubt_late(session: Session, at: datetime) -> bool:
    """Whether a pair has become late at `at`, in a look that locks nothing."""
    due = select(Doubt.id).where(Doubt.late_from.is_not(None), Doubt.late_from <= at)
    of_accounts = select(AccountDoubt.id).where(AccountDoubt.late_from.is_not(None), AccountDoubt.late_from <= at)
    return any(session.scalar(one.limit(1)) is not None for one in (due, of_accounts))


def workspaces_to_look_at(session: Session) -> list[int]:
    """Those in which Tandem works."""
    return list(session.scalars(select(Workspace.id).where(Workspace.state == "active").order_by(Workspace.id)))


def time_to_decide(session: Session, workspace_id: int) -> timedelta:
    """The working time that marketing has for what no rule decides: that of a lead that is held."""
    definition_id = session.get_one(Workspace, workspace_id).definition_id
    seconds = session.get_one(Definition, definition_id).triage_seconds if definition_id is not None else None
    return timedelta(seconds=seconds) if seconds else TRIAGE_TIME


def _batch_of_today(session: Session, workspace_id: int, hours: WorkingHours, at: datetime) -> int | None:
    """The first doubt of the day, as the team's zone counts days; None where this is the first."""
    here = select(Doubt).where(Doubt.workspace_id == workspace_id).order_by(Doubt.id.desc()).limit(1)
    last = session.scalars(here).first()
    if last is None:
        return None
    zone = stored_zone(hours.zone)
    same_day = last.at.astimezone(zone).date() == at.astimezone(zone).date()
    return (last.batch_id or last.id) if same_day else None


def _for_update(session: Session, doubt_id: int, workspace_id: int) -> tuple[Sequence[Lead], Doubt]:
    """The two leads and the doubt, all locked, in this order. Raises NotFound outside their workspace."""
    here = select(Doubt.lead_id, Doubt.other_id).where(Doubt.id == doubt_id, Doubt.workspace_id == workspace_id)
    row = session.execute(here).one_or_none()
    if row is None:
        raise NotFound("lead")
    leads = session.scalars(locked(select(Lead).where(Lead.id.in_(tuple(row))).order_by(Lead.id))).all()
    if any(one.erased_at is not None for one in leads):
        raise StepRefused("erased")
    return leads, session.scalars(locked(select(Doubt).where(Doubt.id == doubt_id))).one()


def _decide(session: Session, doubt: Doubt, state: str, by: Actor, at: datetime) -> None:
    doubt.state, doubt.decided_by_id, doubt.decided_at, doubt.late_from = state, by.id, at, None
    data = {"other": doubt.other_id, "as": state}
    audit(session, doubt.workspace_id, "lead.same_person", "lead", doubt.lead_id, by=by, at=at, data=data)
    session.flush()


def _refresh(session: Session, doubt: Doubt, at: datetime) -> None:
    outbox.refresh_cards(session, doubt.workspace_id, (DOUBT_CARD,), doubt.batch_id or doubt.id, at=at)
    refresh_marketing(session, doubt.workspace_id, at)


def _moved(session: Session, doubt: Doubt, at: datetime) -> DoubtMoved:
    name = session.get_one(Member, doubt.decided_by_id).name if doubt.decided_by_id is not None else None
    return DoubtMoved(doubt.state, name, doubt.decided_at, at)
