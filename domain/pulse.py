"""How often something came up lately: counted from live voc items when it is asked, never stored, never guessed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from domain.money import Money
from storage.models import VocItem

PULSE_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class Pulse:
    """What the live items of the last PULSE_DAYS days add up to.

    `count` items by `reps` different members about `accounts` different accounts. `deals`: one sum per currency,
    the largest number first; an account's deal counts once, at its largest, however often it is named.
    """

    count: int
    reps: int
    accounts: int
    deals: tuple[Money, ...]


def take_pulse(session: Session, workspace_id: int, at: datetime, *about: ColumnElement[bool]) -> Pulse:
    """The pulse of the items that meet every condition in `about`, in the PULSE_DAYS days up to `at`."""
    counted = (
        VocItem.workspace_id == workspace_id,
        VocItem.state == "live",
        VocItem.created_at > at - timedelta(days=PULSE_DAYS),
        VocItem.created_at <= at,
        *about,
    )
    count, reps, accounts = session.execute(
        select(
            func.count(),
            func.count(VocItem.member_id.distinct()),
            func.count(VocItem.account_id.distinct()),
        ).where(*counted)
    ).one()
    # Items without an account stand for themselves: negative ids keep them apart from accounts.
    deal = func.coalesce(VocItem.account_id, -VocItem.id)
    largest = (
        select(VocItem.deal_currency.label("currency"), func.max(VocItem.deal_minor).label("minor"))
        .where(*counted, VocItem.deal_minor.is_not(None))
        .group_by(deal, VocItem.deal_currency)
        .subquery()
    )
    total = func.sum(largest.c.minor)
    sums = session.execute(
        select(largest.c.currency, total).group_by(largest.c.currency).order_by(total.desc(), largest.c.currency)
    )
    deals = tuple(Money(int(minor), currency) for currency, minor in sums if minor)
    return Pulse(count, reps, accounts, deals)


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
        .order_by(total.desc(), largest.c.currency)
    )
    found: dict[int, list[Money]] = {}
    for about_theme, currency, minor in rows:
        found.setdefault(int(about_theme), []).append(Money(int(minor), currency))
    return found
