"""What marketing reads each week: the objections by theme, what else was heard, and how our leads fared."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, and_, case, func, literal_column, select
from sqlalchemy.orm import Session

from digests.excerpts import one_line
from digests.periods import Period
from domain.leads.judgement import LIVE_CLOCK, WAS_IN_TIME, WAS_LATE, is_overdue
from domain.money import Money
from domain.pulse import sum_deals_by
from domain.text import shorten
from storage.models import IS_OPEN, Account, Clock, Lead, Member, Theme, VocItem

THEMES: Final = 6
"""How many themes are told in full; more than a person reads on a phone helps nobody."""

NAMED: Final = 3
"""How many accounts, reps and currencies of a theme are named."""

VERBATIM_LIMIT: Final = 240

UNTAGGED: Final = 0
"""Stands for the theme of items that have none; no row has this id."""


@dataclass(frozen=True, slots=True)
class Verbatim:
    """What was heard. `quoted`: the customer's own words, not the rep's."""

    words: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class ThemeWeek:
    """The objections of a week under one theme. `theme` is its slug, None: those without one.

    `change`: against the week before, None when nothing at all was logged in it. `deals`: a sum per currency, the
    largest first; an account's deal counts once. `named` and `heard_by` are the first NAMED of each.
    """

    theme: str | None
    count: int
    change: int | None
    accounts: int
    named: tuple[str, ...]
    deals: tuple[Money, ...]
    verbatim: Verbatim | None
    reps: int
    heard_by: tuple[str, ...]
    answered: bool


@dataclass(frozen=True, slots=True)
class KindWeek:
    """How often another kind of voc item was logged."""

    kind: str
    count: int
    change: int | None


@dataclass(frozen=True, slots=True)
class LeadsWeek:
    """The leads that came in during the week, and where they stand when the digest is made.

    `late`: contacted after their time ran out; `overdue`: still open after it; `waiting`: open with time left.
    `again` of these missed a deadline and got more time. `declines` by reason, most first.
    """

    received: int
    change: int | None
    in_time: int
    late: int
    overdue: int
    waiting: int
    declines: tuple[tuple[str, int], ...]
    again: int = 0


@dataclass(frozen=True, slots=True)
class MarketingFacts:
    """The frozen content of a marketing digest. `more_themes` with `more_objections` are not told in full."""

    period: Period
    objections: int
    change: int | None
    themes: tuple[ThemeWeek, ...]
    more_themes: int
    more_objections: int
    untagged: ThemeWeek | None
    others: tuple[KindWeek, ...]
    leads: LeadsWeek | None
    kind: Literal["marketing"] = "marketing"

    @property
    def is_empty(self) -> bool:
        return not self.objections and not self.others and self.leads is None


@dataclass(frozen=True, slots=True)
class _Count:
    theme_id: int
    kind: str
    now: int
    before: int


def gather_marketing(session: Session, workspace_id: int, period: Period, *, at: datetime) -> MarketingFacts:
    """The facts of a period: counts of all themes in one index scan, details only of those that are told.

    `at`: when the digest is made, which is when leads are judged (aware UTC).
    """
    counts = _counts(session, workspace_id, period)
    compared = any(count.before for count in counts)
    objections = [count for count in counts if count.kind == "objection"]
    tagged = sorted(
        (count for count in objections if count.now and count.theme_id != UNTAGGED),
        key=lambda count: (-count.now, count.before, count.theme_id),
    )
    told, rest = tagged[:THEMES], tagged[THEMES:]
    untagged = [count for count in objections if count.now and count.theme_id == UNTAGGED]
    weeks = _Details(session, workspace_id, period, [count.theme_id for count in (*told, *untagged)])
    total = sum(count.now for count in objections)
    return MarketingFacts(
        period,
        total,
        total - sum(count.before for count in objections) if compared else None,
        tuple(weeks.of(count, compared=compared) for count in told),
        len(rest),
        sum(count.now for count in rest),
        weeks.of(untagged[0], compared=compared) if untagged else None,
        _others(counts, compared=compared),
        _leads(session, workspace_id, period, at),
    )


def _items(workspace_id: int, period: Period) -> list[ColumnElement[bool]]:
    """The conditions that ix_voc_items_gather answers."""
    return [
        VocItem.workspace_id == workspace_id,
        VocItem.state == "live",
        VocItem.created_at >= period.start,
        VocItem.created_at < period.end,
    ]


def _theme() -> ColumnElement[int]:
    # A literal and no parameter: PostgreSQL would not see that two parameters in GROUP BY and SELECT are one.
    return func.coalesce(VocItem.theme_id, literal_column(str(UNTAGGED)))


def _counts(session: Session, workspace_id: int, period: Period) -> list[_Count]:
    both = Period(period.before().start, period.end, period.zone)
    theme = _theme()
    now = func.count(case((VocItem.created_at >= period.start, 1)))
    rows = session.execute(
        select(theme, VocItem.kind, now, func.count()).where(*_items(workspace_id, both)).group_by(theme, VocItem.kind)
    )
    return [_Count(int(theme_id), kind, here, total - here) for theme_id, kind, here, total in rows]


def _others(counts: list[_Count], *, compared: bool) -> tuple[KindWeek, ...]:
    now: dict[str, int] = {}
    before: dict[str, int] = {}
    for count in counts:
        if count.kind != "objection":
            now[count.kind] = now.get(count.kind, 0) + count.now
            before[count.kind] = before.get(count.kind, 0) + count.before
    heard = [KindWeek(kind, here, here - before[kind] if compared else None) for kind, here in now.items() if here]
    return tuple(sorted(heard, key=lambda each: (-each.count, each.kind)))


class _Details:
    """What is told of a few themes beyond their count, in five queries for all of them together."""

    def __init__(self, session: Session, workspace_id: int, period: Period, theme_ids: list[int]) -> None:
        self._session = session
        self._theme = _theme()
        self._where = [
            *_items(workspace_id, period),
            VocItem.kind == "objection",
            self._theme.in_(theme_ids),
        ]
        self._themes = {
            theme_id: (slug, answered)
            for theme_id, slug, answered in session.execute(
                select(Theme.id, Theme.slug, Theme.answer.is_not(None)).where(Theme.id.in_(theme_ids))
            )
        }
        self._deals = sum_deals_by(session, self._theme, *self._where) if theme_ids else {}
        self._accounts = self._rank(VocItem.account_id, Account.name, Account.id) if theme_ids else {}
        self._reps = self._rank(VocItem.member_id, Member.name, Member.id) if theme_ids else {}
        self._verbatims = self._pick_verbatims() if theme_ids else {}

    def of(self, count: _Count, *, compared: bool) -> ThemeWeek:
        slug, answered = self._themes.get(count.theme_id, (None, False))
        accounts, reps = self._accounts.get(count.theme_id, []), self._reps.get(count.theme_id, [])
        return ThemeWeek(
            slug,
            count.now,
            count.now - count.before if compared else None,
            len(accounts),
            tuple(accounts[:NAMED]),
            tuple(self._deals.get(count.theme_id, [])),
            self._verbatims.get(count.theme_id),
            len(reps),
            tuple(reps[:NAMED]),
            bool(answered),
        )

    def _rank(self, by: Any, name: Any, key: Any) -> dict[int, list[str]]:
        """The names of whom `by` points at, for each theme: those with the largest deal, then most items, first."""
        counted = (
            select(
                self._theme.label("theme"),
                by.label("key"),
                func.count().label("items"),
                func.coalesce(func.max(VocItem.deal_minor), 0).label("deal"),
            )
            .where(*self._where, by.is_not(None))
            .group_by(self._theme, by)
            .subquery()
        )
        rows = self._session.execute(
            select(counted.c.theme, name)
            .join(counted, counted.c.key == key)
            .order_by(counted.c.deal.desc(), counted.c["items"].desc(), counted.c.key)
        )
        found: dict[int, list[str]] = {}
        for theme, found_name in rows:
            found.setdefault(int(theme), []).append(found_name)
        return found

    def _pick_verbatims(self) -> dict[int, Verbatim]:
        """One for each theme: the customer's own words before a rep's, the largest deal, the latest."""
        place = func.row_number().over(
            partition_by=self._theme,
            order_by=(
                VocItem.quote.is_(None),
                func.coalesce(VocItem.deal_minor, 0).desc(),
                VocItem.created_at.desc(),
                VocItem.id.desc(),
            ),
        )
        ranked = select(VocItem.id.label("id"), self._theme.label("theme"), place.label("place")).where(*self._where)
        first = ranked.subquery()
        rows = self._session.execute(
            select(first.c.theme, VocItem.quote, VocItem.verbatim)
            .join(first, first.c.id == VocItem.id)
            .where(first.c.place == 1)
        )
        return {
            int(theme): Verbatim(shorten(one_line(quote or verbatim), VERBATIM_LIMIT), quote is not None)
            for theme, quote, verbatim in rows
        }


def _leads(session: Session, workspace_id: int, period: Period, at: datetime) -> LeadsWeek | None:
    """None when no lead came in."""
    here = (Lead.arrived_at >= period.start).label("here")
    stands = case(
        (WAS_IN_TIME, "in_time"),
        (WAS_LATE, "late"),
        (is_overdue(at), "overdue"),
        (and_(IS_OPEN, Lead.breached_at.is_not(None)), "again"),
        (IS_OPEN, "waiting"),
        else_="",
    ).label("stands")
    rows = session.execute(
        select(here, stands, Lead.decline_reason, func.count())
        .join(Clock, LIVE_CLOCK, isouter=True)
        .where(
            Lead.workspace_id == workspace_id,
            Lead.arrived_at >= period.before().start,
            Lead.arrived_at < period.end,
        )
        .group_by("here", "stands", Lead.decline_reason)
    ).all()
    before = sum(count for is_here, *_, count in rows if not is_here)
    counts: Counter[str] = Counter()
    declines: Counter[str] = Counter()
    for is_here, stood, reason, count in rows:
        if is_here:
            counts[stood] += count
            if reason is not None:
                declines[reason] += count
    received = counts.total()
    if not received:
        return None
    return LeadsWeek(
        received,
        received - before if before else None,
        counts["in_time"],
        counts["late"],
        counts["overdue"],
        counts["waiting"] + counts["again"],
        tuple(sorted(declines.items(), key=lambda each: (-each[1], each[0]))),
        counts["again"],
    )
