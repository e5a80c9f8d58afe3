"""What comes back for an answer: whether somebody used it, and whether it helped. One say for each version of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import FieldProblems, NotFound
from domain.merged import leading_to_themes, themes_now
from domain.people import Actor
from domain.text import TextEmpty, TextTooLong, clean_text
from domain.voc.letters import LETTER, SHAPE, Letter, ToldTheme
from domain.webhooks.themes import tell_verdict
from storage import outbox
from storage.locking import locked
from storage.models import AnswerVerdict, Member, ThemeLetter
from storage.outbox import Priority

NOTE_LIMIT: Final = 500


@dataclass(frozen=True, slots=True)
class ShownLetter:
    """A letter as its reader sees it. `said`: their verdicts ("used", "helped", "no_help"), by place in the letter."""

    id: int
    created_at: datetime
    letter: Letter
    said: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Given:
    """A verdict that stands. `is_first`: it was given just now, by this click."""

    letter_id: int
    created_at: datetime
    place: int
    theme: str
    verdict: str
    is_first: bool


def load_letter(session: Session, letter_id: int, workspace_id: int) -> ShownLetter | None:
    """A letter to somebody who is still there; None for any other."""
    row = session.get(ThemeLetter, letter_id)
    if row is None or row.workspace_id != workspace_id or not session.get_one(Member, row.member_id).active:
        return None
    letter = SHAPE.read(row.facts)
    now = themes_now(session, sorted({one.theme_id for one in letter.themes if one.version is not None}))
    one_theme = leading_to_themes(session, sorted({*now.values()}))
    verdicts = session.execute(
        select(AnswerVerdict.theme_id, AnswerVerdict.version, AnswerVerdict.verdict)
        .where(AnswerVerdict.member_id == row.member_id, AnswerVerdict.theme_id.in_(sorted(one_theme)))
        .order_by(AnswerVerdict.id.desc())
    )
    # Of two that stood before a merge, the first one stands.
    given = {(one_theme[theme_id], version): what for theme_id, version, what in verdicts}
    keys = {place: (now.get(one.theme_id), one.version) for place, one in enumerate(letter.themes)}
    said = {place: given[key] for place, key in keys.items() if key in given}
    return ShownLetter(row.id, row.created_at, letter, said)


def give_verdict(session: Session, letter_id: int, place: int, verdict: str, *, by: Actor, at: datetime) -> Given:
    """Keep what the reader of a letter says of the answer at that place. What they said first stands.

    Raises NotFound for a letter to somebody else, and for a place with nothing to judge.
    """
    row, told = _own(session, letter_id, place, by)
    standing = _verdict(session, told, by)
    is_first = standing is None
    if standing is None:
        standing = AnswerVerdict(workspace_id=by.workspace_id, theme_id=told.theme_id, member_id=by.id, at=at)
        standing.version, standing.verdict = told.version or "", verdict
        session.add(standing)
        session.flush()
        tell_verdict(session, told.theme_id, verdict, by=by, at=at)
    outbox.refresh_cards(session, by.workspace_id, (LETTER,), row.id, at=at, priority=Priority.LEAD)
    return Given(row.id, row.created_at, place, told.slug, standing.verdict, is_first)


def explain_verdict(session: Session, letter_id: int, place: int, words: str, *, by: Actor, at: datetime) -> bool:  # noqa: ARG001  # the verdict has its time
    """Keep what happened when the answer did not help; the owner of the theme reads it in the next digest.

    Returns whether there were any words. Raises FieldProblems (`note`), and NotFound as `give_verdict`.
    """
    _, told = _own(session, letter_id, place, by)
    standing = _verdict(session, told, by)
    if standing is None:
        raise NotFound("message")
    try:
        standing.note = clean_text(words, limit=NOTE_LIMIT)
    except TextEmpty:
        return False
    except TextTooLong as error:
        raise FieldProblems({"note": error}) from error
    session.flush()
    return True


def _own(session: Session, letter_id: int, place: int, by: Actor) -> tuple[ThemeLetter, ToldTheme]:
    """The letter, locked, so that two clicks on it take turns; and what it tells at that place."""
    row = session.scalars(
        locked(
            select(ThemeLetter).where(
                ThemeLetter.id == letter_id,
                ThemeLetter.workspace_id == by.workspace_id,
                ThemeLetter.member_id == by.id,
            )
        )
    ).one_or_none()
    themes = SHAPE.read(row.facts).themes if row is not None else ()
    if row is None or not 0 <= place < len(themes) or themes[place].version is None:
        raise NotFound("message")
    return row, themes[place]


def _verdict(session: Session, told: ToldTheme, by: Actor) -> AnswerVerdict | None:
    """What the reader said first of this version, under whichever of the themes that are one now."""
    one_theme = leading_to_themes(session, themes_now(session, [told.theme_id]).values())
    return session.scalars(
        select(AnswerVerdict)
        .where(
            AnswerVerdict.theme_id.in_(sorted(one_theme)),
            AnswerVerdict.version == told.version,
            AnswerVerdict.member_id == by.id,
        )
        .order_by(AnswerVerdict.id)
        .limit(1)
    ).first()
