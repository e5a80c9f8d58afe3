"""Marketing is asked once a day about items that may belong to a theme: all of a day's in one message.

The rep is asked first, in the receipt. What the rep left open, and what came without a rep who could be asked (from a
call recorder, a file, a reaction), is looked through in the morning, the newest first. No item is asked about twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import and_, exists, or_, select, update
from sqlalchemy.orm import Session

from domain.batches import BATCH_CARD, asked_among
from domain.calendar import WorkingHours, moment_of
from domain.people import default_team, marketing_places
from domain.proposals.deciding import waiting_proposals
from domain.proposals.labelling import DECIDED, mark_labelled
from domain.voc.sounding import listen
from domain.zones import stored_zone
from storage import outbox
from storage.locking import locked
from storage.models import AskedProposal, Team, ThemeBatch, VocItem, VocProposal, Workspace
from storage.outbox import Priority

LOOKED_BACK: Final = timedelta(days=7)
"""What is older is not asked about: nobody knows any more what was meant."""
LEFT_TO_REP: Final = timedelta(hours=1)
"""So long after it was logged an item is its rep's, whose receipt asks about the theme."""
LISTENED_TO: Final = 200
"""So many of the newest items without a theme are listened to in a day."""
MORNING: Final = time(9)
"""Nobody is asked before, by the clock on the wall, unless the team works only earlier."""

ASKED: Final = exists().where(AskedProposal.proposal_id == VocProposal.id)
_PROPOSED_BEFORE: Final = exists().where(
    VocProposal.item_id == VocItem.id,
    or_(
        VocProposal.state.in_(("proposed", *DECIDED)),
        and_(VocProposal.state == "none", VocProposal.reason.is_not(None)),
        ASKED,
    ),
)
"""There is a proposal already, or somebody decided, or a model read the item and knows no theme for it."""


@dataclass(frozen=True, slots=True)
class Maybe:
    """An item that may belong to a theme; `version`: of the item as it was listened to."""

    item_id: int
    version: int
    theme_id: int


def workspaces_to_ask(session: Session, at: datetime) -> Sequence[int]:
    """The workspaces whose marketing is to be asked: it is time, and they want it."""
    return session.scalars(
        select(Workspace.id).where(Workspace.state == "active", *_is_due(at)).order_by(Workspace.id)
    ).all()


def find_maybes(session: Session, workspace_id: int, *, at: datetime) -> tuple[Maybe, ...] | None:
    """The newest items to ask about, as many as the workspace wants in a day; None: not in these hours.

    What a model proposes comes first. The others are listened to, which takes some time: this is for a connection
    beside the writers.
    """
    if not _hours(default_team(session, workspace_id)).is_open(at):
        return None
    most = session.get_one(Workspace, workspace_id).asked_a_day
    recent = (VocItem.created_at > at - LOOKED_BACK, VocItem.created_at <= at - LEFT_TO_REP)
    columns = select(VocItem.id, VocItem.version, VocProposal.theme_id)
    proposed = session.execute(
        waiting_proposals(columns, workspace_id)
        .where(~ASKED, VocProposal.theme_id.is_not(None), *recent)
        .order_by(VocProposal.id.desc())
        .limit(most)
    )
    found = [Maybe(row.id, row.version, row.theme_id) for row in proposed]
    unread = session.execute(
        select(VocItem.id, VocItem.version, VocItem.verbatim, VocItem.kind)
        .where(VocItem.workspace_id == workspace_id, *_unfiled(), *recent, ~_PROPOSED_BEFORE)
        .order_by(VocItem.created_at.desc())
        .limit(LISTENED_TO)
    ).all()
    for row in unread:
        if len(found) >= most:
            break
        heard = listen(session, workspace_id, row.verbatim, row.kind, at=at)
        if heard is not None:
            found.append(Maybe(row.id, row.version, heard.theme.id))
    return tuple(found)


def ask_marketing(session: Session, workspace_id: int, found: Sequence[Maybe], *, at: datetime) -> int:
    """Ask about these items in one message a place, once a day. Returns about how many; without any, nothing is said.

    An item that was changed since it was found is left for the next day.
    """
    team = default_team(session, workspace_id)
    claimed = session.execute(
        update(Workspace)
        .where(Workspace.id == workspace_id, *_is_due(at))
        .values(ask_at=_next_morning(team, at))
        .execution_options(synchronize_session=False)
    )
    places = marketing_places(session, workspace_id)
    if claimed.rowcount == 0 or not found or not places:  # type: ignore[attr-defined]  # CursorResult
        return 0
    day = at.astimezone(stored_zone(str(team.hours["zone"]))).date()
    if session.scalar(select(ThemeBatch.id).where(ThemeBatch.workspace_id == workspace_id, ThemeBatch.day == day)):
        return 0  # the clock was put back, and the day comes a second time
    proposals = _propose(session, workspace_id, found, at)
    if not proposals:
        return 0
    batch = ThemeBatch(workspace_id=workspace_id, day=day, created_at=at)
    session.add(batch)
    session.flush()
    session.add_all(AskedProposal(proposal_id=one.id, batch_id=batch.id) for one in proposals)
    session.flush()
    for place in places:
        outbox.put_card(session, workspace_id, BATCH_CARD, batch.id, place, at=at, priority=Priority.REMINDER)
    return len(proposals)


def _propose(session: Session, workspace_id: int, found: Sequence[Maybe], at: datetime) -> list[VocProposal]:
    """The proposals for those items that are as they were found, the newest item last."""
    by_item = {one.item_id: one for one in found}
    items = session.scalars(
        locked(
            select(VocItem)
            .where(VocItem.workspace_id == workspace_id, VocItem.id.in_(list(by_item)), *_unfiled())
            .order_by(VocItem.id)
        )
    ).all()
    known = {
        one.item_id: one
        for one in session.scalars(
            locked(select(VocProposal).where(VocProposal.item_id.in_(list(by_item))).order_by(VocProposal.id))
        )
    }
    asked = asked_among(session, [one.id for one in known.values()])
    proposals = []
    for item in items:
        one, proposal = by_item[item.id], known.get(item.id)
        if item.version != one.version or (
            proposal is not None and (proposal.state in DECIDED or proposal.id in asked)
        ):
            continue
        if proposal is None:
            proposal = VocProposal(workspace_id=workspace_id, item_id=item.id, state="none", created_at=at)
            session.add(proposal)
        if proposal.state != "proposed":
            proposal.state, proposal.theme_id, proposal.updated_at = "proposed", one.theme_id, at
            proposal.kind = proposal.reason = proposal.confidence = None
            proposal.model = proposal.prompt = ""  # its words speak for it
        mark_labelled(session, item.id, item.version)  # people are asked now: a model need not be
        proposals.append(proposal)
    session.flush()
    return proposals


def _is_due(at: datetime) -> tuple[Any, ...]:
    return Workspace.asked_a_day > 0, or_(Workspace.ask_at.is_(None), Workspace.ask_at <= at)


def _unfiled() -> tuple[Any, ...]:
    """Live items under no theme, of which no person said anything."""
    return (
        VocItem.state == "live",
        VocItem.theme_id.is_(None),
        VocItem.theme_by.is_(None),
        VocItem.of_item_id.is_(None),
    )


def _hours(team: Team) -> WorkingHours:
    return WorkingHours.from_json(team.hours)


def _next_morning(team: Team, at: datetime) -> datetime:
    """When the team is there on another day: as it opens, or at MORNING where it is open before."""
    hours, zone = _hours(team), stored_zone(str(team.hours["zone"]))
    midnight = moment_of(zone, at.astimezone(zone).date() + timedelta(days=1), time())
    opening = hours.next_opening(midnight)
    morning = moment_of(zone, opening.astimezone(zone).date(), MORNING)
    return morning if opening < morning and hours.is_open(morning) else opening
