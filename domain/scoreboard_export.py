"""The scoreboard as lines of a CSV, one figure in each, so that a spreadsheet can pick, pivot and compare them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from datetime import date, timedelta
from typing import Final

from domain.leads.reasons import reason_named
from domain.scoreboard import MarketingFigures, Rate, SalesFigures, Scoreboard
from domain.voc.export import BYTE_ORDER_MARK, csv_line

ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class Figure:
    """A line. `about`: "all", a team, a person or a reason; `week`: of which week's leads, by its Monday, "" for all.

    `value` in `unit`: "leads", "minutes" of working time, "share" (0 to 1), "themes". A share has its `count` of `of`;
    a time was measured `of` so many leads. "": nothing to tell yet. `note`: "maturing" where a share still moves.
    """

    side: str
    level: str
    about: str
    week: str
    figure: str
    value: str
    unit: str
    count: str = ""
    of: str = ""
    note: str = ""


COLUMNS: Final = ("from", "until", "definition", *(field.name for field in fields(Figure)))


def scoreboard_lines(board: Scoreboard) -> Iterator[str]:
    """The lines of the file, each with its end, the heading first. `from` and `until` are UTC.

    `definition`: the versions that leads were judged by in the time, the oldest first.
    """
    yield BYTE_ORDER_MARK + csv_line(COLUMNS)
    begin, end = board.since.isoformat(timespec="minutes"), board.until.isoformat(timespec="minutes")
    versions = " ".join(str(each.version) for each in board.definitions)
    for figure in _figures(board):
        yield csv_line((begin, end, versions, *astuple(figure)))


def _figures(board: Scoreboard) -> Iterator[Figure]:
    picked = dict(board.choices).get(board.team)
    level, about = ("team", picked) if picked is not None else (ALL, ALL)
    yield from _sales(board.sales, level, about)
    for name, figures in board.teams:
        yield from _sales(figures, "team", name)
    for name, figures in board.people:
        yield from _sales(figures, "person", name)
    for week in board.trend:
        yield _share("sales", level, about, "contacted in time", week.in_time, monday=week.monday)
    yield from _marketing(board.marketing, level, about)
    if board.goal is not None:
        if board.goal.wanted is None:
            yield _leads("marketing", level, about, "delivered", board.goal.delivered)
        else:
            rate = Rate(board.goal.delivered, board.goal.wanted)
            yield _share("marketing", level, about, "delivered of the goal by now", rate)


def _sales(sales: SalesFigures, level: str, about: str) -> Iterator[Figure]:
    yield _leads("sales", level, about, "leads", sales.leads)
    yield _leads("sales", level, about, "open", sales.open)
    yield _share("sales", level, about, "contacted in time", sales.in_time)
    if sales.speed is not None:
        measured = str(sales.speed.n)
        yield Figure("sales", level, about, "", "half within", _minutes(sales.speed.median), "minutes", "", measured)
        yield Figure(
            "sales", level, about, "", "nine in ten within", _minutes(sales.speed.ninth), "minutes", "", measured
        )
    yield _leads("sales", level, about, "late and never touched", sales.untouched)
    if sales.tried is not None:
        yield Figure("sales", level, about, "", "tries without an answer", str(sales.tried.tries), "tries")
        yield _share("sales", level, about, "reached after a try", Rate(sales.tried.reached, sales.tried.leads))


def _marketing(marketing: MarketingFigures, level: str, about: str) -> Iterator[Figure]:
    yield _share("marketing", level, about, "accepted by sales", marketing.accepted)
    for week in marketing.cohorts:
        note = "maturing" if week.is_maturing else ""
        rate = Rate(week.accepted, week.answered)
        yield _share("marketing", level, about, "accepted by sales", rate, monday=week.monday, note=note)
    declines = marketing.declines
    yield _leads("marketing", level, about, "given back", declines.declined)
    for name, count in declines.by_reason:
        yield _leads("marketing", "reason", reason_named(name).one, "given back", count)
    for source, count in declines.by_source:
        yield _leads("marketing", "source", source, "given back", count)
    yield _share("marketing", level, about, "disputed", Rate(declines.disputed, declines.to_marketing))
    yield _leads("marketing", level, about, "disputes without a ruling", declines.unruled)
    yield _leads("marketing", level, about, "in nurture", marketing.nurture)
    triage = marketing.triage
    for state, count in (
        ("held now", triage.held),
        ("held and late", triage.late),
        ("passed on", triage.passed),
        ("dropped", triage.dropped),
    ):
        yield _leads("marketing", level, about, f"failed the definition, {state}", count)
    yield _share("marketing", ALL, ALL, "first answers to themes", marketing.answers)
    yield Figure("marketing", ALL, ALL, "", "first answers that are late", str(marketing.late), "themes")


def _leads(side: str, level: str, about: str, figure: str, count: int) -> Figure:
    return Figure(side, level, about, "", figure, str(count), "leads")


def _share(
    side: str, level: str, about: str, figure: str, rate: Rate, *, monday: date | None = None, note: str = ""
) -> Figure:
    value = f"{rate.hits / rate.of:.4f}" if rate.of else ""
    week = monday.isoformat() if monday is not None else ""
    return Figure(side, level, about, week, figure, value, "share", str(rate.hits), str(rate.of), note)


def _minutes(took: timedelta) -> str:
    return f"{took.total_seconds() / 60:.1f}"
