"""What came back for marketing's answers in a period: how many used them, whom they helped, and what happened else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from digests.excerpts import one_line
from digests.sections import Asked
from digests.telling import Part, more_of, render
from domain.merged import themes_now
from domain.text import shorten
from storage.models import AnswerVerdict, Member, TeamMember, Theme

ANSWERS: Final = 6
NOTES: Final = 2
"""What happened is told so often for a theme; the newest come first."""

NOTE_LIMIT: Final = 200


@dataclass(frozen=True, slots=True)
class ToldNote:
    """What happened where an answer did not help; `by`: the name of who says so."""

    words: str
    by: str


@dataclass(frozen=True, slots=True)
class AnswerWeek:
    """What came back for the answer to one theme. `owner`: the name of who looks after the theme."""

    theme: str
    helped: int
    used: int
    no_help: int
    owner: str | None
    notes: tuple[ToldNote, ...]
    more_notes: int


def gather_worked(asked: Asked) -> dict[str, tuple[AnswerWeek, ...] | int]:
    """The answers of which most people said something, those that did not help first."""
    period = asked.period
    said = [
        AnswerVerdict.workspace_id == asked.workspace_id,
        AnswerVerdict.at >= period.since,
        AnswerVerdict.at < period.until,
    ]
    if asked.team is not None:
        people = select(TeamMember.member_id).where(TeamMember.team_id == asked.team.id)
        said.append(AnswerVerdict.member_id.in_(people))
    counts, now = _count(asked, said)
    shown = sorted(counts, key=lambda one: (-counts[one]["no_help"], -counts[one].total(), one))[:ANSWERS]
    owner = aliased(Member)
    themes = {
        theme_id: (slug, name)
        for theme_id, slug, name in asked.session.execute(
            select(Theme.id, Theme.slug, owner.name)
            .outerjoin(owner, owner.id == Theme.owner_id)
            .where(Theme.id.in_(shown))
        )
    }
    notes: dict[int, list[ToldNote]] = {}
    for theme_id, words, name in asked.session.execute(
        select(AnswerVerdict.theme_id, func.coalesce(AnswerVerdict.note, ""), Member.name)
        .join(Member, Member.id == AnswerVerdict.member_id)
        .where(
            *said,
            AnswerVerdict.theme_id.in_([one for one, on in now.items() if on in themes]),
            AnswerVerdict.note.is_not(None),
        )
        .order_by(AnswerVerdict.at.desc(), AnswerVerdict.id.desc())
    ):
        notes.setdefault(now[theme_id], []).append(ToldNote(shorten(one_line(words), NOTE_LIMIT), name))
    answers = tuple(
        AnswerWeek(slug, count["helped"], count["used"], count["no_help"], name, tuple(told[:NOTES]), len(told[NOTES:]))
        for theme_id in shown
        for (slug, name), count, told in ((themes[theme_id], counts[theme_id], notes.get(theme_id, [])),)
    )
    return {"judged": answers, "more_judged": len(counts) - len(shown)}


def _count(asked: Asked, said: Sequence[ColumnElement[bool]]) -> tuple[dict[int, Counter[str]], dict[int, int]]:
    """How often each verdict was given about each theme as it is now, and what each theme is now."""
    rows = asked.session.execute(
        select(AnswerVerdict.theme_id, AnswerVerdict.verdict, func.count())
        .where(*said)
        .group_by(AnswerVerdict.theme_id, AnswerVerdict.verdict)
    ).all()
    now = themes_now(asked.session, sorted({theme_id for theme_id, _, _ in rows}))
    counts: dict[int, Counter[str]] = {}
    for theme_id, verdict, count in rows:
        counts.setdefault(now[theme_id], Counter())[verdict] += count
    return counts, now


def tell_worked(answers: tuple[AnswerWeek, ...], more: int) -> list[Part]:
    """A part of the digest; none when nobody said anything."""
    if not answers:
        return []
    entries = [render("marketing/judged.jinja", answer=answer) for answer in answers]
    return [Part(entries, "*What came back for your answers*", more_of(len(entries) + more, "answer"), joined=True)]
