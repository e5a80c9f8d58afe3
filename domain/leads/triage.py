"""What marketing does with a lead that is held: fix what it failed, pass it all the same, or drop it.

What passes goes to sales as if it had arrived now: by the rules, to whose turn it is, with a clock that begins now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.accounts import find_or_add_account, slug_of_company
from domain.errors import FieldProblems, NotFound, TandemError
from domain.leads.addresses import read_address
from domain.leads.announce import note_event, refresh_lead
from domain.leads.arriving import Arriving, NewLead, Touch
from domain.leads.conditions import Condition, field_key, what_it_says
from domain.leads.deciding import Undecided, decide
from domain.leads.definition import Judged, judge_lead, load_criteria
from domain.leads.errors import CannotBeFixed, CriterionUnmet, HoldMoved, LeadFieldWrong
from domain.leads.fields import LIMITS, parse_score
from domain.leads.holding import TRIAGE_CARD, kept_failures, refresh_marketing
from domain.leads.lifecycle import hand_over, lead_for_update
from domain.leads.returning import wait_for_somebody
from domain.leads.routed import route_leads
from domain.leads.why import kept_why
from domain.people import Actor, audit
from domain.text import TextEmpty, TextTooLong, clean_text
from storage import outbox
from storage.locking import locked
from storage.models import Hold, Lead, Member, Team

REASON_LIMIT: Final = 300
BY_TRIAGE: Final = "triage"
"""Why somebody is given a lead that arrived earlier: `back` in the data of the event."""

_COLUMNS: Final[Mapping[str, str]] = {
    "name": "name",
    "email": "email",
    "company": "company",
    "jobtitle": "job_title",
    "phone": "phone",
    "asked": "asked",
    "score": "score",
}
"""Where a lead keeps some of the fields, by the key of the field. All others are kept with the hold."""

NOT_TYPED: Final = frozenset({"source", "tier"})
"""Fields that nobody can put right by typing."""

_STANDS_FOR: Final = {"accounts": "company", "domain": "email"}
"""Fields that follow from another one."""


@dataclass(frozen=True, slots=True)
class ToFix:
    """A field of the form in which a lead is put right. `asks`: the criteria on it that fail; `said`: what it says."""

    key: str
    label: str
    asks: tuple[str, ...]
    said: str


def fields_to_fix(failed: Sequence[tuple[Condition, str]]) -> tuple[ToFix, ...]:
    """The fields of which the criteria fail, without those that nobody can type."""
    found: dict[str, ToFix] = {}
    for condition, said in failed:
        key = fixed_field(condition)
        if key in NOT_TYPED:
            continue
        before = found.get(key)
        if before is None:
            label = condition.field if key not in _STANDS_FOR.values() else key
            found[key] = ToFix(key, label, (condition.written,), said)
        else:
            found[key] = replace(before, asks=(*before.asks, condition.written))
    return tuple(found.values())


def fixed_field(condition: Condition) -> str:
    """The field in which what fails a criterion is put right."""
    key = field_key(condition.field)
    return _STANDS_FOR.get(key, key)


def judge_held(session: Session, hold: Hold, lead: Lead) -> Judged:
    """What a lead that is held meets now, by the version of the definition that held it."""
    criteria = load_criteria(session, hold.definition_id)
    return judge_lead(criteria, what_it_says(_as_sent(lead, hold), tier=lead.tier))


def fix_lead(session: Session, hold_id: int, *, given: Mapping[str, str], by: Actor, at: datetime) -> None:
    """Put these fields right, by their keys. Once all criteria are met, the lead goes to sales.

    Raises FieldProblems by the keys while some are not, with nothing changed; CannotBeFixed where all that is left
    unmet is in no field of the form; HoldMoved, NotFound.
    """
    lead, hold = hold_for_update(session, hold_id, by.workspace_id)
    check_held(session, hold, at)
    problems: dict[str, TandemError] = {}
    values = {key: _checked(key, text, problems) for key, text in given.items()}
    if problems:
        raise FieldProblems(problems)
    _write(lead, hold, values)
    judged = judge_held(session, hold, lead)
    if judged.failed:
        unmet = {fixed_field(condition): CriterionUnmet(condition.written) for condition, _ in reversed(judged.failed)}
        shown = {key: error for key, error in unmet.items() if key in given}
        if not shown:
            raise CannotBeFixed(next(iter(unmet.values())).criterion)
        raise FieldProblems(dict(shown))
    _pass(session, lead, hold, judged, "fixed", None, by, at)


def pass_lead(session: Session, hold_id: int, *, reason: str, by: Actor, at: datetime) -> None:
    """The lead goes to sales though it fails the definition. Raises FieldProblems without a reason, HoldMoved."""
    words = _reason(reason)
    lead, hold = hold_for_update(session, hold_id, by.workspace_id)
    check_held(session, hold, at)
    _pass(session, lead, hold, judge_held(session, hold, lead), "passed", words, by, at)


def drop_lead(session: Session, hold_id: int, *, reason: str, by: Actor, at: datetime) -> None:
    """Sales never gets the lead; it can be taken up again. Raises FieldProblems without a reason, HoldMoved."""
    words = _reason(reason)
    lead, hold = hold_for_update(session, hold_id, by.workspace_id)
    check_held(session, hold, at)
    lead.state, lead.updated_at = "dropped", at
    _decide(session, lead, hold, "dropped", words, by, at)
    note_event(session, lead, "dropped", at=at, by=by, data={"reason": words})
    _refresh(session, lead, hold, at)


def take_up_lead(session: Session, hold_id: int, *, by: Actor, at: datetime) -> None:
    """A lead that was dropped is held again. Raises HoldMoved, NotFound."""
    lead, hold = hold_for_update(session, hold_id, by.workspace_id)
    if hold.state != "dropped" or lead.state != "dropped":
        raise _moved(session, hold, at)
    lead.state, lead.updated_at = "held", at
    hold.state, hold.decided_by_id, hold.decided_at, hold.reason = "held", None, None, None
    hold.late_from = hold.due_at
    session.flush()
    note_event(session, lead, "held", at=at, by=by, data={"again": True})
    _refresh(session, lead, hold, at)


def judge_news(session: Session, lead: Lead, arriving: NewLead, at: datetime) -> bool:
    """Somebody whose lead is held says more, which is written on the lead: now it may pass. Whether the lead was held.

    The lead is locked.
    """
    hold = session.scalars(locked(select(Hold).where(Hold.lead_id == lead.id, Hold.state == "held"))).one_or_none()
    if hold is None:
        return False
    keys = {field_key(label) for label, _ in arriving.fields}
    kept = [one for one in hold.fields if field_key(one[0]) not in keys]
    hold.fields = [*kept, *(list(one) for one in arriving.fields)]
    judged = judge_held(session, hold, lead)
    if judged.failed:
        hold.failed, hold.met = kept_failures(judged), [one.written for one in judged.met]
        session.flush()
        _refresh(session, lead, hold, at)
    else:
        _pass(session, lead, hold, judged, "fixed", None, None, at)
    return True


def hold_for_update(session: Session, hold_id: int, workspace_id: int) -> tuple[Lead, Hold]:
    """The lead and its hold, both locked, in this order. Raises NotFound outside their workspace."""
    lead_id = session.scalar(select(Hold.lead_id).where(Hold.id == hold_id, Hold.workspace_id == workspace_id))
    if lead_id is None:
        raise NotFound("lead")
    lead = lead_for_update(session, lead_id, workspace_id)
    return lead, session.scalars(locked(select(Hold).where(Hold.id == hold_id))).one()


def check_held(session: Session, hold: Hold, at: datetime) -> None:
    """Raise HoldMoved unless the lead is held still."""
    if hold.state != "held":
        raise _moved(session, hold, at)


def show_late_holds(session: Session, *, at: datetime, limit: int = 25) -> int:
    """The cards of up to `limit` leads that marketing has not looked at in time turn red. Returns how many there were.

    Nobody gets a message: the Home of marketing tells it, and so does the scoreboard.
    """
    due = select(Hold).where(Hold.late_from.is_not(None), Hold.late_from <= at)
    found = session.scalars(due.order_by(Hold.late_from, Hold.id).limit(limit).with_for_update(skip_locked=True)).all()
    for hold in found:
        hold.late_from = None
        outbox.refresh_cards(session, hold.workspace_id, (TRIAGE_CARD,), hold.id, at=at)
    session.flush()
    for workspace_id in sorted({hold.workspace_id for hold in found}):
        refresh_marketing(session, workspace_id, at)
    return len(found)


def is_hold_late(session: Session, at: datetime) -> bool:
    """Whether a held lead has become late at `at`, in a look that locks nothing."""
    due = select(Hold.id).where(Hold.late_from.is_not(None), Hold.late_from <= at)
    return session.scalar(due.limit(1)) is not None


def _pass(
    session: Session,
    lead: Lead,
    hold: Hold,
    judged: Judged,
    how: str,
    reason: str | None,
    by: Actor | None,
    at: datetime,
) -> None:
    """The lead goes where it would have gone, had it arrived now."""
    hold.failed, hold.met = kept_failures(judged), [one.written for one in judged.met]
    _decide(session, lead, hold, how, reason, by, at)
    lead.state, lead.updated_at = "new", at
    account = None
    if lead.company and slug_of_company(lead.company) is not None:
        account = find_or_add_account(session, lead.workspace_id, lead.company, at=at)
        lead.account_id = account.id
    session.flush()
    note_event(session, lead, "passed", at=at, by=by, data={"how": how, "reason": reason, **judged.told()})
    routed = route_leads(session, lead.workspace_id, [Arriving(_as_sent(lead, hold, session), at)])[0]
    undecided = Undecided(routed.arriving.lead, at, routed.team, routed.team_by, routed.terms.tier, account)
    to = decide(session, lead.workspace_id, [undecided])[0]
    lead.team_id = to.team.id
    because: dict[str, Any] = {"why": kept_why(to.why), "back": BY_TRIAGE}
    if to.rep is not None:
        hand_over(session, lead, session.get_one(Member, to.rep.id), by=None, at=at, kind="given", because=because)
    else:
        wait_for_somebody(session, lead, session.get_one(Team, to.team.id), because, at)
    _refresh(session, lead, hold, at)


def _decide(
    session: Session, lead: Lead, hold: Hold, state: str, reason: str | None, by: Actor | None, at: datetime
) -> None:
    hold.state, hold.reason, hold.decided_at = state, reason, at
    hold.decided_by_id = by.id if by is not None else None
    hold.late_from = None
    data = {"lead": lead.id, "as": state}
    audit(session, lead.workspace_id, "lead.triage", "lead", lead.id, by=by, at=at, data=data)
    session.flush()


def _refresh(session: Session, lead: Lead, hold: Hold, at: datetime) -> None:
    outbox.refresh_cards(session, lead.workspace_id, (TRIAGE_CARD,), hold.id, at=at)
    refresh_lead(session, lead, at)
    refresh_marketing(session, lead.workspace_id, at)


def _as_sent(lead: Lead, hold: Hold, session: Session | None = None) -> NewLead:
    """The lead as it would arrive now. `session`: with the name of its team, as rules about territories see it."""
    team = session.get_one(Team, lead.team_id) if session is not None else None
    return NewLead(
        name=lead.name,
        source=lead.source,
        email=lead.email,
        phone=lead.phone,
        company=lead.company,
        asked=lead.asked,
        score=lead.score,
        tier=lead.tier,
        team=team.key if team is not None and not team.is_default else None,
        touches=tuple(Touch(one["what"], one["at"]) for one in lead.touches),
        external_id=lead.external_id,
        job_title=lead.job_title,
        fields=tuple((str(label), str(text)) for label, text in hold.fields),
    )


def _write(lead: Lead, hold: Hold, values: Mapping[str, Any]) -> None:
    """What was typed is what the lead says now; what it said before in these fields counts no more."""
    hold.fields = [
        *(one for one in hold.fields if field_key(one[0]) not in values),
        *([key, text] for key, text in values.items() if key not in _COLUMNS and text),
    ]
    for key, column in _COLUMNS.items():
        if key in values and (values[key] is not None or column != "name"):
            setattr(lead, column, values[key])


def _checked(key: str, text: str, problems: dict[str, TandemError]) -> Any:
    """What was typed in a field, as a lead keeps it; None for nothing."""
    try:
        words = clean_text(text, limit=LIMITS.get(_COLUMNS.get(key, ""), LIMITS["asked"]))
    except TextEmpty:
        return None
    except TextTooLong as error:
        problems[key] = error
        return None
    if key == "score":
        try:
            return parse_score(words)
        except FieldProblems as found:
            problems[key] = found.problems["score"]
            return None
    if key == "email":
        address = read_address(words)
        if address is None or address.more:
            problems[key] = LeadFieldWrong("no_address" if address is None else "several_addresses")
            return None
        return address.email
    return " ".join(words.split()) if key in ("name", "company", "jobtitle") else words


def _reason(text: str) -> str:
    words = " ".join(text.split())[:REASON_LIMIT]
    if not words:
        raise FieldProblems({"reason": LeadFieldWrong("no_triage_reason")})
    return words


def _moved(session: Session, hold: Hold, at: datetime) -> HoldMoved:
    name = session.get_one(Member, hold.decided_by_id).name if hold.decided_by_id is not None else None
    return HoldMoved(hold.state, name, hold.decided_at, at)
