"""Which of what a source sends is which field of a lead, as an admin picks it: shown, saved, and put back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import FieldProblems, NotFound
from domain.leads.mapping import (
    FIELDS,
    MappingWrong,
    Path,
    SourceMapping,
    path_id,
    read_labels,
    read_mapping,
    write_mapping,
)
from domain.people import Actor, audit
from domain.source_health import Sample, load_sample
from domain.sources import find_source
from domain.versions import check_version, version_of
from storage.models import AuditEvent, Member, Source

CHANGED: Final = "source.fields"
CHANGES_SHOWN: Final = 3
BY_ITSELF: Final = "none"
"""Stands for a field that is found by its name."""


@dataclass(frozen=True, slots=True)
class FieldsChange:
    """Who changed the mapping, when (aware UTC), and which fields of it. `who`: None for Tandem itself."""

    who: str | None
    at: datetime
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SourceFields:
    """A source's mapping with what it came from. `sample`: the last payload, None: none came lately.

    `changes`: the last of them, the latest first; the first can be put back.
    """

    name: str
    mapping: SourceMapping
    sample: Sample | None
    changes: tuple[FieldsChange, ...]

    @property
    def version(self) -> str:
        return version_of(_written(self.mapping))

    def paths(self) -> dict[str, Path]:
        """All paths that can be picked, by their short names: what was sent lately, and what is picked now."""
        sent = (one.path for one in self.sample.fields) if self.sample is not None else ()
        return {path_id(path): path for path in (*sent, *self.mapping.fields.values())}


def load_fields(session: Session, name: str, *, by: Actor, at: datetime) -> SourceFields:  # noqa: ARG001  # as all
    """The source's mapping. Raises NotFound."""
    source = session.scalar(select(Source).where(Source.workspace_id == by.workspace_id, Source.name == name))
    if source is None:
        raise NotFound("source")
    return _fields(session, source)


def picked_mapping(fields: SourceFields, picks: Mapping[str, str], labels: str | None = None) -> SourceMapping:
    """The mapping with what was picked. `picks`: by the lead's fields a path's short name, or BY_ITSELF; others stay.

    `labels`: the table as it was typed; None: it stays, too. Raises FieldProblems: `field.…` by name, `labels`.
    """
    paths = fields.paths()
    problems: dict[str, Any] = {}
    chosen = dict(fields.mapping.fields)
    for name, picked in picks.items():
        if name not in FIELDS:
            continue
        if picked == BY_ITSELF:
            chosen.pop(name, None)
        elif picked in paths:
            chosen[name] = paths[picked]
        else:
            problems[f"field.{name}"] = MappingWrong("gone")
    meant = fields.mapping.labels
    if labels is not None:
        try:
            meant = read_labels(labels)
        except MappingWrong as error:
            problems["labels"] = error
    if problems:
        raise FieldProblems(problems)
    return SourceMapping({name: chosen[name] for name in FIELDS if name in chosen}, meant)


def save_fields(
    session: Session, name: str, picks: Mapping[str, str], labels: str, version: str, *, by: Actor, at: datetime
) -> SourceFields:
    """Keep what was picked. Raises NotFound, FieldProblems, Changed."""
    source = find_source(session, by.workspace_id, name)
    fields = _fields(session, source)
    written = _written(fields.mapping)
    check_version(session, "source", written, version, about=f"mapping:{name}", by=by, at=at)
    _keep(session, source, fields.mapping, picked_mapping(fields, picks, labels), by, at)
    return _fields(session, source)


def put_back(session: Session, name: str, *, by: Actor, at: datetime) -> SourceFields:
    """Undo the last change of the mapping; done once more, it is there again. Raises NotFound."""
    source = find_source(session, by.workspace_id, name)
    last = next(iter(_events(session, source, 1)), None)
    if last is not None:
        then = read_mapping(last.data.get("before"))
        _keep(session, source, _fields(session, source).mapping, then, by, at)
    return _fields(session, source)


def _written(mapping: SourceMapping) -> str:
    """The same for the same mapping, in whatever order a database keeps it."""
    return json.dumps(write_mapping(mapping), sort_keys=True)


def _keep(
    session: Session, source: Source, before: SourceMapping, after: SourceMapping, by: Actor, at: datetime
) -> None:
    changed = [
        name
        for name in FIELDS
        if before.fields.get(name) != after.fields.get(name) or before.labels.get(name) != after.labels.get(name)
    ]
    if not changed:
        return
    source.mapping = write_mapping(after) if after else None
    session.flush()
    data = {"fields": changed, "before": write_mapping(before), "after": write_mapping(after)}
    audit(session, source.workspace_id, CHANGED, "source", source.id, by=by, at=at, data=data)
    session.flush()


def _fields(session: Session, source: Source) -> SourceFields:
    events = _events(session, source, CHANGES_SHOWN)
    return SourceFields(
        source.name,
        read_mapping(source.mapping),
        load_sample(session, source.id),
        tuple(FieldsChange(one.name, one.at, tuple(map(str, one.data.get("fields", ())))) for one in events),
    )


def _events(session: Session, source: Source, limit: int) -> list[Any]:
    """The last changes of the mapping, the latest first. An id is given again, so only since the source is there."""
    asked = (
        select(AuditEvent.data, AuditEvent.at, Member.name)
        .outerjoin(Member, Member.id == AuditEvent.by_id)
        .where(
            AuditEvent.workspace_id == source.workspace_id,
            AuditEvent.at >= source.created_at,
            AuditEvent.action == CHANGED,
            AuditEvent.subject_id == source.id,
        )
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
        .limit(limit)
    )
    return list(session.execute(asked))
