"""What a line is read with: the names that the workspace knows, and what `$` means there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import Select, and_, bindparam, select
from sqlalchemy.orm import Session

from domain.accounts import FoundAccount, slugs_after_marks
from domain.themes import FoundTheme, slug_after_mark
from storage.models import Account, Theme, Workspace


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`accounts`: those that an `@` in the line may mean, by slug; None where there is no such account.

    `themes`: likewise that of its first `#`.
    """

    competitors: tuple[str, ...]
    currency: str
    accounts: Mapping[str, FoundAccount | None]
    themes: Mapping[str, FoundTheme | None]

    @property
    def confirmed_accounts(self) -> list[str]:
        """The names of the accounts that somebody confirmed."""
        return [account.name for account in self.accounts.values() if account is not None and account.known]


NO_VOCABULARY: Final = Vocabulary((), "", {}, {})
"""Where no line was read: everything is looked up as it is needed."""


def vocabulary_of(session: Session, workspace_id: int, line: str) -> Vocabulary:
    """What this line is read with. Names are looked up by what is typed, so it costs the same however many there are.

    The theme could be looked up once the line is read; it is here because each statement waits for the database.
    """
    slugs, tag = sorted(slugs_after_marks(line)), slug_after_mark(line)
    asked = {"workspace": workspace_id, "tag": tag, **{f"slug{number}": slug for number, slug in enumerate(slugs)}}
    rows = session.connection().execute(_statement(len(slugs)), asked).all()
    competitors, currency, theme_id, answer, created_at = rows[0][:5]
    accounts: dict[str, FoundAccount | None] = dict.fromkeys(slugs)
    if slugs:
        accounts |= {found[0]: FoundAccount(*found[1:]) for _, _, _, _, _, *found in rows if found[0] is not None}
    themes: dict[str, FoundTheme | None] = {}
    if tag is not None:
        themes[tag] = FoundTheme(theme_id, tag, answer, created_at) if theme_id is not None else None
    return Vocabulary(tuple(map(str, competitors)), currency, accounts, themes)


@cache
def _statement(slugs: int) -> Select[Any]:
    """Made once for each number of slugs, of which there are few: building it costs more than running it."""
    settings = (
        select(Workspace.competitors, Workspace.currency, Theme.id, Theme.answer, Theme.created_at)
        .outerjoin(Theme, and_(Theme.workspace_id == Workspace.id, Theme.slug == bindparam("tag")))
        .where(Workspace.id == bindparam("workspace"))
    )
    if not slugs:
        return settings
    meant = Account.slug.in_([bindparam(f"slug{number}") for number in range(slugs)])
    return settings.add_columns(Account.slug, Account.id, Account.name, Account.known, Account.created_at).outerjoin(
        Account, and_(Account.workspace_id == Workspace.id, meant)
    )
