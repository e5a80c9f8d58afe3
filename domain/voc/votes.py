"""Votes: "I heard this too", about an account of one's own, never a copy of what somebody else logged.

A vote is an item that refers to the item it agrees with. So it counts by the one rule of items: it is an item of the
theme, with a rep and an account, and it is undone like an item. It has no words but a note.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.accounts import FoundAccount, find_or_add_account, found_account
from domain.errors import FieldProblems, NotFound, TandemError
from domain.folding import keep_up
from domain.leads.announce import refresh_home
from domain.people import Actor
from domain.quick_line import QUICK_LINE_LIMIT
from domain.text import TextEmpty, TextTooLong, clean_text
from domain.voc.changing import record_change
from domain.voc.errors import ItemRefused, VocFieldWrong
from domain.voc.form import NAME_LIMIT
from domain.voc.moving import forget_moved
from domain.voc.receipt import VocReceipt, receipt_of
from domain.voc.sensitive import check_sensitive
from domain.voc.sounding import TYPED
from domain.webhooks.items import tell_item
from storage.locking import locked
from storage.models import Account, VocItem


@dataclass(frozen=True, slots=True)
class ToAgree:
    """What may be agreed with: the words of an item, and the account that it is about."""

    item_id: int
    words: str
    account: str | None
    created_at: datetime


def open_vote(session: Session, item_id: int, *, by: Actor, at: datetime) -> ToAgree:  # noqa: ARG001  # asked as of now
    """The item that somebody is about to agree with. Raises NotFound, ItemRefused."""
    item = _agreed_with(session, item_id, by)
    account = session.get(Account, item.account_id) if item.account_id is not None else None
    return ToAgree(item.id, item.quote or item.verbatim, account.name if account else None, item.created_at)


def vote(
    session: Session,
    item_id: int,
    *,
    account_id: int | None,
    account: str | None,
    note: str | None,
    warned: str | None = None,
    by: Actor,
    at: datetime,
) -> VocReceipt:
    """Say that one heard the same from this account, by its id or by the name of a new one.

    A vote that was undone is given again. `warned`: of what the person was warned that it should not be kept. Raises
    NotFound, ItemRefused, SensitiveText, and FieldProblems (`account`, `note`).
    """
    # Held from here on: of two votes at once, the second finds the first.
    item = _agreed_with(session, item_id, by)
    words = _check_note(note)
    check_sensitive(words, warned=warned)
    about = _account(session, by.workspace_id, account_id, account, at)
    if item.member_id == by.id and item.account_id == about.id:
        raise FieldProblems({"account": VocFieldWrong("own_item")})
    given = session.scalars(
        locked(
            select(VocItem)
            .where(VocItem.of_item_id == item.id, VocItem.member_id == by.id, VocItem.account_id == about.id)
            .order_by(VocItem.state, VocItem.id)
        )
    ).first()
    if given is not None:
        if given.state == "live":
            raise FieldProblems({"account": VocFieldWrong("voted")})
        given.state, given.line, given.verbatim = "live", words, words
        _as_agreed_with(given, item)
        record_change(session, given, "voc.restored", by, at)
        return receipt_of(session, given, at)
    given = VocItem(
        workspace_id=by.workspace_id,
        member_id=by.id,
        line=words,
        verbatim=words,
        account_id=about.id,
        origin="form",
        of_item_id=item.id,
        created_at=at,
        updated_at=at,
        tallied_version=0,
    )
    _as_agreed_with(given, item)
    session.add(given)
    session.flush()
    tell_item(session, given, "voted", by=by, at=at)
    refresh_home(session, by.workspace_id, by.id, at, by=by)
    keep_up(session, by.workspace_id, at=at)
    return receipt_of(session, given, at)


def votes_follow(session: Session, item: VocItem, by: Actor, at: datetime) -> None:
    """The item, which the caller holds, has another theme, kind or competitor: so have those who agreed with it."""
    for given in session.scalars(locked(select(VocItem).where(VocItem.of_item_id == item.id).order_by(VocItem.id))):
        before = (given.theme_id, given.kind, given.competitor_key)
        if before != (item.theme_id, item.kind, item.competitor_key):
            if given.theme_id != item.theme_id:
                forget_moved(session, given.id, "theme")
            if given.competitor_key != item.competitor_key:
                forget_moved(session, given.id, "competitor")
            _as_agreed_with(given, item)
            record_change(session, given, "voc.followed", by, at)


def _agreed_with(session: Session, item_id: int, by: Actor) -> VocItem:
    """The live item of this id, locked; of a vote, the item that the vote agrees with."""
    item = _locked_item(session, item_id, by)
    if item.of_item_id is not None:
        item = _locked_item(session, item.of_item_id, by)
    if item.state == "withdrawn":
        raise ItemRefused("undone_by_other")
    return item


def _locked_item(session: Session, item_id: int, by: Actor) -> VocItem:
    found = session.scalars(
        locked(select(VocItem).where(VocItem.id == item_id, VocItem.workspace_id == by.workspace_id))
    ).one_or_none()
    if found is None:
        raise NotFound("item")
    return found


def _as_agreed_with(given: VocItem, item: VocItem) -> None:
    given.kind, given.kind_by, given.theme_id = item.kind, item.kind_by, item.theme_id
    given.competitor, given.competitor_key = item.competitor, item.competitor_key
    # Whoever votes is not asked about the theme.
    given.theme_by = item.theme_by or TYPED


def _check_note(note: str | None) -> str:
    try:
        return clean_text(note or "", limit=QUICK_LINE_LIMIT)
    except TextEmpty:
        return ""
    except TextTooLong as error:
        raise FieldProblems({"note": error}) from error


def _account(
    session: Session, workspace_id: int, account_id: int | None, typed: str | None, at: datetime
) -> FoundAccount:
    if account_id is not None:
        found = session.get(Account, account_id)
        if found is None or found.workspace_id != workspace_id:
            raise FieldProblems({"account": VocFieldWrong("account_gone")})
        return found_account(session, found.id, found.name, found.known, found.created_at, found.merged_into_id)
    problem: TandemError = VocFieldWrong("no_account")
    try:
        return find_or_add_account(session, workspace_id, clean_text(typed or "", limit=NAME_LIMIT), at=at)
    except TextEmpty:
        pass
    except TextTooLong as error:
        problem = error
    raise FieldProblems({"account": problem})
