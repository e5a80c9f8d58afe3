"""Several people of one account within days: who looks after the account is told once, in one message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import String, bindparam, cast, exists, literal, select
from sqlalchemy.orm import Session

from domain.accounts import FoundAccount
from domain.leads.addresses import mailbox_key
from domain.leads.persons import Person
from domain.merged import leading_to_accounts
from storage import outbox
from storage.models import IS_OPEN, UNCOUNTED, Account, Delivery, Lead, Member
from storage.outbox import Priority
from storage.statements import Statement

COMMITTEE: Final = "lead_committee"
PEOPLE: Final = 3
WITHIN: Final = timedelta(days=7)
MOST_LOOKED_AT: Final = 50
"""So many leads of an account are read; of more, the message says "more than"."""

SEVERAL: Final = (
    select(Lead.arrived_at)
    .where(
        Lead.account_id == Account.id,
        Lead.arrived_at >= bindparam("since"),
        ~exists().where(
            Delivery.workspace_id == Account.workspace_id,
            Delivery.once == literal(f"{COMMITTEE}:") + cast(Account.id, String) + bindparam("week", type_=String),
        ),
    )
    .order_by(Lead.arrived_at.desc())
    .offset(PEOPLE - 2)
    .limit(1)
    .correlate(Account)
    .scalar_subquery()
    .label("several")
)
"""A column beside an account's: None where one lead more does not make PEOPLE since `since`, and where somebody was
told of the account in that `week`. `recently` gives both values. Indexes answer it."""

_PEOPLE: Final = Statement(
    select(Lead.id, Lead.name, Lead.email, Lead.job_title, Lead.asked, Lead.arrived_at, Lead.owner_id, Lead.state)
    .where(
        Lead.account_id.in_(bindparam("accounts", expanding=True)),
        Lead.arrived_at >= bindparam("since"),
        Lead.arrived_at <= bindparam("until"),
    )
    .order_by(Lead.arrived_at.desc(), Lead.id.desc())
    .limit(MOST_LOOKED_AT)
)
_KEEPER: Final = Statement(
    select(Member.slack_user_id)
    .join(Account, Account.owner_id == Member.id)
    .where(Account.id == bindparam("account"), Member.active)
)
_LATEST_OWNER: Final = Statement(
    select(Member.slack_user_id)
    .join(Lead, Lead.owner_id == Member.id)
    .where(Lead.account_id == bindparam("account"), IS_OPEN, Member.active)
    .order_by(Lead.arrived_at.desc(), Lead.id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class OfCommittee:
    """One of the people: their latest lead, and who has it."""

    name: str
    job_title: str | None
    asked: str | None
    arrived_at: datetime
    owner: Person | None


@dataclass(frozen=True, slots=True)
class Committee:
    """The people of an account who came within WITHIN of `at`, the latest first. `more`: there may be others."""

    account: str
    people: tuple[OfCommittee, ...]
    more: bool
    at: datetime


def tell_of_committees(session: Session, workspace_id: int, came: Sequence[FoundAccount | None], at: datetime) -> None:
    """Leads of these accounts were just stored. Tell of each account of which so many people came, once a week at most.

    Whoever looks after the account is told, else who has its latest open lead.
    """
    counts = Counter(one.id for one in came if one is not None)
    several = {one.id for one in came if one is not None and (one.several or counts[one.id] > 1)}
    for account_id in sorted(several):
        once = f"{COMMITTEE}:{account_id}{_week(at)}"
        if outbox.was_told(session, workspace_id, once) or len(_persons(_rows(session, account_id, at))) < PEOPLE:
            continue
        asked = {"account": account_id}
        reader = _KEEPER.scalar(session, asked) or _LATEST_OWNER.scalar(session, asked)
        if reader is not None:
            outbox.put_notice(
                session, workspace_id, COMMITTEE, account_id, reader, at=at, priority=Priority.LEAD, once=once
            )


def recently(at: datetime) -> dict[str, Any]:
    """What SEVERAL asks for."""
    return {"since": at - WITHIN, "week": _week(at)}


def _week(at: datetime) -> str:
    year, week, _ = at.isocalendar()
    return f":{year}-{week}"


def load_committee(session: Session, account_id: int, workspace_id: int, at: datetime) -> Committee | None:
    """Who came of the account until `at`; None where they are too few by now, or this workspace has no such account."""
    account = session.get(Account, account_id)
    if account is None or account.workspace_id != workspace_id:
        return None
    rows = _rows(session, account_id, at)
    people = _persons(rows)
    if len(people) < PEOPLE:
        return None
    owners = _people(session, {one.owner_id for one in people if one.owner_id is not None})
    told = tuple(
        OfCommittee(one.name, one.job_title, one.asked, one.arrived_at, owners.get(one.owner_id)) for one in people
    )
    return Committee(account.name, told, len(rows) == MOST_LOOKED_AT, at)


def _rows(session: Session, account_id: int, at: datetime) -> list[Any]:
    session.flush()
    accounts = list(leading_to_accounts(session, [account_id]))
    return _PEOPLE.all(session, {"accounts": accounts, "since": at - WITHIN, "until": at})


def _persons(rows: Sequence[Any]) -> list[Any]:
    """The latest lead of each person, but for leads that sales never got, and parts of another."""
    found: dict[str, Any] = {}
    for row in rows:
        if row.state in UNCOUNTED:
            continue
        found.setdefault(mailbox_key(row.email) if row.email else " ".join(row.name.split()).casefold(), row)
    return list(found.values())


def _people(session: Session, member_ids: Collection[int]) -> dict[int, Person]:
    rows = session.scalars(select(Member).where(Member.id.in_(sorted(member_ids))))
    return {row.id: Person(row.slack_user_id, row.name, row.tz) for row in rows}
