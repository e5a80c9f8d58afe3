"""What is known of a competitor, for whoever asks by its name alone: `!rivalsoft`.

Nothing here is guessed. A deal is an account whose items name the competitor; it is won or lost when a lead of that
account says so, or a lost reason that names the competitor. Words about a competitor are customers' own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import bindparam, desc, func, select
from sqlalchemy.orm import Session

from domain.known_names import KnownNames
from domain.merged import leading_to_accounts
from domain.money import Money
from domain.near_themes import is_near
from domain.people import Actor
from domain.pulse import Pulse, take_pulse
from domain.text import compare_key
from domain.themes import AnswerMark, mark_of
from domain.voc.agreed import NO_VOTES, votes_of
from domain.voc.known import KNOWN_DAYS, LOOKED_BACK, NEAR, SAID, Said
from domain.voc.led_competitors import own_competitor
from domain.voc.suggestions import heard_competitors
from storage.models import IS_CLOSED, Account, Asset, AssetFigures, Lead, Theme, VocItem, Workspace
from storage.statements import Statement

DEAL_DAYS: Final = 365
LOOKED_AT: Final = 2_000
"""So many of the newest items that name the competitor are looked at."""

RAISED: Final = 5
DEALS_SHOWN: Final = 5
FEWEST_OUTCOMES: Final = 5
"""Of fewer deals that were won or lost, nothing can be said."""

AGAINST_US: Final = frozenset({"objection", "pain_point", "feature_gap", "lost_reason"})
"""Kinds of items that stand between a customer and us."""

Outcome = Literal["open", "won", "lost"]


@dataclass(frozen=True, slots=True)
class Met:
    """In the last KNOWN_DAYS days: `items` by `reps` different members about `accounts`; `more`: at least so many."""

    items: int
    reps: int
    accounts: int
    more: bool


@dataclass(frozen=True, slots=True)
class Raised:
    """A theme that comes up with the competitor against us, and what there is to say: `answer`, `asset`.

    `items` of the last KNOWN_DAYS days about `accounts`; of `quoted` of them the customer's own words are kept.
    `wins`: deals that the asset influenced, None where nothing is reported. `marked`: whom the answer is for, and
    `to_check`: the last day on which it was said to hold is over.
    """

    slug: str
    items: int
    accounts: int
    quoted: int
    answer: str | None = None
    asset: str | None = None
    asset_url: str | None = None
    wins: int | None = None
    marked: AnswerMark | None = None
    to_check: bool = False


@dataclass(frozen=True, slots=True)
class Deal:
    """An account that named the competitor in the last DEAL_DAYS days; `size`: the largest deal said with it."""

    account: str
    outcome: Outcome
    size: Money | None


@dataclass(frozen=True, slots=True)
class Deals:
    """How the deals went in which the competitor was met; `last`: those that named it last."""

    open: int
    won: int
    lost: int
    last: tuple[Deal, ...]

    @property
    def ended(self) -> int:
        return self.won + self.lost


@dataclass(frozen=True, slots=True)
class KnownCompetitor:
    """A competitor as it is known now. `pulse`: of the last PULSE_DAYS days, as receipts count it.

    `raised`: what it comes with most, without themes that nobody named. `said`: the last quotes of customers.
    """

    name: str
    pulse: Pulse
    met: Met
    deals: Deals
    raised: tuple[Raised, ...]
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class UnknownCompetitor:
    """A competitor that nothing names. `near`: names that may be meant; without those, `lately`: what came up most."""

    name: str
    near: tuple[str, ...]
    lately: tuple[str, ...]


_NAMING: Final = (
    VocItem.workspace_id == bindparam("workspace"),
    VocItem.competitor_key == bindparam("key"),
    VocItem.state == "live",
)
_NEWEST: Final = Statement(
    select(
        VocItem.created_at,
        VocItem.member_id,
        VocItem.account_id,
        VocItem.theme_id,
        VocItem.kind,
        VocItem.quote.is_not(None).label("quoted"),
        VocItem.deal_minor,
        VocItem.deal_currency,
        VocItem.competitor,
    )
    .where(*_NAMING, VocItem.created_at > bindparam("since"))
    .order_by(VocItem.created_at.desc())
    .limit(LOOKED_AT + 1)
)
_ANY: Final = Statement(select(VocItem.id).where(*_NAMING).order_by(VocItem.created_at.desc()).limit(1))
_LAST: Final = select(VocItem.id).where(*_NAMING).order_by(VocItem.created_at.desc()).limit(LOOKED_BACK).subquery()
_SAID: Final = Statement(
    select(VocItem.id, VocItem.quote, Account.name, VocItem.created_at)
    .join(_LAST, _LAST.c.id == VocItem.id)
    .outerjoin(Account, Account.id == VocItem.account_id)
    .where(VocItem.quote.is_not(None))
    .order_by(VocItem.created_at.desc(), VocItem.id.desc())
    .limit(SAID)
)
_CLOSED: Final = Statement(
    select(Lead.account_id, Lead.state, Lead.updated_at)
    .where(Lead.account_id.in_(bindparam("accounts", expanding=True)), IS_CLOSED)
    .order_by(Lead.updated_at.desc())
    .limit(LOOKED_AT)
)


def show_competitor(session: Session, typed: str, *, by: Actor, at: datetime) -> KnownCompetitor | UnknownCompetitor:
    """What is known of the competitor that was typed, with or without a sign in front."""
    names = KnownNames.of(tuple(map(str, session.get_one(Workspace, by.workspace_id).competitors)))
    typed = own_competitor(session, by.workspace_id, typed) or typed
    key = compare_key(typed)
    asked = {"workspace": by.workspace_id, "key": key, "since": at - timedelta(days=DEAL_DAYS)}
    rows = _NEWEST.all(session, asked) if key else []
    if not rows:
        name = names.canonical(typed) or typed.strip(' !@"“”')
        return _unknown(session, by.workspace_id, name, names, at)
    heard = [row for row in rows[:LOOKED_AT] if row.created_at > at - timedelta(days=KNOWN_DAYS)]
    return KnownCompetitor(
        name=names.canonical(typed) or rows[0].competitor,
        pulse=take_pulse(session, by.workspace_id, at, "competitor", typed),
        met=Met(
            len(heard),
            len({row.member_id for row in heard}),
            len({row.account_id for row in heard} - {None}),
            more=len(heard) == LOOKED_AT < len(rows),
        ),
        deals=_deals(session, rows[:LOOKED_AT]),
        raised=_raised(session, heard, at),
        said=_said(session, asked),
    )


def _said(session: Session, asked: Mapping[str, Any]) -> tuple[Said, ...]:
    rows = _SAID.all(session, asked)
    votes = votes_of(session, [row.id for row in rows])
    return tuple(Said(row.id, row.quote, True, row.name, row.created_at, votes.get(row.id, NO_VOTES)) for row in rows)


def is_competitor(session: Session, workspace_id: int, name: str) -> bool:
    """Tell whether some live item names this competitor."""
    key = compare_key(name)
    return bool(key) and _ANY.first(session, {"workspace": workspace_id, "key": key}) is not None


def _deals(session: Session, rows: Sequence[Any]) -> Deals:
    """The accounts of the rows, which are the newest first, with how it went."""
    first: dict[int, datetime] = {}
    ended: dict[int, tuple[datetime, Outcome]] = {}
    sizes: dict[int, Money] = {}
    for row in rows:
        if row.account_id is None:
            continue
        first[row.account_id] = row.created_at
        if row.kind == "lost_reason":
            ended.setdefault(row.account_id, (row.created_at, "lost"))
        if row.deal_minor:
            # Sums of different currencies are never compared: that of the newest item is taken.
            size = sizes.setdefault(row.account_id, Money(row.deal_minor, row.deal_currency))
            if row.deal_currency == size.currency and row.deal_minor > size.minor:
                sizes[row.account_id] = Money(row.deal_minor, row.deal_currency)
    if not first:
        return Deals(0, 0, 0, ())
    # A lead that ended before anybody named the competitor says nothing about it.
    now = leading_to_accounts(session, first)
    for lead in _CLOSED.all(session, {"accounts": list(now)}):
        account_id = now[lead.account_id]
        before = ended.get(account_id)
        if lead.updated_at >= first[account_id] and (before is None or lead.updated_at > before[0]):
            ended[account_id] = (lead.updated_at, lead.state)
    count = Counter(outcome for _, outcome in ended.values())
    newest = list(first)[:DEALS_SHOWN]
    named = dict(session.execute(select(Account.id, Account.name).where(Account.id.in_(newest))).all())
    last = tuple(Deal(named[each], ended[each][1] if each in ended else "open", sizes.get(each)) for each in newest)
    return Deals(len(first) - len(ended), count["won"], count["lost"], last)


def _raised(session: Session, rows: Sequence[Any], at: datetime) -> tuple[Raised, ...]:
    """The themes that come up most in the rows against us, of most accounts first, with what there is to say."""
    against = [row for row in rows if row.kind in AGAINST_US and row.theme_id is not None]
    items = Counter(row.theme_id for row in against)
    quoted = Counter(row.theme_id for row in against if row.quoted)
    accounts: dict[int, set[int]] = {theme_id: set() for theme_id in items}
    for row in against:
        if row.account_id is not None:
            accounts[row.theme_id].add(row.account_id)
    most = sorted(items, key=lambda each: (-len(accounts[each]), -items[each], each))[:RAISED]
    themes = {theme.id: theme for theme in session.scalars(select(Theme).where(Theme.id.in_(most)))}
    assets = _assets(session, most)
    found = []
    for each in most:
        theme = themes[each]
        title, url, wins = assets.get(each, (None, None, None))
        found.append(
            Raised(
                theme.slug,
                items[each],
                len(accounts[each]),
                quoted[each],
                theme.answer,
                title,
                url,
                wins,
                mark_of(theme) if theme.answer else None,
                to_check=bool(theme.answer) and mark_of(theme).is_to_check(at),
            )
        )
    return tuple(found)


def _assets(session: Session, theme_ids: Collection[int]) -> dict[int | None, tuple[str, str | None, int | None]]:
    """For each theme its asset that influenced most won deals, else the newest: title, address, and those deals."""
    if not theme_ids:
        return {}
    wins = func.sum(AssetFigures.influenced_wins)
    rows = session.execute(
        select(Asset.theme_id, Asset.title, Asset.url, wins)
        .outerjoin(AssetFigures, AssetFigures.asset_id == Asset.id)
        .where(Asset.theme_id.in_(theme_ids))
        .group_by(Asset.id, Asset.theme_id, Asset.title, Asset.url)
        .order_by(desc(func.coalesce(wins, 0)), Asset.id.desc())
    )
    found: dict[int | None, tuple[str, str | None, int | None]] = {}
    for theme_id, title, url, won in rows:
        found.setdefault(theme_id, (title, url, int(won) if won is not None else None))
    return found


def _unknown(session: Session, workspace_id: int, name: str, names: KnownNames, at: datetime) -> UnknownCompetitor:
    key = compare_key(name)
    heard = heard_competitors(session, workspace_id, at)
    near = [each for each in {*heard, *names.all()} if _is_near(key, compare_key(each))]
    near = [each for each in sorted(near) if is_competitor(session, workspace_id, each)][:NEAR]
    return UnknownCompetitor(name, tuple(near), () if near else tuple(heard[:NEAR]))


def _is_near(key: str, other: str) -> bool:
    return bool(key) and key != other and (is_near(key, other) or other.startswith(key) or key.startswith(other))
