"""All that is known of one account, in the order of time: leads, what marketing reached them with, what they said.

Nothing is scored, and nobody was first: each entry says what happened, when, and who knows more about it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from domain.accounts import FoundAccount, account_slug, find_account
from domain.merged import leading_to_accounts
from domain.near_themes import nearest
from domain.people import Actor
from domain.pulse import Pulse, take_pulse
from domain.text import TextEmpty, TextTooLong, clean_text
from storage.beginnings import begins_with
from storage.models import IS_OPEN, Account, Lead, LeadEvent, Member, Theme, VocItem
from storage.statements import Statement

ENTRIES: Final = 10
"""So many are shown at once."""

MOST_ENTRIES: Final = 200
LEADS_LOOKED_AT: Final = 50
NEAR: Final = 5
NAME_LIMIT: Final = 200

What = Literal["lead", "touch", "step", "voc"]
STEPS: Final = (
    *("claimed", "contacted", "declined", "reopened", "won", "lost", "nurture"),
    *("decline_accepted", "disputed", "ruled", "held", "passed", "dropped", "qualified", "outcome_undone"),
    *("joined", "withdrawn"),
)
"""The kinds of a lead's events that are told."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened at `at` (aware UTC).

    `what`: "lead" (it came in: `words` is what it asked for, `source` its source), "touch" (`words` is what marketing
    did), "step" (`kind` is the event's, one of STEPS; `words` the reason of a decline as stored) or "voc" (`kind` is
    the item's; `words` are the customer's own where `quoted`, else the rep's note). `lead`: the lead's name. `by`: who
    did or heard it.
    """

    at: datetime
    what: What
    kind: str
    words: str = ""
    lead: str = ""
    by: str = ""
    source: str = ""
    theme: str | None = None
    quoted: bool = False
    row_id: int = 0


@dataclass(frozen=True, slots=True)
class OpenLead:
    """A lead of the account that waits for contact; `owner` is a name, None for nobody's."""

    name: str
    owner: str | None


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """An account as it is known now. `pulse`: of the last PULSE_DAYS days. `entries`: ENTRIES of them from `start` on,
    the newest first, of `total` that are kept at hand; `more`: still older ones exist, which are not."""

    id: int
    name: str
    created_at: datetime
    pulse: Pulse
    open_leads: tuple[OpenLead, ...]
    entries: tuple[Entry, ...]
    start: int
    total: int
    more: bool


@dataclass(frozen=True, slots=True)
class UnknownAccount:
    """Nothing is known under that name. `near`: names that may be meant; without one typed, those heard of lately."""

    name: str
    near: tuple[str, ...]


_OWNER = aliased(Member)
_LEADS: Final = Statement(
    select(
        Lead.id,
        Lead.name,
        Lead.asked,
        Lead.source,
        Lead.touches,
        Lead.arrived_at,
        IS_OPEN.label("is_open"),
        _OWNER.name.label("owner"),
    )
    .outerjoin(_OWNER, _OWNER.id == Lead.owner_id)
    .where(Lead.account_id.in_(bindparam("accounts", expanding=True)))
    .order_by(Lead.arrived_at.desc(), Lead.id.desc())
    .limit(LEADS_LOOKED_AT + 1)
)
_STEPS: Final = Statement(
    select(LeadEvent.id, LeadEvent.lead_id, LeadEvent.at, LeadEvent.kind, LeadEvent.data, Member.name)
    .outerjoin(Member, Member.id == LeadEvent.by_id)
    .where(
        LeadEvent.lead_id.in_(bindparam("leads", expanding=True)),
        LeadEvent.kind.in_(bindparam("steps", expanding=True)),
    )
    .order_by(LeadEvent.at.desc(), LeadEvent.id.desc())
    .limit(MOST_ENTRIES)
)
# Votes without a note say nothing that could be read.
_ITEMS: Final = (
    select(
        VocItem.id,
        VocItem.created_at,
        VocItem.kind,
        VocItem.quote,
        VocItem.verbatim,
        Theme.slug,
        Member.name,
    )
    .join(Member, Member.id == VocItem.member_id)
    .outerjoin(Theme, Theme.id == VocItem.theme_id)
    .where(VocItem.account_id == bindparam("account"), VocItem.state == "live")
    .order_by(VocItem.created_at.desc())
    .limit(bindparam("most"))
)
_SAID: Final = Statement(_ITEMS)
_LATELY: Final = Statement(
    select(VocItem.account_id)
    .where(VocItem.workspace_id == bindparam("workspace"), VocItem.state == "live")
    .order_by(VocItem.created_at.desc())
    .limit(MOST_ENTRIES)
)


def show_account(
    session: Session, typed: str, *, start: int = 0, by: Actor, at: datetime
) -> KnownAccount | UnknownAccount:
    """What is known of the account that was typed, with or without its `@`."""
    name = _name(typed)
    found = find_account(session, by.workspace_id, name) if name else None
    if found is None:
        return UnknownAccount(name, _near(session, by.workspace_id, name))
    return _known(session, by.workspace_id, found, start, at)


def show_account_of(
    session: Session, account_id: int, *, start: int = 0, by: Actor, at: datetime
) -> KnownAccount | UnknownAccount:
    """Likewise for an account's row, or what took its place; unknown in another workspace."""
    account = session.get(Account, account_id)
    if account is None or account.workspace_id != by.workspace_id:
        return UnknownAccount("", ())
    return show_account(session, account.name, start=start, by=by, at=at)


def said_of_account(session: Session, account_id: int, *, most: int) -> tuple[Entry, ...]:
    """The last that was heard of an account, the newest first; without votes that have no note."""
    rows = _SAID.all(session, {"account": account_id, "most": most})
    return tuple(entry for row in rows if (entry := _said(row)) is not None)


def touches_of_lead(session: Session, lead_id: int) -> tuple[Entry, ...]:
    """What marketing reached a lead with, the latest first."""
    row = session.execute(select(Lead.name, Lead.touches, Lead.arrived_at).where(Lead.id == lead_id)).one()
    return tuple(sorted(_touches(row), key=lambda one: (one.at, one.row_id), reverse=True))


def _known(session: Session, workspace_id: int, account: FoundAccount, start: int, at: datetime) -> KnownAccount:
    leads = _LEADS.all(session, {"accounts": list(leading_to_accounts(session, [account.id]))})
    shown = leads[:LEADS_LOOKED_AT]
    entries = [*_of_leads(session, shown), *said_of_account(session, account.id, most=MOST_ENTRIES + 1)]
    entries.sort(key=lambda one: (one.at, one.what, one.row_id), reverse=True)
    kept = entries[:MOST_ENTRIES]
    return KnownAccount(
        id=account.id,
        name=account.name,
        created_at=account.created_at,
        pulse=take_pulse(session, workspace_id, at, "account", account.id),
        open_leads=tuple(OpenLead(row.name, row.owner) for row in shown if row.is_open),
        entries=tuple(kept[start : start + ENTRIES]),
        start=start,
        total=len(kept),
        more=len(entries) > MOST_ENTRIES or len(leads) > LEADS_LOOKED_AT,
    )


def _of_leads(session: Session, leads: Sequence[Any]) -> Iterator[Entry]:
    names = {row.id: row.name for row in leads}
    for row in leads:
        yield Entry(row.arrived_at, "lead", "lead", row.asked or "", row.name, source=row.source, row_id=row.id)
        yield from _touches(row)
    if names:
        for step in _STEPS.all(session, {"leads": list(names), "steps": STEPS}):
            reason = str(step.data.get("reason") or "")
            yield Entry(step.at, "step", step.kind, reason, names[step.lead_id], step.name or "", row_id=step.id)


def _touches(row: Any) -> Iterator[Entry]:
    for number, touch in enumerate(row.touches):
        # One without a time of its own came with the lead.
        when = _time(touch.get("at")) or row.arrived_at
        yield Entry(when, "touch", "touch", str(touch.get("what") or ""), row.name, row_id=number)


def _said(row: Any) -> Entry | None:
    words = row.quote or row.verbatim
    if not words:
        return None
    quoted = row.quote is not None
    return Entry(row.created_at, "voc", row.kind, words, by=row.name, theme=row.slug, quoted=quoted, row_id=row.id)


def _time(told: Any) -> datetime | None:
    """The time of a touch (aware UTC) as it was kept; None where there is none."""
    try:
        when = datetime.fromisoformat(str(told))
    except ValueError:
        return None
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


def _name(typed: str) -> str:
    try:
        text = clean_text(typed, limit=NAME_LIMIT)
    except (TextEmpty, TextTooLong):
        return ""
    return " ".join(text.split()).strip('@"“”= ')


def _near(session: Session, workspace_id: int, name: str) -> tuple[str, ...]:
    """Names of accounts that are spelled nearly so, or begin so; with none typed, those of the newest items."""
    if not name:
        heard = (row[0] for row in _LATELY.all(session, {"workspace": workspace_id}))
        return _names(session, [each for each in dict.fromkeys(heard) if each is not None][:NEAR])
    slug = account_slug(name)
    some = select(Account.id, Account.slug).where(
        Account.workspace_id == workspace_id, Account.merged_into_id.is_(None)
    )
    begun = session.execute(
        some.where(begins_with(session, Account.slug, slug[:2])).order_by(Account.slug).limit(MOST_ENTRIES)
    ).all()
    by_slug = {row.slug: row.id for row in begun}
    longer = [each for each in by_slug if each.startswith(slug)]
    return _names(session, [by_slug[each] for each in dict.fromkeys([*longer, *nearest(slug, by_slug)])][:NEAR])


def _names(session: Session, account_ids: Collection[int]) -> tuple[str, ...]:
    named = dict(session.execute(select(Account.id, Account.name).where(Account.id.in_(account_ids))).all())
    return tuple(named[each] for each in account_ids if each in named)
