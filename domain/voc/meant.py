"""What is asked about a line after `/voc` before it is saved: is it meant to be logged, and logged as it stands?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from domain.people import Actor
from domain.quick_line import QuickLine
from domain.voc.competitors import is_competitor
from domain.voc.doubt import named_competitor, only_account, only_competitor, only_theme, other_meanings
from domain.voc.errors import LoggedJustNow, NoSaying, OnlyCompetitor, OnlyTheme
from domain.voc.known import theme_named
from domain.voc.sensitive import check_sensitive
from domain.voc.vocabulary import Vocabulary
from storage.models import VocItem
from storage.statements import Statement

AT_ONCE: Final = timedelta(minutes=1)
"""Who logs the same line again within so short a time is asked whether that is meant."""

# Made once: building a statement costs more than running it, and this runs for every line.
_JUST_NOW: Final = Statement(
    select(VocItem.created_at)
    .where(
        VocItem.member_id == bindparam("member"),
        VocItem.created_at > bindparam("since"),
        VocItem.line == bindparam("typed"),
        VocItem.state == "live",
    )
    .order_by(VocItem.created_at.desc())
    .limit(1)
)


def check_meant(session: Session, understood: QuickLine, vocabulary: Vocabulary, *, by: Actor, at: datetime) -> None:
    """Raise what is to be asked about the line; of marks without words only a theme or a competitor alone.

    SensitiveText for what should not be kept, OnlyTheme and OnlyCompetitor for a theme or a competitor without words,
    NoSaying for what may be no saying of a customer, LoggedJustNow for the same line again.
    """
    check_sensitive(understood.text)
    _check_name_alone(session, understood, vocabulary, by)
    if not understood.verbatim:
        return
    if (meanings := other_meanings(understood)) is not None:
        theme = theme_named(session, by.workspace_id, understood.text)
        raise NoSaying(understood.text, meanings, theme, named_competitor(understood))
    # What was taken back may be logged again.
    asked = {"member": by.id, "since": at - AT_ONCE, "typed": understood.text}
    logged_at = _JUST_NOW.scalar(session, asked)
    if logged_at is not None:
        raise LoggedJustNow(understood.text, at - logged_at)


def _check_name_alone(session: Session, understood: QuickLine, vocabulary: Vocabulary, by: Actor) -> None:
    """Raise OnlyTheme or OnlyCompetitor for a line that is nothing else.

    `@Rivalsoft` is one, too, where items name Rivalsoft as a competitor and there is no account of that name.
    """
    if (theme := only_theme(understood)) is not None:
        raise OnlyTheme(theme)
    if (competitor := only_competitor(understood)) is not None:
        raise OnlyCompetitor(competitor)
    account = only_account(understood)
    if account is not None and not vocabulary.known_accounts and is_competitor(session, by.workspace_id, account):
        raise OnlyCompetitor(account)
