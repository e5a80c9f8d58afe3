"""How often something came up lately: from the live voc items, never guessed.

`take_pulse` alone answers that for one theme, competitor, account or member: from the tallies (domain/tallies.py),
which cost the same beside many items, and from the items themselves where too many of them wait to be counted. Both
say the same. Sums of different currencies are never compared: the currency of most deals comes first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Text, and_, bindparam, case, func, literal_column, or_, select, true
from sqlalchemy.orm import Session

from domain.money import Money
from domain.tallies import pulse_begin, read_first, read_tally
from domain.tally_sheets import About, Sheet
from domain.text import compare_key
from storage.models import TeamMember, VocItem
from storage.statements import Statement

UNTAGGED: Final = 0
"""Stands for the theme of items that have none; no row has this id."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """What the live items of the last PULSE_DAYS days add up to.

    `count` items by `reps` different members about `accounts` different accounts. `deals`: one sum per currency,
    that of most deals first; an account's deal counts once, at its largest, however often it is named.
    """

    count: int
    reps: int
    accounts: int
    deals: tuple[Money, ...]

    @classmethod
    def of(cls, sheet: Sheet) -> Pulse:
        """What a tally says."""
        ordered = sorted(sheet.deals.items(), key=lambda each: (-each[1][1], each[0]))
        deals = tuple(Money(total, currency) for currency, (total, _) in ordered)
        return cls(sheet.items, sheet.reps, sheet.accounts, deals)._of_one(sheet.subject[0])

    def _of_one(self, about: About) -> Pulse:
        """An account's items are about that account, a member's are by that member; a member's deals are not told."""
        any_at_all = int(self.count > 0)
        if about == "account":
            return replace(self, accounts=any_at_all)
        return Pulse(self.count, any_at_all, 0, ()) if about == "own" else self


def _statement(*about: ColumnElement[bool]) -> Statement:
    """What counts the live items of the days before and adds up their deals: a row for each currency, or one."""
    counted = (VocItem.state == "live", VocItem.created_at > bindparam("since"), *about)
    counts = (
        select(
            func.count().label("live"),
            func.count(VocItem.member_id.distinct()).label("reps"),
            func.count(VocItem.account_id.distinct()).label("accounts"),
        )
        .where(*counted)
        .subquery()
    )
    # Items without an account stand for themselves: negative ids keep them apart from accounts.
    deal = func.coalesce(VocItem.account_id, -VocItem.id)
    largest = (
        select(VocItem.deal_currency.label("currency"), func.max(VocItem.deal_minor).label("minor"))
        .where(*counted, VocItem.deal_minor > 0)
        .group_by(deal, VocItem.deal_currency)
        .subquery()
    )
    sums = (
        select(largest.c.currency, func.sum(largest.c.minor).label("total"), func.count().label("often"))
        .group_by(largest.c.currency)
        .subquery()
    )
    return Statement(
        select(counts.c.live, counts.c.reps, counts.c.accounts, sums.c.currency, sums.c.total)
        .outerjoin_from(counts, sums, true())
        .order_by(sums.c.often.desc(), sums.c.currency)
    )


_PULSES: Final[dict[About, Statement]] = {
    "theme": _statement(VocItem.theme_id == bindparam("about")),
    "competitor": _statement(
        VocItem.workspace_id == bindparam("workspace"),
        or_(
            VocItem.competitor_key == bindparam("key"),
            # An earlier release wrote the item, and its key is not made yet.
            and_(VocItem.competitor_key.is_(None), VocItem.competitor == bindparam("about", type_=Text)),
        ),
    ),
    "account": _statement(VocItem.account_id == bindparam("about")),
    "own": _statement(VocItem.member_id == bindparam("about")),
}


def take_pulse(session: Session, workspace_id: int, at: datetime, about: About, which: int | str) -> Pulse:
    """The pulse of one theme, competitor (by name), account or member, in the PULSE_DAYS days before `at`.

    Themes, accounts and members are named by ids of this workspace.
    """
    subject = compare_key(str(which)) if about == "competitor" else str(which)
    sheet = read_tally(session, workspace_id, (about, subject), at)
    return Pulse.of(sheet) if sheet is not None else recount(session, workspace_id, at, about, which)


def recount(session: Session, workspace_id: int, at: datetime, about: About, which: int | str) -> Pulse:
    """The same from the items themselves: the more there are, the longer it takes."""
    asked = {"since": pulse_begin(at), "about": which}
    if about == "competitor":
        asked |= {"workspace": workspace_id, "key": compare_key(str(which))}
    rows = _PULSES[about].all(session, asked)
    count, reps, accounts = rows[0][:3]
    deals = tuple(Money(int(minor), currency) for *_, currency, minor in rows if minor)
    return Pulse(count, reps, accounts, deals)._of_one(about)


@dataclass(frozen=True, slots=True)
class Heard:
    """How many live items about how many different accounts a theme had; `more`: there are more items than that."""

    items: int
    accounts: int
    more: bool


COUNTED_AT_MOST: Final = 2_000
_NEWEST: Final = (
    select(VocItem.account_id)
    .where(VocItem.theme_id == bindparam("theme"), VocItem.state == "live", VocItem.created_at > bindparam("since"))
    .order_by(VocItem.created_at.desc())
    .limit(COUNTED_AT_MOST + 1)
    .subquery()
)
_HEARD: Final = Statement(
    select(func.count().label("live"), func.count(_NEWEST.c.account_id.distinct()).label("accounts")).select_from(
        _NEWEST
    )
)


def count_heard(session: Session, theme_id: int, since: datetime) -> Heard:
    """How often a theme came up after `since`, from the items themselves: the newest COUNTED_AT_MOST of them."""
    found = _HEARD.all(session, {"theme": theme_id, "since": since})[0]
    return Heard(min(found.live, COUNTED_AT_MOST), found.accounts, found.live > COUNTED_AT_MOST)


def leading_themes(session: Session, workspace_id: int, at: datetime, limit: int) -> dict[int, tuple[Pulse, int]]:
    """The themes of most accounts, then of most items, in the PULSE_DAYS days before `at`: by id, the pulse of each and
    how many of its items are objections.
    """
    sheets = read_first(session, workspace_id, "theme", at, by="accounts", limit=limit)
    if sheets is not None:
        return {int(sheet.subject[1]): (Pulse.of(sheet), sheet.objections) for sheet in sheets}
    # A pulse counts what is later than its begin; a microsecond is the step of time.
    counted = count_pulses(session, *live_items(workspace_id, pulse_begin(at) + timedelta(microseconds=1), None))
    return dict([one for one in counted.items() if one[0] != UNTAGGED][:limit])


def sum_deals_by(session: Session, theme: Any, *about: ColumnElement[bool]) -> dict[int, list[Money]]:
    """The deals of the items that meet every condition in `about`, for each value of `theme`: as in a Pulse."""
    deal = func.coalesce(VocItem.account_id, -VocItem.id)
    largest = (
        select(
            theme.label("theme"), VocItem.deal_currency.label("currency"), func.max(VocItem.deal_minor).label("minor")
        )
        .where(*about, VocItem.deal_minor > 0)
        .group_by(theme, deal, VocItem.deal_currency)
        .subquery()
    )
    total = func.sum(largest.c.minor)
    rows = session.execute(
        select(largest.c.theme, largest.c.currency, total)
        .group_by(largest.c.theme, largest.c.currency)
        .order_by(func.count().desc(), largest.c.currency)
    )
    found: dict[int, list[Money]] = {}
    for about_theme, currency, minor in rows:
        found.setdefault(int(about_theme), []).append(Money(int(minor), currency))
    return found


@dataclass(frozen=True, slots=True)
class ThemeCount:
    """How often a theme (UNTAGGED: none) came up: items of all kinds, objections among them, and their accounts."""

    theme_id: int
    mentions: int
    objections: int
    accounts: int


def count_pulses(session: Session, *about: ColumnElement[bool]) -> dict[int, tuple[Pulse, int]]:
    """The themes (UNTAGGED: none) of the items that meet every condition in `about`: as `leading_themes` tells them,
    however old the items are. In two statements, whatever the number of themes.
    """
    theme = theme_or_none()
    rows = session.execute(
        select(
            theme,
            func.count(),
            func.count(VocItem.member_id.distinct()),
            func.count(VocItem.account_id.distinct()),
            func.count(case((VocItem.kind == "objection", 1))),
        )
        .where(*about)
        .group_by(theme)
    ).all()
    deals = sum_deals_by(session, theme, *about) if rows else {}
    found = [
        (int(of), Pulse(int(count), int(reps), int(accounts), tuple(deals.get(int(of), ()))), int(objections))
        for of, count, reps, accounts, objections in rows
    ]
    found.sort(key=lambda one: (-one[1].accounts, -one[1].count, one[0]))
    return {of: (pulse, objections) for of, pulse, objections in found}


def theme_or_none() -> ColumnElement[int]:
    """A voc item's theme, UNTAGGED where it has none."""
    # A literal and no parameter: PostgreSQL would not see that two parameters in GROUP BY and SELECT are one.
    return func.coalesce(VocItem.theme_id, literal_column(str(UNTAGGED)))


def live_items(
    workspace_id: int, since: datetime, until: datetime | None, *, team_id: int | None = None
) -> list[ColumnElement[bool]]:
    """The conditions for live items from `since` until before `until`, as ix_voc_items_gather answers them.

    `until` None: all that came after.

    `team_id`: what the people of that team logged; None: everybody.
    """
    people = select(TeamMember.member_id).where(TeamMember.team_id == team_id)
    return [
        *([VocItem.member_id.in_(people)] if team_id is not None else []),
        VocItem.workspace_id == workspace_id,
        VocItem.state == "live",
        VocItem.created_at >= since,
        *([VocItem.created_at < until] if until is not None else []),
    ]


def count_themes(
    session: Session, workspace_id: int, since: datetime, until: datetime | None, *, team_id: int | None = None
) -> list[ThemeCount]:
    """The themes of the live items from `since` until before `until`: of most accounts first, then of most items."""
    theme = theme_or_none()
    objections = func.count(case((VocItem.kind == "objection", 1)))
    rows = session.execute(
        select(theme, func.count(), objections, func.count(VocItem.account_id.distinct()))
        .where(*live_items(workspace_id, since, until, team_id=team_id))
        .group_by(theme)
    )
    found = [ThemeCount(*map(int, row)) for row in rows]
    return sorted(found, key=lambda one: (-one.accounts, -one.mentions, one.theme_id))
