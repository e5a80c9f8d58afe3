"""What sales reads each week: which content performed, which personas changed and how, what marketing answered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, Literal

from sqlalchemy import select

from digests.excerpts import excerpt_change
from digests.late_figures import Late, find_late_figures, mark_told, was_told
from digests.periods import Period, short_date
from digests.sections import Asked, DigestKind, Section
from digests.telling import Part, more_of, render
from digests.told import ToldContent, ToldField, ToldPersona
from domain.performance import content_week, last_complete_week
from domain.personas import PersonaChange, persona_changes
from storage.frozen import Shape
from storage.models import Member, Theme

PERSONAS: Final = 8
ANSWERS: Final = 8
NOTHING_LATE: Final[Late] = {}


@dataclass(frozen=True, slots=True)
class Answer:
    """What marketing says reps should say to a theme, given by its slug.

    `audience`: whom it is for; editions of earlier versions do not say.
    """

    theme: str
    answer: str
    by: str | None
    audience: str | None = None


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


def _content(asked: Asked) -> dict[str, Any]:
    """By calendar weeks: the last one that was over at the period's end, and late figures with their week."""
    session, period = asked.session, asked.period
    week = last_complete_week(period.end, period.zone)
    late, content_told = NOTHING_LATE, False
    if asked.audience is not None:
        late = find_late_figures(session, asked.audience, week)
    if asked.audience is not None and asked.issue:
        content_told = was_told(session, asked.audience, week)
        mark_told(session, asked.audience, week, late)
    if not asked.issue:
        # The week itself is shown whole, whatever was told of it.
        late = {of_week: assets for of_week, assets in late.items() if of_week < week}
    told = None if content_told else content_week(session, asked.workspace_id, week)
    found = (content_week(session, asked.workspace_id, of_week, only=assets) for of_week, assets in late.items())
    return {
        "content_week": week,
        "content": ToldContent.of(told) if told is not None else None,
        "late_content": tuple(ToldContent.of(content) for content in found if content is not None),
        "content_told": content_told,
    }


def _tell_content(facts: SalesFacts) -> list[Part]:
    parts: list[Part] = []
    if facts.content is not None:
        parts = content_parts(facts.content)
    elif not facts.content_told:
        parts = [Part([render("sales/no_figures.jinja", week=facts.content_week)])]
    return parts + [part for late in facts.late_content for part in content_parts(late, "Figures that came late")]


def content_parts(week: ToldContent, title: str = "Content that worked") -> list[Part]:
    """What is told of a week's content."""
    title = f"*{title}*, week of {short_date(week.week)}"
    entries = [render("sales/total.jinja", content=week)]
    entries += [render("sales/asset.jinja", place=place, asset=asset) for place, asset in enumerate(week.top, 1)]
    entries += [render("sales/mover.jinja", word="Rising", asset=asset) for asset in week.risen]
    entries += [render("sales/mover.jinja", word="Falling", asset=asset) for asset in week.fallen]
    return [Part(entries, title, more_of(len(entries), "line"), joined=True)]


def _personas(asked: Asked) -> dict[str, Any]:
    changes = persona_changes(asked.session, asked.workspace_id, asked.period.since, asked.period.until)
    return {
        "personas": tuple(_excerpted(change) for change in changes[:PERSONAS]),
        "more_personas": len(changes[PERSONAS:]),
    }


def _tell_personas(facts: SalesFacts) -> list[Part]:
    if not facts.personas:
        return []
    entries = [render("sales/persona.jinja", persona=persona) for persona in facts.personas]
    more = more_of(len(entries) + facts.more_personas, "persona")
    return [Part(entries, "*Personas that changed*", more)]


def _excerpted(change: PersonaChange) -> ToldPersona:
    fields = tuple(ToldField(each.field, *excerpt_change(each.before, each.after)) for each in change.changes)
    return replace(ToldPersona.of(change), changes=fields)


def _answers(asked: Asked) -> dict[str, Any]:
    rows = asked.session.execute(
        select(Theme.slug, Theme.answer, Member.name, Theme.answer_audience)
        .outerjoin(Member, Member.id == Theme.answered_by_id)
        .where(
            Theme.workspace_id == asked.workspace_id,
            Theme.merged_into_id.is_(None),
            Theme.answered_at >= asked.period.since,
            Theme.answered_at < asked.period.until,
        )
        .order_by(Theme.answered_at, Theme.id)
    )
    answers = [Answer(slug, answer or "", name, audience) for slug, answer, name, audience in rows]
    return {"answers": tuple(answers[:ANSWERS]), "more_answers": len(answers[ANSWERS:])}


def _tell_answers(facts: SalesFacts) -> list[Part]:
    if not facts.answers:
        return []
    entries = [render("sales/answer.jinja", answer=answer) for answer in facts.answers]
    more = more_of(len(entries) + facts.more_answers, "answer")
    return [Part(entries, "*New answers from marketing*", more, joined=True)]


SALES: Final = DigestKind(
    "sales",
    "Sales digest",
    "Which content helped, which personas changed",
    role="rep",
    facts=SalesFacts,
    shape=Shape("sales_digest", SalesFacts),
    headline=lambda _facts: "Sales digest",
    sections=(
        Section(_content, _tell_content),
        Section(_personas, _tell_personas),
        Section(_answers, _tell_answers),
    ),
)
