"""What a line is read with: the names that the workspace knows, and what `$` means there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, select
from sqlalchemy.orm import Session

from domain.accounts import FoundAccount, slugs_after_marks
from storage.models import Account, Workspace


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`accounts`: those that an `@` in the line may mean, by slug; None where there is no such account."""

    competitors: tuple[str, ...]
    currency: str
    accounts: Mapping[str, FoundAccount | None]

    @property
    def confirmed_accounts(self) -> list[str]:
        """The names of the accounts that somebody confirmed."""
        return [account.name for account in self.accounts.values() if account is not None and account.known]


def vocabulary_of(session: Session, workspace_id: int, line: str) -> Vocabulary:
    """What this line is read with. Accounts are looked up by what is typed, so it costs the same however many."""
    slugs = sorted(slugs_after_marks(line))
    asked = {"workspace": workspace_id, **{f"slug{number}": slug for number, slug in enumerate(slugs)}}
    rows = session.connection().execute(_statement(len(slugs)), asked).all()
    competitors, currency = rows[0][:2]
    accounts: dict[str, FoundAccount | None] = dict.fromkeys(slugs)
    if slugs:
        accounts |= {slug: FoundAccount(*found) for _, _, slug, *found in rows if slug is not None}
    return Vocabulary(tuple(map(str, competitors)), currency, accounts)


@cache
def _statement(slugs: int) -> Select[Any]:
    """Made once for each number of slugs, of which there are few: building it costs more than running it."""
    settings = select(Workspace.competitors, Workspace.currency).where(Workspace.id == bindparam("workspace"))
    if not slugs:
        return settings
    meant = Account.slug.in_([bindparam(f"slug{number}") for number in range(slugs)])
    return settings.add_columns(Account.slug, Account.id, Account.name, Account.known, Account.created_at).outerjoin(
        Account, and_(Account.workspace_id == Workspace.id, meant)
    )
