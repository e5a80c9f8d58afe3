"""How many leads the goal takes: what they are to bring, by an average deal, by the share of them that is won.

The goal is set (`goal_a_month`). What a deal is worth and how many leads are won is set too, or counted of the leads of
the last year, where these are enough to go by.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, func, literal, literal_column, select
from sqlalchemy.orm import Session

from domain.money import Money
from storage.models import OUTCOME_STANDS, UNCOUNTED, Lead, Outcome, Workspace
from storage.statements import Statement

LOOKED_BACK: Final = timedelta(days=365)
LEAST_DEALS: Final = 5
"""Of fewer won deals no average is told."""
LEAST_LEADS: Final = 20
DAYS_A_MONTH: Final = 365 / 12

_CAME_THEN: Final = (
    Lead.workspace_id == bindparam("workspace"),
    Lead.arrived_at >= bindparam("since"),
    Lead.arrived_at <= bindparam("until"),
    # What marketing holds or dropped was not delivered, and one person is one lead.
    Lead.state.not_in([literal(state) for state in UNCOUNTED]),
)
# Of the same leads, so that won and came belong together.
_WON: Final = Statement(
    select(
        func.count().label("won"),
        func.count(Outcome.amount_minor).filter(Outcome.currency == bindparam("currency")).label("priced"),
        func.sum(Outcome.amount_minor).filter(Outcome.currency == bindparam("currency")).label("sum"),
    )
    .join(Lead, Lead.id == Outcome.lead_id)
    .where(
        *_CAME_THEN,
        # Nothing came of a lead before it came: so its outcomes are found by their index.
        Outcome.workspace_id == bindparam("workspace"),
        Outcome.at >= bindparam("since"),
        Outcome.kind == literal_column("'won'"),
        OUTCOME_STANDS,
    )
)
_CAME: Final = Statement(select(func.count()).where(*_CAME_THEN))


@dataclass(frozen=True, slots=True)
class Goal:
    """`delivered` leads since the period began (or the company came), of the `wanted` ones that the goal takes until
    now, `wanted_a_month` in a month; both None where nothing says yet what a deal is worth (`deal`) or how many leads
    are won.

    `deals`: of so many won deals `deal` is the average, None where it is set. `won` of `leads`: of the last year, or
    as it is set (then of 1,000, and `is_set`).
    """

    month: Money
    delivered: int
    wanted: int | None
    wanted_a_month: int | None
    deal: Money | None
    deals: int | None
    won: int
    leads: int
    is_set: bool


def load_goal(session: Session, workspace_id: int, *, since: datetime, at: datetime) -> Goal | None:
    """The goal beside the leads that came since then; None where none is set. Times are aware UTC."""
    workspace = session.get_one(Workspace, workspace_id)
    if not workspace.goal_a_month:
        return None
    currency = workspace.currency
    year = {"workspace": workspace_id, "since": at - LOOKED_BACK, "until": at}
    counted = _WON.first(session, {**year, "currency": currency})
    deal, deals = Money(workspace.average_deal * 100, currency) if workspace.average_deal else None, None
    if deal is None and counted.priced >= LEAST_DEALS and counted.sum:
        deal, deals = Money(round(int(counted.sum) / counted.priced), currency), int(counted.priced)
    won, leads, is_set = workspace.won_of_1000, 1_000, True
    if not won:
        won, leads, is_set = int(counted.won), int(_CAME.scalar(session, year)), False
    month = Money(workspace.goal_a_month * 100, currency)
    known = deal is not None and (is_set or (leads >= LEAST_LEADS and won >= LEAST_DEALS))
    a_month = month.minor * leads / (deal.minor * won) if known and deal is not None else None
    passed = (at - max(since, workspace.created_at)) / timedelta(days=DAYS_A_MONTH)
    return Goal(
        month,
        int(_CAME.scalar(session, {**year, "since": since})),
        max(1, round(a_month * passed)) if a_month is not None else None,
        max(1, round(a_month)) if a_month is not None else None,
        deal,
        deals,
        won,
        leads,
        is_set,
    )
