"""What call recorders heard: an item for each thing that they mark, in the name of whoever held the call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, case, select
from sqlalchemy.orm import Session

from domain.accounts import account_slug
from domain.leads.addresses import address_key
from domain.people import NOT_STAFF, Actor, actor
from domain.quick_line import QUICK_LINE_LIMIT
from domain.text import TextEmpty, clean_text, compare_key, key_words, shorten, slugify_theme
from domain.voc.form import DEFAULT_KIND, NAME_LIMIT, VocFields
from domain.voc.items import store_item
from domain.voc.known import theme_named
from domain.voc.sensitive import find_sensitive, without_sensitive
from storage import jobs, outbox
from storage.inbox import earlier_answer, remember_answer
from storage.jobs import Arguments
from storage.models import Account, Member, Workspace
from storage.outbox import Priority

TOLD: Final = "call_logged"
"""The kind of the message that tells whoever held a call what was logged in their name."""

MOST_OF_A_CALL: Final = 20
"""So many items of one call are logged."""

_KINDS: Final = {
    "objection": ("objection", "objections", "concern", "concerns", "pushback", "einwand", "einwände", "objeción"),
    "competitor": ("competitor", "competitors", "competition", "competitive", "wettbewerb", "wettbewerber"),
    "question": ("question", "questions", "frage", "fragen", "pregunta", "preguntas"),
    "pain_point": ("pain", "pains", "problem", "problems", "challenge", "challenges"),
    "feature_gap": ("gap", "gaps", "request", "requests", "missing"),
    "praise": ("praise", "compliment", "compliments"),
    "lost_reason": ("churn", "lost", "loss"),
}
_KIND_WORDS: Final = {compare_key(word): kind for kind, words in _KINDS.items() for word in words}
_EMPTY_WORDS: Final = frozenset(
    {"a", "the", "of", "about", "point", "points", "feature", "mention", "mentions", "mentioned", "reason", "reasons",
     "risk", "tracker", "topic"}
)  # fmt: skip
_EVERYBODYS: Final = frozenset(
    {"gmail", "googlemail", "outlook", "hotmail", "live", "yahoo", "icloud", "gmx", "web", "proton", "protonmail",
     "aol", "mail"}
)  # fmt: skip
"""Who writes from such an address may be of any company."""


@dataclass(frozen=True, slots=True)
class NewVoc:
    """Something that a customer said, as a recorder tells it. `key` names it for good among all that the source tells.

    `text`: the item in words; `quote`: the customer's own. `subject`: what the recorder calls it ("Pricing objection"):
    kind, theme and competitor are read from it, but for `kind` where that is given. `call`: the call's title. `host`:
    the e-mail address of whoever held the call. `account`: the customer's name; `domains`: of the customers' addresses.
    """

    key: str
    text: str
    call: str
    subject: str = ""
    kind: str | None = None
    quote: str | None = None
    host: str | None = None
    account: str | None = None
    domains: tuple[str, ...] = ()
    permalink: str | None = None


@dataclass(frozen=True, slots=True)
class Fetch:
    """A call or a lead of which only the name was told: a job (`arguments`) asks for the rest. `key` as above."""

    key: str
    arguments: Arguments


@dataclass(frozen=True, slots=True)
class _Logged:
    """An item, in whose name it stands, and whether they held the call."""

    call: str
    item_id: int
    user_id: str
    held: bool


def take_heard(
    session: Session, workspace_id: int, origin: str, told: Sequence[NewVoc | Fetch], *, at: datetime
) -> list[dict[str, Any]]:
    """Log each thing that a source told, once; `origin` names the source.

    Returns for each its `item_id` and `status` "accepted", and without an item that of a call that is asked about;
    "nobody": there is no member in whose name it could be logged.
    """
    found: list[dict[str, Any]] = []
    logged: list[_Logged] = []
    for one in told:
        earlier = earlier_answer(session, origin, one.key)
        if earlier is not None:
            found.append(dict(earlier.answer))
            continue
        if isinstance(one, Fetch):
            jobs.enqueue(session, workspace_id, one.arguments, at=at)
            answer: dict[str, Any] = {"item_id": None, "status": "accepted"}
        else:
            host = _host(session, workspace_id, one.host)
            by = host or stand_in(session, workspace_id)
            if by is None:
                found.append({"item_id": None, "status": "nobody"})
                continue
            item_id = _log(session, one, by, at)
            logged.append(_Logged(one.call, item_id, by.user_id, host is not None))
            answer = {"item_id": item_id, "status": "accepted"}
        remember_answer(session, origin, one.key, answer, at)
        found.append(answer)
    _tell(session, workspace_id, logged, at)
    return found


def read_subject(subject: str) -> tuple[str | None, str]:
    """The kind that a recorder's name for something tells, None where it tells none, and the rest of its words.

    "Pricing objection" is an objection about "pricing"; "Competitors" is of the kind competitor, about nothing else.
    """
    kind: str | None = None
    rest = []
    for word in key_words(subject):
        known = _KIND_WORDS.get(compare_key(word))
        if known is not None:
            kind = kind or known
        elif word not in _EMPTY_WORDS:
            rest.append(word)
    return kind, " ".join(rest)


def _log(session: Session, one: NewVoc, by: Actor, at: datetime) -> int:
    kind, about = read_subject(one.subject)
    competitor = _competitor(session, by.workspace_id, about)
    if competitor is not None:
        kind, about = kind or "competitor", ""
    theme = (theme_named(session, by.workspace_id, about) or slugify_theme(about)) if about else None
    text = _clean(one.text) or _clean(one.subject) or "?"
    fields = VocFields(
        text=text,
        kind=one.kind or kind or DEFAULT_KIND,
        theme=theme,
        account_id=None,
        account=_clean(one.account, NAME_LIMIT) or _account_of(session, by.workspace_id, one.domains),
        competitor=competitor,
        deal=None,
        quote=_clean(one.quote),
    )
    facts, _ = store_item(session, fields, line=text, origin="call", permalink=one.permalink, by=by, at=at)
    return facts.id


def _host(session: Session, workspace_id: int, email: str | None) -> Actor | None:
    """Whoever held the call, if they are one of ours."""
    if not email:
        return None
    found = session.scalars(
        _working(workspace_id).where(Member.email == address_key(email)).order_by(Member.id)
    ).first()
    return actor(found) if found is not None else None


def stand_in(session: Session, workspace_id: int) -> Actor | None:
    """In whose name a call is logged that nobody of ours held, as far as is known: a marketer, then a manager."""
    order = case({"marketer": 0, "manager": 1, "admin": 2}, value=Member.role, else_=3)
    first = _working(workspace_id).where(Member.role != "rep").order_by(order, Member.id).limit(1)
    found = session.scalars(first).first()
    return actor(found) if found is not None else None


def _working(workspace_id: int) -> Select[Member]:
    theirs = Member.kind.is_(None) | Member.kind.not_in(NOT_STAFF)
    return select(Member).where(Member.workspace_id == workspace_id, Member.active, theirs)


def _competitor(session: Session, workspace_id: int, about: str) -> str | None:
    """The known competitor that is named."""
    if not about:
        return None
    words = f"-{compare_key(about)}-"
    known = map(str, session.get_one(Workspace, workspace_id).competitors)
    return next((name for name in known if f"-{compare_key(name)}-" in words and len(name) <= NAME_LIMIT), None)


def _account_of(session: Session, workspace_id: int, domains: Sequence[str]) -> str | None:
    """The account whose name is a customer's domain, if there is one: a domain alone makes no account."""
    labels = [parts[-2] for domain in domains if len(parts := domain.casefold().split(".")) > 1]
    slugs = [account_slug(label) for label in labels if label not in _EVERYBODYS]
    if not slugs:
        return None
    named = select(Account.slug, Account.name).where(Account.workspace_id == workspace_id, Account.slug.in_(slugs))
    found = {row.slug: row.name for row in session.execute(named)}
    return next((found[slug] for slug in slugs if slug in found), None)


def _tell(session: Session, workspace_id: int, logged: Sequence[_Logged], at: datetime) -> None:
    """Whoever's name an item bears reads it: they did nothing for it. One message a call."""
    calls: dict[_Logged, list[int]] = {}
    for one in logged:
        calls.setdefault(replace(one, item_id=0), []).append(one.item_id)
    for call, items in calls.items():
        data = {"items": items, "call": shorten(call.call, 150) if call.call else "", "held": call.held}
        outbox.put_notice(session, workspace_id, TOLD, items[0], call.user_id, at=at, priority=Priority.CARD, data=data)


def _clean(text: str | None, limit: int = QUICK_LINE_LIMIT) -> str | None:
    """The text as it may be kept: nobody is there to be warned of a card number in it, so that is left out."""
    try:
        cleaned = clean_text(text or "", limit=10**9)
    except TextEmpty:
        return None
    spots = find_sensitive(cleaned)
    kept = without_sensitive(cleaned, spots) if spots else cleaned
    return shorten(kept, limit) if kept else None
