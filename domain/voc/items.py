"""What people do with voc items: log one by a line or a form, edit it, add a quote, take it back, restore it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from domain.accounts import FoundAccount, find_or_add_account
from domain.errors import Changed, FieldProblems, NotFound, TandemError
from domain.folding import keep_up
from domain.leads.announce import refresh_home
from domain.people import MANAGERS, Actor, audit
from domain.quick_line import READ, QuickLine, parse_quick_line
from domain.text import TextEmpty, compare_key, slugify_theme
from domain.themes import FoundTheme, find_or_add_theme, find_theme
from domain.voc.doubt import only_theme, other_meanings
from domain.voc.errors import ItemRefused, NoSaying, OnlyMarkers, OnlyTheme, VocFieldWrong
from domain.voc.facts import VocFacts, facts_of, new_facts
from domain.voc.form import (
    DEFAULT_KIND,
    NAME_LIMIT,
    DealTyped,
    VocFields,
    VocForm,
    check_form,
    check_quote,
    deal_of,
)
from domain.voc.known import theme_named
from domain.voc.receipt import NOTHING_LEFT, Belonging, LeftOver, VocReceipt, make_receipt, receipt_of
from domain.voc.vocabulary import NO_VOCABULARY, Vocabulary, vocabulary_of
from storage.locking import locked
from storage.models import Account, AuditEvent, Member, Theme, VocItem, Workspace
from storage.statements import Statement

# Made once: building a statement costs more than running it, and this runs for every line.
_STORE: Final = Statement(insert(VocItem))
_NOTHING_SET: Final = VocFields("", DEFAULT_KIND, None, None, None, None, None, None)


def log_line(session: Session, line: str, *, by: Actor, at: datetime, doubting: bool = False) -> VocReceipt:
    """Log what was typed after `/voc`. Raises TextEmpty, TextTooLong and OnlyMarkers; nothing is saved then.

    `doubting`: also raise OnlyTheme for a theme without words, and NoSaying for what may be no saying of a customer.
    """
    vocabulary = vocabulary_of(session, by.workspace_id, line)
    understood = _understand(line, vocabulary)
    if not understood.text:
        raise TextEmpty
    if doubting and (theme := only_theme(understood)) is not None:
        raise OnlyTheme(theme)
    if not understood.verbatim:
        raise OnlyMarkers
    if doubting and (meanings := other_meanings(understood)) is not None:
        raise NoSaying(understood.text, meanings, theme_named(session, by.workspace_id, understood.text))
    fields = _fields_of_line(understood)
    facts, of = _store(
        session,
        fields,
        line=understood.text,
        origin="command",
        permalink=None,
        by=by,
        at=at,
        vocabulary=vocabulary,
    )
    return make_receipt(session, facts, of, at, line=_left_over(understood))


def log_form(
    session: Session, form: VocForm, *, origin: str, permalink: str | None, by: Actor, at: datetime
) -> VocReceipt:
    """Log a form; `origin` is "form" or "shortcut", `permalink` the message that it came from.

    The text is read as a line is, for what the other fields leave open; a message's words are taken as they are.
    Raises FieldProblems.
    """
    fields = check_form(form, currency=_currency(session, by.workspace_id))
    line, left_over = fields.text, NOTHING_LEFT
    if permalink is None:
        fields, left_over = _read_text(session, fields, by, open_before=_NOTHING_SET)
    facts, of = _store(session, fields, line=line, origin=origin, permalink=permalink, by=by, at=at)
    return make_receipt(session, facts, of, at, line=left_over)


def edit_item(session: Session, item_id: int, form: VocForm, *, version: int, by: Actor, at: datetime) -> VocReceipt:
    """Save an edited item; `version` is the one the form was opened with. Raises Changed, FieldProblems, ItemRefused.

    A text that was changed is read again, for what was open before and is left open.
    """
    item = _item_to_change(session, item_id, by)
    _check_version(session, item, version, by, at)
    before = facts_of(session, item)
    deal_before = DealTyped(before.deal, before.deal_typed) if before.deal else None
    fields = check_form(form, currency=_currency(session, by.workspace_id), deal_before=deal_before)
    left_over = NOTHING_LEFT
    if fields.text != item.verbatim:
        item.line = fields.text
        if item.permalink is None:
            fields, left_over = _read_text(session, fields, by, open_before=before)
        item.verbatim = fields.text
    theme, account = _theme(session, by.workspace_id, fields, at), _account(session, by.workspace_id, fields, at)
    for column, value in _columns(fields, theme, account).items():
        setattr(item, column, value)
    _changed(session, item, "voc.edited", by, at)
    return receipt_of(session, item, at, line=left_over)


def use_theme(session: Session, item_id: int, slug: str, *, version: int, by: Actor, at: datetime) -> VocReceipt:
    """Move the item to the theme that was meant. A second time changes nothing.

    `version`: of the item when that was asked. Raises Changed when it is another, ItemRefused, NotFound.
    """
    item = _item_to_change(session, item_id, by)
    theme = find_theme(session, by.workspace_id, slugify_theme(slug) or "")
    if theme is None:
        raise NotFound("theme")
    if item.theme_id != theme.id:
        _check_version(session, item, version, by, at)
        before, item.theme_id = item.theme_id, theme.id
        _changed(session, item, "voc.theme_used", by, at, data={"before": before, "after": theme.id})
    return receipt_of(session, item, at)


def keep_theme(session: Session, item_id: int, *, version: int, by: Actor, at: datetime) -> VocReceipt:
    """Say that the spelling of the item's theme is meant: nobody is asked about it again.

    `version`: of the item when that was asked. Raises Changed when it is another, ItemRefused, NotFound.
    """
    item = _item_to_change(session, item_id, by)
    _check_version(session, item, version, by, at)
    theme = session.get(Theme, item.theme_id) if item.theme_id is not None else None
    if theme is not None and theme.kept_at is None:
        theme.kept_at = at
        audit(session, by.workspace_id, "theme.kept", "theme", theme.id, by=by, at=at)
        session.flush()
    return receipt_of(session, item, at)


def add_quote(
    session: Session, item_id: int, quote: str | None, *, version: int, by: Actor, at: datetime
) -> VocReceipt:
    """Keep the customer's own words with the item. Raises Changed, FieldProblems (`quote`), ItemRefused."""
    item = _item_to_change(session, item_id, by)
    _check_version(session, item, version, by, at)
    problems: dict[str, TandemError] = {}
    words = check_quote(quote, problems)
    if words is None:
        problems.setdefault("quote", VocFieldWrong("no_quote"))
    if problems:
        raise FieldProblems(problems)
    item.quote = words
    _changed(session, item, "voc.quoted", by, at)
    return receipt_of(session, item, at)


def withdraw_item(session: Session, item_id: int, *, by: Actor, at: datetime) -> VocFacts:
    """Take the item back: it counts nowhere any more. A second time changes nothing."""
    item = _own_item(session, item_id, by)
    if item.state == "live":
        item.state = "withdrawn"
        _changed(session, item, "voc.withdrawn", by, at)
    return facts_of(session, item)


def restore_item(session: Session, item_id: int, *, by: Actor, at: datetime) -> VocReceipt:
    """Undo a withdrawal: the item counts again, at the time it was logged. A second time changes nothing."""
    item = _own_item(session, item_id, by)
    if item.state == "withdrawn":
        item.state = "live"
        _changed(session, item, "voc.restored", by, at)
    return receipt_of(session, item, at)


def open_item(session: Session, item_id: int, *, by: Actor, at: datetime) -> VocFacts:  # noqa: ARG001  # asked as of now
    """The item for a form that edits it. Raises NotFound, and ItemRefused."""
    return facts_of(session, _item_to_change(session, item_id, by))


def _currency(session: Session, workspace_id: int) -> str:
    return session.get_one(Workspace, workspace_id).currency


def _understand(line: str, vocabulary: Vocabulary, read: Collection[str] = READ) -> QuickLine:
    return parse_quick_line(
        line,
        known_competitors=vocabulary.competitors,
        known_accounts=vocabulary.known_accounts,
        colleagues=vocabulary.colleagues,
        currency=vocabulary.currency,
        read=read,
    )


def _left_over(understood: QuickLine) -> LeftOver:
    return LeftOver(understood.other_tags, understood.colleague, understood.other_amounts)


def _read_text(
    session: Session, fields: VocFields, by: Actor, *, open_before: VocFacts | VocFields
) -> tuple[VocFields, LeftOver]:
    """The fields with what their text says of those that are open, now and before. Raises FieldProblems (`text`)."""
    before = open_before
    is_open = {
        "kind": fields.kind == before.kind == DEFAULT_KIND,
        "tag": fields.theme is None and before.theme is None,
        "account": fields.account is None and fields.account_id is None and before.account is None,
        "amount": fields.deal is None and before.deal is None,
    }
    read = {name for name, is_left in is_open.items() if is_left}
    understood = _understand(fields.text, vocabulary_of(session, by.workspace_id, fields.text), read)
    if not understood.verbatim:
        raise FieldProblems({"text": VocFieldWrong("only_markers")})
    said = _fields_of_line(understood)
    return (
        VocFields(
            text=said.text,
            kind=said.kind if is_open["kind"] else fields.kind,
            theme=fields.theme or said.theme,
            account_id=fields.account_id,
            account=fields.account or said.account,
            competitor=fields.competitor or (said.competitor if before.competitor is None else None),
            deal=fields.deal or said.deal,
            deal_typed=fields.deal_typed if fields.deal else said.deal_typed,
            quote=fields.quote or (said.quote if before.quote is None else None),
        ),
        _left_over(understood),
    )


def _fields_of_line(understood: QuickLine) -> VocFields:
    size = deal_of(understood.deal_size) if understood.deal_size else None
    competitor = understood.competitor
    return VocFields(
        text=understood.verbatim,
        kind=understood.kind.value,
        theme=understood.theme,
        account_id=None,
        account=understood.account,
        competitor=competitor if competitor and len(competitor) <= NAME_LIMIT else None,
        deal=size.size if size else None,
        deal_typed=size.typed if size else None,
        quote=understood.quote,
    )


def _store(
    session: Session,
    fields: VocFields,
    *,
    line: str,
    origin: str,
    permalink: str | None,
    by: Actor,
    at: datetime,
    vocabulary: Vocabulary = NO_VOCABULARY,
) -> tuple[VocFacts, Belonging]:
    theme = _theme(session, by.workspace_id, fields, at, vocabulary)
    account = _account(session, by.workspace_id, fields, at, vocabulary)
    item = {
        "workspace_id": by.workspace_id,
        "member_id": by.id,
        "line": line,
        "verbatim": fields.text,
        "origin": origin,
        "permalink": permalink,
        "created_at": at,
        "updated_at": at,
        **_columns(fields, theme, account),
    }
    item_id = _STORE.insert(session, item)
    # Who types a line does not look at their Home, and may type many.
    refresh_home(session, by.workspace_id, by.id, at, by=None if origin == "command" else by)
    keep_up(session, by.workspace_id, at=at)
    facts = new_facts(item_id, fields, by, theme, account, at, permalink=permalink)
    return facts, Belonging(by.workspace_id, by.id, theme.id if theme else None, theme.answer if theme else None)


def _columns(fields: VocFields, theme: FoundTheme | None, account: FoundAccount | None) -> dict[str, Any]:
    """The columns that a form sets, other than the text."""
    return {
        "kind": fields.kind,
        "quote": fields.quote,
        "competitor": fields.competitor,
        "competitor_key": compare_key(fields.competitor) if fields.competitor else None,
        "theme_id": theme.id if theme else None,
        "account_id": account.id if account else None,
        "deal_minor": fields.deal.minor if fields.deal else None,
        "deal_currency": fields.deal.currency if fields.deal else None,
        "deal_typed": fields.deal_typed,
    }


def _theme(
    session: Session, workspace_id: int, fields: VocFields, at: datetime, vocabulary: Vocabulary = NO_VOCABULARY
) -> FoundTheme | None:
    if not fields.theme:
        return None
    return find_or_add_theme(session, workspace_id, fields.theme, at=at, looked_up=vocabulary.themes)


def _account(
    session: Session, workspace_id: int, fields: VocFields, at: datetime, vocabulary: Vocabulary = NO_VOCABULARY
) -> FoundAccount | None:
    if fields.account_id is not None:
        found = session.get(Account, fields.account_id)
        if found is None or found.workspace_id != workspace_id:
            raise FieldProblems({"account": VocFieldWrong("account_gone")})
        return FoundAccount(found.id, found.name, found.known, found.created_at)
    if not fields.account:
        return None
    return find_or_add_account(session, workspace_id, fields.account, at=at, looked_up=vocabulary.accounts)


def _own_item(session: Session, item_id: int, by: Actor) -> VocItem:
    """The item, locked, if this member may change it: its author, or who manages."""
    item = session.scalars(
        locked(select(VocItem).where(VocItem.id == item_id, VocItem.workspace_id == by.workspace_id))
    ).one_or_none()
    if item is None:
        raise NotFound("item")
    if item.member_id != by.id and by.role not in MANAGERS:
        raise ItemRefused("not_theirs")
    return item


def _item_to_change(session: Session, item_id: int, by: Actor) -> VocItem:
    item = _own_item(session, item_id, by)
    if item.state == "withdrawn":
        raise ItemRefused("undone")
    return item


def _check_version(session: Session, item: VocItem, version: int, by: Actor, at: datetime) -> None:
    if item.version == version:
        return
    last = session.execute(
        select(AuditEvent.by_id, AuditEvent.at, Member.name)
        .join(Member, Member.id == AuditEvent.by_id)
        .where(
            AuditEvent.workspace_id == item.workspace_id,
            AuditEvent.subject == "voc_item",
            AuditEvent.subject_id == item.id,
        )
        .order_by(AuditEvent.id.desc())
        .limit(1)
    ).first()
    if last is None:
        raise Changed("item", None, version=item.version)
    who = "You" if last.by_id == by.id else last.name
    raise Changed("item", who, version=item.version, ago=at - last.at)


def _changed(
    session: Session, item: VocItem, action: str, by: Actor, at: datetime, *, data: dict[str, Any] | None = None
) -> None:
    item.version += 1
    item.updated_at = at
    session.flush()
    audit(session, item.workspace_id, action, "voc_item", item.id, by=by, at=at, data=data)
    refresh_home(session, item.workspace_id, item.member_id, at, by=by)
