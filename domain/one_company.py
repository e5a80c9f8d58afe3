"""Two accounts that may be one company: a subsidiary and its parent, which no rule puts together. Marketing is asked.

Found by a look at the accounts of open leads: one name but for a place or a form (Acme Deutschland, Acme Group), or
people who write from one name under several endings (acme.de, acme.com). Asked once a day at the most, in one card, and
each pair once. The answer that they are one merges the accounts as `/voc merge` does (domain/voc/merging.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from domain.accounts import account_slug
from domain.calendar import WorkingHours
from domain.errors import NotFound
from domain.leads.doubts import COMPANY_CARD, time_to_decide
from domain.leads.errors import CompanyDoubtMoved
from domain.leads.free_mail import is_free_mail
from domain.leads.holding import refresh_marketing
from domain.merged import own_account
from domain.people import Actor, audit, default_team, marketing_places
from domain.places import country_meant
from domain.voc.merging import merge_found
from storage import outbox
from storage.locking import locked
from storage.models import IS_KNOWN, IS_OPEN, Account, AccountDoubt, Lead, Member, Team
from storage.outbox import Priority

MOST_LOOKED_AT: Final = 2_000
MOST_ASKED: Final = 5
"""So many pairs a day."""
NOT_AGAIN_FOR: Final = timedelta(hours=20)
SHORTEST_NAME: Final = 3

_FORMS: Final = frozenset(
    [
        *("group", "groupe", "gruppe", "holding", "holdings", "international", "global", "worldwide", "europe", "emea"),
        *("apac", "dach", "benelux", "nordics", "nordic", "iberia", "latam", "anz", "mea", "america", "americas"),
        *("asia", "africa", "north", "south", "east", "west", "middle", "latin", "eu", "sarl", "sas", "srl", "spa"),
        *("oy", "ab", "as", "aps", "kg", "kk", "pty", "pvt", "nv", "bv", "se", "limited", "company", "the", "of"),
    ]
)
"""Words at the end of a company's name that say where or how, not who."""
_CODES: Final = frozenset({"us", "uk", "de", "at", "ch", "fr", "nl", "es", "pl", "se", "jp", "in", "cn", "ca", "au"})
"""The countries that are named by two letters; others are words as well."""
_SECOND: Final = frozenset({"co", "com", "org", "net", "ac", "gov", "edu", "or", "ne", "gob", "gouv"})
"""What stands before a country's ending where names are given below it: acme.co.uk, acme.com.br."""


_HOSTS: Final = frozenset(
    {"onmicrosoft", "googlegroups", "github", "appspot", "herokuapp", "myshopify", "wixsite", "wordpress", "blogspot"}
)
"""Below these names many companies have their addresses, as acme.onmicrosoft.com: they say nothing about one."""


@dataclass(frozen=True, slots=True)
class Kin:
    """Two accounts that may be one company: `account_id` would become a part of `other_id`. `why`: as in the table."""

    account_id: int
    other_id: int
    why: str


def look_for_companies(session: Session, workspace_id: int, *, at: datetime) -> int:
    """Ask marketing about the first MOST_ASKED pairs that nobody was asked about. Returns how many."""
    return ask_companies(session, workspace_id, find_companies(session, workspace_id, at), at=at)


def ask_companies(session: Session, workspace_id: int, found: Sequence[Kin], *, at: datetime) -> int:
    """Ask marketing about these pairs, none of which anybody was asked about. Returns how many."""
    if not found:
        return 0
    hours = WorkingHours.from_json(default_team(session, workspace_id).hours)
    due_at = hours.add(at, time_to_decide(session, workspace_id))
    batch: int | None = None
    for kin in found:
        row = AccountDoubt(
            workspace_id=workspace_id,
            account_id=kin.account_id,
            other_id=kin.other_id,
            why=kin.why,
            state="asked",
            batch_id=batch,
            at=at,
            due_at=due_at,
            late_from=due_at,
        )
        session.add(row)
        session.flush()
        batch = batch or row.id
    assert batch is not None
    shown_at = at if hours.is_open(at) else hours.next_opening(at)
    for place in marketing_places(session, workspace_id):
        outbox.put_card(session, workspace_id, COMPANY_CARD, batch, place, at=shown_at, priority=Priority.REMINDER)
    refresh_marketing(session, workspace_id, at)
    return len(found)


def find_companies(session: Session, workspace_id: int, at: datetime) -> list[Kin]:
    """The pairs to be asked about now; none where some were asked lately."""
    here = AccountDoubt.workspace_id == workspace_id
    if session.scalar(select(AccountDoubt.id).where(here, AccountDoubt.at > at - NOT_AGAIN_FOR).limit(1)) is not None:
        return []
    teams = select(Team.id).where(Team.workspace_id == workspace_id)
    rows = session.execute(
        select(Lead.account_id, Lead.email)
        .where(Lead.team_id.in_(teams), IS_OPEN, Lead.account_id.is_not(None))
        .order_by(Lead.id.desc())
        .limit(MOST_LOOKED_AT)
    ).all()
    labels: dict[int, set[str]] = {}
    for row in rows:
        if (label := label_of(row.email)) is not None:
            labels.setdefault(row.account_id, set()).add(label)
        else:
            labels.setdefault(row.account_id, set())
    if not labels:
        return []
    kin = _kin(session, workspace_id, _own(session, labels))
    asked = select(AccountDoubt.account_id, AccountDoubt.other_id).where(here)
    known = {frozenset(row) for row in session.execute(asked)} if kin else set()
    return [one for one in kin if frozenset((one.account_id, one.other_id)) not in known][:MOST_ASKED]


def decide_one(session: Session, doubt_id: int, *, by: Actor, at: datetime) -> None:
    """They are one company: the accounts are merged. So is it where somebody had said that they are two.

    Raises CompanyDoubtMoved where they are one already, RegroupingRefused while items are being moved; NotFound.
    """
    doubt = _for_update(session, doubt_id, by.workspace_id)
    account, other = (session.get_one(Account, one) for one in (doubt.account_id, doubt.other_id))
    if doubt.state == "one" or account.merged_into_id is not None:
        raise _moved(session, doubt, at)
    target = own_account(session, other.id)
    if target.id == account.id:
        raise _moved(session, doubt, at)
    merge_found(session, "account", account.id, target.id, by=by, at=at)
    _decide(session, doubt, "one", by, at)


def decide_companies_apart(session: Session, doubt_id: int, *, by: Actor, at: datetime) -> None:
    """They are two companies, and nobody is asked again. Raises CompanyDoubtMoved, NotFound."""
    doubt = _for_update(session, doubt_id, by.workspace_id)
    if doubt.state != "asked":
        raise _moved(session, doubt, at)
    _decide(session, doubt, "two", by, at)


def label_of(email: str | None) -> str | None:
    """The name in the domain of an address: `acme` of acme.de, mail.acme.com, acme.co.uk; None of a free-mail one."""
    domain = (email or "").rpartition("@")[2].casefold()
    if not domain or is_free_mail(domain):
        return None
    parts = [part for part in domain.split(".") if part]
    if len(parts) > 2 and len(parts[-1]) == 2 and parts[-2] in _SECOND:
        parts.pop()
    label = parts[-2] if len(parts) > 1 else ""
    return label if len(label) >= SHORTEST_NAME and label not in _HOSTS else None


def head_of(slug: str) -> str | None:
    """The slug without what says where or how at its end: `acme` of `acme-deutschland`; None where there is no such."""
    words = slug.split("-")
    end = len(words)
    while end > 1:
        if _says_no_name(words[end - 1]):
            end -= 1
        elif end > 2 and country_meant(" ".join(words[end - 2 : end])) is not None:
            end -= 2
        else:
            break
    head = "-".join(words[:end])
    return head if end < len(words) and len(head) >= SHORTEST_NAME else None


def _says_no_name(word: str) -> bool:
    if word in _FORMS:
        return True
    return (len(word) > 3 or word in _CODES or word == "usa") and country_meant(word) is not None


def _own(session: Session, labels: Mapping[int, set[str]]) -> dict[Account, set[str]]:
    """The labels by accounts, or what took their place."""
    found: dict[Account, set[str]] = {}
    for account in session.scalars(select(Account).where(Account.id.in_(sorted(labels))).order_by(Account.id)):
        own = account if account.merged_into_id is None else own_account(session, account.id)
        found.setdefault(own, set()).update(labels[account.id])
    return found


def _kin(session: Session, workspace_id: int, labels: Mapping[Account, set[str]]) -> list[Kin]:
    """Each account that nobody in particular has, with the one of which it may be a part."""
    meant = {account: _meant_by(account, said) for account, said in labels.items()}
    slugs = sorted({slug for names in meant.values() for slug in names})
    named = select(Account).where(
        Account.workspace_id == workspace_id,
        Account.slug.in_(slugs),
        Account.merged_into_id.is_(None),
        or_(IS_KNOWN, Account.owner_id.is_not(None), Account.id.in_([one.id for one in labels])),
    )
    by_slug = {one.slug: one for one in session.scalars(named)}
    by_label: dict[str, list[Account]] = {}
    for account, said in labels.items():
        for label in sorted(said):
            by_label.setdefault(label, []).append(account)
    found: dict[frozenset[int], Kin] = {}
    for account, names in meant.items():
        if account.owner_id is not None:
            continue  # whoever gave it an owner of its own knows that it is one by itself
        others = [(by_slug[slug], why) for slug, why in names.items() if slug in by_slug]
        others += [(_first(by_label[label]), "domain") for label in sorted(labels[account])]
        for other, why in others:
            if other.id != account.id:
                found.setdefault(frozenset((account.id, other.id)), Kin(account.id, other.id, why))
    return list(found.values())


def _meant_by(account: Account, labels: Iterable[str]) -> dict[str, str]:
    """The slugs of accounts of which this one may be a part, each with why."""
    meant = {account_slug(label): "domain" for label in sorted(labels)}
    if (head := head_of(account.slug)) is not None:
        meant[head] = "name"
    meant.pop(account.slug, None)
    return meant


def _first(accounts: Sequence[Account]) -> Account:
    """Of accounts whose people write from one name, the one that the others are parts of."""
    return min(accounts, key=lambda one: (one.owner_id is None, not one.known, len(one.slug), one.id))


def _for_update(session: Session, doubt_id: int, workspace_id: int) -> AccountDoubt:
    """The doubt, locked. Raises NotFound outside its workspace."""
    here = (AccountDoubt.id == doubt_id, AccountDoubt.workspace_id == workspace_id)
    doubt = session.scalars(locked(select(AccountDoubt).where(*here))).one_or_none()
    if doubt is None:
        raise NotFound("account")
    return doubt


def _decide(session: Session, doubt: AccountDoubt, state: str, by: Actor, at: datetime) -> None:
    doubt.state, doubt.decided_by_id, doubt.decided_at, doubt.late_from = state, by.id, at, None
    data = {"other": doubt.other_id, "as": state}
    audit(session, doubt.workspace_id, "account.one_company", "account", doubt.account_id, by=by, at=at, data=data)
    session.flush()
    outbox.refresh_cards(session, doubt.workspace_id, (COMPANY_CARD,), doubt.batch_id or doubt.id, at=at)
    refresh_marketing(session, doubt.workspace_id, at)


def _moved(session: Session, doubt: AccountDoubt, at: datetime) -> CompanyDoubtMoved:
    name = session.get_one(Member, doubt.decided_by_id).name if doubt.decided_by_id is not None else None
    return CompanyDoubtMoved(doubt.state, name, doubt.decided_at, at)
