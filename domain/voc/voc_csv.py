"""Reads a file of what customers said, as teams keep it in a spreadsheet or export it from a CRM.

It tells every bad row by line and reason, and decides nothing: domain/voc/importing.py takes the good ones in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from domain.content_cells import CellError, plain_cell, read_text
from domain.csv_tables import (
    MOST_ROWS,
    FileNote,
    Header,
    Record,
    RowProblem,
    Table,
    TableRefused,
    TableWrong,
    find_columns,
    read_table,
)
from domain.errors import FieldProblems, TandemError
from domain.quick_line import parse_quick_line
from domain.text import compare_key, shorten
from domain.voc.errors import SensitiveText, VocFieldWrong
from domain.voc.export import FORMULA_SIGNS
from domain.voc.facts import KIND_NAMES
from domain.voc.form import VocForm, check_form
from domain.voc.sensitive import check_sensitive

ADDRESS_LIMIT: Final = 320
YEARS: Final = range(1990, 2101)
AHEAD: Final = timedelta(days=1)
"""What somebody wrote down in another zone may have tomorrow's date."""

_ALIASES: Final = {
    "text": (
        *("what", "what happened", "note", "notes", "feedback", "customer feedback", "comment", "comments", "saying"),
        *("description", "verbatim", "item", "notiz", "kommentar", "rückmeldung", "aussage", "beschreibung"),
        *("texte", "commentaire", "remarque", "retour", "description du retour", "texto", "comentario", "nota"),
    ),
    "kind": ("type", "category", "art", "typ", "kategorie", "nature", "catégorie", "tipo", "categoría"),
    "theme": ("themes", "topic", "tag", "tags", "hashtag", "thema", "schlagwort", "thème", "sujet", "tema", "etiqueta"),
    "account": (
        *("company", "customer", "client", "account name", "organisation", "organization", "kunde", "firma"),
        *("unternehmen", "konto", "compte", "entreprise", "société", "cuenta", "cliente", "empresa"),
    ),
    "competitor": ("rival", "competition", "wettbewerber", "konkurrent", "konkurrenz", "concurrent", "competidor"),
    "deal": (
        *("deal size", "deal value", "amount", "value", "arr", "opportunity amount", "auftragswert", "betrag"),
        *("wert", "montant", "valeur", "importe", "valor"),
    ),
    "quote": ("exact quote", "customer quote", "word for word", "zitat", "citation", "cita"),
    "who": (
        *("rep", "author", "owner", "email", "e mail", "logged by", "reported by", "sales rep", "wer", "autor"),
        *("vertrieb", "qui", "auteur", "vendeur", "quién", "vendedor"),
    ),
    "when": (
        *("date", "day", "created", "created at", "logged at", "reported at", "wann", "datum", "quand", "cuándo"),
        *("fecha", "le"),
    ),
}
_HEADER: Final = Header.of(_ALIASES)
COLUMNS: Final = tuple(_ALIASES)
"""What a column can tell."""

_KINDS: Final = {
    "objection": ("objections", "einwand", "objeción"),
    "pain_point": ("pain", "pains", "pain points", "problem", "schmerzpunkt", "point de douleur", "problème", "dolor"),
    "feature_gap": (
        *("gap", "feature request", "feature", "missing feature", "wunsch", "funktionslücke", "manque", "demande"),
        *("carencia", "petición"),
    ),
    "competitor": (
        "competitors",
        "competition",
        "wettbewerb",
        "wettbewerber",
        "concurrence",
        "concurrent",
        "competencia",
    ),
    "praise": ("compliment", "positive", "lob", "éloge", "elogio"),
    "lost_reason": ("lost", "loss", "loss reason", "churn", "verlustgrund", "perte", "raison de perte", "pérdida"),
    "question": ("questions", "frage", "pregunta"),
}
_KIND_OF: Final = {
    compare_key(name): kind
    for kind, others in _KINDS.items()
    for name in (kind.replace("_", " "), KIND_NAMES[kind], *others)
}
_BETWEEN_THEMES: Final = re.compile(r"[,;|\n]|\s(?=#)")
_ISO: Final = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)(?:[T ](\d\d?):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?)?"
)
_DOTTED: Final = re.compile(r"(\d\d?)\.\s?(\d\d?)\.\s?(\d{4})")


@dataclass(frozen=True)
class VocRow:
    """An item to be. `form` is checked. `who`: an e-mail address, `when`: aware UTC, None where nothing says it."""

    line: int
    form: VocForm
    who: str | None = None
    when: datetime | None = None


@dataclass(frozen=True)
class VocFile:
    """The good rows and every problem, each in the order of the file; `notes` need no action."""

    rows: tuple[VocRow, ...] = ()
    problems: tuple[RowProblem, ...] = ()
    notes: tuple[FileNote, ...] = ()


def parse_voc_csv(data: bytes, *, currency: str, at: datetime) -> VocFile:
    """Read a CSV file of what customers said. Never raises; what is wrong with the file stands in `problems`.

    Only the column `text` is needed; the first row names the columns in any case and order, in English, German, French
    or Spanish. `currency`: of sums without a sign; `at` (aware UTC): now, since nobody heard anything later.
    """
    notes: list[FileNote] = []
    try:
        table = read_table(data, _HEADER, notes)
        columns = find_columns(table, _HEADER, ("text",), COLUMNS, notes)
        if len(table.rows) > MOST_ROWS:
            raise TableRefused(TableWrong("too_many_rows", (f"{MOST_ROWS:,}",)))
        if not table.rows:
            raise TableRefused(TableWrong("no_rows"))
    except TableRefused as refused:
        return VocFile(problems=(refused.problem,), notes=tuple(notes))
    rows: list[VocRow] = []
    problems: list[RowProblem] = []
    seen: dict[tuple[object, ...], int] = {}
    for line, record in table.rows:
        found = _row(line, record, columns, len(table.header), currency, at)
        if not isinstance(found, VocRow):
            problems += found
            continue
        first = seen.setdefault((found.form, found.who, found.when), line)
        if first == line:
            rows.append(found)
        else:
            problems.append(RowProblem(line, None, TableWrong("same_row", (str(first),))))
    if several := _several_themes(table, columns):
        notes.append(FileNote("several_themes", tuple(several)))
    return VocFile(tuple(rows), tuple(problems), tuple(notes))


def read_kind(cell: str) -> str | None:
    """The kind that a cell names in one of four languages; None for an empty one. Raises CellError."""
    text = read_text(cell, 200)
    if text is None:
        return None
    kind = _KIND_OF.get(compare_key(text))
    if kind is None:
        raise CellError("no_kind", (shorten(text, 60),))
    return kind


def read_time(cell: str, at: datetime) -> datetime | None:
    """The time in a cell: year-month-day or day.month.year, with a time of the day or noon UTC. Raises CellError.

    A time without a zone is UTC. What lies ahead of `at` is refused.
    """
    text = read_text(cell, 100)
    if text is None:
        return None
    shown = shorten(text, 40)
    try:
        if found := _ISO.fullmatch(text):
            year, month, day = (int(found[each]) for each in (1, 2, 3))
            zone = (found[7] or "Z").replace("Z", "+00:00")
            clock = f"{int(found[4]):02}:{found[5]}:{found[6] or '00'}" if found[4] else "12:00:00"
            when = datetime.fromisoformat(f"{date(year, month, day)}T{clock}{zone}").astimezone(UTC)
        elif found := _DOTTED.fullmatch(text):
            when = datetime(int(found[3]), int(found[2]), int(found[1]), 12, tzinfo=UTC)
        else:
            raise CellError("no_time", (shown,))
    except (ValueError, OverflowError) as error:
        raise CellError("no_such_day", (shown,)) from error
    if when.year not in YEARS:
        raise CellError("no_such_year", (shown, str(when.year)))
    if when > at + AHEAD:
        raise CellError("ahead", (shown,))
    return min(when, at)


def _row(
    line: int, record: Record, columns: dict[int, str], width: int, currency: str, at: datetime
) -> VocRow | list[RowProblem]:
    """The row, or all that is wrong with it."""
    if isinstance(record, TableWrong):
        return [RowProblem(line, None, record)]
    cells = {name: plain_cell(record[position]) for position, name in columns.items() if position < len(record)}
    problems: list[RowProblem] = []

    def wrong(column: str | None, problem: TandemError) -> None:
        problems.append(RowProblem(line, column, problem))

    kind = who = when = None
    try:
        kind = read_kind(cells.get("kind", ""))
    except CellError as error:
        wrong("kind", error)
    try:
        when = read_time(cells.get("when", ""), at)
    except CellError as error:
        wrong("when", error)
    try:
        who = read_text(cells.get("who", ""), ADDRESS_LIMIT)
        if who is not None and not re.fullmatch(r"[^@\s]+@[^@\s]+", who):
            wrong("who", CellError("no_email", (shorten(who, 60),)))
    except CellError as error:
        wrong("who", error)
    said = {name: _without_guard(cells.get(name, "").strip()) for name in COLUMNS}
    form = VocForm(
        text=said["text"],
        kind=kind,
        theme=_first_theme(said["theme"]),
        account=said["account"],
        competitor=said["competitor"],
        deal=said["deal"],
        quote=said["quote"],
    )
    try:
        checked = check_form(form, currency=currency)
        check_sensitive(checked.text, checked.quote)
        if not parse_quick_line(checked.text, known_competitors=(), currency=currency).verbatim:
            wrong("text", VocFieldWrong("only_markers"))
    except FieldProblems as error:
        for field, problem in error.problems.items():
            wrong(field, problem)
    except SensitiveText as error:
        wrong("text", error)
    if any(cell.strip() for cell in record[width:]):
        wrong(None, TableWrong("too_wide", (str(len(record)), str(width))))
    return problems or VocRow(line, form, who.casefold() if who else None, when)


def _without_guard(cell: str) -> str:
    """The cell without the apostrophe by which a spreadsheet, or our own export, keeps it from being a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULA_SIGNS else cell


def _first_theme(cell: str) -> str:
    """An item has one theme: of several in a cell, the first."""
    return next((part.strip() for part in _BETWEEN_THEMES.split(cell) if part.strip(" #")), "")


def _several_themes(table: Table, columns: dict[int, str]) -> list[str]:
    """The lines whose cell names more than one theme."""
    position = next((position for position, name in columns.items() if name == "theme"), None)
    if position is None:
        return []
    cells = [(line, row[position]) for line, row in table.rows if isinstance(row, list) and position < len(row)]
    return [
        str(line) for line, cell in cells if sum(bool(part.strip(" #")) for part in _BETWEEN_THEMES.split(cell)) > 1
    ]
