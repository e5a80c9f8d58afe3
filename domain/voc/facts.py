"""What is known about voc items, for whoever shows them: receipts, lists, forms and Home."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

from domain.accounts import FoundAccount
from domain.deal_size import is_doubtful
from domain.money import Money
from domain.people import Actor
from domain.themes import FoundTheme
from domain.voc.form import VocFields
from storage.models import Account, Member, Theme, VocItem

KIND_NAMES: Final = {
    "objection": "Objection",
    "pain_point": "Pain point",
    "feature_gap": "Feature gap",
    "competitor": "Competitor",
    "praise": "Praise",
    "lost_reason": "Lost reason",
    "question": "Question",
}
VOTE_NAME: Final = "Vote"
LIST_LENGTH: Final = 10

_AGREED: Final = aliased(VocItem)


@dataclass(frozen=True, slots=True)
class VocFacts:
    """One item. `author` is a Slack user id; times are aware UTC.

    `kind_by`: who says the kind, as in `voc_items`. `vote_of`: the item is a vote, and agrees with these words.

    `deal_typed`: the size as it was typed, where that says more (`£12k/yr`). `theme_new` and `account_new`: it did not
    exist (the account: nobody confirmed it either) before this item.
    `theme_by`: who gave the item its theme (domain/voc/sounding.py). `consent`: how the quote may be used; None: inside
    only.
    """

    id: int
    version: int
    live: bool
    author: str
    kind: str
    verbatim: str
    quote: str | None
    theme: str | None
    theme_new: bool
    account: str | None
    account_id: int | None
    account_born: datetime | None
    account_known: bool
    account_new: bool
    competitor: str | None
    deal: Money | None
    deal_typed: str | None
    permalink: str | None
    created_at: datetime
    theme_by: str | None = None
    kind_by: str | None = None
    vote_of: str | None = None
    consent: str | None = None

    @property
    def words(self) -> str:
        """What a list shows of the item."""
        return self.verbatim or self.vote_of or ""

    @property
    def is_deal_doubtful(self) -> bool:
        return self.deal is not None and is_doubtful(Decimal(self.deal.minor) / 100, self.deal.currency)


def item_name(item: VocFacts) -> str:
    """What sort of thing the item is."""
    return VOTE_NAME if item.vote_of is not None else KIND_NAMES.get(item.kind, item.kind)


def facts_of(session: Session, item: VocItem) -> VocFacts:
    """The facts of an item that is at hand."""
    return _facts(session, VocItem.id == item.id, limit=1)[0]


def new_facts(
    item_id: int,
    fields: VocFields,
    author: Actor,
    theme: FoundTheme | None,
    account: FoundAccount | None,
    at: datetime,
    *,
    permalink: str | None,
    theme_by: str | None = None,
) -> VocFacts:
    """The facts of an item that was stored just now, without reading it again."""
    return VocFacts(
        id=item_id,
        version=1,
        live=True,
        author=author.user_id,
        kind=fields.kind,
        verbatim=fields.text,
        quote=fields.quote,
        theme=theme.slug if theme else None,
        theme_new=theme is not None and theme.created_at >= at,
        account=account.name if account else None,
        account_id=account.id if account else None,
        account_born=account.created_at if account else None,
        account_known=account is not None and account.known,
        account_new=account is not None and not account.known and account.created_at >= at,
        competitor=fields.competitor,
        deal=fields.deal,
        deal_typed=fields.deal_typed,
        permalink=permalink,
        created_at=at,
        theme_by=theme_by,
        kind_by=fields.kind_by,
    )


def my_voc(session: Session, member_id: int, limit: int) -> Sequence[VocFacts]:
    """The member's own items that are not taken back, the newest first."""
    return _facts(session, VocItem.member_id == member_id, VocItem.state == "live", limit=limit)


def load_items(session: Session, workspace_id: int, ids: Collection[int]) -> Sequence[VocFacts]:
    """Those of these items that are the workspace's and not taken back, in the order in which they were logged."""
    found = _facts(
        session,
        VocItem.id.in_(ids),
        VocItem.workspace_id == workspace_id,
        VocItem.state == "live",
        limit=len(ids),
    )
    return sorted(found, key=lambda item: item.id)


def list_own_items(session: Session, *, by: Actor, at: datetime) -> Sequence[VocFacts]:  # noqa: ARG001  # asked as of now
    """What `/voc list` shows: the member's last LIST_LENGTH items."""
    return my_voc(session, by.id, LIST_LENGTH)


def names_of_members(
    session: Session,
    user_ids: Collection[str],
    *,
    by: Actor,
    at: datetime,  # noqa: ARG001  # asked as of now
) -> dict[str, str]:
    """The names of these Slack users, as far as they are members of the workspace."""
    rows = session.execute(
        select(Member.slack_user_id, Member.name).where(
            Member.workspace_id == by.workspace_id, Member.slack_user_id.in_(user_ids)
        )
    )
    return dict(rows.all())


def _facts(session: Session, *which: ColumnElement[bool], limit: int) -> list[VocFacts]:
    rows = session.execute(
        select(VocItem, Member.slack_user_id, Theme, Account, _AGREED.quote, _AGREED.verbatim)
        .join(Member, Member.id == VocItem.member_id)
        .join(Theme, Theme.id == VocItem.theme_id, isouter=True)
        .join(Account, Account.id == VocItem.account_id, isouter=True)
        .join(_AGREED, _AGREED.id == VocItem.of_item_id, isouter=True)
        .where(*which)
        .order_by(VocItem.created_at.desc(), VocItem.id.desc())
        .limit(limit)
    )
    return [
        _fact(item, author, theme, account, quote or verbatim) for item, author, theme, account, quote, verbatim in rows
    ]


def _fact(item: VocItem, author: str, theme: Theme | None, account: Account | None, vote_of: str | None) -> VocFacts:
    deal = None
    if item.deal_minor is not None and item.deal_currency is not None:
        deal = Money(item.deal_minor, item.deal_currency)
    return VocFacts(
        id=item.id,
        version=item.version,
        live=item.state == "live",
        author=author,
        kind=item.kind,
        verbatim=item.verbatim,
        quote=item.quote,
        theme=theme.slug if theme else None,
        theme_new=theme is not None and theme.created_at >= item.created_at,
        account=account.name if account else None,
        account_id=account.id if account else None,
        account_born=account.created_at if account else None,
        account_known=account is not None and account.known,
        account_new=account is not None and not account.known and account.created_at >= item.created_at,
        competitor=item.competitor,
        deal=deal,
        deal_typed=item.deal_typed,
        permalink=item.permalink,
        created_at=item.created_at,
        theme_by=item.theme_by,
        kind_by=item.kind_by,
        vote_of=vote_of,
        consent=item.consent,
    )
