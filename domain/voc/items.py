"""What people do with voc items: log one by a line or a form, edit it, add a quote, take it back, restore it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert
from sqlalchemy.orm import Session

from domain.accounts import FoundAccount, find_or_add_account, found_account
from domain.errors import FieldProblems, NotFound, TandemError
from domain.folding import keep_up
from domain.leads.announce import refresh_home
from domain.people import Actor
from domain.quick_line import READ, QuickLine, parse_quick_line
from domain.text import TextEmpty, compare_key
from domain.themes import AnswerMark, FoundTheme, find_or_add_theme
from domain.voc.changing import check_version, item_to_change, own_item, record_change
from domain.voc.doubt import only_account
from domain.voc.errors import OnlyMarkers, VocFieldWrong
from domain.voc.facts import VocFacts, facts_of, new_facts
from domain.voc.form import (
    DEFAULT_KIND,
    NAME_LIMIT,
    DealTyped,
    VocFields,
    VocForm,
    check_consent,
    check_form,
    check_quote,
    deal_of,
)
from domain.voc.led_competitors import own_competitor
from domain.voc.meant import check_meant
from domain.voc.moving import forget_what_moves
from domain.voc.receipt import NOTHING_LEFT, Belonging, LeftOver, VocReceipt, make_receipt, receipt_of
from domain.voc.sensitive import check_sensitive
from domain.voc.sounding import BY_RULE, TYPED, decided_by_form, listen
from domain.voc.vocabulary import NO_VOCABULARY, Vocabulary, vocabulary_of
from domain.voc.votes import votes_follow
from domain.webhooks.items import tell_new_item
from storage.models import VOC_KINDS, Account, VocItem, Workspace, is_told
from storage.statements import Statement

# Made once: building a statement costs more than running it, and this runs for every line.
_STORE: Final = Statement(insert(VocItem).returning(VocItem.id, is_told(VocItem).label("told")))
_NOTHING_SET: Final = VocFields("", DEFAULT_KIND, None, None, None, None, None, None)
_CLICKED: Final = ("form", "shortcut")


def log_line(session: Session, line: str, *, by: Actor, at: datetime, doubting: bool = False) -> VocReceipt:
    """Log what was typed after `/voc`. Raises TextEmpty, TextTooLong and OnlyMarkers; nothing is saved then.

    `doubting`: also raise what is to be asked about the line first (domain/voc/meant.py).
    """
    vocabulary = vocabulary_of(session, by.workspace_id, line)
    understood = _understand(line, vocabulary)
    if not understood.text:
        raise TextEmpty
    if doubting:
        check_meant(session, understood, vocabulary, by=by, at=at)
    if not understood.verbatim:
        raise OnlyMarkers(only_account(understood))
    fields = _fields_of_line(understood)
    facts, of = store_item(
        session,
        fields,
        line=understood.text,
        origin="command",
        permalink=None,
        by=by,
        at=at,
        vocabulary=vocabulary,
    )
    left_over = _left_over(understood)
    return make_receipt(session, facts, of, at, line=left_over, known_competitors=vocabulary.competitors)


def log_form(
    session: Session,
    form: VocForm,
    *,
    origin: str,
    permalink: str | None,
    warned: str | None = None,
    by: Actor,
    at: datetime,
) -> VocReceipt:
    """Log a form; `origin` is "form" or "shortcut", `permalink` the message that it came from.

    The text is read as a line is, for what the other fields leave open; a message's words are taken as they are.
    `warned`: of what the person was warned that it should not be kept. Raises FieldProblems, SensitiveText.
    """
    fields = check_form(form, currency=_currency(session, by.workspace_id))
    check_sensitive(fields.text, fields.quote, warned=warned)
    fields = replace(fields, kind_by=_kind_by(fields, _NOTHING_SET))
    line, left_over = fields.text, NOTHING_LEFT
    if permalink is None:
        fields, left_over = fill_from_text(session, fields, by)
    facts, of = store_item(session, fields, line=line, origin=origin, permalink=permalink, by=by, at=at)
    return make_receipt(session, facts, of, at, line=left_over)


def edit_item(
    session: Session, item_id: int, form: VocForm, *, version: int, warned: str | None = None, by: Actor, at: datetime
) -> VocReceipt:
    """Save an edited item; `version` is the one the form was opened with, `warned` as in log_form.

    Raises Changed, FieldProblems, ItemRefused, SensitiveText.

    A text that was changed is read again, for what was open before and is left open.
    """
    item = item_to_change(session, item_id, by)
    check_version(session, item, version, by, at)
    before = facts_of(session, item)
    deal_before = DealTyped(before.deal, before.deal_typed) if before.deal else None
    fields = check_form(form, currency=_currency(session, by.workspace_id), deal_before=deal_before)
    if (fields.text, fields.quote) != (before.verbatim, before.quote):
        check_sensitive(fields.text, fields.quote, warned=warned)
    fields = replace(fields, kind_by=_kind_by(fields, before))
    left_over = NOTHING_LEFT
    if fields.text != item.verbatim:
        item.line = fields.text
        if item.permalink is None:
            fields, left_over = fill_from_text(session, fields, by, open_before=before)
        item.verbatim = fields.text
    theme, account = _theme(session, by.workspace_id, fields, at), _account(session, by.workspace_id, fields, at)
    fields = replace(fields, competitor=own_competitor(session, by.workspace_id, fields.competitor))
    theme_before = item.theme_id
    columns = _columns(fields, theme, account)
    forget_what_moves(session, item, columns)
    for column, value in columns.items():
        setattr(item, column, value)
    item.theme_by = decided_by_form(item.theme_by, theme_before, item.theme_id)
    item.consent = (fields.consent or item.consent) if item.quote else None
    record_change(session, item, "voc.edited", by, at)
    votes_follow(session, item, by, at)
    return receipt_of(session, item, at, line=left_over)


def use_kind(session: Session, item_id: int, kind: str, *, version: int, by: Actor, at: datetime) -> VocReceipt:
    """Say of what kind the item is: from then on nothing else decides it. A second time changes nothing.

    `version`: of the item when the kind was shown. Raises Changed when it is another, ItemRefused, NotFound.
    """
    item = item_to_change(session, item_id, by)
    if kind not in VOC_KINDS:
        raise NotFound("item")
    if (item.kind, item.kind_by) != (kind, "person"):
        check_version(session, item, version, by, at)
        before, item.kind, item.kind_by = item.kind, kind, "person"
        record_change(session, item, "voc.kind_used", by, at, data={"before": before, "after": kind})
        votes_follow(session, item, by, at)
    return receipt_of(session, item, at)


def add_quote(
    session: Session,
    item_id: int,
    quote: str | None,
    *,
    consent: str | None = None,
    version: int,
    warned: str | None = None,
    by: Actor,
    at: datetime,
) -> VocReceipt:
    """Keep the customer's own words with the item, and how they may be used (None: as before); `warned` as in log_form.

    Raises Changed, FieldProblems (`quote`, `consent`), ItemRefused, SensitiveText.
    """
    item = item_to_change(session, item_id, by)
    check_version(session, item, version, by, at)
    problems: dict[str, TandemError] = {}
    words, allowed = check_quote(quote, problems), check_consent(consent, problems)
    if words is None:
        problems.setdefault("quote", VocFieldWrong("no_quote"))
    if problems:
        raise FieldProblems(problems)
    check_sensitive(words, warned=warned)
    item.quote = words
    item.consent = allowed or item.consent
    record_change(session, item, "voc.quoted", by, at)
    return receipt_of(session, item, at)


def withdraw_item(session: Session, item_id: int, *, by: Actor, at: datetime) -> VocFacts:
    """Take the item back: it counts nowhere any more. A second time changes nothing."""
    item = own_item(session, item_id, by)
    if item.state == "live":
        item.state = "withdrawn"
        record_change(session, item, "voc.withdrawn", by, at)
    return facts_of(session, item)


def restore_item(session: Session, item_id: int, *, by: Actor, at: datetime) -> VocReceipt:
    """Undo a withdrawal: the item counts again, at the time it was logged. A second time changes nothing."""
    item = own_item(session, item_id, by)
    if item.state == "withdrawn":
        item.state = "live"
        record_change(session, item, "voc.restored", by, at)
    return receipt_of(session, item, at)


def open_item(session: Session, item_id: int, *, by: Actor, at: datetime) -> VocFacts:  # noqa: ARG001  # asked as of now
    """The item for a form that edits it. Raises NotFound, and ItemRefused."""
    return facts_of(session, item_to_change(session, item_id, by))


def show_item(session: Session, item_id: int, *, by: Actor, at: datetime) -> VocReceipt:
    """The receipt of the item as of now, where a shown one is out of date. Raises NotFound, and ItemRefused."""
    return receipt_of(session, item_to_change(session, item_id, by), at)


def _currency(session: Session, workspace_id: int) -> str:
    return session.get_one(Workspace, workspace_id).currency


def _understand(line: str, vocabulary: Vocabulary, read: Collection[str] = READ) -> QuickLine:
    return parse_quick_line(
        line,
        known_competitors=vocabulary.known_competitors,
        known_accounts=vocabulary.known_accounts,
        colleagues=vocabulary.colleagues,
        currency=vocabulary.currency,
        read=read,
    )


def _kind_by(fields: VocFields, before: VocFacts | VocFields) -> str | None:
    """Who says the kind of a form: the person where it differs from what the form was opened with."""
    return before.kind_by if fields.kind == before.kind else "person"


def _left_over(understood: QuickLine) -> LeftOver:
    return LeftOver(
        understood.other_tags, understood.colleague, understood.other_amounts, competitors=understood.competitors[1:]
    )


def fill_from_text(
    session: Session, fields: VocFields, by: Actor, *, open_before: VocFacts | VocFields = _NOTHING_SET
) -> tuple[VocFields, LeftOver]:
    """The fields with what their text says of those that are open, now and before. Raises FieldProblems (`text`)."""
    before = open_before
    is_open = {
        "kind": fields.kind == before.kind == DEFAULT_KIND and before.kind_by != "person",
        "tag": fields.theme is None and before.theme is None,
        "account": fields.account is None and fields.account_id is None and before.account is None,
        "competitor": fields.competitor is None and before.competitor is None,
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
            kind_by=said.kind_by if is_open["kind"] else fields.kind_by,
            theme=fields.theme or said.theme,
            account_id=fields.account_id,
            account=fields.account or said.account,
            competitor=fields.competitor or (said.competitor if is_open["competitor"] else None),
            deal=fields.deal or said.deal,
            deal_typed=fields.deal_typed if fields.deal else said.deal_typed,
            quote=fields.quote or (said.quote if before.quote is None else None),
            consent=fields.consent,
        ),
        _left_over(understood),
    )


def _fields_of_line(understood: QuickLine) -> VocFields:
    size = deal_of(understood.deal_size) if understood.deal_size else None
    competitor = understood.competitor
    return VocFields(
        text=understood.verbatim,
        kind=understood.kind.value,
        kind_by="person" if understood.kind_given else "words" if understood.kind_told else None,
        theme=understood.theme,
        account_id=None,
        account=understood.account,
        competitor=competitor if competitor and len(competitor) <= NAME_LIMIT else None,
        deal=size.size if size else None,
        deal_typed=size.typed if size else None,
        quote=understood.quote,
    )


def store_item(
    session: Session,
    fields: VocFields,
    *,
    line: str,
    origin: str,
    permalink: str | None,
    by: Actor,
    at: datetime,
    heard_at: datetime | None = None,
    vocabulary: Vocabulary = NO_VOCABULARY,
) -> tuple[VocFacts, Belonging]:
    """Store an item whose fields were checked, and what its receipt is made of. `origin`: one of VOC_ORIGINS.

    `heard_at`: from when on it counts, None: `at`. Raises FieldProblems for an account that is gone.
    """
    theme = _theme(session, by.workspace_id, fields, at, vocabulary)
    heard = listen(session, by.workspace_id, fields.text, fields.kind, at=at) if theme is None else None
    theme_by = TYPED if theme else None
    if heard is not None and heard.sure:
        theme, theme_by = heard.theme, BY_RULE
    account = _account(session, by.workspace_id, fields, at, vocabulary)
    led = vocabulary.led_competitors
    fields = replace(fields, competitor=own_competitor(session, by.workspace_id, fields.competitor, led))
    item = {
        "workspace_id": by.workspace_id,
        "member_id": by.id,
        "line": line,
        "verbatim": fields.text,
        "origin": origin,
        "permalink": permalink,
        "theme_by": theme_by,
        "created_at": heard_at or at,
        "updated_at": at,
        **_columns(fields, theme, account),
    }
    stored = _STORE.first(session, item)
    item_id = int(stored.id)
    if stored.told:
        tell_new_item(session, item_id, by=by, at=at)
    # Only a click may come from a Home; who types a line does not look at theirs, and may type many.
    refresh_home(session, by.workspace_id, by.id, at, by=by if origin in _CLICKED else None)
    keep_up(session, by.workspace_id, at=at)
    facts = new_facts(item_id, fields, by, theme, account, heard_at or at, permalink=permalink, theme_by=theme_by)
    sounds = heard.theme if heard is not None and theme is None else None
    if theme is None:
        return facts, Belonging(by.workspace_id, by.id, None, None, sounds)
    marked = AnswerMark(theme.audience, theme.until)
    return facts, Belonging(by.workspace_id, by.id, theme.id, theme.answer, sounds, marked)


def _columns(fields: VocFields, theme: FoundTheme | None, account: FoundAccount | None) -> dict[str, Any]:
    """The columns that a form sets, other than the text."""
    return {
        "kind": fields.kind,
        "kind_by": fields.kind_by,
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
        return found_account(session, found.id, found.name, found.known, found.created_at, found.merged_into_id)
    if not fields.account:
        return None
    return find_or_add_account(session, workspace_id, fields.account, at=at, looked_up=vocabulary.accounts)
