"""Which names may stand in texts that a language model is to read: of members, of leads, and of accounts."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.accounts import account_slug
from domain.llm.redaction import Names, is_unspaced, keys_in
from domain.text import compare_key, key_words
from storage.models import Account, Lead, Member

NEWEST_LEADS: Final = 5_000
"""Contacts of so many leads are known by name: what reps write today is about them."""

_AT_ONCE: Final = 500


def names_in(
    session: Session, workspace_id: int, texts: Collection[str], *, accounts: Iterable[str] = (), kept: Iterable[str]
) -> Names:
    """The names of the workspace that may stand in these texts.

    `accounts`: names that are hidden in any case, those that the texts are about; `kept`: names of themes and
    competitors, which stay.
    """
    keys = keys_in(texts)
    members = session.scalars(select(Member.name).where(Member.workspace_id == workspace_id)).all()
    leads = session.execute(
        select(Lead.name, Lead.company)
        .where(Lead.workspace_id == workspace_id)
        .order_by(Lead.arrived_at.desc())
        .limit(NEWEST_LEADS)
    ).all()
    contacts = [row.name for row in leads]
    stay = {compare_key(name) for name in kept}
    named = [account_slug(name) for name in (*accounts, *(row.company for row in leads if row.company))]
    # One word alone is treated as a part of a name: there are contacts called Support.
    people = {key for name in (*members, *contacts) if "-" in (key := compare_key(name))}
    return Names(
        people=frozenset(keys & people),
        first_names=frozenset(keys & _words(members)),
        of_contacts=frozenset(keys & _words(contacts)),
        accounts=frozenset(keys & {*named, *_known_accounts(session, workspace_id, keys)}),
        unspaced=tuple(sorted({name.strip() for name in (*members, *contacts) if is_unspaced(name)}, key=_longest)),
        kept=frozenset(stay | {word for name in stay for word in name.split("-")}),
    )


def _known_accounts(session: Session, workspace_id: int, keys: Collection[str]) -> set[str]:
    found: set[str] = set()
    ordered = sorted(keys)
    for begin in range(0, len(ordered), _AT_ONCE):
        some = ordered[begin : begin + _AT_ONCE]
        here = (Account.workspace_id == workspace_id, Account.slug.in_(some), Account.known.is_(True))
        found |= set(session.scalars(select(Account.slug).where(*here)))
    return found


def _words(names: Iterable[str]) -> set[str]:
    return {word for name in names for word in key_words(name)}


def _longest(name: str) -> tuple[int, str]:
    return -len(name), name
