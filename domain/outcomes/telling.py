"""What came of a lead after the first contact: qualified, nurture, won or lost; by a click or by the CRM's word.

A later word replaces an earlier one, and each can be taken back as long as nothing came after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import FieldProblems, TandemError
from domain.leads.announce import note_event, refresh_lead
from domain.leads.clocks import stop_clock
from domain.leads.ended import AFTER_CONTACT, LOST_REASONS
from domain.leads.errors import LeadFieldWrong, OutcomeRefused, StepRefused
from domain.leads.lifecycle import NOTE_LIMIT, lead_for_update
from domain.leads.nurture import begin_nurture, end_nurture, nurture_until
from domain.leads.returning import team_of
from domain.money import Money
from domain.outcomes.losses import log_loss, take_back_loss
from domain.people import Actor, audit
from domain.text import shorten
from domain.voc.form import read_deal
from storage import outbox
from storage.locking import locked
from storage.models import OPEN_LEAD_STATES, OUTCOME_KINDS, OUTCOME_STANDS, Lead, Outcome, Team, Workspace
from storage.outbox import Priority

WIN_CARD: Final = "lead_won"


@dataclass(frozen=True, slots=True)
class OutcomeForm:
    """What was filled in, as typed or picked; None: nothing. `until`: an ISO date of nurture."""

    kind: str
    reason: str | None = None
    amount: str | None = None
    competitor: str | None = None
    note: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a lead, as it is stored. `id` of the outcome; None where it was told before."""

    id: int | None
    kind: str
    amount: Money | None


def tell_outcome(session: Session, lead_id: int, form: OutcomeForm, *, by: Actor, at: datetime) -> Told:
    """A member says what came of the lead. Raises FieldProblems, OutcomeRefused, NotFound."""
    lead = lead_for_update(session, lead_id, by.workspace_id)
    if lead.state not in AFTER_CONTACT:
        raise OutcomeRefused(lead.state)
    workspace = session.get_one(Workspace, by.workspace_id)
    problems: dict[str, TandemError] = {}
    if form.kind not in OUTCOME_KINDS:
        problems["kind"] = LeadFieldWrong("no_outcome")
    if form.kind == "lost" and form.reason not in LOST_REASONS:
        problems["reason"] = LeadFieldWrong("no_reason")
    amount = read_deal(form.amount, workspace.currency, problems, field="amount")
    if problems:
        raise FieldProblems(problems)
    until = nurture_until(team_of(session, lead), form.until or "", at) if form.kind == "nurture" else None
    return _record(session, lead, form, amount, until, by=by, origin=None, at=at)


def hear_outcome(
    session: Session,
    workspace_id: int,
    lead_id: int,
    kind: str,
    *,
    origin: str,
    at: datetime,
    amount: Money | None = None,
    reason: str | None = None,
    competitor: str | None = None,
    note: str | None = None,
) -> Told | None:
    """The CRM called `origin` says that the lead is qualified, won or lost. Its word counts as contact, too.

    None where the lead is not sales' to end: marketing has it, or it was given back. What it says twice counts once.
    A lead that a rep lets rest in nurture is sales': whoever bought meanwhile is not called again.
    """
    lead = lead_for_update(session, lead_id, workspace_id)
    theirs = lead.state in (*AFTER_CONTACT, *OPEN_LEAD_STATES) or _rests(session, lead)
    if kind not in ("qualified", "won", "lost") or not theirs:
        return None
    if lead.state == kind or (kind == "qualified" and lead.state in ("won", "lost")):
        return None
    form = OutcomeForm(kind, reason if reason in LOST_REASONS else None, competitor=competitor, note=note)
    return _record(session, lead, form, amount, None, by=None, origin=origin, at=at)


def undo_outcome(session: Session, lead_id: int, outcome_id: int, *, by: Actor, at: datetime) -> None:
    """What was said last of the lead is taken back. Raises StepRefused once more was said, or the lead moved on."""
    lead = lead_for_update(session, lead_id, by.workspace_id)
    outcome = _standing(session, lead.id)
    if outcome is None or outcome.id != outcome_id or lead.state != outcome.kind:
        raise StepRefused("moved_on")
    outcome.state, outcome.undone_at, outcome.undone_by_id = "undone", at, by.id
    session.flush()
    if outcome.kind == "nurture":
        end_nurture(session, lead.id, "undone", at)
    lead.state, lead.updated_at = outcome.before, at
    earlier = session.scalars(
        select(Outcome)
        .where(Outcome.lead_id == lead.id, Outcome.state == "replaced", Outcome.id < outcome.id)
        .order_by(Outcome.id.desc())
        .limit(1)
    ).first()
    if earlier is not None and earlier.kind == outcome.before:
        earlier.state = "stands"
    session.flush()
    if outcome.item_id is not None:
        take_back_loss(session, outcome.item_id, by=by, at=at)
    note_event(session, lead, "outcome_undone", at=at, by=by, data={"outcome": outcome.kind})
    audit(session, lead.workspace_id, "lead.outcome_undo", "lead", lead.id, by=by, at=at, data={"kind": outcome.kind})
    _refresh(session, lead, [one for one in (outcome, earlier) if one is not None], by, at)


def _record(
    session: Session,
    lead: Lead,
    form: OutcomeForm,
    amount: Money | None,
    until: datetime | None,
    *,
    by: Actor | None,
    origin: str | None,
    at: datetime,
) -> Told:
    before, replaced = lead.state, _standing(session, lead.id)
    if replaced is not None:
        replaced.state = "replaced"
        if replaced.item_id is not None:
            take_back_loss(session, replaced.item_id, by=by, at=at)
        session.flush()
    lead.updated_at = at
    if before == "nurture":  # taken back, it is the rep's again, who may let it rest once more
        end_nurture(session, lead.id, "overtaken", at)
        before = "contacted"
    if lead.contacted_at is None:
        lead.contacted_at, before = at, "contacted"
    stop_clock(session, lead, at)
    note = shorten(" ".join((form.note or "").split()), NOTE_LIMIT) or None
    competitor = shorten(" ".join((form.competitor or "").lstrip("!").split()), 70) or None
    outcome = Outcome(
        workspace_id=lead.workspace_id,
        lead_id=lead.id,
        kind=form.kind,
        state="stands",
        at=at,
        by_id=by.id if by is not None else None,
        origin=origin,
        before=before,
        reason=form.reason if form.kind == "lost" else None,
        note=note,
        competitor=competitor if form.kind in ("won", "lost") else None,
        amount_minor=amount.minor if amount is not None and form.kind in ("won", "lost") else None,
        currency=amount.currency if amount is not None and form.kind in ("won", "lost") else None,
        until=until,
    )
    session.add(outcome)
    session.flush()
    if until is not None:
        begin_nurture(session, lead, None, until, at)
    else:
        lead.state = form.kind
    if form.kind == "lost" and outcome.competitor is not None:
        outcome.item_id = log_loss(session, lead, outcome, by=by, at=at)
    session.flush()
    data = {
        "reason": outcome.reason,
        "competitor": outcome.competitor,
        "amount": {"minor": amount.minor, "currency": amount.currency} if outcome.amount_minor and amount else None,
        "origin": origin,
        "until": until.isoformat() if until is not None else None,
    }
    told = {name: value for name, value in data.items() if value is not None}
    note_event(session, lead, form.kind, at=at, by=by, data=told)
    audit(session, lead.workspace_id, "lead.outcome", "lead", lead.id, by=by, at=at, data={"kind": form.kind})
    _refresh(session, lead, [replaced] if replaced is not None else [], by, at)
    if form.kind == "won":
        _post_win(session, lead, outcome, at)
    return Told(outcome.id, form.kind, amount if outcome.amount_minor is not None else None)


def _post_win(session: Session, lead: Lead, outcome: Outcome, at: datetime) -> None:
    """Where wins are posted, else in the channel of the lead's team."""
    channel = session.get_one(Workspace, lead.workspace_id).wins_channel
    channel = channel or session.get_one(Team, lead.team_id).channel
    if channel:
        outbox.put_card(session, lead.workspace_id, WIN_CARD, outcome.id, channel, at=at, priority=Priority.LEAD)


def _refresh(session: Session, lead: Lead, outcomes: list[Outcome], by: Actor | None, at: datetime) -> None:
    for one in outcomes:
        outbox.refresh_cards(session, lead.workspace_id, (WIN_CARD,), one.id, at=at)
    refresh_lead(session, lead, at, by=by)


def _rests(session: Session, lead: Lead) -> bool:
    """Whether the lead is in nurture by the word of whoever reached the person, and was not given back."""
    standing = _standing(session, lead.id) if lead.state == "nurture" else None
    return standing is not None and standing.kind == "nurture"


def _standing(session: Session, lead_id: int) -> Outcome | None:
    return session.scalars(locked(select(Outcome).where(Outcome.lead_id == lead_id, OUTCOME_STANDS))).one_or_none()
