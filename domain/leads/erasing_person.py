"""A lead loses everything that tells who its person is; what is counted of it stays.

Gone: name, addresses, job title, what they asked and were sent, the words of reps and marketing about them, the ids of
other systems. Staying: when it came, from which source, its tier and score, whose it was, how it went and for how much,
and the company, unless that is the person's own name. Cards say "Erased person" from then on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from domain.accounts import account_slug
from domain.leads.amending import amend_messages
from domain.leads.announce import note_event
from domain.leads.ended import LOST_REASONS
from domain.leads.links import show_links_anew
from domain.leads.reasons import BY_NAME
from domain.leads.withdrawing import withdraw_lead
from domain.people import Actor
from storage.inbox import earlier_answer, remember_answer
from storage.models import (
    Account,
    Decline,
    Hold,
    InboxKey,
    Lead,
    LeadEvent,
    Outcome,
    WebhookMessage,
    Wish,
    WrittenRecord,
)

ERASED_NAME: Final = "Erased person"
ERASED_WORDS: Final = "(erased)"
"""What stands where something was written that has to be there."""

GONE: Final = "erased"
"""The event of the timeline."""

_KEPT: Final = frozenset(
    {"from", "to", "over", "undoes", "until", "due_at", "minutes", "clock", "was", "nobody", "instead", "instead_why",
     "missed", "back", "decline", "consequence", "verdict", "again", "try", "of", "how", "outcome", "amount", "origin",
     "source", "stage", "definition", "met", "failed", "tier", "erased", "canceled", "competitor", "into",
     "joined"}
)  # fmt: skip
"""What stays of the data of an event: all of it names members, settings, times and sums, and nothing of the person."""


def erase_lead(session: Session, lead: Lead, *, origin: str | None, by: Actor | None, at: datetime) -> bool:
    """Erase the person of the locked lead, and end the lead where it is not settled; False: that was done before.

    `origin`: the source whose word it is, None where `by` or the command line asked for it.
    """
    if lead.erased_at is not None:
        return False
    withdraw_lead(session, lead, origin=origin, by=by, at=at, erased=True)
    names = _ids_of(session, lead)
    _forget_account(session, lead)
    if lead.company is not None and account_slug(lead.company) == account_slug(lead.name):
        lead.company = None
    lead.name, lead.erased_at, lead.updated_at = ERASED_NAME, at, at
    lead.email = lead.phone = lead.job_title = lead.asked = lead.external_id = lead.decline_note = None
    lead.touches, lead.notes = [], []
    session.flush()
    _erase_beside(session, lead.id)
    session.execute(
        delete(WebhookMessage).where(
            WebhookMessage.workspace_id == lead.workspace_id, WebhookMessage.subject == f"lead:{lead.id}"
        )
    )
    for source, external_id in sorted(names):
        _forget_deliveries(session, lead, source, external_id, at)
    note_event(session, lead, GONE, at=at, by=by, data={"origin": origin} if origin else None)
    amend_messages(session, lead, at)
    show_links_anew(session, lead.workspace_id, lead.id, at)
    return True


def erased_origin(workspace_id: int) -> str:
    """Where the inbox keeps, for as long as it keeps anything, under which names erased persons had been sent."""
    return f"erased:{workspace_id}"


def erased_key(source: str, external_id: str) -> str:
    """The name in a source by its hash: a late delivery is told by it, and nobody is named."""
    return hashlib.sha256(f"{source}\0{external_id}".encode(errors="surrogatepass")).hexdigest()


def kept_data(data: Mapping[str, Any]) -> dict[str, Any]:
    """What stays of the data of an event; of its reasons, those that are picked from a list."""
    found = {name: value for name, value in data.items() if name in _KEPT}
    if data.get("reason") in BY_NAME or data.get("reason") in LOST_REASONS:
        found["reason"] = data["reason"]
    return found


def _ids_of(session: Session, lead: Lead) -> set[tuple[str, str]]:
    """Under which names its sources sent it."""
    rows = session.execute(
        select(Wish.source, Wish.external_id).where(Wish.lead_id == lead.id, Wish.external_id.is_not(None))
    )
    found = {(row.source, str(row.external_id)) for row in rows}
    return found | ({(lead.source, lead.external_id)} if lead.external_id is not None else set())


def _forget_account(session: Session, lead: Lead) -> None:
    """An account that bears the person's own name is not the person's company: it loses the name."""
    account = session.get(Account, lead.account_id) if lead.account_id is not None else None
    if account is not None and account_slug(account.name) == account_slug(lead.name):
        account.name, account.slug, account.known = ERASED_NAME, f"erased {account.id}", False
        session.flush()


def _erase_beside(session: Session, lead_id: int) -> None:
    """The words in the rows that belong to the lead."""
    for event in session.scalars(select(LeadEvent).where(LeadEvent.lead_id == lead_id)):
        event.data = kept_data(event.data)
    nothing: dict[str, Any] = dict.fromkeys(("external_id", "person", "said", "asked", "sent"))
    session.execute(update(Wish).where(Wish.lead_id == lead_id).values(nothing))
    session.execute(update(Outcome).where(Outcome.lead_id == lead_id).values(note=None))
    session.execute(update(Decline).where(Decline.lead_id == lead_id).values(note=None, ruling=None, proposed=None))
    session.execute(
        update(Decline).where(Decline.lead_id == lead_id, Decline.dispute.is_not(None)).values(dispute=ERASED_WORDS)
    )
    for hold in session.scalars(select(Hold).where(Hold.lead_id == lead_id)):
        hold.failed = [{**one, "said": ""} for one in hold.failed]
        hold.fields = []
        hold.reason = ERASED_WORDS if hold.reason is not None else None
    session.execute(delete(WrittenRecord).where(WrittenRecord.lead_id == lead_id))
    session.flush()


def _forget_deliveries(session: Session, lead: Lead, source: str, external_id: str, at: datetime) -> None:
    """What arrivals were called that brought the lead is forgotten; a late one is known by the hash of its name."""
    origin, key = erased_origin(lead.workspace_id), erased_key(source, external_id)
    if earlier_answer(session, origin, key) is None:
        remember_answer(session, origin, key, {"lead_id": lead.id}, at)


def forget_inbox(session: Session, origins: Collection[str], names: Iterable[str]) -> int:
    """Delete what the inbox knows of arrivals of these origins whose keys hold one of the names; how many."""
    count = 0
    for name in names:
        gone = delete(InboxKey).where(InboxKey.origin.in_(origins), InboxKey.key.contains(name, autoescape=True))
        count += session.execute(gone).rowcount  # type: ignore[attr-defined]  # CursorResult
    return count
