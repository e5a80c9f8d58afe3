"""What marketing reads each week: what customers said by theme, how much of it were objections, how our leads fared."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import AliasChoices, Field
from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from digests.excerpts import one_line
from digests.periods import Period
from digests.sections import Asked, DigestKind, Section
from digests.telling import Part, clip, render
from digests.told import ToldSum
from digests.waiting import WaitingTheme, gather_waiting, waiting_parts
from digests.worked import AnswerWeek, gather_worked, tell_worked
from domain.leads.judgement import LIVE_CLOCK, WAS_IN_TIME, WAS_LATE, is_overdue
from domain.pulse import UNTAGGED, ThemeCount, count_themes, live_items, sum_deals_by, theme_or_none
from domain.text import shorten
from storage.frozen import Shape
from storage.models import IS_OPEN, UNCOUNTED, Account, Clock, Decline, Lead, Member, Theme, VocItem

THEMES: Final = 6
"""How many themes are told in full; more than a person reads on a phone helps nobody."""

NAMED: Final = 3
"""How many accounts, reps and currencies of a theme are named."""

VERBATIM_LIMIT: Final = 240


@dataclass(frozen=True, slots=True)
class Verbatim:
    """What was heard. `quoted`: the customer's own words, not the rep's."""

    words: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class ThemeWeek:
    """What was heard in a week under one theme: `theme` is its slug (in the first editions its `title`), or None.

    `count`: items of all kinds, `objections` of them are objections (None in editions of earlier versions, which
    counted objections only). `change` of the count: against the week before, None when nothing at all was logged in
    it. `deals`: a sum per currency, that of most deals first; an account's deal counts once. `named` and `heard_by`
    are the first NAMED of each.
    """

    theme: Annotated[str | None, Field(validation_alias=AliasChoices("theme", "title"))]
    count: int
    change: int | None
    accounts: int
    named: tuple[str, ...]
    deals: tuple[ToldSum, ...]
    verbatim: Verbatim | None
    reps: int
    heard_by: tuple[str, ...]
    answered: bool
    objections: int | None = None


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
    """The frozen content of a marketing digest. `more_themes` with `more_mentions` are not told in full.

    `mentions`: items of all kinds. Editions of earlier versions told of objections only: there `mentions` is None
    and `more_objections` takes its place. `untold`: time before the period of which no digest told. `team`: the name
    of the only team that the digest tells of. `waiting`: themes without a promised answer, in the digest of all teams.
    `judged`: answers of which somebody said whether they helped.
    """

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
    mentions: int | None = None
    mentions_change: int | None = None
    more_mentions: int = 0
    untold: Period | None = None
    team: str | None = None
    waiting: tuple[WaitingTheme, ...] = ()
    more_waiting: int = 0
    judged: tuple[AnswerWeek, ...] = ()
    more_judged: int = 0

    @property
    def in_all(self) -> tuple[int, int | None, int | None]:
        """Items, objections among them, and the change: None for the second where only objections were counted."""
        if self.mentions is None:
            return self.objections, None, self.change
        return self.mentions, self.objections, self.mentions_change

    @property
    def is_empty(self) -> bool:
        nothing_heard = not self.objections and not self.others and not self.mentions
        return nothing_heard and self.leads is None and not self.waiting and not self.judged


@dataclass(frozen=True, slots=True)
class _Count:
    theme_id: int
    kind: str
    now: int
    before: int


def _heard(asked: Asked) -> dict[str, Any]:
    """Counts of all themes from the index, details only of those that are told."""
    session, workspace_id, period, team_id = _of(asked)
    counts = _counts(session, workspace_id, period, team_id)
    compared = any(count.before for count in counts)
    before = Counter[int]()
    for count in counts:
        before[count.theme_id] += count.before
    ranked = count_themes(session, workspace_id, period.since, period.until, team_id=team_id)
    tagged = [one for one in ranked if one.theme_id != UNTAGGED]
    untagged = [one for one in ranked if one.theme_id == UNTAGGED]
    told, rest = tagged[:THEMES], tagged[THEMES:]
    weeks = _Details(session, workspace_id, period, team_id, [one.theme_id for one in (*told, *untagged)])

    def week_of(one: ThemeCount) -> ThemeWeek:
        return weeks.of(one, one.mentions - before[one.theme_id] if compared else None)

    objections = [count for count in counts if count.kind == "objection"]
    mentions, total = sum(one.mentions for one in ranked), sum(count.now for count in objections)
    return {
        "objections": total,
        "change": total - sum(count.before for count in objections) if compared else None,
        "themes": tuple(map(week_of, told)),
        "more_themes": len(rest),
        "more_objections": sum(one.objections for one in rest),
        "untagged": week_of(untagged[0]) if untagged else None,
        "others": _others(counts, compared=compared),
        "mentions": mentions,
        "mentions_change": mentions - before.total() if compared else None,
        "more_mentions": sum(one.mentions for one in rest),
        "team": asked.team.name if asked.team else None,
    }


def _of(asked: Asked) -> tuple[Session, int, Period, int | None]:
    return asked.session, asked.workspace_id, asked.period, asked.team.id if asked.team else None


def _tell_heard(facts: MarketingFacts) -> list[Part]:
    parts = [Part([render("marketing/summary.jinja", facts=facts)])]
    entries = [render("marketing/theme.jinja", place=place, theme=theme) for place, theme in enumerate(facts.themes, 1)]

    def more(kept: int) -> str:
        themes = len(facts.themes) - kept + facts.more_themes
        all_kinds = facts.mentions is not None
        items = sum(theme.count for theme in facts.themes[kept:])
        items += facts.more_mentions if all_kinds else facts.more_objections
        word = "item" if all_kinds else "objection"
        return render("marketing/more.jinja", themes=themes, items=items, word=word) if themes else ""

    if entries:
        parts.append(Part(entries, more=more))
    if facts.untagged is not None:
        parts.append(Part([render("marketing/theme.jinja", place=None, theme=facts.untagged)]))
    if facts.others:
        parts.append(Part([render("marketing/others.jinja", facts=facts, others=facts.others)]))
    return parts


def _counts(session: Session, workspace_id: int, period: Period, team_id: int | None) -> list[_Count]:
    theme = theme_or_none()
    now = func.count(case((VocItem.created_at >= period.since, 1)))
    rows = session.execute(
        select(theme, VocItem.kind, now, func.count())
        .where(*live_items(workspace_id, period.before().since, period.until, team_id=team_id))
        .group_by(theme, VocItem.kind)
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

    def __init__(
        self, session: Session, workspace_id: int, period: Period, team_id: int | None, theme_ids: list[int]
    ) -> None:
        self._session = session
        self._theme = theme_or_none()
        heard = live_items(workspace_id, period.since, period.until, team_id=team_id)
        self._where = [*heard, self._theme.in_(theme_ids)]
        self._themes = {
            theme_id: (slug, answered)
            for theme_id, slug, answered in session.execute(
                select(Theme.id, Theme.slug, Theme.answer.is_not(None)).where(Theme.id.in_(theme_ids))
            )
        }
        self._deals = sum_deals_by(session, self._theme, *self._where) if theme_ids else {}
        # Only there a larger number is a larger deal.
        self._one_currency = [theme_id for theme_id, deals in self._deals.items() if len(deals) == 1]
        self._accounts = self._rank(VocItem.account_id, Account.name, Account.id) if theme_ids else {}
        self._reps = self._rank(VocItem.member_id, Member.name, Member.id) if theme_ids else {}
        self._verbatims = self._pick_verbatims() if theme_ids else {}

    def of(self, count: ThemeCount, change: int | None) -> ThemeWeek:
        slug, answered = self._themes.get(count.theme_id, (None, False))
        accounts, reps = self._accounts.get(count.theme_id, []), self._reps.get(count.theme_id, [])
        return ThemeWeek(
            slug,
            count.mentions,
            change,
            count.accounts,
            tuple(accounts[:NAMED]),
            tuple(map(ToldSum.of, self._deals.get(count.theme_id, []))),
            self._verbatims.get(count.theme_id),
            len(reps),
            tuple(reps[:NAMED]),
            bool(answered),
            count.objections,
        )

    def _rank(self, by: Any, name: Any, key: Any) -> dict[int, list[str]]:
        """The names of whom `by` points at, for each theme: those with most items first, then with larger deals.

        Deals decide only where all of the theme are of one currency.
        """
        counted = (
            select(
                self._theme.label("theme"),
                by.label("key"),
                func.count().label("items"),
                func.max(self._deal()).label("deal"),
            )
            .where(*self._where, by.is_not(None))
            .group_by(self._theme, by)
            .subquery()
        )
        rows = self._session.execute(
            select(counted.c.theme, name)
            .join(counted, counted.c.key == key)
            .order_by(counted.c["items"].desc(), counted.c.deal.desc(), counted.c.key)
        )
        found: dict[int, list[str]] = {}
        for theme, found_name in rows:
            found.setdefault(int(theme), []).append(found_name)
        return found

    def _pick_verbatims(self) -> dict[int, Verbatim]:
        """One for each theme: the customer's own words before a rep's, the larger deal of one currency, the latest."""
        place = func.row_number().over(
            partition_by=self._theme,
            order_by=(
                VocItem.quote.is_(None),
                VocItem.verbatim == "",  # a vote without a note
                self._deal().desc(),
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
            if quote or verbatim
        }

    def _deal(self) -> ColumnElement[int]:
        """An item's deal, where it can be compared with the others of its theme."""
        return case((self._theme.in_(self._one_currency), func.coalesce(VocItem.deal_minor, 0)), else_=0)


def _tell_waiting(facts: MarketingFacts) -> list[Part]:
    return waiting_parts(facts.waiting, facts.more_waiting)


def _leads(asked: Asked) -> dict[str, LeadsWeek | None]:
    """None when no lead came in."""
    session, workspace_id, period, team_id = _of(asked)
    here = (Lead.arrived_at >= period.since).label("here")
    stands = case(
        (WAS_IN_TIME, "in_time"),
        (WAS_LATE, "late"),
        (is_overdue(asked.at), "overdue"),
        (and_(IS_OPEN, Lead.breached_at.is_not(None)), "again"),
        (IS_OPEN, "waiting"),
        else_="",
    ).label("stands")
    # A lead that rests was declined, too, unless somebody had reached the person.
    rests_for = select(Decline.reason).where(Decline.lead_id == Lead.id, Decline.state != "undone")
    latest = rests_for.order_by(Decline.id.desc()).limit(1).correlate(Lead).scalar_subquery()
    rests = and_(Lead.state == "nurture", Lead.contacted_at.is_(None))
    reason = case((rests, latest), else_=Lead.decline_reason).label("reason")
    rows = session.execute(
        select(here, stands, reason, func.count())
        .join(Clock, LIVE_CLOCK, isouter=True)
        .where(
            Lead.workspace_id == workspace_id,
            Lead.arrived_at >= period.before().since,
            Lead.arrived_at < period.until,
            Lead.state.not_in(UNCOUNTED),  # sales never had it, or has it as another
            *([Lead.team_id == team_id] if team_id is not None else []),
        )
        .group_by("here", "stands", "reason")
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
        return {"leads": None}
    week = LeadsWeek(
        received,
        received - before if before else None,
        counts["in_time"],
        counts["late"],
        counts["overdue"],
        counts["waiting"] + counts["again"],
        tuple(sorted(declines.items(), key=lambda each: (-each[1], each[0]))),
        counts["again"],
    )
    return {"leads": week}


def _tell_leads(facts: MarketingFacts) -> list[Part]:
    return [Part([render("marketing/leads.jinja", leads=facts.leads)])] if facts.leads is not None else []


def _headline(facts: MarketingFacts) -> str:
    return f"Marketing digest for {clip(facts.team, 60)}" if facts.team is not None else "Marketing digest"


MARKETING: Final = DigestKind(
    "marketing",
    "Marketing digest",
    "What customers said, by theme",
    role="marketer",
    facts=MarketingFacts,
    shape=Shape("marketing_digest", MarketingFacts),
    headline=_headline,
    sections=(
        Section(_heard, _tell_heard),
        Section(gather_waiting, _tell_waiting),
        Section(gather_worked, lambda facts: tell_worked(facts.judged, facts.more_judged)),
        Section(_leads, _tell_leads),
    ),
)
