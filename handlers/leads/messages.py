"""How what the outbox says of leads becomes messages, from the state of the moment in which they are sent."""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.leads.announce import BREACH_CARD, ENDED_CARD, HANDOFF
from domain.leads.benching import load_bench
from domain.leads.committees import COMMITTEE, load_committee
from domain.leads.facts import Alert, load_alert, load_alerts, load_handoff, load_lead
from domain.leads.news import load_news
from domain.outcomes.telling import WIN_CARD
from domain.outcomes.wins import load_win
from handlers.leads import alerts, outcome, storms, taking, views
from handlers.leads.benched import benched
from handlers.leads.committee import committee_message
from handlers.messages import Messages, Overtaken, Rendering, Subject
from storage.gathering import gathered_on

messages = Messages()


@messages.kind("lead_card")
def lead_card(session: Session, subject: Subject) -> Rendering | None:
    """The card in the team's channel."""
    lead = load_lead(session, subject.id, subject.workspace_id, subject.at)
    return views.lead_card(lead) if lead else None


@messages.kind("lead_dm")
def lead_dm(session: Session, subject: Subject) -> Rendering | None:
    """The rep's own card. It is not begun for somebody who no longer has the lead, or took it with a click."""
    lead = load_lead(session, subject.id, subject.workspace_id, subject.at)
    if lead is None:
        return None
    if not subject.standing:
        theirs = lead.owner is not None and lead.owner.user_id == subject.place
        # In a team without a channel the DM is the only card there is.
        clicked = lead.own_pick and lead.team_channel is not None
        if not theirs or not lead.is_open or clicked:
            _overtaken(lead.moved_by)
            return None
    return views.lead_dm(lead, subject.place)


@messages.kind("lead_reminder")
def lead_reminder(session: Session, subject: Subject) -> Rendering | None:
    """The DM that time is nearly up; `subject.id` is the reminder's event."""
    alert = load_alert(session, subject.id, subject.workspace_id, subject.at)
    if alert is None:
        return None
    if alert.resolved and not subject.standing:
        _overtaken(_answer_of(alert))
        return None
    return alerts.reminder(alert, subject.place)


@messages.kind("lead_meeting")
def lead_meeting(session: Session, subject: Subject) -> Rendering | None:
    """The DM that nobody booked a first meeting yet; `subject.id` is the event by which it was asked for."""
    alert = load_alert(session, subject.id, subject.workspace_id, subject.at)
    if alert is None:
        return None
    lead = alert.lead
    theirs = lead.owner is not None and lead.owner.user_id == subject.place
    if not subject.standing and (not theirs or lead.meeting is None or not lead.meeting.asked_for):
        return None
    return alerts.meeting(lead, subject.place)


@messages.kind("lead_breach")
def lead_breach(session: Session, subject: Subject) -> Rendering | None:
    """The DM to a manager; `subject.id` is the breach's event, or the first of several that one message tells of."""
    events = gathered_on(session, subject.workspace_id, BREACH_CARD, subject.id, subject.place)
    found = load_alerts(session, events, subject.workspace_id, subject.at)
    if not found:
        return None
    if not subject.standing and all(one.resolved for one in found):
        _overtaken(*map(_answer_of, found))
        return None
    if len(found) == 1:
        return alerts.breach(found[0], subject.place)
    return storms.storm(found, subject.place, subject.id)


@messages.kind(ENDED_CARD)
def lead_ended(session: Session, subject: Subject) -> Rendering | None:
    """The DM to whoever had a lead that was taken back, or whose person was erased; `subject.id` is the event."""
    alert = load_alert(session, subject.id, subject.workspace_id, subject.at)
    return alerts.ended(alert.lead) if alert is not None else None


@messages.kind(HANDOFF)
def lead_handoff(session: Session, subject: Subject) -> Rendering | None:
    """The line under the channel's card; a decline that was taken back before it left is not told."""
    step = load_handoff(session, subject.id, subject.workspace_id, subject.at)
    if step is None or (step.undone and not subject.standing and step.kind == "declined"):
        return None
    return alerts.about_erased() if step.lead.erased else alerts.handoff(step)


@messages.kind("lead_lost")
def lead_lost(session: Session, subject: Subject) -> Rendering | None:
    """The DM to whoever had a lead that somebody else's click took; `subject.id` is the event."""
    step = load_handoff(session, subject.id, subject.workspace_id, subject.at)
    if step is not None and step.lead.erased:
        return alerts.about_erased()
    return taking.lost(step, subject.place) if step is not None else None


@messages.kind("rep_benched")
def rep_benched(session: Session, subject: Subject) -> Rendering | None:
    """The DM to who let leads lapse; `subject.id` is the member."""
    bench = load_bench(session, subject.id, subject.workspace_id)
    if bench is None or (bench.since is None and not subject.standing):
        return None
    return benched(bench)


@messages.kind(WIN_CARD)
def lead_won(session: Session, subject: Subject) -> Rendering | None:
    """The post of a win; what was taken back before it left is not told. `subject.id` is the outcome."""
    win = load_win(session, subject.id, subject.workspace_id, subject.at)
    if win is None or (win.state != "stands" and not subject.standing):
        return None
    return outcome.win_post(win)


@messages.kind("lead_news")
def lead_news(session: Session, subject: Subject) -> Rendering | None:
    """What somebody who has a lead says anew; `subject.id` is the event."""
    news = load_news(session, subject.id, subject.workspace_id, subject.at)
    if news is not None and news.lead.erased:
        return alerts.about_erased()
    return alerts.news(news, subject.place) if news is not None else None


@messages.kind(COMMITTEE)
def lead_committee(session: Session, subject: Subject) -> Rendering | None:
    """Several people of an account came within days; `subject.id` is the account."""
    found = load_committee(session, subject.id, subject.workspace_id, subject.at)
    return committee_message(found, subject.place) if found is not None else None


def _answer_of(alert: Alert) -> int | None:
    """The event that answered it."""
    return alert.turn.id if alert.lead.is_open and alert.turn else alert.lead.moved_by


def _overtaken(*event_ids: int | None) -> None:
    """Nothing is left to say, and these events are why. Raises Overtaken when there are any."""
    known = [one for one in event_ids if one is not None]
    if known:
        raise Overtaken(*known)
