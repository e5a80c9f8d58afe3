"""What somebody says who has a lead already: it is written on that lead, and whoever has the lead hears of it once.

Nothing of it is lost: each delivery is kept as a wish (domain/leads/wishes.py), and the latest stands on the card.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from domain.calendar import WorkingHours
from domain.leads.addresses import mailbox_key
from domain.leads.announce import note_event, refresh_lead
from domain.leads.arriving import NewLead
from domain.leads.clocks import live_clock, start_clock
from domain.leads.facts import LeadFacts, load_lead
from domain.leads.fields import LIMITS, MOST_TOUCHES
from domain.leads.lifecycle import policy_of
from domain.leads.meetings import cancel_meeting, note_meeting
from domain.leads.triage import judge_news
from domain.leads.wishes import NOBODY_MADE
from domain.text import shorten
from storage import outbox
from storage.models import OPEN_LEAD_STATES, Lead, LeadEvent, Member, Policy, Team, Wish
from storage.outbox import Priority

NEWS: Final = "news"
SAME_LEAD_SHOWN: Final = 10
MOST_NOTES: Final = 20
ASKED_BEFORE: Final = "asked: "
"""How the touch begins that an earlier wish becomes."""


@dataclass(frozen=True, slots=True)
class News:
    """What is new about a lead. `asked`: a new wish; `details`: (field, new text); `touches`: new ones.

    `name`: under which they wrote, where it is not the lead's. `tier`: the lead became as urgent as that.
    `canceled`: the first meeting is off. `joined`: all this was said in another lead of the same person, which is one
    with this one now.
    """

    lead: LeadFacts
    at: datetime
    source: str
    asked: str | None
    name: str | None
    details: tuple[tuple[str, str], ...]
    touches: tuple[str, ...]
    tier: str | None
    canceled: bool = False
    joined: bool = False


@dataclass(frozen=True, slots=True)
class SentWish:
    """What was sent at one time (aware UTC), as text for people."""

    at: datetime
    source: str
    asked: str | None
    sent: str | None


def add_news(session: Session, lead: Lead, arriving: NewLead, at: datetime, *, joined: int | None = None) -> None:
    """Write on the locked `lead` what `arriving` says anew, and tell whoever has it.

    `joined`: the id of the lead that said it, which is a part of this one by now.

    A lead that is settled stays so: only its owner hears. An open one shows the new wish, and a hotter tier starts
    its clock anew from `at` where that makes the deadline come sooner. One that marketing holds is judged anew.
    """
    is_held = lead.state == "held"
    is_open = lead.state in OPEN_LEAD_STATES or is_held
    asked = arriving.asked if _differs(arriving.asked, lead.asked) else None
    name = arriving.name if _differs(arriving.name, lead.name) and arriving.name != arriving.email else None
    known = {(touch["what"], touch["at"]) for touch in lead.touches}
    touches = [touch for touch in arriving.touches if (touch.what, touch.at) not in known]
    details = _details(lead, arriving)
    added = [{"what": touch.what, "at": touch.at} for touch in touches]
    if asked is not None and is_open:
        if lead.asked:
            before = shorten(f"{ASKED_BEFORE}{' '.join(lead.asked.split())}", LIMITS["touch"])
            added = [{"what": before, "at": lead.arrived_at.isoformat()}, *added]
        lead.asked = asked
    lead.touches = [*lead.touches, *added][-MOST_TOUCHES:]
    lead.notes = [*lead.notes, *(mark for mark in arriving.marks if mark not in lead.notes)][:MOST_NOTES]
    tier = _hurry(session, lead, arriving.tier, at) if is_open else None
    lead.updated_at = at
    session.flush()
    if arriving.meeting:
        note_meeting(session, lead, by=None, at=at)
    data = {
        "source": arriving.source,
        "asked": arriving.asked if asked is not None or (not details and not touches) else None,
        "name": name,
        "details": details,
        "touches": [touch.what for touch in touches],
        "tier": tier,
        **({"joined": joined} if joined is not None else {}),
    }
    event_id = note_event(session, lead, NEWS, at=at, by=None, data=data)
    if is_held and judge_news(session, lead, arriving, at):
        return
    refresh_lead(session, lead, at)
    only_details = asked is None and not touches and bool(details)
    # A system that writes each change of a score would ping somebody with every one: once an hour is enough for those.
    once = f"lead_news:{lead.id}:{at:%Y%m%d%H}" if only_details else f"lead_news:{event_id}"
    _tell(session, lead, event_id, at, once)


def tell_canceled(session: Session, lead: Lead, source: str, at: datetime) -> bool:
    """The meeting of the locked lead is off, says `source`: whoever has the lead hears of it. Whether it had one."""
    if not cancel_meeting(session, lead, origin=source, at=at):
        return False
    data = {"source": source, "canceled": True}
    event_id = note_event(session, lead, NEWS, at=at, by=None, data=data)
    refresh_lead(session, lead, at)
    _tell(session, lead, event_id, at, f"lead_news:{event_id}")
    return True


def load_news(session: Session, event_id: int, workspace_id: int, at: datetime) -> News | None:
    """The facts of news; None when this workspace has no such event."""
    event = session.get(LeadEvent, event_id)
    if event is None or event.workspace_id != workspace_id or event.kind != NEWS:
        return None
    lead = load_lead(session, event.lead_id, workspace_id, at)
    if lead is None:
        return None
    data = event.data
    return News(
        lead=lead,
        at=event.at,
        source=str(data.get("source") or ""),
        asked=data.get("asked"),
        name=data.get("name"),
        details=tuple((str(label), str(text)) for label, text in data.get("details") or ()),
        touches=tuple(map(str, data.get("touches") or ())),
        tier=data.get("tier"),
        canceled=bool(data.get("canceled")),
        joined="joined" in data,
    )


def load_wishes(session: Session, lead_id: int, workspace_id: int) -> tuple[SentWish, ...]:
    """What was sent about a lead, the latest first."""
    rows = session.scalars(
        select(Wish)
        .where(
            Wish.lead_id == lead_id,
            Wish.workspace_id == workspace_id,
            or_(Wish.said.is_(None), Wish.said.not_in(NOBODY_MADE)),
        )
        .order_by(Wish.id.desc())
        .limit(SAME_LEAD_SHOWN)
    )
    return tuple(SentWish(row.at, row.source, row.asked, row.sent) for row in rows)


def _details(lead: Lead, arriving: NewLead) -> list[tuple[str, str]]:
    """What is new about the person, written on the lead: the latest is the truth. A company that stands there stays."""
    found: list[tuple[str, str]] = []
    same_address = lead.email and arriving.email and mailbox_key(lead.email) == mailbox_key(arriving.email)
    if arriving.email and not same_address:
        found.append(("E-mail", arriving.email))
        lead.email = arriving.email
    if arriving.phone and arriving.phone != lead.phone:
        found.append(("Phone", arriving.phone))
        lead.phone = arriving.phone
    if arriving.job_title and _differs(arriving.job_title, lead.job_title):
        found.append(("Job title", arriving.job_title))
        lead.job_title = arriving.job_title
    if arriving.score is not None and arriving.score != lead.score:
        found.append(("Score", str(arriving.score)))
        lead.score = arriving.score
    if arriving.company and _differs(arriving.company, lead.company):
        found.append(("Company", arriving.company))
        lead.company = lead.company or arriving.company
    return found


def _hurry(session: Session, lead: Lead, tier: str | None, at: datetime) -> str | None:
    """Make the lead as urgent as `tier`, if its deadline then comes sooner. The tier, None when nothing changed."""
    wanted = (tier or "").strip().casefold()
    if not wanted or wanted == lead.tier.casefold():
        return None
    policies = select(Policy).where(Policy.workspace_id == lead.workspace_id)
    policy = next((one for one in session.scalars(policies) if one.tier.casefold() == wanted), None)
    if policy is None or policy.contact_seconds >= policy_of(session, lead).contact_seconds:
        return None
    clock = live_clock(session, lead.id)
    if clock is None:
        lead.tier = policy.tier if lead.state == "held" else lead.tier
        return policy.tier if lead.state == "held" else None
    team = session.get_one(Team, lead.team_id)
    due_at = WorkingHours.from_json(team.hours).add(at, timedelta(seconds=policy.contact_seconds))
    if due_at >= clock.due_at:
        return None
    lead.tier = policy.tier
    start_clock(session, lead, team, policy, at)
    return policy.tier


def _tell(session: Session, lead: Lead, event_id: int, at: datetime, once: str) -> None:
    """A DM to the lead's owner; without one, a line in the thread of the channel's card."""
    owner = session.get(Member, lead.owner_id) if lead.owner_id is not None else None
    if owner is not None and owner.active:
        outbox.put_notice(
            session,
            lead.workspace_id,
            "lead_news",
            event_id,
            owner.slack_user_id,
            at=at,
            priority=Priority.LEAD,
            once=once,
        )
        return
    channel = session.get_one(Team, lead.team_id).channel
    if channel is not None:
        outbox.put_notice(
            session,
            lead.workspace_id,
            "lead_news",
            event_id,
            channel,
            at=at,
            priority=Priority.LEAD,
            once=once,
            thread_of=outbox.find_card(session, lead.workspace_id, "lead_card", lead.id, channel),
        )


def _differs(new: str | None, old: str | None) -> bool:
    return bool(new) and " ".join((new or "").split()).casefold() != " ".join((old or "").split()).casefold()
