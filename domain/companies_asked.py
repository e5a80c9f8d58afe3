"""What marketing reads of pairs of accounts that may be one company: the card of a day, and the list of all."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from domain.accounts import account_slug
from domain.leads.persons import Person
from domain.merged import leading_to_accounts, own_account
from domain.one_company import label_of
from domain.people import Actor
from storage.models import IS_COMPANY_ASKED, IS_OPEN, Account, AccountDoubt, Lead, Member

LISTED: Final = 2
"""Beside as many held leads and pairs of leads as are listed, these are what fits into a message."""
MOST_OF_A_DAY: Final = 50


@dataclass(frozen=True, slots=True)
class AccountSeen:
    """An account, who gets its leads, how many of its leads are open, and who has the newest of those."""

    name: str
    owner: Person | None
    open: int
    newest_with: Person | None


@dataclass(frozen=True, slots=True)
class CompanyDoubt:
    """Two accounts that may be one company; the first would become a part of the second.

    `state`, `why`: as storage/models/doubts.py says. `label`: the name in the addresses of both, where that is why.
    `together`: they are one account by now. `over`: nobody decided, and there is nothing to decide any more. `late`: it
    should have been decided.
    """

    id: int
    at: datetime
    accounts: tuple[AccountSeen, AccountSeen]
    state: str
    why: str
    label: str | None
    due_at: datetime
    late: bool
    together: bool
    over: bool
    decided_by: Person | None


@dataclass(frozen=True, slots=True)
class CompanyDoubts:
    """The first pairs that wait, the oldest first, of `count`, of which `late` are late."""

    pairs: tuple[CompanyDoubt, ...]
    count: int
    late: int


NO_COMPANIES: Final = CompanyDoubts((), 0, 0)


def load_companies(session: Session, first_id: int, workspace_id: int, at: datetime) -> tuple[CompanyDoubt, ...]:
    """The pairs of the day whose first one this is."""
    of_day = or_(AccountDoubt.id == first_id, AccountDoubt.batch_id == first_id)
    here = (AccountDoubt.workspace_id == workspace_id, of_day)
    rows = session.scalars(select(AccountDoubt).where(*here).order_by(AccountDoubt.id).limit(MOST_OF_A_DAY)).all()
    return _seen(session, rows, at)


def list_companies(session: Session, *, by: Actor, at: datetime) -> CompanyDoubts:
    """All that wait in the member's workspace."""
    return companies_now(session, by.workspace_id, at, limit=LISTED)


def companies_now(session: Session, workspace_id: int, at: datetime, *, limit: int) -> CompanyDoubts:
    """The first `limit` pairs that wait for an answer, and how many there are."""
    waiting = (
        select(AccountDoubt.id)
        .join(Account, Account.id == AccountDoubt.account_id)
        .where(AccountDoubt.workspace_id == workspace_id, IS_COMPANY_ASKED, Account.merged_into_id.is_(None))
    )
    counted = waiting.with_only_columns(func.count(), func.count().filter(AccountDoubt.due_at <= at))
    count, late = session.execute(counted).one()
    if not count:
        return NO_COMPANIES
    those = select(AccountDoubt).where(AccountDoubt.id.in_(waiting)).order_by(AccountDoubt.id).limit(limit)
    return CompanyDoubts(_seen(session, session.scalars(those).all(), at), count, late)


def _seen(session: Session, rows: Sequence[AccountDoubt], at: datetime) -> tuple[CompanyDoubt, ...]:
    ids = {one for row in rows for one in (row.account_id, row.other_id)}
    accounts = {one.id: one for one in session.scalars(select(Account).where(Account.id.in_(sorted(ids))))}
    open_leads, labels = _open_leads(session, ids)
    named = {account.owner_id for account in accounts.values()} | {row.decided_by_id for row in rows}
    named |= {owner for _, owner in open_leads.values()}
    people = _people(session, {one for one in named if one is not None})

    def seen(account: Account) -> AccountSeen:
        count, owner = open_leads.get(account.id, (0, None))
        return AccountSeen(account.name, people.get(account.owner_id or 0), count, people.get(owner or 0))

    found = []
    for row in rows:
        account, other = accounts[row.account_id], accounts[row.other_id]
        together = own_account(session, account.id).id == own_account(session, other.id).id
        over = row.state == "asked" and account.merged_into_id is not None
        found.append(
            CompanyDoubt(
                id=row.id,
                at=row.at,
                accounts=(seen(account), seen(other)),
                state=row.state,
                why=row.why,
                label=_shared(row, account, other, labels),
                due_at=row.due_at,
                late=row.state == "asked" and not over and row.due_at <= at,
                together=together,
                over=over,
                decided_by=people.get(row.decided_by_id or 0),
            )
        )
    return tuple(found)


def _shared(row: AccountDoubt, account: Account, other: Account, labels: Mapping[int, Collection[str]]) -> str | None:
    """The name that stands in the addresses of both; an account may bear it itself."""
    if row.why != "domain":
        return None
    theirs = {*labels.get(other.id, ()), other.slug}
    mine = sorted(labels.get(account.id, ()))
    return next((one for one in mine if one in theirs or account_slug(one) in theirs), None)


def _open_leads(
    session: Session, ids: Collection[int]
) -> tuple[dict[int, tuple[int, int | None]], dict[int, set[str]]]:
    """How many leads of each account, and of those that became a part of it, are open, and who has the newest.

    And the names in the addresses of their people.
    """
    into = leading_to_accounts(session, sorted(ids))
    rows = session.execute(
        select(Lead.account_id, Lead.owner_id, Lead.email)
        .where(Lead.account_id.in_(sorted(into)), IS_OPEN)
        .order_by(Lead.id)
    )
    found: dict[int, tuple[int, int | None]] = {}
    labels: dict[int, set[str]] = {}
    for row in rows:
        account = into[row.account_id]
        found[account] = found.get(account, (0, None))[0] + 1, row.owner_id
        if (label := label_of(row.email)) is not None:
            labels.setdefault(account, set()).add(label)
    return found, labels


def _people(session: Session, ids: Collection[int]) -> dict[int, Person]:
    members = session.scalars(select(Member).where(Member.id.in_(sorted(ids)))) if ids else ()
    return {one.id: Person(one.slack_user_id, one.name, one.tz) for one in members}
