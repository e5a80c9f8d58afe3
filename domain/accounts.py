"""Accounts: found by name however it is spelled, added and marked when nobody has confirmed them yet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from domain.merged import own_account
from domain.text import key_words
from storage.models import Account
from storage.statements import Statement

MOST_WORDS: Final = 40
"""So many words after an `@` are looked at for a name."""

# Made once: building a statement costs more than running it, and these run for every line and lead.
_BY_SLUG: Final = Statement(
    select(Account.id, Account.name, Account.known, Account.created_at, Account.merged_into_id, Account.owner_id).where(
        Account.workspace_id == bindparam("workspace"), Account.slug == bindparam("slugged")
    )
)
_ADD: Final = Statement(insert(Account))


@dataclass(frozen=True, slots=True)
class FoundAccount:
    """An account that was found or added. `owner_id`: who gets its leads; `several`: some came just now, if asked."""

    id: int
    name: str
    known: bool
    created_at: datetime
    owner_id: int | None = None
    several: bool = False


NOTHING_LOOKED_UP: Final[Mapping[str, FoundAccount | None]] = {}


def find_or_add_account(
    session: Session,
    workspace_id: int,
    name: str,
    *,
    at: datetime,
    looked_up: Mapping[str, FoundAccount | None] = NOTHING_LOOKED_UP,
) -> FoundAccount:
    """The account of that name, or what took its place; an unknown one is kept with `known` false.

    `looked_up`: by slug what this transaction found already, None where there is no such account.
    """
    slug = account_slug(name)
    if slug in looked_up:
        found = looked_up[slug]
    else:
        row = _BY_SLUG.first(session, {"workspace": workspace_id, "slugged": slug})
        found = found_account(session, *row) if row is not None else None
    if found is not None:
        return found
    values = {"workspace_id": workspace_id, "name": name.strip(), "slug": slug, "keyed": True, "created_at": at}
    return FoundAccount(_ADD.insert(session, values), name.strip(), False, at)


def found_account(
    session: Session,
    account_id: int,
    name: str,
    known: bool,
    created_at: datetime,
    merged_into_id: int | None,
    owner_id: int | None = None,
) -> FoundAccount:
    """The account of such a row; the one that took its place where the row leads to another."""
    if merged_into_id is None:
        return FoundAccount(account_id, name, known, created_at, owner_id)
    account = own_account(session, merged_into_id)
    return FoundAccount(account.id, account.name, account.known, account.created_at, account.owner_id)


def find_account(session: Session, workspace_id: int, name: str) -> FoundAccount | None:
    """The account of that name, or the one that took its place; None when there is none."""
    row = _BY_SLUG.first(session, {"workspace": workspace_id, "slugged": account_slug(name)})
    return found_account(session, *row) if row is not None else None


def slugs_after_marks(line: str) -> set[str]:
    """The slugs of the accounts that may be meant by what follows an `@` in the line."""
    return {slug for marked in re.split("[@＠]", line)[1:] for slug in _slugs_of_beginnings(marked)}


def account_slug(name: str) -> str:
    """What makes two spellings one account: the words as `compare_key` has them, without legal forms at the end."""
    return _slug(key_words(name)) or " ".join(name.casefold().split())


def slug_of_company(company: str | None) -> str | None:
    """The slug of the account that a lead's company is; None where it is nobody's name.

    Two people who work for themselves are no account: else both would go to one rep, as a buying committee.
    """
    if not company or not key_words(company):
        return None
    slug = account_slug(company)
    return slug if slug not in _NO_COMPANY else None


def beginnings_of(typed: str) -> tuple[str, ...]:
    """What may stand in the slug of an account that is being typed: its words, with and without a legal form begun."""
    words = key_words(typed)
    begun = len(words) > 1 and any(form.startswith(words[-1]) for form in _LEGAL_FORMS)
    return tuple(dict.fromkeys(filter(None, ("-".join(words), "-".join(words[:-1]) if begun else "", _slug(words)))))


def _slugs_of_beginnings(text: str) -> set[str]:
    """The slugs of the text's first word, of its first two, and so on."""
    words = key_words(text)[:MOST_WORDS]
    return {_slug(words[:length]) for length in range(1, len(words) + 1)}


_NO_COMPANY: Final = frozenset(
    [
        *("n-a", "na", "none", "null", "nil", "unknown", "undefined", "no-company", "not-provided", "not-applicable"),
        *("self", "self-employed", "selfemployed", "freelance", "freelancer", "freelancing", "individual"),
        *("private", "private-person", "personal", "student", "unemployed", "retired"),
        *(
            "privat",
            "privatperson",
            "selbststandig",
            "selbstandig",
            "freiberufler",
            "freiberuflich",
            "keine",
            "studentin",
        ),
        *("particulier", "independant", "etudiant", "autonomo", "privato", "libero-professionista", "zzp"),
    ]
)
_LEGAL_FORMS: Final = frozenset({"inc", "ltd", "llc", "gmbh", "ag", "corp", "co", "sa", "bv", "plc"})


def _slug(words: list[str]) -> str:
    end = len(words)
    while end > 1 and words[end - 1] in _LEGAL_FORMS:
        end -= 1
    return "-".join(words[:end])
