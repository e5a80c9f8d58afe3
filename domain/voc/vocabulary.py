"""What a line is read with: the names that the workspace knows, and what `$` means there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Text, and_, bindparam, select, true, union_all
from sqlalchemy.orm import Session

from domain.accounts import FoundAccount, found_account, slugs_after_marks
from domain.text import compare_key
from domain.themes import FoundTheme, found_theme, slug_after_mark
from domain.voc.led_competitors import Led
from storage.models import Account, Member, Theme, Workspace
from storage.statements import Statement

_THEME: Final = select(
    Theme.id.label("theme_id"),
    Theme.slug.label("theme"),
    Theme.answer,
    Theme.created_at.label("theme_at"),
    Theme.answer_audience,
    Theme.answer_until,
    Theme.merged_into_id,
).where(Theme.workspace_id == bindparam("workspace"))
# Two steps in two indexes. For one condition with "or", SQLite reads all themes of the workspace.
_TAGGED: Final = union_all(
    _THEME.where(Theme.key == bindparam("key")), _THEME.where(Theme.slug == bindparam("tag"))
).subquery()
_OF_WORKSPACE: Final = (
    select(Workspace.competitors, Workspace.merged_competitors, Workspace.currency, *_TAGGED.c)
    .select_from(Workspace)
    .outerjoin(_TAGGED, true())
    .where(Workspace.id == bindparam("workspace"))
)
_SETTINGS: Final = Statement(_OF_WORKSPACE)
_MEANT: Final = Statement(
    _OF_WORKSPACE.add_columns(
        Account.slug.label("account"),
        Account.id.label("account_id"),
        Account.name,
        Account.known,
        Account.created_at,
        Account.merged_into_id.label("account_into_id"),
    ).outerjoin(
        Account,
        and_(Account.workspace_id == Workspace.id, Account.slug.in_(bindparam("slugs", expanding=True))),
    )
)
_KEYS: Final = bindparam("keys", type_=Text, expanding=True)
_BEARING: Final = Member.workspace_id == bindparam("workspace")
_COLLEAGUES: Final = Statement(
    union_all(
        select(Member.name_key).where(_BEARING, Member.name_key.in_(_KEYS)),
        select(Member.first_name_key).where(_BEARING, Member.first_name_key.in_(_KEYS)),
    )
)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`accounts`: those that an `@` in the line may mean, by slug; None where there is no such account.

    `themes`: likewise that of its first `#`. `colleagues`: the keys of names behind an `@` that members bear.
    `earlier_names`: how accounts that lead to others are called, by slug; `led_competitors`: likewise competitors,
    None: not read.
    """

    competitors: tuple[str, ...]
    currency: str
    accounts: Mapping[str, FoundAccount | None]
    themes: Mapping[str, FoundTheme | None]
    colleagues: frozenset[str] = frozenset()
    earlier_names: Mapping[str, str] = field(default_factory=dict)
    led_competitors: Led | None = None

    @property
    def known_competitors(self) -> list[str]:
        """The names of competitors, those of merged and renamed ones among them."""
        return [*self.competitors, *(str(led["name"]) for led in (self.led_competitors or {}).values())]

    @property
    def known_accounts(self) -> list[str]:
        """The names of accounts: those that somebody confirmed, then others, unless a colleague bears their name."""
        found = [
            (self.earlier_names.get(slug, account.name), account.known)
            for slug, account in self.accounts.items()
            if account is not None
        ]
        confirmed = [name for name, known in found if known]
        others = [name for name, known in found if not known]
        return [*confirmed, *(name for name in others if compare_key(name) not in self.colleagues)]


NO_VOCABULARY: Final = Vocabulary((), "", {}, {})
"""Where no line was read: everything is looked up as it is needed."""


def vocabulary_of(session: Session, workspace_id: int, line: str) -> Vocabulary:
    """What this line is read with. Names are looked up by what is typed, so it costs the same however many there are.

    The theme could be looked up once the line is read; it is here because each statement waits for the database.
    """
    slugs, tag = sorted(slugs_after_marks(line)), slug_after_mark(line)
    asked = {"workspace": workspace_id, "tag": tag, "key": compare_key(tag) if tag is not None else None}
    rows = _MEANT.all(session, {**asked, "slugs": slugs}) if slugs else _SETTINGS.all(session, asked)
    accounts: dict[str, FoundAccount | None] = dict.fromkeys(slugs)
    earlier_names: dict[str, str] = {}
    if slugs:
        named = [row for row in rows if row.account is not None]
        accounts |= {row.account: _found_account(session, row) for row in named}
        earlier_names = {row.account: row.name for row in named if row.account_into_id is not None}
    themes: dict[str, FoundTheme | None] = {}
    if tag is not None:
        meant = [row for row in rows if row.theme_id]
        # Of themes that an earlier release told apart, the one that is spelled as it was typed; else the oldest.
        row = min(meant, key=lambda row: (row.theme != tag, row.theme_id), default=None)
        themes[tag] = _found(session, row) if row is not None else None
    unknown = any(account is None or not account.known for account in accounts.values())
    colleagues = colleagues_named(session, workspace_id, slugs) if unknown else frozenset[str]()
    return Vocabulary(
        tuple(map(str, rows[0].competitors)),
        rows[0].currency,
        accounts,
        themes,
        colleagues,
        earlier_names,
        rows[0].merged_competitors or {},
    )


def _found_account(session: Session, row: Any) -> FoundAccount:
    return found_account(session, row.account_id, row.name, row.known, row.created_at, row.account_into_id)


def _found(session: Session, row: Any) -> FoundTheme:
    found = FoundTheme(row.theme_id, row.theme, row.answer, row.theme_at, row.answer_audience, row.answer_until)
    return found_theme(session, found, row.merged_into_id)


def colleagues_named(session: Session, workspace_id: int, keys: Collection[str]) -> frozenset[str]:
    """Those of the keys that are a member's name, or the first word of it."""
    return frozenset(_COLLEAGUES.scalars(session, {"workspace": workspace_id, "keys": list(keys)}))
