"""`./tandem export voc`: writes what was logged into a file, or to standard output."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

from rich.console import Console
from sqlalchemy.orm import Session

from bot.commands.offline import choose_workspace, opened
from bot.settings import Settings, SettingsProblem
from domain.people import workspace_zone
from domain.text import slugify_theme
from domain.themes import find_theme
from domain.voc.export import BEGINNING, Form, Place, read_piece, written
from domain.voc.query import read_period
from storage.database import Database


def export_voc_items(
    settings: Settings,
    file: Path | None,
    *,
    form: Form | None,
    since: str | None,
    theme: str | None,
    mark: bool,
    told: Console,
    workspace: str | None = None,
) -> None:
    """Write the live items of a workspace, the oldest first. `file`: None for standard output.

    `form`: None: as the file's name ends, else CSV. `mark`: for Excel. Raises SettingsProblem; then no file is left.
    """
    chosen = form or (Form.JSONL if file is not None and file.suffix in (".jsonl", ".ndjson", ".json") else Form.CSV)
    with opened(settings) as db:
        workspace_id = db.read_sync(choose_workspace, workspace)
        begin = db.read_sync(_begin, workspace_id, since)
        theme_id = db.read_sync(_theme, workspace_id, theme) if theme is not None else None
        with _target(file) as target:
            count = _write(db, workspace_id, begin, theme_id, chosen, target, mark=mark)
    told.print(f"{count:,} items written.", highlight=False)


def _write(
    db: Database, workspace_id: int, place: Place, theme_id: int | None, form: Form, target: BinaryIO, *, mark: bool
) -> int:
    """Piece by piece, each in a transaction of its own, so that nobody waits for a long export."""
    count, is_first = 0, True
    while True:
        items, place = db.read_sync(read_piece, workspace_id, place, theme_id=theme_id)
        for line in written(items, form, first=is_first, mark=mark):
            target.write(line.encode())
        count, is_first = count + len(items), False
        if not items:
            return count


def _begin(session: Session, workspace_id: int, since: str | None) -> Place:
    if since is None:
        return BEGINNING
    period = read_period(since)
    if period is None:
        raise SettingsProblem([f"--since {since} is no date. Write 2026, 2026-01 or 2026-01-15."])
    zone = ZoneInfo(workspace_zone(session, workspace_id))
    first = datetime.combine(period[0], time(), zone).astimezone(UTC)
    return Place(first - timedelta(microseconds=1), 0)


def _theme(session: Session, workspace_id: int, typed: str) -> int:
    theme = find_theme(session, workspace_id, slugify_theme(typed) or "")
    if theme is None:
        raise SettingsProblem([f"There is no theme #{typed.lstrip('#')}."])
    return theme.id


@contextmanager
def _target(file: Path | None) -> Iterator[BinaryIO]:
    """Where bytes go. A file has its name only once it is whole, and only its owner may read it."""
    if file is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    part = file.with_name(f"{file.name}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise SettingsProblem([f"{file} cannot be written: {error.strerror}."]) from None
    try:
        with os.fdopen(descriptor, "wb") as target:
            yield target
        part.replace(file)
    except OSError as error:
        raise SettingsProblem([f"{file} cannot be written: {error.strerror}."]) from None
    finally:
        part.unlink(missing_ok=True)
