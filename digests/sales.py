"""What sales reads each week: which content performed, which personas changed and how, what marketing answered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from digests.excerpts import excerpt_change
from digests.late_figures import Late
from digests.periods import Period
from digests.told import ToldContent, ToldField, ToldPersona
from domain.performance import content_week, last_complete_week
from domain.personas import PersonaChange, persona_changes
from storage.models import Member, Theme

PERSONAS: Final = 8
ANSWERS: Final = 8
NOTHING_LATE: Final[Late] = {}


@dataclass(frozen=True, slots=True)
class Answer:
    """What marketing says reps should say to a theme, given by its slug."""

    theme: str
    answer: str
    by: str | None


@dataclass(frozen=True, slots=True)
class SalesFacts:
    """The frozen content of a sales digest. `content` None: no figures came in for the week from `content_week`.

    `content_told`: an earlier digest told of that week. `late_content`: figures that came in after the digest of
    their week. `untold`: time before the period of which no digest told.
    """

    period: Period
    content_week: date
    content: ToldContent | None
    personas: tuple[ToldPersona, ...]
    more_personas: int
    answers: tuple[Answer, ...]
    more_answers: int
    kind: Literal["sales"] = "sales"
    late_content: tuple[ToldContent, ...] = ()
    content_told: bool = False
    untold: Period | None = None

    @property
    def is_empty(self) -> bool:
        return self.content is None and not self.personas and not self.answers and not self.late_content


def gather_sales(
    session: Session,
    workspace_id: int,
    period: Period,
    *,
    late: Late = NOTHING_LATE,
    content_told: bool = False,
    untold: Period | None = None,
) -> SalesFacts:
    """The facts of a period. Content is told by calendar weeks: the last one that was over at its end.

    `late`: the assets whose figures for a week were not told with it. `content_told`: the last week was told.
    """
    week = last_complete_week(period.end, period.zone)
    changes = persona_changes(session, workspace_id, period.since, period.until)
    answers = _answers(session, workspace_id, period.since, period.until)
    told = None if content_told else content_week(session, workspace_id, week)
    found = (content_week(session, workspace_id, of_week, only=assets) for of_week, assets in late.items())
    return SalesFacts(
        period,
        week,
        ToldContent.of(told) if told is not None else None,
        tuple(_excerpted(change) for change in changes[:PERSONAS]),
        len(changes[PERSONAS:]),
        tuple(answers[:ANSWERS]),
        len(answers[ANSWERS:]),
        late_content=tuple(ToldContent.of(content) for content in found if content is not None),
        content_told=content_told,
        untold=untold,
    )


def _excerpted(change: PersonaChange) -> ToldPersona:
    fields = tuple(ToldField(each.field, *excerpt_change(each.before, each.after)) for each in change.changes)
    return replace(ToldPersona.of(change), changes=fields)


def _answers(session: Session, workspace_id: int, start: datetime, end: datetime) -> list[Answer]:
    rows = session.execute(
        select(Theme.slug, Theme.answer, Member.name)
        .outerjoin(Member, Member.id == Theme.answered_by_id)
        .where(Theme.workspace_id == workspace_id, Theme.answered_at >= start, Theme.answered_at < end)
        .order_by(Theme.answered_at, Theme.id)
    )
    return [Answer(slug, answer or "", name) for slug, answer, name in rows]
