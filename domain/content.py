"""Takes in how content performed: what a file of figures would change, and changing it.

Reading the file is `domain.content_csv`'s; which content did well is `domain.performance`'s.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from domain.content_csv import ContentFile, ContentRow
from domain.csv_tables import FileNote, RowProblem, TableWrong
from domain.errors import Refused
from domain.people import Actor, audit
from domain.text import slugify_theme
from domain.themes import find_or_add_theme
from domain.tracking import is_tracking
from storage.models import Asset, AssetFigures, ContentImport

EXAMPLES: Final = 10
"""How many changed figures a summary spells out."""

_FIGURES: Final = ("views", "leads", "influenced_wins")
PIECE: Final = 100
"""Rows that are written at a time: some 20 ms, in which nobody else writes to a SQLite file."""

Figures = tuple[int | None, int | None, int | None]


@dataclass(frozen=True, slots=True)
class FigureChange:
    """A figure (views, leads or influenced_wins) that was known and reads differently now."""

    title: str
    week: date
    figure: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What a file did, or would do. `new_weeks`, `changed` and `unchanged` count weeks of one asset each.

    `examples`: the first EXAMPLES figures that change. `skipped`: every row that was, or would be, left out.
    """

    filename: str
    rows: int
    new_assets: int
    new_weeks: int
    changed: int
    unchanged: int
    weeks: tuple[date, ...]
    examples: tuple[FigureChange, ...]
    skipped: tuple[RowProblem, ...]
    notes: tuple[FileNote, ...]
    imported_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row that is to be written: of the asset that is `slug` from then on, and was `stored_as` (None: a new one).

    `figures`: whether the week's figures are new or differ.
    """

    row: ContentRow
    slug: str
    stored_as: str | None
    figures: bool


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What a file comes to: in words for people, and as the changes to write. `refused`: it was taken in before."""

    workspace_id: int
    sha256: str
    summary: ImportSummary
    changes: tuple[RowChange, ...]
    refused: AlreadyImported | None = None


@dataclass(unsafe_hash=True)
class AlreadyImported(Refused):
    """The same file, byte for byte, was taken in `before` (aware UTC), under the name `filename`."""

    filename: str
    before: datetime


@dataclass(unsafe_hash=True)
class BadRows(Refused):
    """Rows of the file cannot be taken, and nobody said to go on without them: nothing was imported."""

    problems: tuple[RowProblem, ...]
    good: int


def plan_import(session: Session, workspace_id: int, file: ContentFile, *, filename: str, sha256: str) -> ImportPlan:
    """What taking the good rows in comes to; reads, and writes nothing."""
    before = _earlier(session, workspace_id, sha256)
    plan = _Plan(session, workspace_id, file)
    summary = replace(plan.summary(filename), imported_before=before.at if before else None)
    if before is not None:
        return ImportPlan(workspace_id, sha256, summary, (), AlreadyImported(before.filename, before.at))
    return ImportPlan(workspace_id, sha256, summary, plan.changes())


def check_plan(plan: ImportPlan, *, skip_bad_rows: bool) -> None:
    """Raises AlreadyImported for the same bytes, BadRows for a file without a good row, and for rows that cannot be
    taken unless `skip_bad_rows`."""
    if plan.refused is not None:
        raise plan.refused
    problems = plan.summary.skipped
    if not plan.summary.rows or (problems and not skip_bad_rows):
        raise BadRows(problems, plan.summary.rows)


def write_changes(session: Session, workspace_id: int, changes: Sequence[RowChange], *, at: datetime) -> None:
    """Write some of a plan's changes, each in whatever state an earlier try has left it."""
    slugs = {slug for change in changes for slug in (change.slug, change.stored_as) if slug is not None}
    found = session.scalars(select(Asset).where(Asset.workspace_id == workspace_id, Asset.slug.in_(sorted(slugs))))
    assets = {asset.slug: asset for asset in found}
    themes: dict[str, int] = {}
    touched: list[tuple[RowChange, Asset]] = []
    for change in changes:
        row = change.row
        if row.theme is not None and row.theme not in themes:
            themes[row.theme] = find_or_add_theme(session, workspace_id, row.theme, at=at).id
        asset = assets.get(change.slug) or assets.get(change.stored_as or "")
        if asset is None:
            asset = Asset(workspace_id=workspace_id, slug=change.slug, title=row.title, url=row.url, created_at=at)
            session.add(asset)
        assets[change.slug] = asset
        _describe(asset, row, change.slug, themes.get(row.theme) if row.theme else None)
        if change.figures:
            touched.append((change, asset))
    session.flush()
    if not touched:
        return
    upsert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = upsert(AssetFigures).values(
        [
            {
                "asset_id": asset.id,
                "week": change.row.week,
                "workspace_id": workspace_id,
                "updated_at": at,
                **{figure: getattr(change.row, figure) for figure in _FIGURES},
            }
            for change, asset in touched
        ]
    )
    # What the file does not report stays as it is now, whoever reported it since the plan was made.
    new = {name: func.coalesce(statement.excluded[name], AssetFigures.__table__.c[name]) for name in _FIGURES}
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["asset_id", "week"], set_=new | {"updated_at": statement.excluded.updated_at}
        )
    )


def finish_import(session: Session, plan: ImportPlan, *, by: Actor | None, at: datetime) -> None:
    """Remember the file, so that it is not taken in again. Raises AlreadyImported."""
    before = _earlier(session, plan.workspace_id, plan.sha256)
    if before is not None:
        raise AlreadyImported(before.filename, before.at)
    summary = plan.summary
    entry = ContentImport(
        workspace_id=plan.workspace_id, sha256=plan.sha256, filename=summary.filename, rows=summary.rows, at=at
    )
    session.add(entry)
    session.flush()
    counts = {"rows": summary.rows, "new_weeks": summary.new_weeks, "changed": summary.changed}
    audit(session, plan.workspace_id, "content.import", "content_import", entry.id, by=by, at=at, data=counts)


def import_content(
    session: Session,
    workspace_id: int,
    file: ContentFile,
    *,
    filename: str,
    sha256: str,
    skip_bad_rows: bool,
    by: Actor | None,
    at: datetime,
) -> ImportSummary:
    """Take a short file in, in one transaction: figures of an asset's week replace what was known, and a figure not
    reported keeps it. A long one goes in pieces (`bot.commands.imports`), since nobody else can write meanwhile.

    `sha256`: the hash of the file's bytes. `by` None: the command line. Raises what `check_plan` does.
    """
    plan = plan_import(session, workspace_id, file, filename=filename, sha256=sha256)
    check_plan(plan, skip_bad_rows=skip_bad_rows)
    for start in range(0, len(plan.changes), PIECE):
        write_changes(session, workspace_id, plan.changes[start : start + PIECE], at=at)
    finish_import(session, plan, by=by, at=at)
    return plan.summary


def asset_slug(title: str, url: str | None) -> str:
    """What makes two rows one asset: the address without scheme, `www.` and tracking, else the title in lower case."""
    if url is None:
        return " ".join(unicodedata.normalize("NFKC", title).casefold().split())
    parts = urlsplit(url)
    kept = [pair for pair in parse_qsl(parts.query) if not is_tracking(pair[0])]
    query = f"?{urlencode(sorted(kept))}" if kept else ""
    return f"{parts.netloc.casefold().removeprefix('www.')}{parts.path.rstrip('/')}/{query}"


@dataclass(slots=True)
class _Known:
    """An asset as the plan sees it; `stored_as` is its slug in the database, None while it is only to be added."""

    slug: str
    stored_as: str | None


class _Plan:
    """What the rows of a file come to, beside what is stored."""

    def __init__(self, session: Session, workspace_id: int, file: ContentFile) -> None:
        self.session = session
        self.workspace_id = workspace_id
        self.notes = file.notes
        assets = select(Asset.slug, Asset.title, Asset.url).where(Asset.workspace_id == workspace_id)
        self._index = _AssetIndex((slug, title, url) for slug, title, url in session.execute(assets))
        self.rows: list[tuple[ContentRow, _Known]] = []
        problems = list(file.problems)
        seen: dict[tuple[str, date], int] = {}
        for row in file.rows:
            known = self._index.find_or_plan(row)
            first = seen.setdefault((known.slug, row.week), row.line)
            if first != row.line:
                problems.append(RowProblem(row.line, None, TableWrong("told_before", (str(first),))))
            else:
                self.rows.append((row, known))
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        self.new_assets = len({known.slug for _, known in self.rows if known.stored_as is None})
        self.stored = self._stored_figures()

    def summary(self, filename: str) -> ImportSummary:
        new_weeks = changed = unchanged = 0
        examples: list[FigureChange] = []
        for row, known in self.rows:
            before, after = self._before(known, row.week), self._after(row, known)
            if before is None:
                new_weeks += 1
            elif before == after:
                unchanged += 1
            else:
                changed += 1
                examples += _changes(row, before, after)
        return ImportSummary(
            filename,
            len(self.rows),
            self.new_assets,
            new_weeks,
            changed,
            unchanged,
            tuple(sorted({row.week for row, _ in self.rows})),
            tuple(examples[:EXAMPLES]),
            self.problems,
            self.notes,
        )

    def changes(self) -> tuple[RowChange, ...]:
        """Every row, since each may say something new about the asset itself, too."""
        return tuple(
            RowChange(row, known.slug, known.stored_as, self._after(row, known) != self._before(known, row.week))
            for row, known in self.rows
        )

    def _stored_figures(self) -> dict[tuple[str, date], Figures]:
        weeks = {row.week for row, _ in self.rows}
        if not weeks:
            return {}
        rows = self.session.execute(
            select(
                Asset.slug,
                AssetFigures.week,
                AssetFigures.views,
                AssetFigures.leads,
                AssetFigures.influenced_wins,
            )
            .join(Asset, Asset.id == AssetFigures.asset_id)
            .where(AssetFigures.workspace_id == self.workspace_id, AssetFigures.week.between(min(weeks), max(weeks)))
        )
        # An asset that gains its address in this file is known by its new slug from here on.
        return {(self._index.slug_now(slug), week): (views, leads, wins) for slug, week, views, leads, wins in rows}

    def _before(self, known: _Known, week: date) -> Figures | None:
        return self.stored.get((known.slug, week))

    def _after(self, row: ContentRow, known: _Known) -> Figures:
        reported = (row.views, row.leads, row.influenced_wins)
        before = self._before(known, row.week) or (None, None, None)
        views, leads, wins = (new if new is not None else old for new, old in zip(reported, before, strict=True))
        return views, leads, wins


class _AssetIndex:
    """Finds the asset a row is about: by its address, else by its title where only one asset has it."""

    def __init__(self, assets: Iterable[tuple[str, str, str | None]]) -> None:
        """`assets`: their slugs, titles and addresses."""
        self._by_slug: dict[str, _Known] = {}
        self._by_title: dict[str, list[_Known]] = {}
        self._renamed: dict[str, str] = {}
        stored = [(_Known(slug, slug), title, url) for slug, title, url in assets]
        for known, title, _ in stored:
            self._add(known, title)
        for known, title, url in stored:
            self._read_anew(known, title, url)

    def slug_now(self, slug: str) -> str:
        return self._renamed.get(slug, slug)

    def find_or_plan(self, row: ContentRow) -> _Known:
        slug, title = asset_slug(row.title, row.url), asset_slug(row.title, None)
        known = self._by_slug.get(slug)
        if known is not None:
            return known
        same_title = self._by_title.get(title, [])
        if row.url is None and len(same_title) == 1:
            return same_title[0]
        nameless = self._by_slug.pop(title, None) if row.url is not None else None
        if nameless is not None:
            # So far it was known by its title alone; now it has an address.
            self._renamed[nameless.slug] = nameless.slug = slug
            self._by_slug[slug] = nameless
            return nameless
        known = _Known(slug, None)
        self._add(known, row.title)
        return known

    def _read_anew(self, known: _Known, title: str, url: str | None) -> None:
        """An address that was stored when fewer parameters were known as tracking is the same content's now."""
        slug = asset_slug(title, url) if url else known.slug
        if slug not in self._by_slug:
            del self._by_slug[known.slug]
            self._renamed[known.slug] = known.slug = slug
            self._by_slug[slug] = known

    def _add(self, known: _Known, title: str) -> None:
        self._by_slug[known.slug] = known
        self._by_title.setdefault(asset_slug(title, None), []).append(known)


def _describe(asset: Asset, row: ContentRow, slug: str, theme_id: int | None) -> None:
    """What the file says about the asset itself replaces what was known; what it leaves out stays."""
    asset.slug, asset.title = slug, row.title
    asset.url = row.url or asset.url
    asset.kind = row.kind or asset.kind
    asset.theme_id = theme_id or asset.theme_id
    asset.persona_key = (slugify_theme(row.persona) if row.persona else None) or asset.persona_key


def _changes(row: ContentRow, before: Figures, after: Figures) -> list[FigureChange]:
    return [
        FigureChange(row.title, row.week, figure, old, new)
        for figure, old, new in zip(_FIGURES, before, after, strict=True)
        if old is not None and new is not None and old != new
    ]


def _earlier(session: Session, workspace_id: int, sha256: str) -> ContentImport | None:
    return session.scalars(
        select(ContentImport).where(ContentImport.workspace_id == workspace_id, ContentImport.sha256 == sha256)
    ).one_or_none()
