"""What a rep gets back for logging: the approved answer to the theme and what worked, and how often this came up."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from domain.near_names import YOUNG, MeantName, likely_account, likely_competitor
from domain.near_themes import OFTEN, likely_meant
from domain.pulse import Pulse, take_pulse
from domain.tallies import PULSE_DAYS
from domain.themes import AnswerMark, FoundTheme, mark_of, theme_pulse, top_themes
from domain.voc.facts import VocFacts, facts_of
from domain.voc.promise import Promise, promise_for
from domain.voc.sounding import BY_RULE, listen
from domain.voc.worked import Worked, what_worked
from storage.models import Theme, VocItem
from storage.statements import Statement

HINTED_ITEMS: Final = 3
"""Hints stop after a member's first items: who knows is not told again."""


@dataclass(frozen=True, slots=True)
class Echo:
    """How often the item's theme came up lately; without one, its competitor, its account, or the author's own items.

    `about` says which: "theme", "competitor", "account", "own". `name` is the theme's slug or the name. The item
    itself counts, its author is one of the pulse's reps.
    """

    about: str
    name: str
    pulse: Pulse


@dataclass(frozen=True, slots=True)
class LeftOver:
    """What a line names and an item has no field for.

    `tags` beyond the one theme; `competitors` beyond the one; `colleague`: an `@name` that is no account; `amounts`
    that are no deal's size.
    """

    tags: tuple[str, ...] = ()
    colleague: str | None = None
    amounts: tuple[str, ...] = ()
    competitors: tuple[str, ...] = ()


NOTHING_LEFT: Final = LeftOver()


@dataclass(frozen=True, slots=True)
class VocReceipt:
    """An item as it was understood, and what comes back for it.

    `answer`: marketing's approved answer to the theme; `marked`: whom that is for, `to_check`: its last day is over;
    `worked`: the best asset, and whether the answer helped. `echo` is None when the item is too old to be counted; so
    is `promise`, what can be expected of marketing, and when there is an answer. `hint`: slugs in use to suggest; None
    when the rep needs no hint. `line`: what was typed and is in no field. `meant`: the slug of another theme that is
    likely meant by the item's. `sounds`: the theme that an item without one is likely about.
    `meant_account` and `meant_competitor`: likewise `meant`.
    """

    item: VocFacts
    answer: str | None
    echo: Echo | None
    hint: tuple[str, ...] | None
    line: LeftOver = NOTHING_LEFT
    meant: str | None = None
    sounds: FoundTheme | None = None
    marked: AnswerMark | None = None
    to_check: bool = False
    promise: Promise | None = None
    worked: Worked | None = None
    meant_account: MeantName | None = None
    meant_competitor: MeantName | None = None


@dataclass(frozen=True, slots=True)
class Belonging:
    """Whose an item is, and what it falls under; `answer` is the theme's, `marked` says whom that is for.

    `sounds`: the theme that an item without one may be about.
    """

    workspace_id: int
    member_id: int
    theme_id: int | None
    answer: str | None
    sounds: FoundTheme | None = None
    marked: AnswerMark | None = None


# Made once: building it costs more than running it.
_BEFORE: Final = Statement(
    select(VocItem.id)
    .where(VocItem.member_id == bindparam("member"), VocItem.id < bindparam("item"))
    .order_by(VocItem.created_at)
    .limit(HINTED_ITEMS)
)


def receipt_of(session: Session, item: VocItem, at: datetime, *, line: LeftOver = NOTHING_LEFT) -> VocReceipt:
    """The receipt of a live item, from what the database says now."""
    theme = session.get(Theme, item.theme_id) if item.theme_id is not None else None
    answer, marked = (theme.answer, mark_of(theme)) if theme is not None else (None, None)
    sounds = _sounds(session, item, at) if theme is None else None
    of = Belonging(item.workspace_id, item.member_id, item.theme_id, answer, sounds, marked)
    return make_receipt(session, facts_of(session, item), of, at, line=line)


def make_receipt(
    session: Session,
    facts: VocFacts,
    of: Belonging,
    at: datetime,
    *,
    line: LeftOver = NOTHING_LEFT,
    known_competitors: Collection[str] | None = None,
) -> VocReceipt:
    """The receipt of a live item whose facts are at hand. `known_competitors`: the workspace's, None: not read yet."""
    echo = _echo(session, facts, of, at)
    is_vote = facts.vote_of is not None
    asked = not (of.answer or is_vote or facts.theme_by == BY_RULE)
    meant = _meant(session, of, echo, at) if asked else None
    worked = what_worked(session, of.theme_id, of.answer, at) if of.theme_id and of.answer else None
    return VocReceipt(
        item=facts,
        answer=of.answer,
        echo=echo,
        hint=None if meant or of.sounds or is_vote else _hint(session, facts, of, at),
        line=line,
        meant=meant,
        sounds=of.sounds,
        promise=_promise(session, of, echo, at),
        marked=of.marked if of.answer else None,
        to_check=of.answer is not None and of.marked is not None and of.marked.is_to_check(at),
        worked=worked,
        meant_account=_meant_account(session, facts, of, at),
        meant_competitor=(
            likely_competitor(session, of.workspace_id, facts.competitor, at=at, known=known_competitors)
            if facts.competitor is not None
            else None
        ),
    )


def _sounds(session: Session, item: VocItem, at: datetime) -> FoundTheme | None:
    """The theme to ask about, unless a person said that there is none."""
    if item.theme_by is not None:
        return None
    heard = listen(session, item.workspace_id, item.verbatim, item.kind, at=at)
    return heard.theme if heard is not None else None


def _echo(session: Session, facts: VocFacts, of: Belonging, at: datetime) -> Echo | None:
    if facts.created_at <= at - timedelta(days=PULSE_DAYS):
        return None
    if of.theme_id is not None and facts.theme is not None:
        return Echo("theme", facts.theme, theme_pulse(session, of.workspace_id, of.theme_id, at=at))
    if facts.competitor is not None:
        pulse = take_pulse(session, of.workspace_id, at, "competitor", facts.competitor)
        return Echo("competitor", facts.competitor, pulse)
    if facts.account is not None and facts.account_id is not None:
        return Echo("account", facts.account, take_pulse(session, of.workspace_id, at, "account", facts.account_id))
    return Echo("own", "", take_pulse(session, of.workspace_id, at, "own", of.member_id))


def _promise(session: Session, of: Belonging, echo: Echo | None, at: datetime) -> Promise | None:
    """What the author can expect of marketing where there is no answer yet."""
    if of.answer or of.theme_id is None or echo is None or echo.about != "theme":
        return None
    return promise_for(session, of.workspace_id, of.theme_id, echo.pulse.accounts, at)


def _meant(session: Session, of: Belonging, echo: Echo | None, at: datetime) -> str | None:
    """The theme that may be meant by the item's, which came up seldom: most lines cost no look for it."""
    if of.theme_id is None or echo is None or echo.pulse.count >= OFTEN:
        return None
    return likely_meant(session, of.theme_id, at=at)


def _meant_account(session: Session, facts: VocFacts, of: Belonging, at: datetime) -> MeantName | None:
    """The account that may be meant by the item's, which is young and unconfirmed: most lines cost no look for it."""
    if facts.account is None or facts.account_id is None or facts.account_known:
        return None
    if facts.account_born is None or facts.account_born < at - YOUNG:
        return None
    is_new = facts.account_new
    return likely_account(session, of.workspace_id, facts.account_id, facts.account, is_new=is_new, at=at)


def _hint(session: Session, facts: VocFacts, of: Belonging, at: datetime) -> tuple[str, ...] | None:
    if facts.theme is not None and not facts.theme_new:
        return None
    before = _BEFORE.all(session, {"member": of.member_id, "item": facts.id})
    if len(before) == HINTED_ITEMS:
        return None
    used = top_themes(session, of.workspace_id, at=at, limit=4)
    return tuple(theme.slug for theme in used if theme.slug != facts.theme)[:3]
