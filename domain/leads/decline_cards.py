"""Where a decline shows: the line under the lead's card, marketing's card, the dispute's thread, and whoever rules."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.leads.announce import HANDOFF
from domain.people import Actor, managers_of, marketing_places
from storage import outbox
from storage.models import Card, Decline, Lead, Member, Team
from storage.outbox import Priority

DECLINE_CARD: Final = "decline_card"
DISPUTE_THREAD: Final = "dispute_opened"
RULING_CARD: Final = "ruling_wanted"
RULED_NOTICE: Final = "decline_ruled"
JUDGES: Final = 3


def announce_decline(session: Session, lead: Lead, decline: Decline, at: datetime) -> None:
    """A line in the thread of the channel's card: who gave the lead back, and why. It is edited when that is undone."""
    channel = session.get_one(Team, lead.team_id).channel
    if channel is None or decline.event_id is None:
        return
    outbox.put_card(
        session,
        lead.workspace_id,
        HANDOFF,
        decline.event_id,
        channel,
        at=at,
        priority=Priority.LEAD,
        thread_of=outbox.find_card(session, lead.workspace_id, "lead_card", lead.id, channel),
    )


def show_decline(session: Session, decline: Decline, at: datetime) -> None:
    """Marketing gets the card with Accept and Dispute."""
    for place in marketing_places(session, decline.workspace_id):
        outbox.put_card(
            session, decline.workspace_id, DECLINE_CARD, decline.id, place, at=at, priority=Priority.REMINDER
        )


def refresh_decline(session: Session, decline: Decline, at: datetime) -> None:
    """Every message that shows the decline tells the truth again, but for the lead's own cards."""
    kinds = (DECLINE_CARD, RULING_CARD)
    outbox.refresh_cards(session, decline.workspace_id, kinds, decline.id, at=at)
    if decline.event_id is not None:
        outbox.refresh_cards(session, decline.workspace_id, (HANDOFF,), decline.event_id, at=at)


def open_thread(session: Session, decline: Decline, at: datetime) -> None:
    """Under each card of marketing's: what both sides agreed on, and what is disputed."""
    shown = select(Card.place).where(
        Card.workspace_id == decline.workspace_id, Card.kind == DECLINE_CARD, Card.subject_id == decline.id
    )
    for place in sorted(session.scalars(shown)):
        outbox.put_notice(
            session,
            decline.workspace_id,
            DISPUTE_THREAD,
            decline.id,
            place,
            at=at,
            priority=Priority.REMINDER,
            once=f"{DISPUTE_THREAD}:{decline.id}:{place}",
            thread_of=outbox.find_card(session, decline.workspace_id, DECLINE_CARD, decline.id, place),
        )


def ask_for_ruling(session: Session, decline: Decline, judges: Iterable[Member], by: Actor, at: datetime) -> None:
    """A DM to whoever is to rule, once; not to the one whose click this is, who reads it on the card."""
    for judge in judges:
        if judge.id == by.id:
            continue
        outbox.put_card(
            session,
            decline.workspace_id,
            RULING_CARD,
            decline.id,
            judge.slack_user_id,
            at=at,
            priority=Priority.REMINDER,
        )


def judges_of(session: Session, decline: Decline, disputer_id: int | None) -> list[Member]:
    """Who can rule: who manages the lead's team, but neither who declined nor who disputed.

    Where these are all managers that the team has, other managers and admins of the workspace; where there are none
    either, whoever manages the team.
    """
    parties = {decline.by_id, disputer_id}
    managers = managers_of(session, session.get_one(Team, decline.team_id))
    found = [one for one in managers if one.id not in parties]
    if found:
        return found
    others = session.scalars(
        select(Member)
        .where(
            Member.workspace_id == decline.workspace_id,
            Member.role.in_(("manager", "admin")),
            Member.active,
            Member.id.not_in([one for one in parties if one is not None]),
        )
        .order_by(Member.role.desc(), Member.id)
        .limit(JUDGES)
    ).all()
    return list(others) or managers


def tell_ruling(session: Session, decline: Decline, told: Iterable[Member], at: datetime) -> None:
    """Each hears once how it was ruled."""
    for member in told:
        outbox.put_notice(
            session,
            decline.workspace_id,
            RULED_NOTICE,
            decline.id,
            member.slack_user_id,
            at=at,
            priority=Priority.REMINDER,
            once=f"{RULED_NOTICE}:{decline.id}:{member.id}",
        )
