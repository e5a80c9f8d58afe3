"""Sentences about files of content figures, for whoever imports one: a marketer with a spreadsheet."""

from __future__ import annotations

from typing import Final

from domain.content import AlreadyImported, BadRows
from domain.content_cells import CellError
from domain.csv_tables import FileNote, TableWrong
from domain.voc.facts import KIND_NAMES
from domain.voc.importing import NoAuthor, NothingToImport
from handlers.words.lengths import listed
from handlers.words.saying import Say, in_plain_text

_CELL: Final = {
    "empty": "is empty.",
    "too_long": "has {0} characters; at most {1} are allowed.",
    "below_zero": "“{0}” is below zero; counts start at 0.",
    "share": "“{0}” is a share; write the count itself.",
    "rounded": "“{0}” is rounded; write all its digits, for example 1200.",
    "no_number": "“{0}” is not a number; write digits, for example 1234 or 1,234.",
    "too_large": "“{0}” is too large to be right.",
    "no_whole_number": "“{0}” is not a whole number.",
    "no_week": (
        "“{0}” is not a week; write a date in it as year-month-day, for example 2026-11-09, or the week as 2026-W46."
    ),
    "no_such_day": "“{0}” does not exist in the calendar.",
    "no_such_year": "“{0}” is in the year {1}, which cannot be right.",
    "no_address": "“{0}” is not a web address; it must begin with https:// or http://.",
    "no_host": "“{0}” is not a web address: its host cannot be read.",
    "no_theme": "“{0}” is not a theme; a theme has at least one letter.",
    "no_kind": f"“{{0}}” is no kind of item; the kinds are {', '.join(KIND_NAMES.values()).lower()}.",
    "no_time": "“{0}” is not a day; write year-month-day, for example 2026-11-12.",
    "ahead": "“{0}” lies in the future.",
    "no_email": "“{0}” is not an e-mail address.",
    "nobody": "“{0}” is the address of nobody in this workspace.",
}

_FILE: Final = {
    "no_rows": "The file has no rows below its header.",
    "empty": "The file is empty.",
    "too_many_rows": "The file has more than {0} rows; split it into smaller files.",
    "too_large": "The file has {0} MB; at most {1} MB are read. Split it into smaller files.",
    "excel": "This is an Excel workbook, not a CSV file; save it as “CSV UTF-8” and try again.",
    "damaged": "The file is damaged: it begins like UTF-16 text and is none.",
    "no_text": "This is not a text file; save it as “CSV UTF-8” and try again.",
    "quotes_open": "A quotation mark opens here and never closes, so nothing from here on can be read.",
    "quotes_unmatched": 'The quotation marks do not match; inside a quoted cell, write "" for one.',
    "too_wide": (
        "The row has {0} cells and the header {1}; put quotation marks around a cell that has a separator in it."
    ),
    "told_before": "This is the same content in the same week as line {0}; keep one of the two.",
    "same_row": "This row says the same as line {0}; keep one of the two.",
    "no_header": "The first row must name the columns, such as “Name” and “E-mail”; here it holds an e-mail address.",
    "column_twice": "The header names the column “{0}” twice.",
}

_NOTE: Final = {
    "windows": "The file is not UTF-8 and was read as Windows-1252; look whether accents came out right.",
    "footer": "From line {0} on stands what Salesforce writes below a report; it is not read.",
    "total": "Line {0} is the total of the others and is not read.",
    "unknown_column": "The column “{0}” is not known and is not read.",
    "no_figures": "The file has no figures: none of its columns is views, leads or influenced wins.",
}

_LINES_NAMED: Final = 8


def content_sentence(error: Exception, say: Say) -> str | None:
    """None for an error of another subject."""
    match error:
        case AlreadyImported():
            name, when = say(error.filename), f"{error.before:%d %b %Y at %H:%M} UTC"
            return f"This file was already imported as {name} on {when}, so nothing was changed."
        case BadRows():
            count = "1 row" if len(error.problems) == 1 else f"{len(error.problems):,} rows"
            return f"{count} of the file cannot be taken, so nothing was imported."
        case NothingToImport():
            known = f" {error.known:,} were logged before." if error.known else ""
            bad = f" {error.bad:,} cannot be read." if error.bad else ""
            return f"The file brings no row that is new, so nothing was imported.{known}{bad}"
        case NoAuthor():
            if error.email:
                return f"Nobody in this workspace has the address {say(error.email)}, so nothing was imported."
            return "Some rows do not say who heard it. Name somebody’s address for them with --who."
        case CellError():
            return f"The cell {_cell(error, say)}"
        case TableWrong():
            return _file(error, say)
    return None


def cell_sentence(column: str, wrong: CellError) -> str:
    """Why the cell of a column cannot be read, as plain text."""
    name = _words(column)
    return f"{name[0].upper()}{name[1:]} {_cell(wrong, in_plain_text)}"


def file_note_sentence(note: FileNote) -> str:
    """What is worth knowing about how the file was read, as plain text."""
    if note.what == "mixed":
        more = " and more" if len(note.given) > _LINES_NAMED else ""
        lines = f"line{'s' * (len(note.given) > 1)} {', '.join(note.given[:_LINES_NAMED])}{more}"
        return (
            "Some characters are not UTF-8, as the rest of the file is, and were read as Windows-1252: "
            f"look at {lines}."
        )
    if note.what == "several_themes":
        count = "1 row names" if len(note.given) == 1 else f"{len(note.given):,} rows name"
        return f"{count} several themes. An item has one theme: the first is taken."
    if note.what == "spare_column":
        column, name = note.given
        return f"The column “{column}” is not read: another one already gives the {_words(name)}."
    return _NOTE[note.what].format(*note.given)


def _cell(error: CellError, say: Say) -> str:
    return _CELL[error.why].format(*map(say, error.given))


def _file(error: TableWrong, say: Say) -> str:
    if error.why == "lacks_columns":
        lacks, known = (
            listed([say(_words(each)) for each in error.given]),
            ", ".join(say(_words(each)) for each in error.known),
        )
        return f"The first row must name the columns; it lacks {lacks}. Known columns: {known}."
    return _FILE[error.why].format(*map(say, error.given))


def _words(name: str) -> str:
    return "URL" if name == "url" else name.replace("_", " ")
