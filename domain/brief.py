"""What a rep reads before the first call: who it is, what they asked for, what their company said, what to expect.

Nothing is said without a source: a persona where its name stands in the job title, objections that were logged, and
answers that marketing approved.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.account_history import Entry, said_of_account, touches_of_lead
from domain.accounts import account_slug
from domain.errors import NotFound
from domain.leads.explaining import Move, explain_lead_of
from domain.leads.facts import LeadFacts, load_lead
from domain.leads.news import SentWish, load_wishes
from domain.merged import own_account
from domain.people import Actor
from domain.pulse import leading_themes
from domain.text import key_words
from domain.themes import mark_of
from domain.voc.worked import Worked, what_is_known_to_work
from storage.models import Account, Lead, Persona, PersonaVersion, Theme, VocItem

OBJECTIONS: Final = 3
SAID: Final = 3
THEMES_LOOKED_AT: Final = 30
OWN_LOOKED_AT: Final = 200
_ROLES: Final = re.compile(r"[,;/|()\n]")


@dataclass(frozen=True, slots=True)
class Expected:
    """An objection to expect. `items` of it in the last PULSE_DAYS days about `accounts` accounts; `own`: this account
    raised it itself, however long ago. `answer` is the approved one, `safe` to send as it is; `to_check`: the last day
    on which it was said to hold is over."""

    slug: str
    items: int
    accounts: int
    own: bool
    answer: str | None
    safe: bool
    worked: Worked
    to_check: bool = False


@dataclass(frozen=True, slots=True)
class WhoTheyAre:
    """The persona that the job title names; `message` is what to say to them, empty where nothing is said."""

    name: str
    message: str
    pains: str


@dataclass(frozen=True, slots=True)
class Brief:
    """`account` is the account's name, None where the lead has no company that is known; `said` the last words of it.
    `touched`: what marketing reached the lead with, the latest first. `moves`: how it came to whoever has it.
    """

    lead: LeadFacts
    wishes: tuple[SentWish, ...]
    touched: tuple[Entry, ...]
    persona: WhoTheyAre | None
    account: str | None
    said: tuple[Entry, ...]
    expected: tuple[Expected, ...]
    moves: tuple[Move, ...] = ()


def load_brief(session: Session, lead_id: int, *, by: Actor, at: datetime) -> Brief:
    """The brief of a lead at `at`. Raises NotFound."""
    lead = load_lead(session, lead_id, by.workspace_id, at)
    if lead is None:
        raise NotFound("lead")
    account = _account(session, lead_id, lead.company, by.workspace_id)
    return Brief(
        lead=lead,
        wishes=load_wishes(session, lead_id, by.workspace_id),
        touched=touches_of_lead(session, lead_id),
        persona=_persona(session, by.workspace_id, lead.job_title),
        account=account.name if account is not None else None,
        said=said_of_account(session, account.id, most=SAID) if account is not None else (),
        expected=_expected(session, by.workspace_id, account.id if account is not None else None, at),
        moves=explain_lead_of(session, lead_id).moves,
    )


def _account(session: Session, lead_id: int, company: str | None, workspace_id: int) -> Account | None:
    account_id = session.scalar(select(Lead.account_id).where(Lead.id == lead_id))
    if account_id is None and company:
        here = (Account.workspace_id == workspace_id, Account.slug == account_slug(company))
        account_id = session.scalar(select(Account.id).where(*here))
    return own_account(session, account_id) if account_id is not None else None


def _persona(session: Session, workspace_id: int, job_title: str | None) -> WhoTheyAre | None:
    """The persona whose name, or one of whose roles, stands word for word in the job title: the longest of several."""
    title = set(key_words(job_title or ""))
    if not title:
        return None
    rows = session.execute(
        select(Persona.name, PersonaVersion.fields)
        .join(PersonaVersion, (PersonaVersion.persona_id == Persona.id) & (PersonaVersion.version == Persona.version))
        .where(Persona.workspace_id == workspace_id)
        .order_by(Persona.id)
    ).all()
    best: tuple[int, WhoTheyAre] | None = None
    for name, fields in rows:
        for told in (name, *_ROLES.split(fields.get("role", ""))):
            words = set(key_words(told))
            if words and words <= title and (best is None or len(words) > best[0]):
                best = len(words), WhoTheyAre(name, fields.get("message", ""), fields.get("pains", ""))
    return best[1] if best is not None else None


def _expected(session: Session, workspace_id: int, account_id: int | None, at: datetime) -> tuple[Expected, ...]:
    """What this account objected to itself, the latest first; then what most accounts object to lately."""
    own: list[int] = []
    if account_id is not None:
        heard = session.scalars(
            select(VocItem.theme_id)
            .where(
                VocItem.account_id == account_id,
                VocItem.state == "live",
                VocItem.kind == "objection",
                VocItem.theme_id.is_not(None),
            )
            .order_by(VocItem.created_at.desc())
            .limit(OWN_LOOKED_AT)
        )
        own = [each for each in dict.fromkeys(heard) if each is not None]
    lately = leading_themes(session, workspace_id, at, THEMES_LOOKED_AT)
    others = [theme_id for theme_id, (_, objections) in lately.items() if objections]
    chosen = list(dict.fromkeys([*own, *others]))[:OBJECTIONS]
    themes = {theme.id: theme for theme in session.scalars(select(Theme).where(Theme.id.in_(chosen)))}
    found = []
    for theme_id in chosen:
        theme = themes.get(theme_id)
        if theme is None:
            continue
        pulse = lately[theme_id][0] if theme_id in lately else None
        found.append(
            Expected(
                slug=theme.slug,
                items=pulse.count if pulse is not None else 0,
                accounts=pulse.accounts if pulse is not None else 0,
                own=theme_id in own,
                answer=theme.answer,
                safe=theme.answer_audience == "safe",
                worked=what_is_known_to_work(session, theme_id, theme.answer, at),
                to_check=mark_of(theme).is_to_check(at),
            )
        )
    return tuple(found)
