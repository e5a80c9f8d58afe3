"""What tells of an erased person in texts that others wrote is taken out, wherever it stands.

Every text of every table of the workspace is looked through, so a table that is added later is looked through as well.
Of each row the words stay, without the person's addresses, numbers and full name.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import JSON, Column, Row, String, Table, delete, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Session

from domain.accounts import account_slug
from domain.batches import show_batch_anew
from domain.erasing import belongs, owned_tables
from domain.leads.announce import refresh_home
from domain.leads.doubts import COMPANY_CARD
from domain.leads.erasing_person import ERASED_NAME
from domain.persons.traces import Traces
from domain.voc.heard import TOLD as CALL_TOLD
from domain.voc.wording import word_items
from domain.voc.words import words_in, words_of
from storage import outbox
from storage.models import Account, AccountDoubt, Card, Delivery, InboxKey, VocItem, VocTerm, Workspace
from storage.words import Wanted, newest_items

PIECE: Final = 100
LEFT: Final = {
    "members": "they are staff, and may have sent a lead of their own to try it",
    "accounts": "they are renamed whole, or not at all",
    "voc_words": "they are made anew from the items",
    "voc_words_due": "no text",
    "voc_terms": "a word goes once no item has it",
    "cards": "no text but hashes and addresses of messages",
    "installations": "sealed tokens",
}
"""Tables that are not looked through, and why."""

OTHERS_NAMES: Final = frozenset({"leads", "wishes", "holds"})
"""Tables that tell of others who may have the same name: only addresses and numbers are taken out.

So it is with what webhooks send of leads.
"""

SHOWN_BY: Final = {"editions": ("edition",), "theme_letters": ("theme_letter",)}
"""The cards that show what is frozen in the rows of a table."""

JOB_SECRET: Final = "jobs.secret"  # noqa: S105  # a column
"""Not looked through: this very job has its own there. It is forgotten when its job ends."""

Key = tuple[Any, ...]


def swept_tables() -> list[Table]:
    """The tables that are looked through."""
    return [one for one in owned_tables() if one.name not in LEFT and _texts(one)]


def find_traces(session: Session, workspace_id: int, table: Table, traces: Traces) -> list[Key]:
    """The keys of the rows in which the person stands."""
    names = table.name not in OTHERS_NAMES
    texts = _texts(table)
    if not (traces.emails or traces.phones or (names and traces.names)):
        return []
    may = or_(*(traces.may_stand_in(one, names=names) for one in texts))
    keys = list(table.primary_key.columns)
    rows = session.execute(select(*keys, *texts).where(belongs(table, workspace_id), may))
    return [tuple(row)[: len(keys)] for row in rows if _changes(row, texts, traces, _named(row, names=names))]


def clean_rows(
    session: Session, workspace_id: int, table: Table, found: Sequence[Key], traces: Traces, *, at: datetime
) -> int:
    """Take the person out of these rows; how many were changed. What shows them is shown anew."""
    names, texts, keys = table.name not in OTHERS_NAMES, _texts(table), list(table.primary_key.columns)
    mine = (belongs(table, workspace_id), tuple_(*keys).in_(found))
    count = 0
    for row in session.execute(select(*keys, *texts).where(*mine)).all():
        changes = _changes(row, texts, traces, _named(row, names=names))
        if not changes:
            continue
        if table.name == "voc_items":
            changes["version"] = VocItem.version + 1
        if "pair" in changes:  # doubts: no two pairs have the same name, not even when nobody is named any more
            changes["pair"] = f"erased:{row[0]}"
        session.execute(update(table).where(*(key == row[number] for number, key in enumerate(keys))).values(changes))
        count += 1
        _show(session, workspace_id, SHOWN_BY.get(table.name, ()), row[0], at)
        if table.name == "voc_items":
            show_batch_anew(session, workspace_id, row[0], at)
            _show_call(session, workspace_id, row[0], at)
    return count


def show_homes(session: Session, workspace_id: int, *, at: datetime) -> None:
    """Every Home that was ever opened is published anew: whose shows what is not known."""
    homes = select(Card.subject_id).where(Card.workspace_id == workspace_id, Card.kind == "home")
    for member_id in session.scalars(homes.order_by(Card.subject_id)):
        refresh_home(session, workspace_id, member_id, at)


def clean_names(session: Session, workspace_id: int, traces: Traces, *, at: datetime) -> int:
    """Accounts that bear the person's own name lose it; how many."""
    slugs = {account_slug(one) for one in (*traces.names, *traces.emails)}
    mine = (Account.workspace_id == workspace_id, Account.slug.in_(slugs))
    rows = session.scalars(select(Account).where(*mine)).all()
    for account in rows:
        account.name, account.slug, account.known = ERASED_NAME, f"erased {account.id}", False
    session.flush()
    ids = [account.id for account in rows]
    either = or_(AccountDoubt.account_id.in_(ids), AccountDoubt.other_id.in_(ids))
    for doubt in session.scalars(select(AccountDoubt).where(either)):
        outbox.refresh_cards(session, workspace_id, (COMPANY_CARD,), doubt.batch_id or doubt.id, at=at)
    return len(rows)


def clean_inbox(session: Session, workspace_id: int, traces: Traces) -> int:
    """The answers that Slack got for what people clicked and typed lately lose the person; how many."""
    team = session.get_one(Workspace, workspace_id).slack_team_id
    mine = (InboxKey.origin == "slack", InboxKey.key.startswith(f"{team}:", autoescape=True))
    count = 0
    for row in session.scalars(select(InboxKey).where(*mine, traces.may_stand_in(InboxKey.answer))).all():
        without = traces.without(row.answer)
        if without != row.answer:
            row.answer, count = without, count + 1
    session.flush()
    return count


def clean_terms(session: Session, workspace_id: int, traces: Traces) -> None:
    """The words of the search are made anew; those of the person that no item has any more are forgotten."""
    while word_items(session, workspace_id, limit=PIECE):
        pass
    terms = words_in({token for one in (*traces.names, *traces.emails, *traces.phones) for token in words_of(one)})
    here = ((f"§w{workspace_id}",),)
    for term in sorted(terms):
        if not newest_items(session, Wanted((((term,),), here)), before=2**62, limit=1):
            session.execute(delete(VocTerm).where(VocTerm.workspace_id == workspace_id, VocTerm.term == term))


def _texts(table: Table) -> list[Column[Any]]:
    """The columns of a table that hold text, or JSON with texts in it."""
    return [
        one
        for one in table.columns
        if isinstance(one.type, String | JSON)
        and not isinstance(one.type, TSVECTOR)
        and not one.primary_key
        and f"{table.name}.{one.name}" != JOB_SECRET
    ]


def _changes(row: Row[Any], texts: Sequence[Column[Any]], traces: Traces, names: bool) -> dict[str, Any]:
    """The columns that change, without the person."""
    found = {}
    for column in texts:
        value = row._mapping[column]
        without = traces.without(value, names=names)
        if value is not None and without != value:
            found[column.name] = without
    return found


def _named(row: Row[Any], *, names: bool) -> bool:
    """Whether a name in the row can only be the person's."""
    return names and not str(getattr(row, "subject", "")).startswith("lead:")


def _show(session: Session, workspace_id: int, kinds: Sequence[str], subject_id: int, at: datetime) -> None:
    standing = (Card.workspace_id == workspace_id, Card.kind.in_(kinds), Card.subject_id == subject_id)
    for card in session.scalars(select(Card).where(*standing, Card.state == "standing")) if kinds else ():
        outbox.put_card(session, workspace_id, card.kind, card.subject_id, card.place, at=at)


def _show_call(session: Session, workspace_id: int, item_id: int, at: datetime) -> None:
    """The message that told whoever held a call of its items, this one among them."""
    told = (Delivery.workspace_id == workspace_id, Delivery.kind == CALL_TOLD, Delivery.state == "sent")
    for subject_id, data in session.execute(select(Delivery.subject_id, Delivery.data).where(*told)).all():
        if item_id not in (data.get("items") or ()):
            continue
        standing = (Card.workspace_id == workspace_id, Card.kind == CALL_TOLD, Card.subject_id == subject_id)
        for card in session.scalars(select(Card).where(*standing, Card.state == "standing")):
            outbox.put_card(session, workspace_id, CALL_TOLD, subject_id, card.place, at=at, data=data)
