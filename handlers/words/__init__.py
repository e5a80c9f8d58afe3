"""Turns errors into sentences for the person who met them: the only place that does, and it escapes.

Errors carry facts: names, limits, what was given. A sentence is made for one of two places. In mrkdwn, whatever came
from outside is escaped. As plain text (under a field of a form, on the command line, in an answer to another system)
nothing is markup, so names stay as they are. `Say`, in handlers/words/saying.py, is that difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from domain.config.problems import ConfigProblems
from domain.content_cells import CellError
from domain.csv_tables import RowProblem
from domain.errors import BeforeRestore, Changed, FieldProblems, TandemError
from domain.text import shorten
from handlers.blocks import channels_named
from handlers.words.changes import change_sentence as change_sentence
from handlers.words.changes import note_sentence as note_sentence
from handlers.words.content import cell_sentence, content_sentence
from handlers.words.content import file_note_sentence as file_note_sentence
from handlers.words.general import general_sentence
from handlers.words.hours import hours_sentence
from handlers.words.leads import lead_sentence
from handlers.words.lengths import ago as ago
from handlers.words.lengths import clock_time as clock_time
from handlers.words.lengths import counted as counted
from handlers.words.lengths import listed as listed
from handlers.words.lengths import ordinal as ordinal
from handlers.words.lengths import span as span
from handlers.words.listening import listening_sentence
from handlers.words.regrouping import regrouping_sentence
from handlers.words.saying import Say, in_mrkdwn, in_plain_text
from handlers.words.settings import problem_line, settings_sentence
from handlers.words.webhooks import trouble_words as trouble_words
from handlers.words.webhooks import webhook_sentence
from handlers.words.writeback import writeback_sentence

_SUBJECTS: Final = (
    general_sentence,
    lead_sentence,
    listening_sentence,
    regrouping_sentence,
    content_sentence,
    hours_sentence,
    settings_sentence,
    webhook_sentence,
    writeback_sentence,
)

NOW_AT = {
    "lead": "lead list",
    "decline": "lead list",
    "item": "voc list",
    "theme": "voc themes",
    "account": "voc list",
    "asset": "content",
    "persona": "persona list",
    "audience": "tandem digest",
    "proposal": "voc proposals",
    "regrouping": "voc #theme",
    "import": "lead list",
}
"""The command that shows what there is now of what a card of before a restore was about."""


def sentence(error: Exception, say: Say = in_mrkdwn) -> str:
    """What happened and what to do, in mrkdwn."""
    return _told(error, say) or "Something went wrong. Please try again."


def plain_sentence(error: Exception) -> str:
    """The same as plain text: nothing in it is escaped."""
    return sentence(error, in_plain_text)


def field_sentences(error: FieldProblems) -> dict[str, str]:
    """What is wrong with each field of a form, as plain text."""
    return {field: plain_sentence(problem) for field, problem in error.problems.items()}


def row_sentence(problem: RowProblem) -> str:
    """Why a row of a file cannot be taken, as plain text."""
    if isinstance(problem.wrong, CellError):
        return cell_sentence(problem.column or "cell", problem.wrong)
    return plain_sentence(problem.wrong)


def row_lines(problems: Iterable[RowProblem]) -> list[str]:
    """What is wrong with each row of a file, by its line and column, as plain text."""
    return [
        f"line {one.line}{f', {one.column}' if one.column else ''}: {row_sentence(one)}"
        if one.line
        else row_sentence(one)
        for one in problems
    ]


def leads_stored(came: Mapping[str, int]) -> str:
    """What became of the rows of a file of leads, by the statuses of domain/leads/storing.py."""
    new, added, known = (came.get(status, 0) for status in ("accepted", "added", "duplicate"))
    return f"Stored {new:,} new, {added:,} written on leads that there were, {known:,} known already."


def problem_lines(error: ConfigProblems) -> list[str]:
    """Every problem of a settings file, in a line of plain text each."""
    return [problem_line(problem, in_plain_text) for problem in error.problems]


def _told(error: Exception, say: Say) -> str | None:
    if isinstance(error, FieldProblems):
        return " ".join(sentence(problem, say) for problem in error.problems.values())
    return next((told for words in _SUBJECTS if (told := words(error, say)) is not None), None)


def is_expected(error: Exception) -> bool:
    """Whether the error is one that a person may read about, rather than a bug."""
    return isinstance(error, TandemError)


def changed_meanwhile(error: Changed) -> str:
    """Who changed what under an open form, and what saving once more does, in mrkdwn."""
    when = f" {ago(error.ago)}" if error.ago is not None else ""
    who = f"{in_mrkdwn(error.by)} changed this {error.what}{when}" if error.by else f"This {error.what} was changed"
    what = f" ({channels_named(shorten('; '.join(map(change_sentence, error.changes)), 400))})" if error.changes else ""
    return (
        f"{who}{what} while your form was open. What you typed is still here, and nothing of it is saved. "
        "Save again to overwrite that change, or close the form to keep it."
    )


def before_restore(error: BeforeRestore, what: str, prefix: str) -> str:
    """`what`: the card, form or page that was used."""
    return (
        f"This {what} is from before a restore of Tandem’s database, so nothing was changed. "
        f"`/{prefix}{NOW_AT[error.kind]}` shows what there is now."
    )
