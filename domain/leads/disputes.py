"""What marketing says of a decline, and how a manager rules: accepted, or disputed and then decided for good.

Every step locks the lead first, then its decline, and is taken only from the state that it begins in.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import FieldProblems, NotFound
from domain.leads.announce import note_event, refresh_lead
from domain.leads.decline_cards import ask_for_ruling, judges_of, open_thread, refresh_decline, tell_ruling
from domain.leads.errors import DeclineMoved, LeadFieldWrong, NotTheirRuling
from domain.leads.lifecycle import lead_for_update
from domain.leads.nurture import begin_nurture, nurture_until
from domain.leads.returning import BY_RULING, give_back, team_of
from domain.people import Actor, audit
from storage.locking import locked
from storage.models import VERDICTS_ON_DECLINES, Decline, Lead, Member

WORDS_LIMIT: Final = 500


def accept_decline(session: Session, decline_id: int, *, by: Actor, at: datetime) -> None:
    """Marketing agrees that the lead was none for sales. Raises DeclineMoved, NotFound.

    A second click of the same member changes nothing.
    """
    lead, decline = decline_for_update(session, decline_id, by.workspace_id)
    if decline.state == "accepted" and decline.answered_by_id == by.id:
        return
    check_decline(session, lead, decline, "open", at)
    decline.state, decline.answered_by_id, decline.answered_at = "accepted", by.id, at
    note_event(session, lead, "decline_accepted", at=at, by=by, data={"decline": decline.id})
    refresh_decline(session, decline, at)
    refresh_lead(session, lead, at, by=by)


def dispute_decline(session: Session, decline_id: int, *, words: str, by: Actor, at: datetime) -> None:
    """Marketing holds that sales must follow the lead up. A manager is asked to rule; until then nothing moves.

    Raises FieldProblems without words, DeclineMoved, NotFound.
    """
    if not words.strip():
        raise FieldProblems({"words": LeadFieldWrong("no_words")})
    lead, decline = decline_for_update(session, decline_id, by.workspace_id)
    check_decline(session, lead, decline, "open", at)
    judges = judges_of(session, decline, by.id)
    decline.state, decline.answered_by_id, decline.answered_at = "disputed", by.id, at
    decline.dispute = words.strip()[:WORDS_LIMIT]
    decline.judge_id = judges[0].id if judges else None
    note_event(session, lead, "disputed", at=at, by=by, data={"decline": decline.id})
    audit(session, lead.workspace_id, "decline.dispute", "decline", decline.id, by=by, at=at)
    session.flush()
    refresh_decline(session, decline, at)
    refresh_lead(session, lead, at, by=by)
    open_thread(session, decline, at)
    ask_for_ruling(session, decline, judges, by, at)


def rule_decline(
    session: Session,
    decline_id: int,
    *,
    verdict: str,
    words: str,
    by: Actor,
    at: datetime,
    until: str | None = None,
    proposed: str = "",
) -> None:
    """A manager ends the dispute: `sales` has the lead again, the decline `stands`, or the lead goes to `nurture`.

    `words`: why; `until`: an ISO date for nurture; `proposed`: what the definition of a lead should say instead. Who
    declined and who disputed hear it once. Raises FieldProblems, DeclineMoved, NotTheirRuling where somebody else can
    rule and the member is one of the two, NotFound.
    """
    problems = {} if verdict in VERDICTS_ON_DECLINES else {"verdict": LeadFieldWrong("no_verdict")}
    if not words.strip():
        problems["words"] = LeadFieldWrong("no_words")
    if problems:
        raise FieldProblems(dict(problems))
    lead, decline = decline_for_update(session, decline_id, by.workspace_id)
    check_ruling(session, lead, decline, by, at)
    moment = nurture_until(team_of(session, lead), until or "", at) if verdict == "nurture" else None
    decline.state, decline.verdict, decline.ruling = "ruled", verdict, words.strip()[:WORDS_LIMIT]
    decline.ruled_by_id, decline.ruled_at = by.id, at
    decline.proposed = proposed.strip()[:WORDS_LIMIT] or None
    data = {"decline": decline.id, "verdict": verdict}
    note_event(session, lead, "ruled", at=at, by=by, data=data)
    audit(session, lead.workspace_id, "decline.rule", "decline", decline.id, by=by, at=at, data={"verdict": verdict})
    session.flush()
    if verdict == "sales":
        give_back(session, lead, by=by, at=at, because={"back": BY_RULING, "decline": decline.id})
    elif moment is not None:
        begin_nurture(session, lead, decline.id, moment, at)
    refresh_lead(session, lead, at, by=by)
    refresh_decline(session, decline, at)
    # Whoever has the lead now reads the ruling on the card that comes with it.
    parties = {decline.by_id, decline.answered_by_id} - {None, by.id, lead.owner_id if verdict == "sales" else None}
    told = session.scalars(select(Member).where(Member.id.in_(parties), Member.active).order_by(Member.id)).all()
    tell_ruling(session, decline, told, at)


def check_ruling(session: Session, lead: Lead, decline: Decline, by: Actor, at: datetime) -> None:
    """Whether the member may rule now. Raises DeclineMoved, NotTheirRuling."""
    check_decline(session, lead, decline, "disputed", at)
    if by.id in (decline.by_id, decline.answered_by_id):
        judges = judges_of(session, decline, decline.answered_by_id)
        if judges and by.id not in {one.id for one in judges}:
            raise NotTheirRuling(judges[0].name)


def check_decline(session: Session, lead: Lead, decline: Decline, state: str, at: datetime) -> None:
    """Raise DeclineMoved unless the decline is in this state, and the lead still declined by it."""
    if decline.state == state and lead.state == "declined":
        return
    if decline.state in ("accepted", "disputed"):
        raise DeclineMoved(decline.state, _name(session, decline.answered_by_id), decline.answered_at, at)
    if decline.state == "ruled":
        raise DeclineMoved("ruled", _name(session, decline.ruled_by_id), decline.ruled_at, at)
    if decline.state == "open" and lead.state == "declined":
        raise DeclineMoved("open", None, None, at)
    raise DeclineMoved("undone", _name(session, decline.by_id), decline.undone_at, at)


def decline_for_update(session: Session, decline_id: int, workspace_id: int) -> tuple[Lead, Decline]:
    """The lead and its decline, both locked, in this order. Raises NotFound outside their workspace."""
    lead_id = session.scalar(
        select(Decline.lead_id).where(Decline.id == decline_id, Decline.workspace_id == workspace_id)
    )
    if lead_id is None:
        raise NotFound("decline")
    lead = lead_for_update(session, lead_id, workspace_id)
    return lead, session.scalars(locked(select(Decline).where(Decline.id == decline_id))).one()


def _name(session: Session, member_id: int | None) -> str | None:
    return session.get_one(Member, member_id).name if member_id is not None else None
