"""How the scoreboard looks: sales and marketing one below the other, in the same type, each rate with its numbers."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from digests.mrkdwn import date as moment
from digests.periods import short_date
from domain.goal import LEAST_DEALS, LEAST_LEADS, Goal
from domain.leads.definition import InForce
from domain.leads.reasons import reason_named
from domain.scoreboard import PERIODS, Cohort, MarketingFigures, Rate, SalesFigures, Scoreboard, Triage, Tried, Week
from domain.text import shorten
from handlers.answers import Block, View
from handlers.blocks import actions, button, context, divider, escape, fields, modal, option, section, select
from handlers.words import listed, span

NAME_SHOWN: Final = 60
PEOPLE_SHOWN: Final = 25
TEAMS_SHOWN: Final = 25
REASONS_SHOWN: Final = 3
FEW: Final = 20
"""Of fewer, a share in per cent would say more than is known."""


def scoreboard_view(board: Scoreboard, *, exported: bool = False) -> View:
    """The modal of the scoreboard. `exported`: its file was asked for just now."""
    blocks: list[Block] = [_choices(board)]
    if exported:
        blocks.append(context("The file follows in your messages with Tandem."))
    blocks += [section("*Sales*"), fields(_sales_pairs(board.sales))]
    if board.trend:
        blocks.append(section(_trend(board.trend)))
    blocks += [section(_sales_line(name, figures)) for name, figures in board.teams[:TEAMS_SHOWN]]
    blocks += [divider(), section("*Marketing*"), fields(_marketing_pairs(board.marketing, board.goal))]
    if board.goal is not None:
        blocks.append(context(_what_the_goal_takes(board.goal)))
    if board.marketing.cohorts:
        blocks.append(section(_cohorts(board.marketing.cohorts)))
    if board.people:
        blocks += [divider(), section("*By person*, for them and their manager alone")]
        blocks += [section(_sales_line(name, figures)) for name, figures in board.people[:PEOPLE_SHOWN]]
    blocks += [divider(), context(_what_counts(board))]
    return modal("scoreboard", "Scoreboard", blocks, submit=None, close="Close")


def read_place(value: str) -> tuple[int, str]:
    """How many weeks, and the key of which team ("": all), of an option's value; of a tampered one, the first weeks."""
    weeks, _, team = value.partition(":")
    known = int(weeks) if weeks.isascii() and weeks.isdecimal() and len(weeks) < 4 else 0
    return known if known in PERIODS else PERIODS[0], team


def rate(told: Rate, none: str = "none yet") -> str:
    """ "83 % (34 of 41)"; of FEW and fewer "7 of 12"."""
    if not told.of:
        return none
    counts = f"{told.hits:,} of {told.of:,}"
    return counts if told.of < FEW else f"{100 * told.hits / told.of:.0f} % ({counts})"


def bar(told: Rate) -> str:
    """The share as a bar of ten characters, for the eye to run down: it needs no picture and no right to upload one."""
    full = round(10 * told.hits / told.of) if told.of else 0
    return "■" * full + "□" * (10 - full)


def _choices(board: Scoreboard) -> Block:
    weeks = [option(f"Last {each} weeks", f"{each}:{board.team}") for each in PERIODS]
    elements = [select("scoreboard.look:weeks", "Weeks", weeks, initial=weeks[PERIODS.index(board.weeks)])]
    if board.choices:
        teams = [option("All teams", f"{board.weeks}:")]
        teams += [option(shorten(name, 75), f"{board.weeks}:{each}") for each, name in board.choices[:99]]
        shown = next((one for one in teams if one["value"] == f"{board.weeks}:{board.team}"), teams[0])
        elements.append(select("scoreboard.look:team", "Team", teams, initial=shown))
    elements.append(button("As a file", "scoreboard.export", f"{board.weeks}:{board.team}"))
    return actions(*elements, block_id=f"scoreboard.{board.weeks}.{board.team}")


def _sales_pairs(sales: SalesFigures) -> list[tuple[str, str]]:
    speed = sales.speed
    return [
        ("Leads", f"{sales.leads:,}, {sales.open:,} of them open"),
        ("Contacted in time", rate(sales.in_time)),
        ("Half were contacted within", f"{span(speed.median)} ({_leads(speed.n)})" if speed else "none yet"),
        ("Nine in ten within", f"{span(speed.ninth)} ({_leads(speed.n)})" if speed else "none yet"),
        ("Late and never touched", f"{sales.untouched:,}"),
        *([("Tries without an answer", _tried(sales.tried))] if sales.tried is not None else []),
    ]


def _sales_line(name: str, sales: SalesFigures) -> str:
    """ "*EMEA*  7 of 9 in time · half within 12 min · 1 never touched"."""
    told = [_leads(sales.leads)]
    if sales.in_time.of:
        told.append(f"{rate(sales.in_time)} in time")
    if sales.speed:
        told.append(f"half within {span(sales.speed.median)}")
    if sales.untouched:
        told.append(f"{sales.untouched:,} late and never touched")
    return f"*{escape(shorten(name, NAME_SHOWN))}*  {' · '.join(told)}"


def _leads(count: int) -> str:
    return "1 lead" if count == 1 else f"{count:,} leads"


def _tried(tried: Tried) -> str:
    """ "11, on 5 leads; of these 2 were reached"."""
    leads = _leads(tried.leads)
    reached = "1 was" if tried.reached == 1 else f"{tried.reached or 'none'} were"
    return f"{tried.tries:,}, on {leads}; of these {reached} reached"


def _marketing_pairs(marketing: MarketingFigures, goal: Goal | None) -> list[tuple[str, str]]:
    declines = marketing.declines
    reasons = [f"{reason_named(name).one} {count:,}" for name, count in declines.by_reason[:REASONS_SHOWN]]
    if others := declines.declined - sum(count for _, count in declines.by_reason[:REASONS_SHOWN]):
        reasons.append(f"other reasons {others:,}")
    why = f" ({escape(listed(reasons))})" if reasons else ""
    disputed = f"{declines.disputed:,} of {declines.to_marketing:,}" if declines.to_marketing else "none"
    unruled = f", {declines.unruled:,} without a ruling yet" if declines.unruled else ""
    late = f", {marketing.late:,} late" if marketing.late else ""
    coming = marketing.answers.of - marketing.answers.hits - marketing.late
    late += f", {coming:,} not due yet" if coming > 0 else ""
    return [
        *([("Leads against the goal, by now", _goal(goal))] if goal is not None else []),
        ("Accepted by sales", rate(marketing.accepted)),
        ("Given back", f"{declines.declined:,}{why}"),
        ("Disputed", f"{disputed}{unruled}"),
        ("In nurture", f"{marketing.nurture:,}"),
        *([("Failed the definition", _triage(marketing.triage))] if marketing.triage.count else []),
        ("First answers to themes", f"{rate(marketing.answers, 'none promised')}{late}"),
    ]


def _goal(goal: Goal) -> str:
    return f"{goal.delivered:,}" if goal.wanted is None else rate(Rate(goal.delivered, goal.wanted))


def _what_the_goal_takes(goal: Goal) -> str:
    """What the wanted leads are made of, so that both sides can argue about the right number."""
    month = f"Goal: {goal.month} a month from leads"
    if goal.wanted_a_month is None or goal.deal is None:
        return (
            f"{month}. How many leads that takes is told once {LEAST_DEALS} deals with an amount were won of at least "
            f"{LEAST_LEADS} leads in a year, or an admin sets both in /tandem setup → Company."
        )
    deal = f"{goal.deal} a deal" + (f" ({goal.deals:,} were won)" if goal.deals is not None else "")
    share = f"{100 * goal.won / goal.leads:.3g} % won"
    share += "" if goal.is_set else f" ({goal.won:,} of the {goal.leads:,} leads of a year)"
    return f"{month} ÷ {deal} ÷ {share} = {goal.wanted_a_month:,} leads a month."


def _trend(weeks: tuple[Week, ...]) -> str:
    lines = [
        f"{bar(one.in_time)}  {short_date(one.monday)}: {rate(one.in_time, 'none due yet')}" for one in weeks[::-1]
    ]
    return "\n".join(["*Contacted in time, by the week in which the leads came in*", *lines])


def _triage(triage: Triage) -> str:
    """ "7: 2 held, 1 of them late, 4 passed on, 1 dropped"; those that are held or dropped count nowhere else."""
    late = f", {triage.late:,} of them late" if triage.late else ""
    return f"{triage.count:,}: {triage.held:,} held{late}, {triage.passed:,} passed on, {triage.dropped:,} dropped"


def _cohorts(cohorts: tuple[Cohort, ...]) -> str:
    lines = []
    for one in cohorts[::-1]:
        accepted = Rate(one.accepted, one.answered)
        if one.is_maturing:
            lines.append(f"{short_date(one.monday)}: maturing, {one.answered:,} of {one.leads:,} answered")
        else:
            lines.append(f"{bar(accepted)}  {short_date(one.monday)}: {rate(accepted)}")
    return "\n".join(["*Accepted, by the week in which the leads came in*", *lines])


def _what_counts(board: Scoreboard) -> str:
    since = _day(board.since)
    cut = " There are more leads: the newest were counted." if board.cut else ""
    without = " Those that marketing holds or dropped are left out." if board.marketing.triage.count else ""
    return (
        f"Leads that came in since {since}.{without} In time: contacted before the first deadline, of all that were "
        "contacted or whose deadline passed. Times are working time of the team. Accepted: claimed or contacted, of "
        f"those that were accepted or given back.{_definitions(board.definitions)}{cut}"
    )


def _definitions(versions: tuple[InForce, ...]) -> str:
    """ " Leads were judged by version 2 of the definition, since 12 Nov by version 3." """
    if not any(one.asks for one in versions):
        return ""
    first, *later = versions
    told = [f"by version {first.version} of the definition" if first.asks else "by no definition at first"]
    told += [f"since {_day(one.at)} by {f'version {one.version}' if one.asks else 'none'}" for one in later]
    return f" Leads were judged {', '.join(told)}."


def _day(at: datetime) -> str:
    """The day in the reader's zone."""
    return moment(at, "{date_short}", fallback=f"{short_date(at.date())} {at.year}")
