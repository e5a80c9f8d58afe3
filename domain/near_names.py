"""Which accounts and competitors are spelled nearly alike: one of them is likely a slip of the finger.

Themes have a file of their own (domain/near_themes.py), whose measure this is. Nobody is asked about a name that came
up OFTEN, that is known in the workspace, or that somebody kept.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, exists, or_, select, union_all
from sqlalchemy.orm import Session

from domain.accounts import account_slug
from domain.near_themes import LOOKED_AT, MOST_NEAR, OFTEN, nearest
from domain.tallies import read_first, read_tally
from domain.text import compare_key
from storage.beginnings import begins_with
from storage.models import IS_KNOWN, Account, KeptName, VocItem, Workspace
from storage.statements import Statement

YOUNG: Final = timedelta(days=7)
"""An account that is older is no slip of today, and costs no look."""
BEGINNINGS: Final = (4, 2)
"""So many first letters are alike; of names that begin so, the first LOOKED_AT are looked at."""

_KEPT: Final = Statement(
    select(KeptName.key).where(
        KeptName.workspace_id == bindparam("workspace"),
        KeptName.about == bindparam("of_kind"),
        KeptName.key == bindparam("named"),
    )
)
# In the order of the index: otherwise PostgreSQL may read the whole table instead.
_SOME_ITEMS: Final = Statement(
    select(VocItem.id)
    .where(VocItem.account_id == bindparam("account"), VocItem.state == "live")
    .order_by(VocItem.created_at)
    .limit(OFTEN)
)
_COMPETITORS: Final = Statement(select(Workspace.competitors).where(Workspace.id == bindparam("workspace")))


@dataclass(frozen=True, slots=True)
class MeantName:
    """An account or a competitor that is likely meant. `key`: under what it is compared: a slug, a competitor's key."""

    key: str
    name: str


def likely_account(
    session: Session, workspace_id: int, account_id: int, name: str, *, is_new: bool, at: datetime
) -> MeantName | None:
    """The older account that is likely meant by this one, which nobody confirmed; None where nobody is to be asked.

    `is_new`: it was added just now, so there are no items of it.
    """
    if not is_new and len(_SOME_ITEMS.all(session, {"account": account_id})) == OFTEN:
        return None
    near = accounts_near(session, workspace_id, name, at=at, before=account_id)
    return near[0] if near and not is_kept(session, workspace_id, "account", account_slug(name)) else None


def accounts_near(
    session: Session, workspace_id: int, name: str, *, at: datetime, before: int | None = None
) -> list[MeantName]:
    """The accounts in use that are spelled nearly so, the most alike first. `before`: only those of smaller ids."""
    slug = account_slug(name)
    near = nearest(slug, _accounts_alike(session, workspace_id, slug, at))[:MOST_NEAR]
    if not near:
        return []
    here = Account.workspace_id == workspace_id, Account.merged_into_id.is_(None), Account.slug.in_(near)
    came_up = exists().where(VocItem.account_id == Account.id, VocItem.state == "live").correlate(Account)
    used = select(Account.slug, Account.name).where(*here, or_(IS_KNOWN, came_up))
    rows = session.execute(used.where(Account.id < before) if before is not None else used).all()
    return [MeantName(*row) for row in sorted(rows, key=lambda row: near.index(row.slug))]


def likely_competitor(
    session: Session, workspace_id: int, name: str, *, at: datetime, known: Collection[str] | None = None
) -> MeantName | None:
    """The competitor that is likely meant by this one; None where nobody is to be asked.

    `known`: the workspace's list, None where nobody has read it yet.
    """
    key = compare_key(name)
    if known is None:
        known = _COMPETITORS.scalar(session, {"workspace": workspace_id}) or ()
    listed = {compare_key(str(each)): str(each) for each in known}
    if key in listed:
        return None
    sheets = read_first(session, workspace_id, "competitor", at, by="items", limit=LOOKED_AT) or []
    heard = {sheet.subject[1]: sheet for sheet in sheets}
    often = heard[key].items if key in heard else 0
    if often >= OFTEN:
        return None
    names = {each: sheet.name or each for each, sheet in heard.items() if sheet.items > often} | listed
    near = nearest(key, names)
    if not near or is_kept(session, workspace_id, "competitor", key):
        return None
    return MeantName(near[0], names[near[0]])


def competitor_called(session: Session, workspace_id: int, key: str, *, at: datetime) -> str | None:
    """How the competitor of that key is called: in the workspace's list, else as it was named last."""
    known = _COMPETITORS.scalar(session, {"workspace": workspace_id}) or ()
    listed = next((str(each) for each in known if compare_key(str(each)) == key), None)
    if listed is not None:
        return listed
    sheet = read_tally(session, workspace_id, ("competitor", key), at)
    return sheet.name if sheet is not None else None


def is_kept(session: Session, workspace_id: int, about: str, key: str) -> bool:
    """Tell whether somebody said that this spelling is meant."""
    return _KEPT.first(session, {"workspace": workspace_id, "of_kind": about, "named": key}) is not None


def _accounts_alike(session: Session, workspace_id: int, slug: str, at: datetime) -> list[str]:
    """The slugs of accounts that begin alike, and of those that came up most lately: some hundreds at the most."""
    here = select(Account.slug).where(Account.workspace_id == workspace_id)
    begun = [
        select(
            here.where(begins_with(session, Account.slug, slug[:length]))
            .order_by(Account.slug)
            .limit(LOOKED_AT)
            .subquery()
        )
        for length in BEGINNINGS
    ]
    found = list(session.scalars(union_all(*begun)))
    sheets = read_first(session, workspace_id, "account", at, by="items", limit=LOOKED_AT) or []
    used = session.scalars(here.where(Account.id.in_([int(sheet.subject[1]) for sheet in sheets])))
    return list(dict.fromkeys([*found, *used]))
