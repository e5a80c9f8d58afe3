"""The form that takes a file of leads, and the message that says what is in it and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from domain.leads.file_imports import LeadImported, LeadPreview
from domain.leads.mapping import FIELDS
from domain.text import shorten
from handlers import blocks as b
from handlers.answers import Block, View
from handlers.imports.fetching import CannotFetch
from handlers.intake.lead_file import KEPT_WITH_IT
from handlers.messages import Rendering
from handlers.words import counted, leads_stored, listed

FORM: Final = "imports.form"
STORE: Final = "imports.store"
DROP: Final = "imports.drop"
OPEN: Final = "imports.open"

COLUMNS_SHOWN: Final = 15
PEOPLE_SHOWN: Final = 12
TEAMS_SHOWN: Final = 8
REASONS_SHOWN: Final = 5
LINES_NAMED: Final = 6
LONGEST_REASON: Final = 200


def import_form(remembered: Mapping[str, Any]) -> View:
    """What the list is called, and the file."""
    file = {"type": "file_input", "action_id": "file", "filetypes": ["csv"], "max_files": 1}
    name = b.text_input("name", placeholder="fair-2026", max_length=60, focus=True)
    return b.modal(
        FORM,
        "Import leads",
        [
            b.input_block(
                "name",
                "Name of the list",
                name,
                hint="Stands on each lead as its source. A source of that name lends its team, tier and fields.",
            ),
            b.input_block(
                "file", "CSV file", file, hint="The first row names the columns. At most 5,000 rows and 5 MB."
            ),
            b.context("A message then says what is in the file. Nothing is stored before you press Store there."),
        ],
        submit="Look at it",
        context=remembered,
    )


def given_view(source: str, file_name: str) -> View:
    """What happens next, once the file is given."""
    text = (
        f":hourglass_flowing_sand: *{b.escape(file_name)}* is being looked at, as leads of *{b.escape(source)}*.\n"
        "A message from Tandem follows in a moment: how each column is read, what cannot be read, and who would get "
        "the leads. Nothing is stored before you press Store there. You can close this window."
    )
    return b.modal("imports.given", "Import leads", [b.section(text)], submit=None, close="Close")


def import_card(told: LeadImported, mark: str) -> Rendering | None:
    """The message about a file. `mark` names it. None while it is not looked at."""
    match told.state:
        case "waiting":
            return _waiting(told, mark)
        case "storing":
            words = f"*{_name(told)} is being stored.* {told.done:,} of {counted(told.rows, 'row')} are done."
            return _plain(told, f":hourglass_flowing_sand: {words}")
        case "stored":
            left = f" {counted(told.preview.bad, 'line')} left out." if told.preview and told.preview.bad else ""
            words = f"*{_name(told)} is stored*, as leads of *{b.escape(told.source)}*."
            return _plain(told, f":white_check_mark: {words}\n{leads_stored(told.came)}{left}")
        case "dropped":
            words = f"{_name(told)} was thrown away. Nothing of it was stored."
            return _plain(told, words, _another())
        case "refused":
            return _refused(told)
    return None


def _waiting(told: LeadImported, mark: str) -> Rendering:
    seen, name = told.preview or LeadPreview(), told.file_name
    fresh = seen.good - seen.stored
    left_out = f" {counted(seen.bad, 'line')} cannot be read and would be left out." if seen.bad else ""
    title = f"*{_name(told)}* holds {counted(seen.good, 'lead')}, to be stored as leads of *{b.escape(told.source)}*."
    blocks = [
        b.section(f"{title}{left_out} Nothing is stored yet."),
        b.section(f"*How its columns are read*\n{_columns(seen)}"),
        b.section(f"*Who would get them*\n{_given(seen)}"),
        *_bad(seen),
        *([b.context(*(b.escape(note) for note in seen.notes))] if seen.notes else []),
        b.actions(
            *([b.button(f"Store {counted(fresh, 'lead')}", STORE, mark, style="primary", about=name)] if fresh else []),
            b.button("Throw away", DROP, mark, about=name),
            block_id=f"imports:{mark}",
        ),
        b.context("Each new lead gets its card and its clock in the moment in which it is stored."),
    ]
    return Rendering(f"{_name(told)}: {counted(seen.good, 'lead')} can be stored.{left_out}", blocks)


def _refused(told: LeadImported) -> Rendering:
    trouble = b.escape(told.trouble)
    if told.preview is None:
        return _plain(told, f":warning: *{_name(told)} was not taken.* {trouble} Nothing was stored.", _another())
    if told.sha256 is not None and not told.trouble:
        words = f":warning: *Not one line of {_name(told)} can be taken.* Nothing was stored."
        columns = b.section(f"*How its columns are read*\n{_columns(told.preview)}")
        return _plain(told, words, columns, *_bad(told.preview), _another())
    if not told.done:
        words = f":warning: *Nothing of {_name(told)} was stored.* {trouble} Import it again."
        return _plain(told, words, _another())
    words = (
        f":warning: *{_name(told)} is stored only in part: {told.done:,} of {counted(told.rows, 'row')}.* {trouble}\n"
        f"{leads_stored(told.came)} Import the same file again: what is stored is known, and is not stored twice."
    )
    return _plain(told, words, _another())


def _plain(_told: LeadImported, words: str, *more: Block) -> Rendering:
    return Rendering(words.replace("*", ""), [b.section(words), *more])


def _another() -> Block:
    return b.actions(b.button("Import another file", OPEN), block_id="imports.another")


def _name(told: LeadImported) -> str:
    return b.escape(told.file_name)


def _columns(seen: LeadPreview) -> str:
    """As read first what is called alike, then what is called otherwise, then what is no field of a lead."""
    fields = [(title, FIELDS.get(field, field)) for title, field in seen.columns if field != KEPT_WITH_IT]
    alike = [b.escape(title) for title, field in fields if title.casefold() == field.casefold()]
    others = [f"{b.escape(title)} → {field}" for title, field in fields if title.casefold() != field.casefold()]
    kept = [b.escape(title) for title, field in seen.columns if field == KEPT_WITH_IT]
    lines = [f"As they are called: {listed(alike, most=COLUMNS_SHOWN)}"] if alike else []
    lines += others[:COLUMNS_SHOWN]
    if len(others) > COLUMNS_SHOWN:
        lines.append(f"and {counted(len(others) - COLUMNS_SHOWN, 'more column')}")
    if kept:
        lines.append(f"Kept with the lead, for rules: {listed(kept, most=COLUMNS_SHOWN)}")
    return "\n".join(lines)


def _given(seen: LeadPreview) -> str:
    lines = []
    by_team = sorted(seen.given, key=lambda one: one[0])
    for team, people in groupby(by_team, key=lambda one: one[0]):
        named = [f"{b.escape(owner or 'nobody yet')} {count:,}" for _, owner, count in people]
        lines.append(f"{b.escape(team)}: {listed(named, most=PEOPLE_SHOWN)}")
    if len(lines) > TEAMS_SHOWN:
        lines = [*lines[:TEAMS_SHOWN], f"and {counted(len(lines) - TEAMS_SHOWN, 'more team')}"]
    if seen.stored:
        lines.append(f"{seen.stored:,} stored before: nothing comes of them")
    if seen.again:
        lines.append(f"{seen.again:,} of people who stand further up in the file: written on their lead")
    if seen.known:
        lines.append(f"{seen.known:,} of people who have an open lead: written on that lead")
    if seen.held:
        lines.append(f"{seen.held:,} held for marketing: they do not meet the definition")
    return "\n".join(lines)


def _bad(seen: LeadPreview) -> Sequence[Block]:
    """The first of the rows that cannot be read, those with one reason together."""
    if not seen.bad:
        return []
    by_reason: dict[str, list[int]] = {}
    for line, reason in seen.first_bad:
        by_reason.setdefault(reason, []).append(line)
    shown = [
        f"{'line' if len(lines) == 1 else 'lines'} {listed([f'{line:,}' for line in lines], most=LINES_NAMED)}: "
        f"{b.escape(shorten(reason, LONGEST_REASON))}"
        for reason, lines in list(by_reason.items())[:REASONS_SHOWN]
    ]
    told = sum(len(lines) for lines in list(by_reason.values())[:REASONS_SHOWN])
    more = f"and {seen.bad - told:,} more. " if seen.bad > told else ""
    if seen.bad_file:
        shown.append(f"{more}All of them come as a file, each with its reason.")
    elif more:
        shown.append(f"{more}With the scope `files:write`, all of them would come as a file.")
    return [b.section("*Left out*\n" + "\n".join(shown))]


def bad_file_name(file_name: str) -> str:
    """How the file of the rows that cannot be read is called."""
    return f"{file_name.removesuffix('.csv')}.bad.csv"


def bad_rows_comment(file_name: str, rows: int) -> str:
    """What stands above that file, as mrkdwn."""
    lines = "The line" if rows == 1 else f"The {rows:,} lines"
    verb = "is" if rows == 1 else "are"
    return f"{lines} of {b.escape(file_name)} that cannot be read {verb} here, each with its reason."


def cannot_fetch(error: CannotFetch) -> str:
    """Why the file is not to be had, and what to do, as plain text."""
    return _FETCH[error.why]


def changed_since() -> str:
    """Why a file is not stored that is not what was looked at."""
    return "The file in Slack is not the one that was looked at."


_ALLOW: Final = (
    "An admin can allow it by installing Tandem again with the scope files:read. "
    "Or import the file on the server: ./tandem import leads."
)
_FETCH: Final = {
    "scope": f"This workspace does not let Tandem read files. {_ALLOW}",
    "page": f"This is a web page, no CSV: either the file is one, or Slack does not let Tandem read files. {_ALLOW}",
    "gone": "The file is not in Slack any more.",
    "too_large": "The file is larger than 5 MB. Split it into smaller files, or import it on the server.",
}
